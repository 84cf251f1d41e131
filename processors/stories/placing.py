"""Which story an article belongs to, and why."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from config.sections import ClusterSection
from processors.stories.confidence import confidence
from processors.stories.evidence import compared
from processors.stories.live import Live
from processors.stories.pair_score import Scorer
from processors.stories.ranking import rank
from processors.stories.rows import Row, Story
from processors.stories.storyline import akin
from streams.messages import Evidence, Related, Verdict


class Placed(NamedTuple):
    """Where an article belongs."""

    story: Story | None
    """None: it opens one."""
    evidence: Evidence
    kin: Sequence[Story] = ()
    """The other stories that it would fit, the best first: they may be one with its own."""
    related: tuple[Related, ...] = ()
    """Stories of the same affair."""


def follow(section: ClusterSection, live: Live, new: Row, verdict: Verdict) -> Placed | None:
    """A copy belongs where its original is; None where that is not known."""
    original = live.article(verdict.duplicate_of)
    if original is None:
        return None
    evidence = Evidence(
        reason="copy", threshold=section.join_score, follows=original.id, vector=new.features.vector is not None
    )
    return Placed(original.story, evidence)


def choose(section: ClusterSection, scorer: Scorer, live: Live, new: Row, spelling: Mapping[str, str]) -> Placed:
    """The best of the stories that own one of the nearest articles, if it is good enough."""
    search = live.search(new.features)
    stories = dict.fromkeys(row.story for row in search.nearest(section.candidates, live.horizon))
    compared_with = ((story, live.reports(story, section.members)) for story in stories)
    candidates = [(story, rows) for story, rows in compared_with if rows]
    with live.probe(new) as probe:
        ranked = rank(scorer, probe, candidates, None if new.features.vector is None else search)
        told = [compared(one, probe, live.language.vocabulary, spelling) for one in ranked[:2]]
        awake = [one for one in ranked if not live.quiet(one.story, section.quiet_days)]
        fitting = [one.story for one in awake if one.score >= section.join_score]
        best = fitting[0] if fitting else None
        related = akin(ranked, best, probe, live.language.vocabulary, spelling)
    score = ranked[0].score if ranked else None
    evidence = Evidence(
        reason="joined" if fitting else "opened",
        threshold=section.join_score,
        best=told[0] if told else None,
        runner_up=told[1] if len(told) > 1 else None,
        vector=new.features.vector is not None,
        confidence=None if score is None else confidence(score, bool(fitting)),
        doubtful=score is not None and abs(score - section.join_score) <= section.doubt,
    )
    return Placed(best, evidence, fitting[1:], related)
