"""The status line: what the service has done since it started, read from the log alone."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from streams.lag import lag
from streams.log import Log, Record
from streams.topics import Topics


class _Glance(msgspec.Struct):
    """As much of a StoryUpdate as the status line needs."""

    class Verdict(msgspec.Struct):
        verdict: str

    class Story(msgspec.Struct):
        id: str
        version: int

    verdict: Verdict
    changed: tuple[Story, ...]
    alarms: tuple[msgspec.Raw, ...] = ()


class _Poll(msgspec.Struct):
    """As much of a feed's record in the poller's changelog."""

    next: datetime
    failures: int


class Status:
    """Follows the topics of a namespace from now on."""

    def __init__(self, log: Log, topics: Topics, sinks: Sequence[str]) -> None:
        self._log = log
        self._topics = topics
        self._articles = self._dead = self._stories = self._copies = self._alarms = 0
        self._seen: dict[str, dict[int, int]] = {}
        """How far each topic was looked at."""
        for topic in ("articles", "stories"):
            self._seen[topics.name(topic)] = log.end_offsets(topics.name(topic))
        self._glance = msgspec.json.Decoder(_Glance)
        self._poll = msgspec.json.Decoder(_Poll)
        self._polls: dict[str, _Poll] = {}
        self._groups = {"dedup": "articles", "embed": "deduped", "cluster": "embedded"}
        self._groups |= {f"sink-{name}": "stories" for name in sinks}

    def line(self, now: float, down: Sequence[str]) -> str:
        """One line for people. `down`: the stages that are not running."""
        self._follow_stories()
        self._follow_polls()
        self._articles += self._count("articles")
        self._dead += self._count("dead-letters")
        parts = [self._feeds(now)] if self._polls else []
        parts += [f"articles {self._articles}", f"copies {self._copies}", f"new stories {self._stories}"]
        waiting = {group: left for group in self._groups if (left := self._lag(group))}
        if waiting:
            parts.append("waiting: " + ", ".join(f"{group} {left}" for group, left in waiting.items()))
        if self._alarms:
            parts.append(f"size alarms {self._alarms}")
        if self._dead:
            parts.append(f"dead letters {self._dead}")
        if down:
            parts.append("NOT RUNNING: " + ", ".join(down))
        return " · ".join(parts)

    def _count(self, topic: str) -> int:
        """How many records have come since the last call."""
        return sum(1 for _ in self._news(self._topics.name(topic)))

    def _lag(self, group: str) -> int:
        return sum(lag(self._log, self._topics.name(group), self._topics.name(self._groups[group])).values())

    def _feeds(self, now: float) -> str:
        """How the feeds are doing."""
        failing = sum(poll.failures > 0 for poll in self._polls.values())
        wait = max(0.0, min(poll.next.timestamp() for poll in self._polls.values()) - now)
        when = f"{wait / 60:.0f} min" if wait >= 60 else f"{wait:.0f} s"
        told = f"feeds {len(self._polls)}" + (f" ({failing} failing)" if failing else "")
        return f"{told}, next poll in {when}"

    def _news(self, topic: str) -> Iterator[Record]:
        """The records of a topic since the last call."""
        seen = self._seen.setdefault(topic, {})
        for partition, end in self._log.end_offsets(topic).items():
            yield from self._log.read(topic, partition, seen.get(partition, 0), end)
            seen[partition] = end

    def _follow_stories(self) -> None:
        for record in self._news(self._topics.name("stories")):
            if record.value is not None:
                update = self._glance.decode(record.value)
                self._stories += sum(story.version == 1 for story in update.changed)
                self._alarms += len(update.alarms)
                self._copies += update.verdict.verdict in ("exact", "near", "excerpt")

    def _follow_polls(self) -> None:
        for record in self._news(self._topics.changelog("poller")):
            if record.key is None or not record.key.startswith("poll:"):
                continue
            if record.value is None:
                self._polls.pop(record.key, None)
            else:
                self._polls[record.key] = self._poll.decode(record.value)
