"""Which article joins which story, what is told of it, and what is forgotten."""

import re

import msgspec
import pytest

from config.sections import ClusterSection
from processors.cluster import Cluster
from processors.encoding.vectors import BadVector, pack, quantise
from processors.stories.pair_weights import PARTS, POINTS, fitted
from streams.messages import Embedded, Merged, StoryUpdate
from streams.processor import Halt
from tests.processors.cluster_run import STAGE, compacted, decided, message, restored, stories, story_of, updates
from tests.processors.events import FERRY, FERRY_IN_GERMAN, STRIKE, STRIKE_IN_GERMAN


def report(id: str, event: tuple[str, str], **how: object) -> Embedded:  # noqa: A002
    """A report of an event."""
    return message(id, event[1], event[0], **how)  # type: ignore[arg-type]


def both_events(**how: object) -> list[Embedded]:
    """Three reports of each of two events, in turn."""
    events = [one for pair in zip(FERRY, STRIKE, strict=True) for one in pair]
    return [report(f"{'fs'[i % 2]}{i // 2}", event, day=i / 10, **how) for i, event in enumerate(events)]


def reasons(found: list[StoryUpdate]) -> list[str | None]:
    return [update.assigned.evidence.reason if update.assigned else None for update in found]


# --- joining and opening ---------------------------------------------------------------------------------


def test_reports_of_one_event_make_one_story_and_those_of_another_another() -> None:
    found = updates(*both_events())
    assert reasons(found) == ["opened", "opened", "joined", "joined", "joined", "joined"]
    place = story_of(found)
    assert place["f0"] == place["f1"] == place["f2"] != place["s0"] == place["s1"] == place["s2"]


def test_a_story_counts_articles_and_sources_and_knows_its_times() -> None:
    outlets = ["A", "B", None, "A"]
    events = [FERRY[0], FERRY[1], FERRY[0], FERRY[1]]
    late = [0, 0.3, None, 0.4]
    found = updates(
        *(
            report(f"f{i}", event, day=i / 10, source=outlet, late=days)
            for i, (event, outlet, days) in enumerate(zip(events, outlets, late, strict=True))
        )
    )
    [story] = stories(found).values()
    assert (story.articles, story.sources, story.independent_texts, story.version) == (4, 2, 4, 4)
    assert story.first_published == found[1].article.published
    assert story.last_published == found[0].article.published
    assert story.last_fetched == found[3].article.fetched
    assert [update.changed[0].version for update in found] == [1, 2, 3, 4]


def test_the_title_is_the_headline_of_the_most_typical_report() -> None:
    odd = (
        "Oil",
        "Oil is leaking from a car ferry off Skarholm, Ingrid Solberg of the coast guard in Lindvik said.",
    )
    found = updates(report("f0", odd), *(report(f"f{i + 1}", event, day=0.1) for i, event in enumerate(FERRY)))
    assert found[0].changed[0].title == "Oil"
    [story] = stories(found).values()
    assert story.title in {title for title, _ in FERRY}


def test_two_languages_never_meet() -> None:
    found = updates(report("a", FERRY[0]), report("b", FERRY[0], lang="de"), report("c", FERRY[0], lang="fr"))
    assert reasons(found) == ["opened"] * 3
    assert len(stories(found)) == 3


def test_one_id_in_two_languages_opens_two_stories() -> None:
    found = updates(report("a", FERRY[0]), report("a", FERRY[0], lang="de"))
    assert len(stories(found)) == 2


def test_a_language_without_vectors_goes_by_words_names_and_time() -> None:
    events = (FERRY_IN_GERMAN[0], STRIKE_IN_GERMAN, FERRY_IN_GERMAN[1])
    found = updates(*(report(f"g{i}", event, lang="de", day=i / 10) for i, event in enumerate(events)))
    assert reasons(found) == ["opened", "opened", "joined"]
    evidence = found[2].assigned.evidence
    assert not evidence.vector
    assert evidence.best.members[0].parts["dense"] == 0
    assert {"Aurora", "Maris", "Fähre"} <= set(evidence.best.names)


def test_beside_an_article_without_a_vector_the_words_decide() -> None:
    blind = report("blind", FERRY[2], day=0.1, verdict="near", of="f0", family="blind")
    blind = msgspec.structs.replace(blind, vector=None)
    found = updates(report("s0", STRIKE[0]), report("f0", FERRY[0]), blind, report("f1", FERRY[1], day=0.2))
    dense = {member.id: member.parts["dense"] for member in found[-1].assigned.evidence.best.members}
    assert dense["blind"] == 0 < dense["f0"]


def test_undated_reports_find_their_story() -> None:
    found = updates(*both_events(late=None))
    assert len(stories(found)) == 2
    assert found[-1].assigned.evidence.best.gap_days is None


