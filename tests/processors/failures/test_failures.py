"""What stories are known to do wrong, with written examples: none of it may happen.

Each file `*.yaml` beside this one holds the examples of one kind of failure. To add one, write another entry:

- `name`, and `guards`: the failure, in one sentence;
- `articles`, in the order in which they come: `id`, `published` ("day 3, 14:05"; day 1 is a Monday), `source`,
  `title`, `text`; and `fetched`, where one was seen later or is undated. Write them yourself, as newspapers would,
  some 40 to 120 words each; copies of real articles have no place here;
- `together`: lines of articles that must share a story; `apart`: lines of articles of which no two may. Name only
  what any careful reader would agree to: of a live blog, for one, nothing needs to be said;
- `streams`: `busy` (the default) for a stream in which other news came before (`stream/`), `cold` for one that
  begins with the example, or both;
- `fails_today`: by stream, why it does not hold yet. The test fails when it does, so that the line goes.

A new kind is a new file: its `kind`, its language (`lang`, English where it is left out), its examples. A failing
test prints the evidence. The articles go through dedup, embed with the packaged model, and cluster, all at the
default settings.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import pytest

from config.sections import EmbedSection
from config.settings import Settings
from processors.embed import Encoder
from processors.encoding.encoder import PooledEncoder
from service.pipeline import updates
from service.vector_cache import CachedEncoder
from streams.messages import Compared, StoryUpdate
from tests.processors.cluster_run import story_of
from tests.processors.failures.examples import Example, Kind, Stream, incoming, kinds

KINDS = kinds()


def cases() -> Iterator[object]:
    """Every example on each of its streams."""
    for kind in KINDS:
        for example in kind.examples:
            for stream in example.streams:
                why = example.fails_today.get(stream)
                fails = [pytest.mark.xfail(strict=True, raises=pytest.fail.Exception, reason=why)] if why else []
                id = f"{kind.kind}: {example.name} ({stream})"  # noqa: A001
                yield pytest.param(example, kind.lang, stream, marks=fails, id=id)


@pytest.fixture(scope="session")
def encoder(pool: PooledEncoder, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """The packaged model; what comes before each example is encoded once."""
    return CachedEncoder(pool, tmp_path_factory.mktemp("failures") / "vectors.db")


@pytest.mark.parametrize(("example", "lang", "stream"), list(cases()))
def test_stories_are_those_a_careful_reader_would_make(
    example: Example, lang: str, stream: Stream, encoder: Encoder
) -> None:
    found = list(updates(incoming(example, lang, stream), Settings(), encoder))
    if problems := list(broken(example, found)):
        pytest.fail("\n\n".join([example.guards, *problems]), pytrace=False)
    told = [update.assigned.evidence for update in found if update.assigned]
    assert len(told) == len(found)
    assert {evidence.vector for evidence in told} == {lang in EmbedSection().languages}


@pytest.mark.parametrize("kind", KINDS, ids=[kind.kind for kind in KINDS])
def test_a_kind_of_failure_has_three_examples_that_can_be_played(kind: Kind) -> None:
    assert len(kind.examples) >= 3
    for example in kind.examples:
        ids = [article.id for article in example.articles]
        assert all(ids) and len(set(ids)) == len(ids)
        lines = (*example.together, *example.apart)
        assert lines and all(len(line) > 1 and set(line) <= set(ids) for line in lines)
        assert set(example.fails_today) <= set(example.streams)
        times = [article.fetched for article in incoming(example, kind.lang, "cold")]
        assert times == sorted(times)


# --- what is wrong, and why ------------------------------------------------------------------------------


def broken(example: Example, found: Sequence[StoryUpdate]) -> Iterator[str]:
    """The expectations that do not hold, and what the evidence says about them."""
    place = story_of(found)
    for expected, lines in ((True, example.together), (False, example.apart)):
        for line in lines:
            for one, other in combinations(line, 2):
                if (place[one] == place[other]) != expected:
                    told = [told_of(update) for update in found if update.article.id in (one, other)]
                    wrong = "must share a story, and do not" if expected else "must not share a story, and do"
                    yield "\n".join([f"{one} and {other} {wrong}:", *told, *merges(found, example)])


def told_of(update: StoryUpdate) -> str:
    """How an article came to its story."""
    assert update.assigned is not None
    story, evidence = update.assigned.story, update.assigned.evidence
    compared = [f"    {side(one)}" for one in (evidence.best, evidence.runner_up) if one is not None]
    return "\n".join([f"  {update.article.id} {evidence.reason} {story}: {update.article.title}", *compared])


def side(compared: Compared) -> str:
    """The comparison with a story: its score, and the parts of that with the best member."""
    best = compared.members[0]
    parts = ", ".join(f"{name} {value:.2f}" for name, value in best.parts.items())
    return f"story {compared.story} scores {compared.score:.2f}; member {best.id} {best.score:.2f} ({parts})"


def merges(found: Sequence[StoryUpdate], example: Example) -> Iterator[str]:
    """The merges while the example's articles came."""
    ids = {article.id for article in example.articles}
    for update in found:
        for merged in update.merged:
            if update.article.id in ids:
                yield f"  story {merged.old} was merged into {merged.into} when {update.article.id} came"
