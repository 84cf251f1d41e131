"""The pure decisions about deaths and failures."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from config.sections import WorkerSection
from streams import deaths, failures
from streams.deaths import Run
from streams.failures import Failures

BATCH = 4

# What befalls a worker: killed before it takes anything, in the middle of a batch, while a marked message is
# being decided, or after; or it commits, or stops cleanly.
events = st.lists(st.sampled_from(["killed", "killed in the act", "works", "works", "stops"]), max_size=60)


@given(story=events)
def test_only_three_deaths_with_the_mark_convict_a_message(story: list[str]) -> None:
    committed, kept, died_marked = 0, None, Counter[int]()
    run = deaths.begun(kept, committed, BATCH)
    for event in story:
        kept = kept if event == "stops" else run
        if event == "killed":
            run = deaths.begun(kept, committed, BATCH)
        elif event == "stops":
            kept = None
            died_marked.clear()
            run = deaths.begun(None, committed, BATCH)
        elif not run.alone:
            if event == "works":
                committed += BATCH
            else:
                run = deaths.begun(kept, committed, BATCH)
        else:
            assert deaths.convicted(run, committed) == (died_marked[committed] >= deaths.CONVICTING_DEATHS)
            if not deaths.convicted(run, committed):
                run = kept = deaths.marked(run, committed, committed)
                if event == "killed in the act":
                    died_marked[committed] += 1
                    run = deaths.begun(kept, committed, BATCH)
                    continue
            committed += 1
            run = deaths.passed(run, committed)


def test_deaths_at_different_offsets_arouse_no_suspicion() -> None:
    run = Run(committed=0)
    for committed in (10, 20, 30):
        run = deaths.begun(run, committed, BATCH)
        assert (run.deaths, run.alone) == (1, 0)


def test_two_deaths_at_one_offset_make_a_batch_be_taken_alone() -> None:
    once = deaths.begun(Run(committed=7), 7, BATCH)
    twice = deaths.begun(once, 7, BATCH)
    assert (once.alone, twice.alone) == (0, BATCH)


def test_idle_restarts_after_clean_stops_are_no_deaths() -> None:
    assert deaths.begun(None, 7, BATCH) == Run(committed=7)


def test_a_partition_that_came_from_another_member_tells_of_no_death() -> None:
    moved = deaths.begun(Run(committed=7, instance="1"), 7, BATCH, "0")
    assert moved == Run(committed=7, instance="0")
    suspected = deaths.marked(Run(committed=7, instance="1", deaths=2, alone=3, tries=2, suspect=7), 7, 7)
    taken = deaths.begun(suspected, 7, BATCH, "0")
    assert (taken.deaths, taken.alone, taken.suspect, taken.tries) == (2, 3, 7, 2), "but what is known stays known"
    assert deaths.begun(deaths.marked(taken, 7, 7), 7, BATCH, "0").tries == 3


def test_a_mark_that_was_passed_is_forgotten_even_where_offsets_have_gaps() -> None:
    died = deaths.marked(Run(committed=7, deaths=2, alone=3), 7, 9)  # 7 and 8 are the marks of a transaction
    assert deaths.begun(died, 7, BATCH).tries == 1
    assert deaths.begun(died, 10, BATCH).suspect is None


def test_a_death_before_the_suspect_is_tried_again_is_not_its_doing() -> None:
    tried = deaths.begun(deaths.marked(Run(committed=7, deaths=2, alone=3), 7, 7), 7, BATCH)
    assert (tried.suspect, tried.tries) == (7, 1)
    assert deaths.begun(tried, 7, BATCH).tries == 1


def test_a_message_does_not_inherit_the_deaths_of_one_that_retention_took_away() -> None:
    assert deaths.marked(Run(committed=7, suspect=7, tries=2, alone=3), 7, 9).tries == 0


@given(offsets=st.lists(st.integers(0, 5_000), unique=True).map(sorted))
def test_failures_are_counted_over_the_last_thousand_offsets(offsets: list[int]) -> None:
    section, count = WorkerSection(failures_in_a_row=10_000, failures_in_1000=3), Failures()
    for offset in offsets:
        count = failures.succeeded(failures.failed(count, offset))
        within = [o for o in offsets if offset - 1_000 < o <= offset]
        assert list(count.offsets) == within
        assert (failures.too_many(count, section) is not None) == (len(within) > 3)


def test_failures_in_a_row_count_until_a_success() -> None:
    section, count = WorkerSection(failures_in_a_row=2), Failures()
    count = failures.failed(failures.succeeded(failures.failed(count, 1)), 3)
    assert failures.too_many(count, section) is None
    assert "2 messages in a row" in (failures.too_many(failures.failed(count, 4), section) or "")