def test_articles_that_say_nothing_stay_alone() -> None:
    found = updates(message("a", ""), message("b", ""), message("c", "–", "!"))
    assert reasons(found) == ["opened"] * 3
    assert len(stories(found)) == 3


# --- evidence --------------------------------------------------------------------------------------------


def test_the_evidence_says_what_was_compared_and_why_it_was_enough() -> None:
    evidence = updates(*both_events())[4].assigned.evidence
    best = evidence.best
    assert best.score >= evidence.threshold == 1.25
    assert {member.id for member in best.members} == {"f0", "f1"}
    assert best.members[0].score >= best.members[1].score
    for member in best.members:
        assert tuple(member.parts) == PARTS
        assert member.score - sum(member.parts.values()) == pytest.approx(fitted().intercept / POINTS)
    assert {"Skarholm", "Lindvik", "Ingrid Solberg"} <= set(best.names)
    assert not {"Ingrid", "Solberg"} & set(best.names)
    assert {"ferry", "fog"} <= set(best.terms)
    assert best.gap_days == pytest.approx(0.2)


def test_the_evidence_names_the_runner_up_and_what_it_lacked() -> None:
    found = updates(*both_events())
    evidence, place = found[4].assigned.evidence, story_of(found)
    assert evidence.runner_up.story == place["s0"]
    assert evidence.runner_up.score < evidence.threshold
    assert evidence.runner_up.members[0].parts["words"] < evidence.best.members[0].parts["words"]


def test_an_article_that_opens_a_story_tells_of_the_one_it_did_not_join() -> None:
    evidence = updates(*both_events())[1].assigned.evidence
    assert evidence.reason == "opened"
    assert evidence.best.members[0].id == "f0"
    assert evidence.best.score < evidence.threshold


def test_at_most_five_members_are_told() -> None:
    found = updates(*(report(f"f{i}", FERRY[i % 3], day=i / 100) for i in range(9)))
    assert len(found[-1].assigned.evidence.best.members) == 5


# --- copies, revisions, sightings ------------------------------------------------------------------------


def test_a_copy_follows_its_original_whatever_it_says() -> None:
    found = updates(*both_events(), report("copy", STRIKE[0], day=1, verdict="excerpt", of="f0"))
    evidence = found[-1].assigned.evidence
    assert (evidence.reason, evidence.follows) == ("copy", "f0")
    assert story_of(found)["copy"] == story_of(found)["f0"]


def test_copies_count_as_articles_and_not_as_independent_texts() -> None:
    found = updates(
        report("f0", FERRY[0]),
        report("copy1", FERRY[0], verdict="exact", of="f0"),
        report("copy2", FERRY[0], verdict="near", of="copy1", family="f0"),
        report("f1", FERRY[1]),
    )
    [story] = stories(found).values()
    assert (story.articles, story.independent_texts) == (4, 2)


def test_a_copy_of_something_forgotten_is_clustered_like_any_other() -> None:
    found = updates(*both_events(), report("copy", FERRY[1], day=1, verdict="near", of="gone"))
    assert reasons(found)[-1] == "joined"
    assert story_of(found)["copy"] == story_of(found)["f0"]


def test_copies_of_something_forgotten_count_once() -> None:
    copies = [report(f"copy{i}", FERRY[0], day=i, verdict="near", of="gone", family="gone") for i in range(3)]
    [story] = stories(updates(*copies)).values()
    assert (story.articles, story.independent_texts) == (3, 1)


def test_copies_have_no_vote() -> None:
    """Twenty prints of an agency text weigh as much as one when a story is scored."""
    copies = [report(f"copy{i}", FERRY[0], verdict="exact", of="f0") for i in range(20)]
    with_copies = updates(report("f0", FERRY[0]), *copies, report("f1", FERRY[1], day=1))
    plain = updates(report("f0", FERRY[0]), report("f1", FERRY[1], day=1))
    compared = [found[-1].assigned.evidence.best for found in (with_copies, plain)]
    assert [{member.id for member in best.members} for best in compared] == [{"f0"}, {"f0"}]


def test_a_sighting_changes_nothing() -> None:
    stage, first = STAGE, both_events()
    state = stage.fresh()
    decided(stage, state, first)
    [again] = decided(stage, state, [report("f0", FERRY[0], day=0.2, verdict="sighting")])
    assert again.output.assigned.story == story_of(updates(*first))["f0"]
    assert (again.output.assigned.evidence.reason, again.output.changed, list(again.changes)) == (
        "sighting",
        (),
        [],
    )


def test_a_revision_keeps_its_story_and_is_not_counted_again() -> None:
    found = updates(*both_events(), report("f0", STRIKE[1], day=1, verdict="revision"))
    assert reasons(found)[-1] == "revision"
    assert story_of(found)["f0"] == story_of(found)["f1"]
    assert sorted(story.articles for story in stories(found).values()) == [3, 3]


