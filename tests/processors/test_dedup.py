"""Verdicts: what dedup says of copies, versions and look-alikes."""

import random

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.sections import DedupSection
from streams.messages import Article, Relation
from tests.processors.dedup_run import STAGE, article, compacted, decided, prose, stream, verdicts
from tests.processors.forms import FORMS

STRIKES = """\
MOSCOW — Russian warplanes have carried out their first air strikes in Syria, the defence ministry said on
Wednesday, hours after parliament gave President Vladimir Putin the right to use force abroad. The ministry said
about 20 sorties were flown against eight targets and that weapons stores, fuel depots and communication centres
had been hit in the mountains. No civilian buildings were near, a spokesman told reporters. A general had gone
to the American embassy in Baghdad an hour before and asked that coalition aircraft leave the area, an official
in Washington said. Activists on the ground spoke of at least 27 dead in three towns north of Homs, where none
of the groups that were named as the target is known to hold ground. France said it was curious that no
positions of Islamic State had been struck. The government in Damascus confirmed that it had asked for the help
in a letter. Diplomats at the United Nations said that talks on how to keep the two air forces apart would begin
within days."""
WORDS = STRIKES.split()


def edited(*changes: tuple[str, str]) -> str:
    text = STRIKES
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def kinds(relations: tuple[Relation, ...]) -> dict[str, str]:
    return {relation.id: relation.kind for relation in relations}


# --- copies --------------------------------------------------------------------------------------------


def test_a_copy_under_another_headline_is_exact() -> None:
    copy = article("b", STRIKES.upper(), "Air raids begin")
    found = verdicts([article("a", STRIKES, "Russia strikes"), copy])["b"]
    assert (found.verdict, found.duplicate_of, found.family) == ("exact", "a", "a")
    assert found.relations == (Relation(id="a", kind="exact", jaccard=1.0, containment=1.0),)


@pytest.mark.parametrize(
    "copy",
    [
        edited(("MOSCOW — ", "(Reuters) - "), ("defence", "defense"), ("spokesman", "spokeswoman")),
        edited(("at least 27 dead", "at least 36 dead")),
        edited(("MOSCOW — ", "")) + " Copyright 2015 The Agency. Follow us at 1 800 555 0100.",
        " ".join(WORDS[:120]),
        "Published at 09:14 GMT on 30 September 2015. " + STRIKES + " Read more: 10 things to know about Syria",
        edited(("about 20 sorties", "some twenty sorties"), ("eight targets", "8 targets")),
        "\n\n".join(sentence + "." for sentence in STRIKES.split(". ")),
    ],
    ids=["spelling", "a new toll", "agency footer", "cut at the end", "dateline and link", "numerals", "layout"],
)
def test_a_lightly_edited_copy_is_near(copy: str) -> None:
    found = verdicts([article("a", STRIKES), article("b", copy)])["b"]
    assert found.verdict in ("near", "exact")
    assert (found.duplicate_of, found.family) == ("a", "a")


def test_an_excerpt_and_what_contains_it_know_each_other() -> None:
    brief = " ".join(WORDS[70:125])
    after = verdicts([article("long", STRIKES), article("brief", brief)])["brief"]
    assert (after.verdict, after.duplicate_of, kinds(after.relations)) == ("excerpt", "long", {"long": "excerpt"})
    assert after.relations[0].containment == 1
    before = verdicts([article("brief", brief), article("long", STRIKES)])["long"]
    assert (before.verdict, before.duplicate_of, before.family) == ("original", None, "long")
    assert kinds(before.relations) == {"brief": "contains"}


def test_every_match_is_related_and_the_best_is_the_duplicate() -> None:
    rng = random.Random(1)
    other = " ".join(prose(rng, 200))
    found = verdicts(
        [
            article("brief", " ".join(WORDS[:60])),
            article("near", edited(("Wednesday", "Thursday"))),
            article("other", other),
            article("first", STRIKES, day=1),
            article("copy", STRIKES, day=2),
        ]
    )["copy"]
    assert [(r.id, r.kind) for r in found.relations] == [
        ("first", "exact"),
        ("near", "near"),
        ("brief", "contains"),
    ]
    assert (found.verdict, found.duplicate_of) == ("exact", "first")


def test_among_equals_the_first_published_is_the_duplicate_and_undated_ones_come_last() -> None:
    undated = Article(id="a", title="", text=STRIKES, lang="en", fetched=article("x", "", day=0).fetched)
    late, early = article("b", STRIKES, day=2), article("c", STRIKES, day=1)
    twin = article("d", STRIKES, day=1)
    found = verdicts([undated, late, early, twin, article("e", STRIKES, day=3)])["e"]
    assert [r.id for r in found.relations] == ["c", "d", "b", "a"]


