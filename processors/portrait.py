"""What a story says of itself: its title and its keywords."""

from collections.abc import Mapping, Sequence

import msgspec

from processors.keywords import keywords, spelled
from processors.live import Live
from processors.rows import Row
from processors.story_records import StoryRecord
from processors.terms import folded
from processors.title import titled


def portrayed(story: StoryRecord, texts: Sequence[Row], live: Live, spelling: Mapping[str, str]) -> StoryRecord:
    """The story as its newest independent texts show it. `spelling`: how the latest of them writes its names."""
    holder = titled(texts, live.terms, live.lang, story.titled)
    found = keywords(texts, live.language.vocabulary)
    before = dict(zip(folded(story.names), story.names, strict=True))
    return msgspec.structs.replace(
        story,
        title=holder.title,
        titled=holder.id,
        terms=tuple(found.terms),
        names=tuple(spelled(name, before, spelling) for name in found.names),
    )
