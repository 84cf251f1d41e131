"""Stories: which articles report the same event.

    article -> nearest live articles -> their stories, ranked -> join the best or open one -> merge what became one

A copy follows its original. Two languages never meet. Every decision carries its evidence.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, cast

import msgspec

from config.sections import ClusterSection
from processors.copies.window import micros
from processors.stories import growth
from processors.stories.arrival import Arrival, arrival, revised
from processors.stories.live import Live
from processors.stories.medoid import nearness
from processors.stories.memory import Stories
from processors.stories.pair_score import scorer
from processors.stories.placing import Placed, choose, follow
from processors.stories.portrait import portrayed
from processors.stories.ranking import kinship
from processors.stories.rows import Row, Story, by_arrival, reports, texts
from processors.stories.story_records import AssignmentRecord, Record, StoryRecord, StreamRecord, story_key
from processors.stories.storyline import with_links
from processors.stories.title import titled
from streams.messages import Alarm, Assigned, Embedded, Encoding, Evidence, Merged, Message, Related, StoryUpdate
from streams.processor import Change, Decision, Halt, Processor

MERGE_TEXTS = 30
"""The newest independent texts of each of two stories that are compared before the two are merged."""


BRIDGED = 3.0
"""How far below the score that merges them two stories may be without the article that fits both. Reports of one
event that have little in common, until one comes that tells all of it, are at 1 to 3; a bridge between two events
leads further. From 0.75 to 2.25, mean F1 on the three corpora is 91.9 to 92.0."""


class Told(NamedTuple):
    """What a decision comes to."""

    assigned: Assigned | None
    records: tuple[Record, ...] = ()
    changed: StoryRecord | None = None
    gone: StoryRecord | None = None
    """The story that was merged into the changed one."""
    related: tuple[Related, ...] = ()
    """New links of the changed one with others."""
    alarms: tuple[Alarm, ...] = ()


class Cluster(Processor[Embedded, StoryUpdate, Stories]):
    """The stage that gathers articles into stories."""

    stage = "cluster"
    reads = Embedded
    changes = cast(type[Message], Record)

    def __init__(self, section: ClusterSection) -> None:
        self._section, self._scorer = section, scorer(section.leave_out)
        self._window = round(section.window_days * 86_400_000_000)  # microseconds
        self._coming: dict[str, list[str]] = {}
        """The vectors of the batch in hand by language, until the first of them is decided."""

    def fresh(self) -> Stories:
        """No article yet."""
        return Stories()

    def prepare(self, messages: Sequence[Embedded]) -> None:
        """Note the vectors that will be searched for: several are measured together."""
        self._coming = {}
        for message in messages:
            if message.vector is not None and message.verdict.verdict == "original":
                self._coming.setdefault(message.article.lang, []).append(message.vector)

    def decide(self, state: Stories, message: Embedded) -> Decision[StoryUpdate]:
        """The article's story. The changes keep it, and remove what left the window.

        Raises:
            Halt: the message's vector was made in another way than those of the state.
        """
        article, verdict = message.article, message.verdict.verdict
        language = state.language(article.lang)
        if coming := self._coming.pop(article.lang, None):
            language.vectors.expect(coming)
        stream = _advanced(language.stream, message)
        live = Live(article.lang, language, stream.clock, micros(stream.clock) - self._window)
        known = live.article(article.id)
        if known is not None and verdict == "sighting":
            told = Told(self._kept(known.story.record, message))
        elif known is not None:
            told = self._revise(live, message, known)
        elif verdict in ("revision", "sighting"):
            told = Told(None)
        else:
            stream = msgspec.structs.replace(stream, numbered=stream.numbered + 1)
            told = self._take_in(live, message, stream.numbered)

        changes = [*live.tombstones(), *(Change(record.key, record) for record in told.records)]
        if stream != language.stream:
            changes.append(Change(stream.key, stream))
        if told.gone is not None:
            changes.append(Change(story_key(article.lang, told.gone.id), None))
        return Decision(_update(message, told), changes)

    def apply(self, state: Stories, change: Change) -> None:
        """Remember or forget a record."""
        if change.value is None:
            state.remove(change.key)
        else:
            state.put(cast(Record, change.value))

    # --- an article that is known ------------------------------------------------------------------------

    def _kept(self, story: StoryRecord, message: Embedded) -> Assigned:
        """The story it had."""
        reason: Literal["sighting", "revision"]
        reason = "sighting" if message.verdict.verdict == "sighting" else "revision"
        evidence = Evidence(reason=reason, threshold=self._section.join_score, vector=message.vector is not None)
        return Assigned(story=story.id, evidence=evidence)

    def _revise(self, live: Live, message: Embedded, old: Row) -> Told:
        """It keeps its story and its place in time; its new text is what later articles are compared with."""
        story, new = old.story.record, revised(message, live, old)
        assigned = self._kept(story, message)
        rows = self._texts([new.row if row is old else row for row in live.members(old.story)])
        holder = titled(rows, nearness(rows, live.terms), live.lang, story.titled)
        if holder.title == story.title:
            return Told(assigned, (new.record,))
        changed = growth.retitled(story, holder, live.clock)
        return Told(assigned, (new.record, changed), changed)

    # --- an article that is new --------------------------------------------------------------------------

    def _take_in(self, live: Live, message: Embedded, number: int) -> Told:
        new = arrival(message, live, number)
        placed = follow(self._section, live, new.row, message.verdict) or choose(
            self._section, self._scorer, live, new.row, new.terms.spelling
        )
        if placed.story is None:
            story = growth.opened(message.article, number, live.clock)
            told = _told(new, placed.evidence, with_links(story, placed.related))
            return told._replace(related=placed.related)
        return self._join(live, message, new, placed, placed.story)

    def _join(self, live: Live, message: Embedded, new: Arrival, placed: Placed, joined: Story) -> Told:
        """Put the article into the story, and merge another one with it that turns out to be the same event."""
        story, rows = joined.record, live.members(joined)
        same = self._same_event(live, rows, new.row, placed.kin)
        other, moved = (None, []) if same is None else (same.record, live.members(same))
        if other is not None:
            if growth.seniority(other) < growth.seniority(story):
                story, other, rows, moved = other, story, moved, rows
            story = growth.united(story, other, rows, moved)
            rows = sorted([*rows, *moved], key=by_arrival)
        alarms: tuple[Alarm, ...] = ()
        independent = all(row.family != new.row.family for row in rows)
        story = growth.grown(story, message.article, independent, live.clock)
        if independent or other is not None:  # a copy shows nothing new
            story, alarms = portrayed(story, self._texts([*rows, new.row]), live, new.terms.spelling)
        gone = None if other is None else other.id
        related = tuple(one for one in placed.related if one.story not in (story.id, gone))
        told = _told(new, placed.evidence, with_links(story, related), other, moved)
        return told._replace(related=related, alarms=alarms)

    def _same_event(self, live: Live, rows: Sequence[Row], new: Row, kin: Sequence[Story]) -> Story | None:
        """The first of the other stories that the article would fit, too, whose articles match its story's.

        The article is asked, too, unless it gathers several events; alone it cannot tie two stories.
        """
        if "merge" in self._section.leave_out:
            return None
        before, ours = reports(rows, MERGE_TEXTS), reports([*rows, new], MERGE_TEXTS)
        least = self._section.merge_score
        for other in kin:
            theirs = live.reports(other, MERGE_TEXTS)
            if _alike(kinship(self._scorer, ours, theirs, live), least) and _alike(
                kinship(self._scorer, before, theirs, live), least - BRIDGED
            ):
                return other
        return None

    def _texts(self, rows: Sequence[Row]) -> Sequence[Row]:
        """What a story's title and keywords are taken from."""
        return texts(rows, self._section.members)


