"""A stand-in for a sentence model, for tests of everything around it: words hashed into a vector.

Deterministic, fast and without torch. Texts with common words are alike; meaning it knows nothing of.
"""

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from math import log

import numpy as np
from numpy.typing import NDArray

from config.sections import EmbedSection
from streams.messages import Encoding

COMPONENTS = 384
"""As many as all-MiniLM-L6-v2 has."""

_WORD = re.compile(r"\w+")


class HashingEncoder:
    """Every word adds 1 + ln tf to one component, or takes it away."""

    together = 1

    def __init__(self, section: EmbedSection) -> None:
        self._words = section.max_tokens
        self.encoding = Encoding(model="hashing@1", precision=section.precision, max_tokens=section.max_tokens)

    def encode(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """One unit vector per text."""
        return [self._encode(text) for text in texts]

    def close(self) -> None:
        """Nothing to release."""

    def _encode(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(COMPONENTS)
        vector[0] = 1e-6  # a direction even for a text without words, or whose words cancel out
        for word, count in Counter(_WORD.findall(text.casefold())[: self._words]).items():
            digest = int.from_bytes(blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "little")
            vector[digest // 2 % COMPONENTS] += (1 + log(count)) * (1 if digest % 2 else -1)
        unit: NDArray[np.float32] = (vector / np.sqrt(np.square(vector).sum())).astype(np.float32)
        return unit
