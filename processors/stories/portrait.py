"""What a story says of itself: its title and its keywords."""

from collections.abc import Mapping, Sequence

import msgspec

from processors.stories.alarm import alarms
from processors.stories.keywords import keywords, spelled
from processors.stories.live import Live
from processors.stories.medoid import nearness
from processors.stories.rows import Row
from processors.stories.story_records import StoryRecord
from processors.stories.terms import folded
from processors.stories.title import titled
from streams.messages import Alarm


def portrayed(
    story: StoryRecord, texts: Sequence[Row], live: Live, spelling: Mapping[str, str]
) -> tuple[StoryRecord, tuple[Alarm, ...]]:
    """The story as its newest independent texts show it, and whether they show that it is too large.

    `spelling`: how the latest of them writes its names.
    """
    near = nearness(texts, live.terms)
    holder = titled(texts, near, live.lang, story.titled)
    raised = alarms(story, texts, near)
    found = keywords(texts, live.language.vocabulary)
    before = dict(zip(folded(story.names), story.names, strict=True))
    portrait = msgspec.structs.replace(
        story,
        title=holder.title,
        titled=holder.id,
        terms=tuple(found.terms),
        names=tuple(spelled(name, before, spelling) for name in found.names),
        alarmed=raised[-1].independent_texts if raised else story.alarmed,
    )
    return portrait, raised