def test_a_revision_is_compared_by_its_new_text() -> None:
    blank = message("f0", "Something has happened.", "Breaking")
    revised = report("f0", FERRY[0], day=0.1, verdict="revision")
    found = updates(blank, revised, report("f1", FERRY[1], day=0.2))
    assert reasons(found) == ["opened", "revision", "joined"]
    assert reasons(updates(blank, report("f1", FERRY[1], day=0.2)))[-1] == "opened"


def test_a_revised_headline_renames_its_story() -> None:
    found = updates(message("f0", FERRY[0][1], "Breaking"), report("f0", FERRY[0], day=0.1, verdict="revision"))
    [story] = found[1].changed
    assert (story.title, story.version, story.articles) == (FERRY[0][0], 2, 1)


def test_a_revision_does_not_make_an_article_younger() -> None:
    section = ClusterSection(window_days=3)
    revised = report("f0", FERRY[0], day=2, verdict="revision")
    found = updates(report("f0", FERRY[0]), revised, report("f1", FERRY[0], day=4), section=section)
    assert reasons(found)[-1] == "opened"


@pytest.mark.parametrize("verdict", ["revision", "sighting"])
def test_what_comes_again_after_it_was_forgotten_has_no_story(verdict: str) -> None:
    found = updates(*both_events(), report("f0", FERRY[0], day=50, verdict=verdict))
    assert found[-1].assigned is None
    assert found[-1].changed == ()


def test_an_article_that_dedup_forgot_and_cluster_did_not_keeps_its_story() -> None:
    found = updates(*both_events(), report("f0", FERRY[0], day=20))
    assert reasons(found)[-1] == "revision"
    assert sorted(story.articles for story in stories(found).values()) == [3, 3]


# --- the window ------------------------------------------------------------------------------------------


def test_what_left_the_window_attracts_no_more() -> None:
    section = ClusterSection(quiet_days=100)
    first = report("f0", FERRY[0])
    found = updates(first, report("f1", FERRY[1], day=30.01, late=30), section=section)
    assert reasons(found) == ["opened", "opened"]
    found = updates(first, report("f1", FERRY[1], day=29.99, late=29.5), section=section)
    assert reasons(found) == ["opened", "joined"]


def test_a_story_that_has_gone_quiet_takes_no_more() -> None:
    first, last = report("f0", FERRY[0]), report("f2", FERRY[2], day=40, late=39)
    between = report("f1", FERRY[1], day=20, late=19.5)
    assert reasons(updates(first, between, last)) == ["opened", "joined", "joined"]
    assert reasons(updates(first, report("f2", FERRY[2], day=21.1, late=21))) == ["opened", "opened"]
    assert reasons(updates(first, report("f2", FERRY[2], day=20.9, late=20.9))) == ["opened", "joined"]


def test_what_leaves_the_window_with_this_message_is_not_compared_nor_what_left_it_before() -> None:
    reports = [report("f0", FERRY[0]), report("f1", FERRY[1], day=20, late=20), report("s0", STRIKE[0], day=21)]
    for between in ([], [report("s1", STRIKE[1], day=31)]):
        found = updates(*reports, *between, report("f2", FERRY[2], day=32, late=32))
        members = [member.id for member in found[-1].assigned.evidence.best.members]
        assert members == ["f1"]


def test_back_filled_articles_meet_one_another() -> None:
    recent = report("s0", STRIKE[0])
    old = [report(f"f{i}", event, day=0.1, late=900) for i, event in enumerate(FERRY)]
    assert reasons(updates(recent, *old)) == ["opened", "opened", "joined", "joined"]


def test_reports_of_like_events_years_apart_make_two_stories() -> None:
    title, text = FERRY[1]
    for ours, theirs in (
        ("212", "87"),
        ("Aurora Maris", "Meridian"),
        ("Skarholm", "Brennholm"),
        ("Fourteen", "Two"),
    ):
        title, text = title.replace(ours, theirs), text.replace(ours, theirs)
    found = updates(report("f0", FERRY[0], late=900), report("f1", (title, text)))
    assert reasons(found) == ["opened", "opened"]


def test_an_article_with_an_earlier_fetch_does_not_turn_the_clock_back() -> None:
    found = updates(report("f0", FERRY[0]), report("s0", STRIKE[0], day=31), report("f1", FERRY[1], day=0.1))
    assert reasons(found)[-1] == "opened"


