"""The status line: what the service has done since it started, read from the log alone."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

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


class _Poll(msgspec.Struct):
    """As much of a feed's record in the poller's changelog."""

    next: datetime
    failures: int


class Status:
    """Follows the topics of a namespace from now on."""

    def __init__(self, log: Log, topics: Topics, sinks: Sequence[str]) -> None:
        self._log = log
        self._topics = topics
        self._articles_before = self._end("articles")
        self._seen = dict(log.end_offsets(topics.name("stories")))
        self._glance = msgspec.json.Decoder(_Glance)
        self._poll = msgspec.json.Decoder(_Poll)
        self._polls: dict[str, _Poll] = {}
        self._polls_seen: dict[int, int] = {}
        self._groups = {"dedup": "articles", "embed": "deduped", "cluster": "embedded"}
        self._groups |= {f"sink-{name}": "stories" for name in sinks}
        self._stories = self._copies = 0

    def line(self, now: float, down: Sequence[str]) -> str:
        """One line for people. `down`: the stages that are not running."""
        self._follow_stories()
        self._follow_polls()
        articles = self._end("articles") - self._articles_before
        parts = [self._feeds(now)] if self._polls else []
        parts += [f"articles {articles}", f"copies {self._copies}", f"new stories {self._stories}"]
        waiting = {group: lag for group in self._groups if (lag := self._lag(group))}
        if waiting:
            parts.append("waiting: " + ", ".join(f"{group} {lag}" for group, lag in waiting.items()))
        dead = self._end("dead-letters")
        if dead:
            parts.append(f"dead letters {dead}")
        if down:
            parts.append("NOT RUNNING: " + ", ".join(down))
        return " · ".join(parts)

    def _end(self, topic: str) -> int:
        return sum(self._log.end_offsets(self._topics.name(topic)).values())

    def _lag(self, group: str) -> int:
        topic = self._topics.name(self._groups[group])
        committed = self._log.committed(self._topics.name(group), topic)
        return sum(end - committed.get(partition, 0) for partition, end in self._log.end_offsets(topic).items())

    def _feeds(self, now: float) -> str:
        """How the feeds are doing."""
        failing = sum(poll.failures > 0 for poll in self._polls.values())
        wait = max(0.0, min(poll.next.timestamp() for poll in self._polls.values()) - now)
        when = f"{wait / 60:.0f} min" if wait >= 60 else f"{wait:.0f} s"
        told = f"feeds {len(self._polls)}" + (f" ({failing} failing)" if failing else "")
        return f"{told}, next poll in {when}"

    def _news(self, topic: str, seen: dict[int, int]) -> Iterator[Record]:
        """The records of a topic since the last call."""
        for partition, end in self._log.end_offsets(topic).items():
            yield from self._log.read(topic, partition, seen.get(partition, 0), end)
            seen[partition] = end

    def _follow_stories(self) -> None:
        for record in self._news(self._topics.name("stories"), self._seen):
            if record.value is not None:
                update = self._glance.decode(record.value)
                self._stories += sum(story.version == 1 for story in update.changed)
                self._copies += update.verdict.verdict in ("exact", "near", "excerpt")

    def _follow_polls(self) -> None:
        for record in self._news(self._topics.changelog("poller"), self._polls_seen):
            if record.key is None or not record.key.startswith("poll:"):
                continue
            if record.value is None:
                self._polls.pop(record.key, None)
            else:
                self._polls[record.key] = self._poll.decode(record.value)
