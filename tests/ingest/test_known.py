from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.known import MAX_CHANGES, MAX_KNOWN, Known, Listed, Update, update

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

listings = st.lists(
    st.builds(
        Listed,
        id=st.sampled_from("abcdefgh"),
        digest=st.sampled_from("123"),
        published=st.none() | st.datetimes(timezones=st.just(UTC)),
    ),
    max_size=8,
)


def look(
    known: Mapping[str, Known] | None, *listed: Listed, now: datetime = NOW, first_poll: timedelta | None = 3 * DAY
) -> Update:
    return update(known, listed, now=now, first_poll=first_poll, forget_after=30 * DAY)


def entry(name: str, digest: str = "1", age: timedelta | None = None) -> Listed:
    return Listed(name, digest, None if age is None else NOW - age)


@settings(max_examples=30)
@given(st.lists(listings, min_size=1, max_size=5))
def test_each_version_of_an_entry_is_emitted_once_while_it_is_listed(lists: list[list[Listed]]) -> None:
    known: Mapping[str, Known] | None = {}
    last: dict[str, str] = {}
    for listed in lists:
        result = look(known, *listed)
        for index, why in result.emit:
            name, digest = listed[index].id, listed[index].digest
            assert (why == "new") == (name not in last)
            assert last.get(name) != digest
            last[name] = digest
        known = result.known


@given(listings)
def test_the_same_list_again_emits_nothing_and_changes_nothing(listed: list[Listed]) -> None:
    first = look(None, *listed)
    again = look(first.known, *listed, now=NOW + 400 * DAY)
    assert again == Update((), first.known)


@given(listings)
def test_every_listed_entry_is_known_afterwards(listed: list[Listed]) -> None:
    assert set(look(None, *listed).known) == {item.id for item in listed}


def test_the_first_poll_leaves_out_what_is_old_and_takes_what_is_undated() -> None:
    listed = (entry("old", age=4 * DAY), entry("fresh", age=2 * DAY), entry("undated"))
    assert look(None, *listed).emit == ((1, "new"), (2, "new"))
    assert look(None, *listed, first_poll=None).emit == ((0, "new"), (1, "new"), (2, "new"))


def test_what_the_first_poll_left_out_stays_left_out() -> None:
    listed = entry("old", age=4 * DAY)
    assert look(look(None, listed).known, listed).emit == ()


def test_after_the_first_poll_an_old_entry_is_news() -> None:
    assert look({}, entry("backfilled", age=400 * DAY)).emit == ((0, "new"),)


def test_a_changed_entry_is_a_revision() -> None:
    known = look({}, entry("a")).known
    assert look(known, entry("a", "2")).emit == ((0, "revision"),)


def test_an_entry_listed_twice_counts_as_it_is_listed_first() -> None:
    result = look({}, entry("a", "1"), entry("a", "2"))
    assert result.emit == ((0, "new"),)
    assert look(result.known, entry("a", "1"), entry("a", "2")).emit == ()


def test_an_entry_that_always_changes_is_not_followed_for_ever() -> None:
    known, emitted = look({}, entry("clock", "0")).known, 0
    for tick in range(1, 200):
        result = look(known, entry("clock", str(tick)))
        known, emitted = result.known, emitted + len(result.emit)
    assert emitted == MAX_CHANGES


def test_an_entry_is_remembered_for_a_while_after_its_feed_dropped_it() -> None:
    known = look({}, entry("a")).known
    known = look(known, now=NOW + 100 * DAY).known
    assert look(known, entry("a"), now=NOW + 129 * DAY).emit == ()
    known = look(known, now=NOW + 131 * DAY).known
    assert known == {}


def test_an_entry_listed_all_the_time_is_not_forgotten_however_seldom_the_list_is_read() -> None:
    known = look({}, entry("a")).known
    known = look(known, entry("b"), now=NOW + 365 * DAY).known
    assert look(known, entry("a"), entry("b"), now=NOW + 366 * DAY).emit == ()


def test_memory_is_bounded_and_forgets_first_what_left_the_feed_first() -> None:
    known: Mapping[str, Known] = {}
    for day in range(3):
        listed = [entry(f"{day}-{number}") for number in range(2_000)]
        known = look(known, *listed, now=NOW + day * DAY).known
    assert len(known) == MAX_KNOWN
    assert all(f"{day}-{number}" in known for day in (1, 2) for number in range(2_000))
