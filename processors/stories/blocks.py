"""Vectors in numbered slots, as they came, and dot products with all of them."""

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from processors.encoding.vectors import Quantised

BLOCK = 512
"""Rows that are made, and measured, at a time: as float32 they fit into the processor's cache, so that it costs
nothing to keep them as integers, in half the memory."""

_BLAS = ThreadpoolController()


class Blocks:
    """The vectors. A block never moves, so that a row which is handed out is kept nowhere else."""

    def __init__(self) -> None:
        self._blocks: list[NDArray[np.int16]] = []
        self.components = 0
        """Of each vector; 0 before the first."""

    def __len__(self) -> int:
        """Slots there are."""
        return BLOCK * len(self._blocks)

    def __getitem__(self, slot: int) -> Quantised:
        row: Quantised = self._blocks[slot // BLOCK][slot % BLOCK]
        return row

    def __setitem__(self, slot: int, vector: Quantised) -> None:
        self.components = len(vector)
        while slot >= len(self):
            self._blocks.append(np.zeros((BLOCK, len(vector)), np.int16))
        self[slot][:] = vector

    def dots(self, vectors: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        """Fill `out` with the dot products of each vector with the first rows, as many as `out` is wide."""
        rows = np.empty((BLOCK, self.components), np.float32)
        with _BLAS.limit(limits=1, user_api="blas"):  # more threads take far more time in all, see `vectors.dots`
            for start, block in zip(range(0, out.shape[1], BLOCK), self._blocks, strict=False):
                part = out[:, start : start + BLOCK]
                some = rows[: part.shape[1]]
                np.copyto(some, block[: len(some)])
                np.matmul(vectors, some.T, out=part)
