"""Articles laid out behind one another, so that one is compared with all of them in few operations."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from processors.encoding.vectors import Quantised
from processors.stories.features import Features
from processors.stories.vocabulary import Ids

UNDATED = np.iinfo(np.int64).min
"""The publication time of an article that has none."""
NOWHERE = -1
"""The slot of an article that has none."""


@dataclass(slots=True, eq=False)
class Comparable:
    """What of an article is compared."""

    published: int | None
    """Seconds since 1970."""
    features: Features
    slot: int = field(default=NOWHERE, init=False)
    """Where it stands among the live articles that are searched."""


Some = TypeVar("Some", bound=Comparable)
Kind = TypeVar("Kind", bound=Comparable, covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Layout(Generic[Kind]):
    """Articles in their order. Their views stand behind one another, as in `Features`."""

    articles: Sequence[Kind]
    columns: Ids
    weights: Quantised
    sizes: NDArray[np.int32]
    published: NDArray[np.int64]
    """UNDATED where that is not known."""
    slots: NDArray[np.int64]
    """Where each stands among the vectors that are searched; NOWHERE if it has none."""

    def __len__(self) -> int:
        return len(self.articles)


def lay_out(articles: Sequence[Some]) -> Layout[Some]:
    """The layout of some articles, at least one."""
    features = [one.features for one in articles]
    return Layout(
        articles,
        np.frombuffer(b"".join([one.column_bytes for one in features]), np.int32),
        np.frombuffer(b"".join([one.weight_bytes for one in features]), np.int16),
        np.frombuffer(b"".join([one.size_bytes for one in features]), np.int32),
        np.array([UNDATED if one.published is None else one.published for one in articles]),
        np.array([NOWHERE if one.features.vector is None else one.slot for one in articles]),
    )
