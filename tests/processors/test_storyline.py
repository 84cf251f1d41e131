"""Stories of one affair are linked, with what speaks for it, and stay apart."""

import msgspec
import pytest

from config.sections import ClusterSection
from processors.stories import growth
from processors.stories.storyline import KEPT, MOST, newest
from streams.messages import Embedded, StoryUpdate
from tests.builders import START, article
from tests.processors.cluster_run import message, stories, story_of, stream, updates
from tests.processors.events import FERRY, STRIKE

INQUIRY = (
    (
        "Accident board: captain of Skarholm ferry ignored fog warning",
        "The captain of the Aurora Maris ignored two warnings of fog before the ferry ran aground off Skarholm,"
        " the accident board said in its first report. The ferry hit rocks near the harbour at Lindvik with 212"
        " passengers and crew aboard. The coast guard, led by Ingrid Solberg, took the passengers ashore.",
    ),
    (
        "Report blames captain for grounding of Aurora Maris off Skarholm",
        "Warnings of fog were ignored on the bridge of the Aurora Maris, says the accident board's report on the"
        " grounding of the ferry off Skarholm. All 212 passengers and crew were brought to Lindvik by the coast"
        " guard of Ingrid Solberg after the ferry struck the rocks. The captain is to answer questions.",
    ),
)
LATER = 24
"""Days later: too long for one event."""


def reports(name: str, events: tuple[tuple[str, str], ...], day: float) -> list[Embedded]:
    """One outlet after the other, an hour apart."""
    return [
        message(f"{name}{i}", text, title, day=day + i / 24, source=f"Outlet {i}")
        for i, (title, text) in enumerate(events)
    ]


def links(found: list[StoryUpdate]) -> list[tuple[str, str]]:
    """The stories that were linked."""
    return [(update.assigned.story, one.story) for update in found if update.assigned for one in update.related]


def test_a_follow_up_weeks_later_is_a_story_of_its_own_and_linked_with_the_first() -> None:
    found = updates(
        *reports("ferry", FERRY, 0), *reports("strike", STRIKE, 1), *reports("inquiry", INQUIRY, LATER)
    )
    where = story_of(found)
    assert where["inquiry0"] == where["inquiry1"] != where["ferry0"] == where["ferry2"]
    assert links(found) == [(where["inquiry0"], where["ferry0"])]
    assert len(stories(found)) == 3


def test_a_link_tells_what_speaks_for_it() -> None:
    found = updates(*reports("ferry", FERRY, 0), *reports("inquiry", INQUIRY, LATER))
    [link] = found[len(FERRY)].related
    assert {"Skarholm", "Lindvik", "Ingrid Solberg"} <= set(link.names)
    assert link.terms
    assert link.gap_days == pytest.approx(LATER - (len(FERRY) - 1) / 24, abs=1e-3)
    best = found[len(FERRY)].assigned.evidence.best
    assert link.score == pytest.approx(best.score, abs=0.1)  # nothing to speak of is left of nearness in time
    assert link.score < best.score


def test_events_that_share_neither_names_nor_words_are_not_linked() -> None:
    assert links(updates(*reports("ferry", FERRY, 0), *reports("strike", STRIKE, LATER))) == []


def test_a_link_is_told_once_in_whatever_direction_it_is_found() -> None:
    late = message("late", FERRY[1][1], FERRY[1][0], day=20, late=19.9)
    found = updates(*reports("ferry", FERRY[:1], 0), late, *reports("inquiry", INQUIRY, 20 + LATER))
    where = story_of(found)
    assert where["late"] == where["ferry0"]
    assert links(found) == [(where["inquiry0"], where["ferry0"])]


def test_one_article_links_its_story_with_a_few_others_the_nearest_first() -> None:
    never = ClusterSection(join_score=50)
    many = [each for day in range(MOST + 2) for each in reports(f"{day} ", FERRY[:1], day)]
    related = updates(*many, section=never)[-1].related
    assert len(related) == MOST
    assert [one.score for one in related] == sorted((one.score for one in related), reverse=True)
    assert related[0].score > 2  # the same text


@pytest.mark.parametrize("seed", [3, 9])
def test_stories_that_grow_and_merge_are_linked_with_others_and_never_with_themselves(seed: int) -> None:
    found = updates(*stream(seed, 400))
    linking = [update for update in found if update.related and update.assigned]
    assert any(update.assigned.evidence.reason == "joined" for update in linking)
    assert any(update.merged for update in found)
    for update in linking:
        gone = {merged.old for merged in update.merged}
        assert not {one.story for one in update.related} & {update.assigned.story, *gone}


def test_a_merged_story_keeps_the_links_of_both_and_none_with_itself() -> None:
    kept, gone = (growth.opened(article(id), number=1, clock=START) for id in "ab")  # noqa: A001
    kept = msgspec.structs.replace(kept, related=("c", gone.id, "d"))
    gone = msgspec.structs.replace(gone, related=("e", kept.id, "d"))
    assert growth.united(kept, gone, [], []).related == ("e", "c", "d")


def test_only_the_newest_links_are_kept_each_once() -> None:
    assert newest("a", "b", "a") == ("b", "a")
    many = list(map(str, range(40)))
    assert newest(*many) == tuple(many[-KEPT:])
    assert newest(*many, "30")[-2:] == ("39", "30")