def test_families_do_not_chain() -> None:
    """A series of edits leads from one text to a wholly different one: no family spans it."""
    rng = random.Random(1)
    one, two = prose(rng, 300), prose(rng, 300)
    steps = [article(f"s{i}", " ".join(two[: 60 * i] + one[60 * i :]), day=i / 10) for i in range(6)]
    found = verdicts(steps)
    assert [found[f"s{i}"].duplicate_of for i in range(6)] == [None, "s0", "s1", "s2", "s3", "s4"]
    assert [found[f"s{i}"].family for i in range(6)] == ["s0", "s0", "s1", "s2", "s3", "s4"]


def test_languages_never_meet() -> None:
    assert verdicts([article("a", STRIKES), article("b", STRIKES, lang="de")])["b"].verdict == "original"


# --- versions ------------------------------------------------------------------------------------------


def test_the_same_id_is_a_sighting_or_a_revision() -> None:
    changed = edited(("eight targets", "twelve targets"))
    stream = [
        article("a", STRIKES, "Strikes"),
        article("a", STRIKES.replace(" ", "  "), "STRIKES!", day=1),
        article("a", STRIKES, "Strikes begin", day=2),
        article("a", changed, "Strikes begin", day=3),
        article("a", changed, "Strikes begin", day=4),
    ]
    said = [d.output.verdict for d in decided(STAGE, STAGE.fresh(), stream)]
    assert [v.verdict for v in said] == ["original", "sighting", "revision", "revision", "sighting"]
    assert {v.family for v in said} == {"a"}
    assert {v.duplicate_of for v in said} == {None}
    assert said[1].relations == ()
    assert said[2].relations == (Relation(id="a", kind="revision", jaccard=1.0, containment=1.0),)
    assert kinds(said[3].relations) == {"a": "revision"}
    assert 0.9 < said[3].relations[0].jaccard < 1


def test_a_copy_is_compared_with_the_newest_version_only() -> None:
    rng = random.Random(1)
    old, new = " ".join(prose(rng, 100)), " ".join(prose(rng, 100))
    found = verdicts([article("a", old), article("a", new), article("b", old), article("c", new)])
    assert found["b"].verdict == "original"
    assert found["c"].duplicate_of == "a"


def test_a_copy_that_is_revised_stays_in_its_family() -> None:
    rewritten = " ".join(prose(random.Random(1), 200))
    found = verdicts([article("a", STRIKES), article("b", STRIKES), article("b", rewritten)])["b"]
    assert (found.verdict, found.family) == ("revision", "a")


def test_a_live_blog_is_one_article_of_the_window_and_never_floods() -> None:
    """Each of 300 versions is a revision of the one article, and of nothing else, and all leave one record."""
    state, rng = STAGE.fresh(), random.Random(1)
    entries = [" ".join(prose(rng, 30)) for _ in range(300)]
    report = article("report", entries[0] + " " + " ".join(prose(rng, 100)))
    versions = [article("live", " ".join(reversed(entries[:n])), day=n / 48) for n in range(1, 301)]
    said = decided(STAGE, state, [report, *versions])
    assert [d.output.verdict.verdict for d in said[1:]] == ["original"] + ["revision"] * 299
    assert all(kinds(d.output.verdict.relations) == {"live": "revision"} for d in said[2:])
    assert len(state) == len(compacted(said)) == 2


# --- the window ----------------------------------------------------------------------------------------


def test_the_window_is_measured_by_the_streams_clock() -> None:
    first, other = article("a", STRIKES), article("tick", "nothing to do with it", day=7)
    assert verdicts([first, other, article("b", STRIKES, day=0)])["b"].duplicate_of == "a"
    beyond = article("tick", "nothing to do with it", day=7.001)
    assert verdicts([first, beyond, article("b", STRIKES, day=0)])["b"].verdict == "original"


def test_back_filled_copies_meet() -> None:
    """Old articles that come late are in the window by their arrival."""
    late = [article("now", "news of today", day=100), article("a", STRIKES, day=0), article("b", STRIKES, day=20)]
    assert verdicts(late)["b"].duplicate_of == "a"


def test_clocks_of_languages_are_apart() -> None:
    stream = [article("a", STRIKES), article("x", "Nachrichten", day=50, lang="de"), article("b", STRIKES, day=1)]
    assert verdicts(stream)["b"].duplicate_of == "a"


