"""The poller: polls the followed feeds when they are due, and puts what is new on the log.

It is a member of a group on the topic `feeds`. Each poll of a feed is one transaction: the articles, the dead
letters, the feed's changelog records, and the position in `feeds`, by which a poller that was paused while another
took over is fenced. Fetches run side by side; everything else is one thread's work, in turns of a few
milliseconds (parsing is another process's).
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from config.sections import PollerSection
from ingest.decide import Decision, Outcome, decide, is_same, validators
from ingest.extract import Extracted, Job
from ingest.fetch import Fetched, Fetcher
from ingest.parse_process import ParseFailed, ParseProcess
from ingest.partition import Partition
from ingest.state import Followed
from streams.log import Append, CommitFailed, Log, Member, TopicPartition
from streams.topics import Topics

TICK_SECONDS = 0.2
"""How often the poller looks for feeds that are due, for new ones, and for a stop."""

MAX_RECORDS = 500
"""Records of `feeds` taken in at once."""

COMMIT_TRIES = 5
"""Commits that fail in a row until the poller ends, and leaves it to its supervisor to wait and start it again."""


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Task:
    """A poll in progress."""

    partition: Partition
    followed: Followed


class Poller:
    """Polls the feeds of the partitions that it owns."""

    def __init__(
        self,
        log: Log,
        topics: Topics,
        section: PollerSection,
        instance: str = "0",
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`instance` names this member of the group for good: see `Log.member`."""
        self._log, self._topics, self._section, self._clock = log, topics, section, clock
        self._instance = instance
        self._say = structlog.get_logger().bind(stage="poller")

    def run(self, stop: Callable[[], bool]) -> None:
        """Poll until `stop()`; then what is being fetched is dropped, to be fetched again, and the group left.

        Raises Fenced and LogError, each with a message for people.
        """
        asyncio.run(self._run(stop))

    async def _run(self, stop: Callable[[], bool]) -> None:
        self._partitions: dict[TopicPartition, Partition] = {}
        self._tasks: dict[asyncio.Task[Outcome], _Task] = {}
        self._failed_commits = 0
        member = self._log.member(self._topics.name("poller"), self._topics.name("feeds"), self._instance)
        try:
            async with Fetcher(self._section) as fetcher, aclosing(ParseProcess(self._section)) as parser:
                try:
                    while not stop():
                        self._listen(member)
                        self._start_due(fetcher, parser)
                        await self._finish_some(member)
                finally:
                    await self._drop(list(self._tasks))
        finally:
            member.close()

    # --- the feeds that are followed -------------------------------------------------------------------

    def _listen(self, member: Member) -> None:
        """Take in assignments, and what the topic `feeds` says."""
        polled = member.poll(MAX_RECORDS, 0.0)
        for tp in polled.revoked:
            self._partitions.pop(tp, None)
        for tp in polled.assigned:
            self._restore(member, tp)
        changed: dict[TopicPartition, list[Append]] = {}
        for record in polled.records:
            if partition := self._partitions.get(record.tp):
                changed.setdefault(record.tp, []).extend(partition.follow(record))
        for tp, appends in changed.items():
            self._commit(member, self._partitions[tp], appends)

    def _restore(self, member: Member, tp: TopicPartition) -> None:
        committed = member.committed(tp)  # first: it waits for a dead owner's transaction
        self._partitions[tp] = Partition.restore(self._log, self._topics, tp, committed)
        member.start(tp, committed)
        if feeds := len(self._partitions[tp].feeds):
            self._say.info("restored", partition=tp.partition, feeds=feeds)

    def _commit(self, member: Member, partition: Partition, appends: Sequence[Append]) -> bool:
        """Write; where that fails, throw the memory of the partition away, restore it, and return False."""
        try:
            member.commit(appends, {partition.tp: partition.position})
        except CommitFailed as error:
            self._failed_commits += 1
            if self._failed_commits >= COMMIT_TRIES:
                raise
            self._say.warning("commit failed, restoring", error=str(error), attempt=self._failed_commits)
            self._restore(member, partition.tp)
            return False
        self._failed_commits = 0
        return True

    # --- polls -----------------------------------------------------------------------------------------

    def _start_due(self, fetcher: Fetcher, parser: ParseProcess) -> None:
        now = self._clock()
        busy = {task.followed.feed.url for task in self._tasks.values()}
        for partition in self._partitions.values():
            for followed in partition.due(now):
                if followed.feed.url not in busy:
                    poll = self._poll(followed, fetcher, parser)
                    self._tasks[asyncio.create_task(poll)] = _Task(partition, followed)

    async def _poll(self, followed: Followed, fetcher: Fetcher, parser: ParseProcess) -> Outcome:
        """Fetch a feed, and make articles of it where it is not the same as before."""
        feed = followed.feed
        answer = await fetcher.fetch(feed.url, validators(followed, self._clock()))
        at = self._clock()
        if not isinstance(answer, Fetched) or is_same(followed, answer):
            return Outcome(answer, at)
        kind = answer.headers.get("content-type")
        job = Job(feed=feed, url=answer.url, content_type=kind, body=answer.body, now=at)
        try:
            return Outcome(answer, at, await parser.extract(job))
        except ParseFailed as error:
            return Outcome(answer, at, Extracted(error=str(error)))

    async def _finish_some(self, member: Member) -> None:
        """Wait a little for polls to end, and write what they brought."""
        if not self._tasks:
            await asyncio.sleep(TICK_SECONDS)
            return
        done, _ = await asyncio.wait(self._tasks, timeout=TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            poll = self._tasks.pop(task)
            if self._is_current(poll):
                self._finish(member, poll, task.result())

    def _is_current(self, poll: _Task) -> bool:
        """Whether the partition is still owned, its state not restored since, and the feed still followed."""
        partition, url = poll.partition, poll.followed.feed.url
        return self._partitions.get(partition.tp) is partition and partition.feeds.get(url) is poll.followed

    def _finish(self, member: Member, poll: _Task, outcome: Outcome) -> None:
        decision = decide(poll.followed, outcome, self._section)
        if self._commit(member, poll.partition, poll.partition.appends(poll.followed, decision)):
            poll.followed.poll = decision.poll
            poll.followed.known = poll.followed.known if decision.known is None else decision.known
            self._tell(poll.followed, decision)

    def _tell(self, followed: Followed, decision: Decision) -> None:
        """One line a poll."""
        feed, until = followed.feed.url, decision.poll.next.isoformat(timespec="seconds")
        if decision.status == "failed":
            failures, reason = decision.poll.failures, decision.poll.error
            self._say.warning("poll failed", feed=feed, reason=reason, failures=failures, next_poll=until)
            return
        news = bool(decision.articles or decision.rejected)
        say = self._say.warning if decision.status == "truncated" else self._say.info if news else self._say.debug
        counts = {
            "new": len(decision.articles) - decision.revisions,
            "revisions": decision.revisions,
            "rejected": len(decision.rejected),
        }
        told = {name: count for name, count in counts.items() if count or name == "new"}
        say("polled", feed=feed, status=decision.status, **told, next_poll=until)

    async def _drop(self, tasks: Sequence[asyncio.Task[Outcome]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
