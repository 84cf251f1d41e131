"""The dot products of articles that are coming, many at a time.

What takes the time is to read all rows, and a product of two matrices reads them once for many articles. Dot
products are exact, whatever they are computed with (`processors.encoding.vectors`): it changes nothing to measure
several together.
"""

from collections import deque
from collections.abc import Iterable
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from processors.encoding.vectors import BadVector, Quantised, dots, unpack
from processors.stories.blocks import Blocks

TOGETHER = 100
"""Articles measured at a time, half a batch of the worker. Measured per article among 50,000 rows: 0.60 ms for 64
at a time, 0.51 for 128, 0.47 for 200; the products take 4 bytes for each of them and each row."""
ROOM = 2 * TOGETHER
"""Rows that may come before the products must be made anew."""


class Lookahead:
    """Articles that are coming, and the products of the next of them with all rows."""

    def __init__(self, rows: Blocks) -> None:
        self._rows = rows
        self._coming: deque[str] = deque()
        self._measured: dict[bytes, int] = {}
        """Where the vectors that have been measured stand in the next two."""
        self._vectors = self._products = np.zeros((0, 0), np.float32)

    def expect(self, coming: Iterable[str]) -> None:
        """What is coming, packed and in its order, in place of what was expected before."""
        self._coming = deque(coming)

    def changed(self, slot: int) -> None:
        """A row is another one, or new."""
        if slot < self._products.shape[1]:
            self._products[:, slot] = dots(self._vectors, self._rows[slot].astype(np.float32))
        else:
            self._measured = {}

    def products(self, vector: Quantised, used: int) -> NDArray[np.float32]:
        """The dot products of a vector with the first `used` rows; good until a row changes."""
        at = self._measured.get(vector.tobytes())
        if at is None:
            self._measure(vector, used)
            at = 0
        return self._products[at, :used]

    def _measure(self, vector: Quantised, used: int) -> None:
        """Measure a vector, and with it some that are coming."""
        together = {vector.tobytes(): vector}
        while self._coming and len(together) < TOGETHER:
            with suppress(BadVector):  # which is told when its turn comes
                other = unpack(self._coming.popleft())
                if len(other) == len(vector):
                    together[other.tobytes()] = other
        self._vectors = np.stack([*together.values()]).astype(np.float32)
        self._products = np.zeros((len(together), used + ROOM), np.float32)
        self._rows.dots(self._vectors, self._products[:, :used])
        self._measured = {of: at for at, of in enumerate(together)}