def test_nothing_is_kept_of_what_left_the_window() -> None:
    state, section = STAGE.fresh(), ClusterSection(window_days=1)
    stage = Cluster(section)
    daily = [
        report(f"d{day}-{i}", event, day=day, lang=lang)
        for day in range(20)
        for i, (event, lang) in enumerate([(FERRY[0], "en"), (FERRY_IN_GERMAN[0], "de")])
    ]
    decisions = decided(stage, state, daily)
    live = [key for key, value in compacted(decisions) if value is not None]
    # of either language: today's and yesterday's article with their assignments, one story, the stream
    assert sorted(re.sub(":d1[89]-.*|:[0-9a-f]{16}", "", key) for key in live) == sorted(
        f"{kind}:{lang}"
        for kind in ("article", "article", "assignment", "assignment", "story", "stream")
        for lang in ("de", "en")
    )
    for lang in ("de", "en"):
        language = state.language(lang)
        assert len(language.rows) == len(language.arrivals) == len(language.story_of) == 2
        [story] = language.stories.values()
        assert len(story.rows) == story.assigned == 2
        assert len(language.vectors) + len(language.words) == 2
        assert len(language.vocabulary) < 300


def test_a_story_outlives_the_article_that_opened_it() -> None:
    daily = [report(f"f{day}", FERRY[day % 3], day=day * 10, late=day * 9.9) for day in range(6)]
    found = updates(*daily)
    [story] = stories(found).values()
    assert story.articles == 6
    assert story.id == found[0].assigned.story


def test_an_article_that_comes_again_after_all_opens_another_story() -> None:
    """The story it opened first may live on, or be known to a sink under its id."""
    daily = [report(f"f{day}", FERRY[0], day=day * 20) for day in range(2)]
    found = updates(
        *daily, message("s", "Nothing else happened in those days.", day=40), report("f0", STRIKE[0], day=41)
    )
    assert reasons(found)[-1] == "opened"
    assert found[-1].assigned.story != found[0].assigned.story


# --- merging ---------------------------------------------------------------------------------------------


def half(id: str, sentences: slice, **how: object) -> Embedded:  # noqa: A002
    """Some sentences of a report."""
    return message(id, ". ".join(FERRY[0][1].split(". ")[sentences]), **how)  # type: ignore[arg-type]


HALVES = [half("left", slice(0, 2)), half("right", slice(2, 5), day=0.1)]
"""Two stories of one event: reports that have little in common, until one comes that tells all of it."""


def test_two_stories_that_turn_out_to_be_one_are_merged_and_the_older_id_stays() -> None:
    found = updates(*HALVES, report("all", FERRY[0], day=0.4))
    assert reasons(found) == ["opened", "opened", "joined"]
    left, right = (update.assigned.story for update in found[:2])
    assert found[2].merged == (Merged(old=right, into=left),)
    [story] = stories(found).values()
    assert (story.id, story.articles, story.independent_texts, story.version) == (left, 3, 3, 2)
    assert found[2].assigned.story == left


def test_of_two_merged_stories_the_larger_keeps_its_id() -> None:
    copy = half("copy", slice(2, 5), day=0.2, verdict="exact", of="right")
    found = updates(*HALVES, copy, report("all", FERRY[0], day=0.4))
    [merged] = found[-1].merged
    assert merged.into == found[1].assigned.story
    [story] = stories(found).values()
    assert (story.articles, story.independent_texts) == (4, 3)


def test_articles_of_a_merged_story_belong_to_the_one_that_took_them() -> None:
    later = [
        half("right", slice(2, 5), day=1, verdict="sighting"),
        half("copy", slice(2, 5), day=1, verdict="near", of="right"),
    ]
    found = updates(*HALVES, report("all", FERRY[0], day=0.4), *later)
    assert {update.assigned.story for update in found[2:]} == {found[0].assigned.story}


def test_a_merged_story_leaves_nothing_behind() -> None:
    decisions = decided(STAGE, STAGE.fresh(), [*HALVES, report("all", FERRY[0], day=0.4)])
    gone = decisions[1].output.assigned.story
    records = dict(compacted(decisions))
    assert records[f"story:en:{gone}"] is None
    assert gone not in restored(STAGE, records.items()).language("en").stories


def test_stories_that_an_article_does_not_fit_both_are_not_merged() -> None:
    assert not any(update.merged for update in updates(*both_events()))


# --- what stops the stage, and what is a message's own fault ---------------------------------------------


def test_vectors_of_another_make_stop_the_stage() -> None:
    first = report("f0", FERRY[0])
    encoding = msgspec.structs.replace(first.encoding, model="other@1")
    other = msgspec.structs.replace(report("f1", FERRY[1]), encoding=encoding)
    with pytest.raises(Halt, match=r"hashing@1 .*article f1 by other@1 .*set embed\.model.* back"):
        updates(first, other)


def test_a_vector_of_another_length_is_refused() -> None:
    odd = msgspec.structs.replace(report("f1", FERRY[1]), vector=pack(quantise([1.0, 2.0])))
    with pytest.raises(BadVector, match="2 components among vectors of 384"):
        updates(report("f0", FERRY[0]), odd)
