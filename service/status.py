"""The status line: what the service has done since it started, read from the log alone."""

from collections.abc import Sequence

import msgspec

from streams.log import Log
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


class Status:
    """Follows the topics of a namespace from now on."""

    def __init__(self, log: Log, topics: Topics, sinks: Sequence[str]) -> None:
        self._log = log
        self._topics = topics
        self._articles_before = self._end("articles")
        self._seen = dict(log.end_offsets(topics.name("stories")))
        self._glance = msgspec.json.Decoder(_Glance)
        self._groups = {"dedup": "articles", "embed": "deduped", "cluster": "embedded"}
        self._groups |= {f"sink-{name}": "stories" for name in sinks}
        self._stories = self._copies = 0

    def line(self, now: float, down: Sequence[str]) -> str:
        """One line for people. `down`: the stages that are not running."""
        self._follow()
        articles = self._end("articles") - self._articles_before
        parts = [f"{articles} articles", f"{self._copies} copies", f"{self._stories} new stories"]
        waiting = {group: lag for group in self._groups if (lag := self._lag(group))}
        if waiting:
            parts.append("waiting: " + ", ".join(f"{group} {lag}" for group, lag in waiting.items()))
        dead = self._end("dead-letters")
        if dead:
            parts.append(f"{dead} dead letters")
        if down:
            parts.append("NOT RUNNING: " + ", ".join(down))
        return " · ".join(parts)

    def _end(self, topic: str) -> int:
        return sum(self._log.end_offsets(self._topics.name(topic)).values())

    def _lag(self, group: str) -> int:
        topic = self._topics.name(self._groups[group])
        committed = self._log.committed(self._topics.name(group), topic)
        return sum(end - committed.get(partition, 0) for partition, end in self._log.end_offsets(topic).items())

    def _follow(self) -> None:
        for partition, end in self._log.end_offsets(self._topics.name("stories")).items():
            for record in self._log.read(
                self._topics.name("stories"), partition, self._seen.get(partition, 0), end
            ):
                if record.value is None:
                    continue
                update = self._glance.decode(record.value)
                self._stories += sum(story.version == 1 for story in update.changed)
                self._copies += update.verdict.verdict in ("exact", "near", "excerpt")
            self._seen[partition] = end
