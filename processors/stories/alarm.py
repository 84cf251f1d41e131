"""The size alarm: a large story whose texts are not alike enough is likely several events taken for one."""

from collections.abc import Sequence

from processors.stories.medoid import Nearness, coherence
from processors.stories.rows import Row
from processors.stories.story_records import StoryRecord
from streams.messages import Alarm

FROM = 20
"""Independent texts from which a story is looked at, and it is again at twice as many. Of the 6,541 stories of the
stream the largest has 22."""
LEAST = 0.70
"""The mean cosine of a large story's texts with its medoid, at least: what a random pair within the labelled
stories of the stream has. Small stories may have less; those with 16 and more texts have 0.70 to 0.77."""
LEAST_WORDS = 0.15
"""The same by the words, where a vector is missing: the least that the stream's stories of that size have."""


def alarms(story: StoryRecord, texts: Sequence[Row], near: Nearness) -> tuple[Alarm, ...]:
    """The alarm, where this growth of the story raises one. `near`: how near each of its texts is to all."""
    size = story.independent_texts
    if len(texts) < FROM or size < 2 * story.alarmed:
        return ()
    least = LEAST if all(row.features.vector is not None for row in texts) else LEAST_WORDS
    found = coherence(near)
    if found >= least:
        return ()
    return (Alarm(story=story.id, independent_texts=size, coherence=round(found, 4), least=least),)
