"""Vectors whose dot products are exact.

A unit vector times 4000, rounded to integers. By Cauchy and Schwarz every partial sum of the dot product of two
such vectors is an integer below 2^24, and float32 holds all of those exactly. So a dot product is the same to the
bit whatever the order of summation, the number of BLAS threads or the shape of the matrix it was computed in, and
a state that was restored with its rows in another order scores as the original did. The price is an error of the
cosine of about 1e-4, far below what any decision rests on. Sparse views use the same scale, for the same reason.
"""

import base64
import binascii

import numpy as np
from numpy.typing import ArrayLike, NDArray

SCALE = 4000
"""Length of a quantised unit vector. A round number that leaves room for the rounding: components are off by at
most 0.5, so a vector of n components is at most 4000 + sqrt(n) / 2 long."""
MAX_COMPONENTS = 30_000
"""4000 + sqrt(30,000) / 2 = 4,087 < 4,096 = sqrt(2^24)."""

Quantised = NDArray[np.int16]


class BadVector(ValueError):
    """No vector: no direction, components that are no numbers, too many of them, or bytes that decode to none."""


def quantise(vector: ArrayLike) -> Quantised:
    """The direction of `vector` as integers, `SCALE` long. Raises BadVector where it has none."""
    exact = np.asarray(vector, dtype=np.float64)
    if exact.ndim != 1 or not 0 < exact.size <= MAX_COMPONENTS:
        raise BadVector(f"a vector has 1 to {MAX_COMPONENTS:,} components, this array has the shape {exact.shape}")
    largest = float(np.abs(exact).max())
    if not (0 < largest < np.inf):
        raise BadVector("a vector without direction: all components are zero, or one is no finite number")
    return scaled(exact / largest)  # so that neither huge nor tiny components leave float64 when squared


def scaled(vector: NDArray[np.float64]) -> Quantised:
    """The direction of a vector whose largest component is 1 or -1, as `quantise` has it."""
    quantised: Quantised = np.rint(vector * (SCALE / np.sqrt(np.square(vector).sum()))).astype(np.int16)
    return quantised


def dots(rows: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The dot product of each row with the vector.

    Not `rows @ vector`: BLAS shares a product of this size out among threads, which costs more than it saves.
    Measured for 2,000 rows of 384 on two cores: 3.8 ms of CPU time, 0.06 ms this way.
    """
    products: NDArray[np.float32] = np.vecdot(rows, vector)
    return products


def pack(vector: Quantised) -> str:
    """Base64 of the components as little-endian int16, as it stands in a message."""
    return base64.b64encode(vector.astype("<i2").tobytes()).decode("ascii")


def unpack(text: str) -> Quantised:
    """The components in `text`; read-only. Raises BadVector where it holds none."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadVector(f"a vector is base64, this is not: {error}") from error
    if len(data) % 2:
        raise BadVector(f"a vector has two bytes per component, this one has {len(data)} bytes")
    return np.frombuffer(data, dtype="<i2").astype(np.int16, copy=False)
