"""Sentence vectors: what an article is about, as a direction.

Every article gets one, where the model knows its language. The vector is a function of title and lead alone: how
the batch was cut, and what the cache holds, changes nothing.
"""

import re
from collections import OrderedDict, deque
from collections.abc import Sequence
from hashlib import blake2b
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from config.sections import EmbedSection
from processors.encoding.vectors import pack, quantise
from streams.messages import Article, Deduped, Embedded, Encoding, Message
from streams.processor import Change, Decision, Halt, Processor

LEAD_WORDS = 120
"""Words of the text that are encoded, after the title. Measured: title or text alone, or 256 tokens of both, make
stories that are worse or no better."""
CACHED = 4_096
"""Vectors kept, about 5 MB: the batch in hand, and texts of which copies may come."""

_WORD = re.compile(r"\S+")


class Encoder(Protocol):
    """Texts to unit vectors, each a function of its text alone."""

    encoding: Encoding
    """How the vectors are made."""
    together: int
    """How many texts are best encoded in one call."""

    def encode(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """One vector per text, in their order."""

    def close(self) -> None:
        """Release its memory and processes."""


class Embed(Processor[Deduped, Embedded, None]):
    """The stage that makes vectors. It has no state."""

    stage = "embed"
    reads = Deduped
    changes = Message

    def __init__(self, section: EmbedSection, encoder: Encoder) -> None:
        self._languages = frozenset(section.languages)
        self._encoder = encoder
        self._cache: OrderedDict[bytes, str] = OrderedDict()
        self._coming: deque[str] = deque()

    def fresh(self) -> None:
        """Nothing to remember."""

    def prepare(self, messages: Sequence[Deduped]) -> None:
        """Note what is coming: texts are encoded together, by several processes where there are several.

        Only as many at a time as suits the encoder, and with the first that is needed: whoever wants to stop
        between two messages never waits for a whole batch.
        """
        self._coming = deque(filter(None, (self._text(message.article) for message in messages)))

    def decide(self, state: None, message: Deduped) -> Decision[Embedded]:
        """The article with its vector; with none where the model does not know its language, or it has no text."""
        text = self._text(message.article)
        return Decision(
            Embedded(
                article=message.article,
                verdict=message.verdict,
                vector=self._vector(text) if text else None,
                encoding=self._encoder.encoding,
            )
        )

    def apply(self, state: None, change: Change) -> None:
        """Nothing to remember."""

    def _text(self, article: Article) -> str | None:
        """What is encoded: title and lead; None where there is nothing that the model could read."""
        if article.lang not in self._languages and "*" not in self._languages:
            return None
        lead = " ".join(word[0] for word in islice(_WORD.finditer(article.text), LEAD_WORDS))
        return ". ".join(filter(None, (article.title.strip(), lead))) or None

    def _vector(self, text: str) -> str:
        if _key(text) not in self._cache:
            self._encode(text)
        return self._cache[_key(text)]

    def _encode(self, text: str) -> None:
        """Encode a text, and with it some that are coming."""
        texts = {text: None}
        while self._coming and len(texts) < self._encoder.together:
            other = self._coming.popleft()
            if _key(other) not in self._cache:
                texts[other] = None
        try:
            self._keep(list(texts))
        except Halt:
            raise
        except Exception:  # perhaps another text's fault
            self._keep([text])

    def _keep(self, texts: Sequence[str]) -> None:
        for text, vector in zip(texts, self._encoder.encode(texts), strict=True):
            self._cache[_key(text)] = pack(quantise(vector))
        while len(self._cache) > CACHED:
            self._cache.popitem(last=False)


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