def _alike(score: float | None, least: float) -> bool:
    """Whether two stories can be compared, and reach a score."""
    return score is not None and score >= least


def _advanced(stream: StreamRecord | None, message: Embedded) -> StreamRecord:
    """The stream with the message. Raises Halt where it brings a vector of another make."""
    article, encoding = message.article, message.encoding
    if stream is None:
        return StreamRecord(lang=article.lang, clock=article.fetched, numbered=0, encoding=encoding)
    if encoding != stream.encoding:
        raise Halt(
            f"the vectors of language {article.lang} were made by {_make(stream.encoding)}, that of article "
            f"{article.id} by {_make(encoding)}, and these cannot be compared: set embed.model, embed.precision "
            "and embed.max_tokens back, or start a new namespace"
        )
    clock = max(stream.clock, article.fetched, key=micros)
    return msgspec.structs.replace(stream, clock=clock)


def _make(encoding: Encoding) -> str:
    return f"{encoding.model} ({encoding.precision}, {encoding.max_tokens} tokens)"


def _told(
    new: Arrival,
    evidence: Evidence,
    story: StoryRecord,
    gone: StoryRecord | None = None,
    moved: Sequence[Row] = (),
) -> Told:
    """The article assigned to the story, as are those that moved there with the story that is gone."""
    lang = story.lang
    assignments = [AssignmentRecord(id=row.id, lang=lang, story=story.id) for row in (*moved, new.row)]
    assigned = Assigned(story=story.id, evidence=evidence)
    return Told(assigned, (new.record, *assignments, story), story, gone)


def _update(message: Embedded, told: Told) -> StoryUpdate:
    changed, gone = told.changed, told.gone
    return StoryUpdate(
        article=message.article,
        verdict=message.verdict,
        assigned=told.assigned,
        changed=() if changed is None else (growth.state(changed),),
        merged=() if changed is None or gone is None else (Merged(old=gone.id, into=changed.id),),
        related=told.related,
        alarms=told.alarms,
    )
