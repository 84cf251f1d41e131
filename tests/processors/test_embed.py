"""A vector is a function of the article's title and lead, and of nothing else."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.sections import EmbedSection
from processors.embed import CACHED, LEAD_WORDS, Embed
from processors.encoding.encoders import encoder
from processors.encoding.hashing_encoder import HashingEncoder
from processors.encoding.vectors import pack, quantise, unpack
from streams.messages import Deduped, Encoding
from tests.builders import article, copy_of, original

SECTION = EmbedSection(model="hashing")


class Counting:
    """An encoder that remembers what it was asked for, and fails at a text about poison."""

    def __init__(self, together: int = 100) -> None:
        self._inner = HashingEncoder(SECTION)
        self.encoding = self._inner.encoding
        self.together = together
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> list[np.ndarray]:
        self.asked.append(list(texts))
        if any("poison" in text for text in texts):
            raise RuntimeError("poison")
        return self._inner.encode(texts)

    def close(self) -> None:
        """Nothing."""


def message(number: int, text: str | None = None, **changes: object) -> Deduped:
    """An original with a text of its own."""
    of = article(f"a{number}", **{"text": text if text is not None else f"Text of number {number}."} | changes)
    return Deduped(article=of, verdict=original(of.id))


def vector(embed: Embed, one: Deduped) -> str | None:
    return embed.decide(None, one).output.vector


@given(st.lists(st.integers(0, 20), max_size=30), st.integers(1, 30), st.integers(1, 10))
def test_the_cut_of_the_batch_changes_nothing(numbers: list[int], size: int, together: int) -> None:
    messages = [message(number) for number in numbers]
    batched = Embed(SECTION, Counting(together))
    for start in range(0, len(messages), size):
        batch = messages[start : start + size]
        batched.prepare(batch)
        for one in batch:
            assert vector(batched, one) == vector(Embed(SECTION, HashingEncoder(SECTION)), one)


def test_a_batch_is_encoded_in_one_call_and_each_text_once() -> None:
    counting = Counting()
    embed = Embed(SECTION, counting)
    title = {"title": "The same"}
    batch = [message(1, **title), message(2, **title), message(3, "Text of number 1.", **title)]
    embed.prepare(batch)
    vectors = [vector(embed, one) for one in batch]
    assert counting.asked == [["The same. Text of number 1.", "The same. Text of number 2."]]
    assert vectors[0] == vectors[2] != vectors[1]
    embed.prepare([message(4, **title), *batch])
    vector(embed, message(4, **title))
    assert counting.asked[1:] == [["The same. Text of number 4."]]


def test_no_more_is_encoded_at_a_time_than_suits_the_encoder() -> None:
    """A stage that is asked to stop between two messages does not encode the rest of its batch first."""
    counting = Counting(together=3)
    embed = Embed(SECTION, counting)
    batch = [message(number) for number in range(7)]
    embed.prepare(batch)
    assert counting.asked == []
    vector(embed, batch[0])
    assert [len(texts) for texts in counting.asked] == [3]
    for one in batch:
        vector(embed, one)
    assert [len(texts) for texts in counting.asked] == [3, 3, 1]


def test_a_text_that_cannot_be_encoded_harms_no_other() -> None:
    embed = Embed(SECTION, Counting())
    batch = [message(1), message(2, "poison"), message(3)]
    embed.prepare(batch)
    assert vector(embed, batch[0]) == vector(Embed(SECTION, Counting()), batch[0])
    with pytest.raises(RuntimeError, match="poison"):
        embed.decide(None, batch[1])
    assert vector(embed, batch[2]) == vector(Embed(SECTION, Counting()), batch[2])


def test_the_vector_of_a_later_copy_is_not_made_again() -> None:
    counting = Counting()
    embed = Embed(SECTION, counting)
    first = message(1)
    embed.decide(None, first)
    embed.decide(None, Deduped(article=first.article, verdict=copy_of("a1", "exact")))
    assert len(counting.asked) == 1


def test_the_cache_is_bounded() -> None:
    embed = Embed(SECTION, Counting(together=300))
    batch = [message(number) for number in range(CACHED + 500)]
    embed.prepare(batch)
    for one in batch:
        embed.decide(None, one)
    assert len(embed._cache) == CACHED


def test_title_and_lead_are_encoded_and_nothing_beyond() -> None:
    counting = Counting()
    words = [f"w{i}" for i in range(LEAD_WORDS + 50)]
    Embed(SECTION, counting).decide(None, message(1, "\n".join(words), title=" Ferry aground "))
    assert counting.asked == [["Ferry aground. " + " ".join(words[:LEAD_WORDS])]]


def test_an_article_without_a_title_is_encoded_by_its_text_alone() -> None:
    counting = Counting()
    Embed(SECTION, counting).decide(None, message(1, "Only text.", title=""))
    assert counting.asked == [["Only text."]]


@pytest.mark.parametrize("of", [message(1, lang="de"), message(1, "", title=" ")], ids=["German", "no text"])
def test_what_the_model_cannot_read_has_no_vector(of: Deduped) -> None:
    counting = Counting()
    embed = Embed(SECTION, counting)
    embed.prepare([of])
    output = embed.decide(None, of).output
    assert output.vector is None
    assert output.encoding == counting.encoding
    assert counting.asked == []


def test_a_model_for_all_languages_reads_all() -> None:
    embed = Embed(SECTION.model_copy(update={"languages": ("*",)}), HashingEncoder(SECTION))
    assert vector(embed, message(1, lang="de")) is not None


def test_article_and_verdict_are_handed_on_and_nothing_is_remembered() -> None:
    one = Deduped(article=article("a1"), verdict=copy_of("a0"))
    decision = Embed(SECTION, HashingEncoder(SECTION)).decide(None, one)
    assert (decision.output.article, decision.output.verdict) == (one.article, one.verdict)
    assert not decision.changes


def test_the_stand_in_is_deterministic_and_knows_common_words() -> None:
    hashing = encoder(SECTION)
    assert hashing.encoding == Encoding(model="hashing@1", precision="float32", max_tokens=128)
    a, b, c, empty = (
        unpack(pack(quantise(v))).astype(float)
        for v in hashing.encode(["a ferry ran aground", "the ferry ran aground", "talks on pay failed", ""])
    )
    assert a @ b > 0.5 * 4000**2 > 0.3 * 4000**2 > a @ c
    assert empty.any()
    assert (hashing.encode(["a ferry ran aground"])[0] == hashing.encode(["x", "a ferry ran aground"])[1]).all()
