"""Which article's headline names a story: the most typical plain one, and seldom another than before."""

from collections.abc import Sequence

from processors.encoding.vectors import SCALE
from processors.stories.headline import Headline, kind_of
from processors.stories.medoid import Nearness, by_nearness
from processors.stories.rows import Row

MARGIN = 0.05
"""How much nearer to all articles of the story (in mean cosine) another headline's article must be to take over.

Measured on the stream, 4,087 times that an article joined a story: 46 % changed its title when the medoid's was
always taken, 12 % do with this margin, and its holder is on average 0.007 less near than the medoid. With 0.02 it
is 18 %, with 0.10 7 %; 6 % are live blogs, questions and opinions that a plain headline replaces.
"""
_MARGIN = round(MARGIN * SCALE**2)


def titled(rows: Sequence[Row], near: Nearness, lang: str, holder: str | None = None) -> Row:
    """The row whose headline names the story of these rows. `holder`: the article whose headline does so far.

    `near`: how near each row is to all.
    """
    if len(rows) == 1:
        return rows[0]
    order = by_nearness(rows, near)
    held = next((at for at in order if rows[at].id == holder), None)
    kind, best = _plainest(rows, order, lang)
    if held is None or held == best or kind_of(rows[held].title, lang) > kind:
        return rows[best]
    return rows[best if near[best] - near[held] > _MARGIN * len(rows) else held]


def _plainest(rows: Sequence[Row], order: Sequence[int], lang: str) -> tuple[Headline, int]:
    """The first in this order of those that are plain, else that tease, else that stand above many events."""
    firsts: dict[Headline, int] = {}
    for at in order:
        kind = kind_of(rows[at].title, lang)
        if kind is Headline.PLAIN:
            return kind, at
        firsts.setdefault(kind, at)
    return min(firsts.items())