def test_a_family_whose_first_article_left_the_window_goes_on_under_the_match() -> None:
    found = verdicts([article("a", STRIKES), article("b", STRIKES, day=5), article("c", STRIKES, day=9)])
    assert found["b"].family == "a"
    assert (found["c"].duplicate_of, found["c"].family) == ("b", "b")


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.data())
def test_an_exact_copy_is_always_found(seed: int, data: st.DataObject) -> None:
    articles, state = stream(seed, 80), STAGE.fresh()
    decided(STAGE, state, articles)
    newest = {(one.lang, one.id): one for one in articles}
    original = data.draw(st.sampled_from(list(newest.values())))
    clock = state.clock(original.lang)
    assert clock is not None
    visible = state.get(f"article:{original.lang}:{original.id}", clock - 7 * 86_400_000_000)
    copy = msgspec.structs.replace(original, id="copy")
    [decision] = decided(STAGE, state, [copy])
    found = kinds(decision.output.verdict.relations)
    assert found.get(original.id) == ("exact" if visible and original.text else None)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
def test_the_pairs_do_not_depend_on_the_order_inside_a_batch(seed: int, order: random.Random) -> None:
    batch = [
        msgspec.structs.replace(one, id=f"a{at}", fetched=article("x", "").fetched)
        for at, one in enumerate(stream(seed, 60))
    ]
    shuffled = list(batch)
    order.shuffle(shuffled)

    def pairs(articles: list[Article]) -> set[frozenset[str]]:
        return {frozenset((one, r.id)) for one, v in verdicts(articles).items() for r in v.relations}

    assert pairs(batch) == pairs(shuffled)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.text(max_size=30), st.text()), max_size=6))
@example([("", ""), ("\u202e", "\u0301" * 50), ("a", "a" * 1_000_000), ("b", "a" * 1_000_000)])
@example([("\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd \u200f" * 30)] * 2)
@example([("中", "中"), ("ก", "ก" * 500), ("\ufdfa", "\ufdfa" * 500)])
def test_no_text_is_too_odd_for_the_stage(texts: list[tuple[str, str]]) -> None:
    found = verdicts([article(f"a{at}", text, title) for at, (title, text) in enumerate(texts)])
    assert len(found) == len(texts)


# --- what must stay apart ------------------------------------------------------------------------------


def test_empty_texts_match_nothing() -> None:
    found = verdicts([article("a", "", "Title"), article("b", "", "Title"), article("c", "— … !", "Title")])
    assert {v.verdict for v in found.values()} == {"original"}
    said = decided(
        STAGE, STAGE.fresh(), [article("a", "", "T"), article("a", "", "T"), article("a", STRIKES, "T")]
    )
    assert [d.output.verdict.verdict for d in said] == ["original", "sighting", "revision"]


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        (WORDS[:40], WORDS[:40], "exact"),
        (WORDS[:40], [*WORDS[:39], "another"], "near"),
        (WORDS[:40], [*WORDS[:20], "another", *WORDS[21:40]], "original"),
        (WORDS[:40], WORDS[:25], "original"),
        (WORDS, WORDS[20:60], "original"),
    ],
    ids=["equal", "one word at the end", "one word in the middle", "cut", "excerpt of a long text"],
)
def test_short_texts_need_more_evidence(old: list[str], new: list[str], verdict: str) -> None:
    assert verdicts([article("a", " ".join(old)), article("b", " ".join(new))])["b"].verdict == verdict


def test_stubs_are_copies_only_under_one_headline() -> None:
    stub = "This is a breaking news story. More details will follow here soon."
    found = verdicts(
        [
            article("a", stub, "Quake in Chile"),
            article("b", stub, "Bus crash"),
            article("c", stub, "Quake in Chile!"),
        ]
    )
    assert found["b"].relations == ()
    assert kinds(found["c"].relations) == {"a": "exact"}


@pytest.mark.parametrize("name", FORMS)
def test_reports_with_other_numbers_in_the_same_words_are_no_copies(name: str) -> None:
    form, one, two = FORMS[name]
    first, second = form.format(*one), form.format(*two)
    assert verdicts([article("a", first), article("b", second, day=1)])["b"].relations == ()
    # It is the numbers: a copy that an editor has touched is found, and so is one with other words in their place.
    touched = first.replace(". ", ", we hear. ", 1)
    assert verdicts([article("a", first), article("b", touched, day=1)])["b"].duplicate_of == "a"
    words = [form.format(*(f"x{i}" for i in range(k, k + len(one)))) for k in (0, 10)]
    assert verdicts([article("a", words[0]), article("b", words[1])])["b"].verdict == "near"


def test_a_wider_excerpt_threshold_finds_more() -> None:
    brief = " ".join([*WORDS[40:80], *prose(random.Random(1), 30)])
    articles = [article("a", STRIKES), article("b", brief)]
    assert verdicts(articles)["b"].verdict == "original"
    assert verdicts(articles, DedupSection(excerpt_containment=0.5))["b"].verdict == "excerpt"
