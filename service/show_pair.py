"""`storywire explain A B`: what two articles share, and why they are together or apart."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from service.deciding import decided, parts
from service.links import Direct, Link, Links, against, direct, links
from service.passages import Overlap, Passage, overlap
from service.records import Explanation, Pair
from service.rendering import brief, headline, iso, lapse, mentioned, when
from service.show_parts import lacked, parts_table, put_sections, story_name
from sinks.lines import percent, plural, printable
from streams.messages import Compared

SHARED, ALONE = 5, 3
"""Passages that people are shown, the longest ones: shared, and of each text alone."""
PASSAGE = 240
"""Characters of a passage that people are shown: three lines."""


def pair_json(pair: Pair) -> dict[str, Any]:
    """`text`: what they share; `story`: why they are together or apart."""
    return {"text": _text_json(pair), "story": _story_json(pair)}


def _text_json(pair: Pair) -> dict[str, Any]:
    found = overlap(*pair.texts)
    return {
        "articles": [
            {**brief(pair.articles, each.article.id), "published": iso(each.article.published)}
            for each in (pair.first, pair.second)
        ],
        "relations": [
            {"article": article, "id": match.other_id, "kind": match.kind}
            | {"jaccard": match.jaccard, "containment": match.containment}
            for article, match in pair.matches
        ],
        "words": list(found.words),
        "shared_words": list(found.covered),
        "shared": [passage.text for passage in found.shared],
        "only": [[passage.text for passage in alone] for alone in found.only],
    }


def _story_json(pair: Pair) -> dict[str, Any]:
    first, second = pair.first, pair.second
    told: dict[str, Any] = {
        "together": together(pair),
        "stories": [each.article.story_id for each in (first, second)],
        "compared": _direct_json(direct(first, second)),
    }
    if together(pair):
        way = links(pair.evidence, first.article.id, second.article.id)
        steps = [[msgspec.to_builtins(step) for step in steps] for steps in (way.first, way.second)]
        return {**told, "links": steps, "merged": way.merged}
    weighed = [against(each, other.article.story_id) for each, other in ((first, second), (second, first))]
    return {**told, "weighed": msgspec.to_builtins(weighed)}


def _direct_json(found: Direct | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"article": found.article, "story_score": found.compared.score, **msgspec.to_builtins(found.pair)}


def together(pair: Pair) -> bool:
    """Whether they are in one story."""
    return pair.first.article.story_id is not None and pair.first.article.story_id == pair.second.article.story_id


def print_pair(pair: Pair, console: Console | None = None) -> None:
    """Two sections, as for one article: *Text* and *Story*."""
    put_sections(console, _articles(pair), text=_text(pair), story=_story(pair))


def _articles(pair: Pair) -> RenderableType:
    lines = []
    for letter, each in zip("AB", (pair.first, pair.second), strict=True):
        article = each.article
        lines.append(Text.assemble(f"{letter}  ", headline(article)))
        lines.append(Text.assemble(f"   {when(article.published)}  ", (printable(article.id), "dim")))
    published = [each.article.published for each in (pair.first, pair.second)]
    if published[0] is not None and published[1] is not None:
        lines.append(Text(f"Published {lapse(published[1] - published[0])} apart."))
    return Group(*lines)


# --- Text ------------------------------------------------------------------------------------------------


def _text(pair: Pair) -> RenderableType:
    found = overlap(*pair.texts)
    letters = {pair.first.article.id: "A", pair.second.article.id: "B"}
    lines: list[Text] = [
        Text(
            f"{letters[article]} is verified to be: {match.kind} of {letters[match.other_id]} "
            f"(Jaccard {match.jaccard:.2f}, containment {match.containment:.2f})"
        )
        for article, match in pair.matches
        if match.other_id in letters
    ]
    if not lines:
        lines.append(Text("No copies of one another."))
    if not found.shared:
        lines.append(Text("They share no passage."))
    else:
        shares = (
            f"{_share(found, which)} of the {plural(found.words[which], 'word')} of {'AB'[which]}"
            for which in (0, 1)
        )
        lines.append(Text(f"Shared passages hold {' and '.join(shares)}."))
        lines += _passages("Shared", found.shared, SHARED, "green")
    for letter, alone in zip("AB", found.only, strict=True):
        lines += _passages(f"Only in {letter}", alone, ALONE, "")
    return Group(*lines)


def _share(found: Overlap, which: int) -> str:
    return percent(found.covered[which] / found.words[which]) if found.words[which] else "none"


def _passages(name: str, passages: Sequence[Passage], most: int, style: str) -> Iterator[Text]:
    """The longest ones, in the order of the text."""
    if not passages:
        return
    longest = sorted(range(len(passages)), key=lambda at: (-passages[at].words, at))[:most]
    left = len(passages) - len(longest)
    more = f" (the longest {len(longest)} of {len(passages)})" if left else ""
    yield Text(f"{name}{more}:", "dim")
    for at in sorted(longest):
        passage = passages[at]
        yield Text.assemble("· ", (_shown(passage.text), style), (f"  {plural(passage.words, 'word')}", "dim"))


def _shown(text: str) -> str:
    text = printable(text)
    if len(text) <= PASSAGE:
        return text
    return f"{text[: PASSAGE // 2].rstrip()} … {text[-PASSAGE // 2 :].lstrip()}"


# --- Story -----------------------------------------------------------------------------------------------


def _story(pair: Pair) -> RenderableType:
    if pair.first.article.story_id is None or pair.second.article.story_id is None:
        return Text("One of them is in no story: it was forgotten by the time it was seen again.")
    return Group(*(_together(pair) if together(pair) else _apart(pair)))


def _together(pair: Pair) -> Iterator[RenderableType]:
    yield Text.assemble("Together in ", story_name(pair.first))
    way = links(pair.evidence, pair.first.article.id, pair.second.article.id)
    found = direct(pair.first, pair.second)
    steps = [*way.second, *way.first]
    if found is not None and [found.article] == [step.article for step in steps]:
        yield Text.assemble(_letter(pair, found.article), " joined by ", _letter(pair, found.pair.id), ".")
    elif len(steps) == 1 and steps[0].kind == "copy":
        copy, to = _letter(pair, steps[0].article), _letter(pair, steps[0].to)
        yield Text.assemble(copy, " copies ", to, ", and a copy is where its original is.")
    else:
        yield from _way(pair, way)
    yield from _compared(pair, found)


def _way(pair: Pair, way: Links) -> Iterator[RenderableType]:
    """Step by step, each article by the one it was most like when it came."""
    if way.merged is None:
        yield Text("They came together through others, each joined by the member it was most like (log odds):")
    else:
        yield Text("Each came to a story of its own, and the two stories were found to be one and merged:")
    for letter, steps in (("A", way.first), ("B", way.second)):
        for number, step in enumerate(steps):
            start = Text(f"{letter}" if number == 0 else "which")
            yield Text.assemble("· " if number == 0 else "    ", start, _step(pair, step))
        if way.merged is not None and not steps:
            yield Text(f"· {letter} opened its story")


def _step(pair: Pair, step: Link) -> Text:
    to = _letter(pair, step.to)
    if step.pair is None:
        return Text.assemble(" copies ", to)
    return Text.assemble(" joined by ", to, f" ({step.pair.score:.2f})")


def _letter(pair: Pair, article: str) -> Text:
    for letter, each in (("A", pair.first), ("B", pair.second)):
        if each.article.id == article:
            return Text(letter)
    return mentioned(pair.articles, article)


def _compared(pair: Pair, found: Direct | None) -> Iterator[RenderableType]:
    """Their own comparison, where it is known."""
    if found is None:
        yield Text("Their own comparison is not kept: only those with the best five members of two stories are.")
        return
    later = pair.second if found.article == pair.second.article.id else pair.first
    assert later.evidence is not None
    yield Text(
        f"Compared directly: {found.pair.score:.2f}; with the whole story {found.compared.score:.2f}, and "
        f"{later.evidence.threshold:.2f} is enough (log odds)."
    )
    yield Padding(parts_table([found.pair], later.usual), (1, 0))
    for name, shared in (("names", found.compared.names), ("terms", found.compared.terms)):
        if shared and found.compared.members[0].id == found.pair.id:
            yield Text(f"Shared {name}: {', '.join(map(printable, shared))}")
    if found.compared is later.evidence.best and (sentence := decided(later.evidence, later.usual)) is not None:
        yield Text(sentence, "bold")


def _apart(pair: Pair) -> Iterator[RenderableType]:
    yield Text("Apart:", "bold")
    for letter, each in (("A", pair.first), ("B", pair.second)):
        yield Text.assemble(f"{letter} in ", story_name(each))
    if pair.first.article.lang != pair.second.article.lang:
        yield Text("They are in two languages, and those never meet.")
        return
    for letter, each, other in (("B", pair.second, pair.first), ("A", pair.first, pair.second)):
        yield _weighed(letter, each, other)
    yield from _compared(pair, direct(pair.first, pair.second))


def _weighed(letter: str, one: Explanation, other: Explanation) -> Text:
    """What became of the other's story when this one came."""
    evidence = one.evidence
    if evidence is None or evidence.reason not in ("joined", "opened"):
        return Text(f"{letter} was weighed against no story: {_why(one)}.")
    compared = against(one, other.article.story_id)
    if compared is None:
        return Text(f"{letter}: the other’s story was not among the two nearest, or not there yet.")
    place = "nearest" if compared is evidence.best else "second nearest"
    told = f"{letter}: the other’s story was the {place}, {compared.score:.2f}"
    short_of = evidence.threshold - compared.score
    told += (
        f", {short_of:.2f} short of {evidence.threshold:.2f}"
        if short_of > 0
        else ", enough, but another was better"
    )
    enough = _enough(one, compared)
    lacking = lacked(parts(compared), enough) if enough else ""
    return Text(f"{told}; it lacked {lacking}." if lacking else f"{told}.")


def _enough(one: Explanation, compared: Compared) -> dict[str, float]:
    """The parts of what was better: the story that was joined, or else what joined stories usually have."""
    evidence = one.evidence
    if evidence is not None and evidence.reason == "joined" and evidence.best is not compared:
        return parts(evidence.best)
    return {} if one.usual is None else dict(one.usual.joined)


def _why(one: Explanation) -> str:
    reasons = {"copy": "it is a copy, and follows its original"}
    reason = one.evidence.reason if one.evidence is not None else ""
    return reasons.get(reason, "nothing is kept of how it came there")
