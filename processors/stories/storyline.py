"""Stories of one continuing affair: near in all but time, linked and never merged.

The air strikes that begin and the air strikes a week later are two events of one affair. An article of the second
would fit the story of the first, had it been published then; so stories that cluster compares anyway, and does not
join, are looked at once more with nearness in time left out.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from processors.stories.evidence import DIGITS, compared
from processors.stories.pair_score import Probe
from processors.stories.pair_weights import PARTS
from processors.stories.ranking import Ranked, story_scores
from processors.stories.rows import Story
from processors.stories.story_records import StoryRecord
from processors.stories.vocabulary import Vocabulary
from streams.messages import Related

SCORE = -1.5
"""Log odds, without the part of time, from which an article's story and another one are of one affair; publication
at the same time adds 4.4, and an article joins from 1.25 on. Measured on the stream: a link for every sixth
article; of 15 drawn at random and read, 13 are of one affair. From -2 on there would be twice as many."""
MOST = 3
"""Stories, the nearest, that one article can link its own with."""
KEPT = 16
"""Links that a story remembers, the newest: told once, as long as that lasts, and a record stays small."""


def akin(
    ranked: Sequence[Ranked], own: Story | None, new: Probe, vocabulary: Vocabulary, spelling: Mapping[str, str]
) -> tuple[Related, ...]:
    """The stories of the affair that the article reports, the nearest first, but for those linked with its own.

    `ranked`: those compared with the article. `own`: its story; None where it opens one. `spelling`: how the
    article writes its names.
    """
    near = [
        (score, one)
        for score, one in zip(_timeless(ranked), ranked, strict=True)
        if score >= SCORE and not (own and _linked(own, one.story))
    ]
    near.sort(key=lambda pair: (-pair[0], pair[1].story.record.opened))
    return tuple(_related(score, one, new, vocabulary, spelling) for score, one in near[:MOST])


def with_links(story: StoryRecord, related: Sequence[Related]) -> StoryRecord:
    """The story that remembers these links, too."""
    if not related:
        return story
    return msgspec.structs.replace(story, related=newest(*story.related, *(one.story for one in related)))


def newest(*stories: str) -> tuple[str, ...]:
    """The last KEPT of some stories, each once."""
    return tuple(dict.fromkeys(reversed(stories)))[:KEPT][::-1]


def _linked(story: Story, other: Story) -> bool:
    return story is other or other.id in story.record.related or story.id in other.record.related


def _timeless(ranked: Sequence[Ranked]) -> list[float]:
    """How well the article fits each of the stories, if it makes no difference when."""
    if not ranked:
        return []
    pairs = ranked[0].pairs  # of all of them
    points = pairs.scores - pairs.parts[PARTS.index("time")]
    starts = np.array([one.start for one in ranked])
    order = starts.argsort()
    sizes = np.array([len(one.members) for one in ranked])
    scores = np.empty(len(ranked))
    scores[order] = story_scores(points, starts[order], sizes[order])
    told: list[float] = scores.tolist()
    return told


def _related(
    score: float, one: Ranked, new: Probe, vocabulary: Vocabulary, spelling: Mapping[str, str]
) -> Related:
    evidence = compared(one, new, vocabulary, spelling)
    return Related(
        story=one.story.id,
        score=round(score, DIGITS),
        names=evidence.names,
        terms=evidence.terms,
        gap_days=evidence.gap_days,
    )
