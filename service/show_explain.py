"""`storywire explain ARTICLE`: why it is a copy or not, and why it is in its story."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import msgspec
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from service.deciding import Usual, decided
from service.records import Explanation, Match
from service.rendering import brief, headline, iso, lapse, mentioned, when
from service.show_parts import lacked, parts_table, put_sections, story_name
from service.show_stories import story_fields
from sinks.lines import percent, plural, printable
from streams.messages import Compared, Evidence


def explain_json(found: Explanation) -> dict[str, Any]:
    """`text`: what dedup decided; `story`: what cluster decided (null where nothing was)."""
    return {"text": _text_json(found), "story": _story_json(found)}


def _text_json(found: Explanation) -> dict[str, Any]:
    article = found.article
    return {
        "article": {
            "id": article.id,
            "title": article.title,
            "source": article.source,
            "url": article.url,
            "lang": article.lang,
            "published": iso(article.published),
            "published_claim": article.published_claim,
            "fetched": iso(article.fetched),
            "feeds": list(found.feeds),
            "revisions": article.revisions,
        },
        "verdict": article.verdict,
        "duplicate_of": article.duplicate_of and brief(found.articles, article.duplicate_of),
        "family": article.family,
        "copies": found.copies,
        "relations": [
            {**brief({**found.articles, article.id: article}, match.other_id), "kind": match.kind}
            | {"jaccard": match.jaccard, "containment": match.containment}
            for match in found.matches
        ],
    }


def _story_json(found: Explanation) -> dict[str, Any] | None:
    if found.evidence is None:
        return None
    story: dict[str, Any] = {"id": found.article.story_id}
    if found.story is not None:
        story = story_fields(found.story)
    evidence: dict[str, Any] = msgspec.to_builtins(found.evidence)
    for name in ("best", "runner_up"):
        compared = evidence[name]
        if compared is not None:
            known = found.stories.get(compared["story"])
            compared["members"] = [brief(found.articles, member["id"]) | member for member in compared["members"]]
            now = {"story": known.id if known else compared["story"], "title": known and known.title}
            evidence[name] = now | {key: value for key, value in compared.items() if key != "story"}
    return {
        **story,
        **evidence,
        "score": found.evidence.best and found.evidence.best.score,
        "decided": decided(found.evidence, found.usual),
        "usual": None if found.usual is None else asdict(found.usual),
    }


def print_explain(found: Explanation, console: Console | None = None) -> None:
    """Two sections: *Text* and *Story*."""
    put_sections(console, _article(found), text=_text(found), story=_story(found))


def _article(found: Explanation) -> RenderableType:
    article = found.article
    lines = [headline(article)]
    published = "undated" if article.published is None else f"published {when(article.published)}"
    claim = f" (its feed says {printable(article.published_claim)})" if article.published_claim else ""
    lines.append(Text(f"{published}{claim}, seen {when(article.fetched)} UTC, {printable(article.lang)}"))
    if article.revisions:
        lines.append(Text(f"{plural(article.revisions, 'revision')}, the last seen {when(article.revised)} UTC"))
    lines += [Text(printable(line), "dim") for line in (article.id, article.url, *found.feeds) if line]
    return Group(*lines)


# --- Text ------------------------------------------------------------------------------------------------

_VERDICTS = {
    "original": "Original: it copies no article that was known when it came.",
    "exact": "Exact copy of ",
    "near": "Near copy of ",
    "excerpt": "Excerpt of ",
    "revision": "Revision of an article that this database has not seen.",
    "sighting": "Sighting of an article that this database has not seen.",
}


def _text(found: Explanation) -> RenderableType:
    article = found.article
    verdict = Text(_VERDICTS[article.verdict])
    if article.duplicate_of is not None:
        verdict.append_text(mentioned(found.articles, article.duplicate_of))
    lines = [verdict]
    if article.family not in (article.id, article.duplicate_of):
        lines.append(Text.assemble("The family of copies began with ", mentioned(found.articles, article.family)))
    if found.copies:
        lines.append(Text(f"Its copies: {plural(found.copies, 'article')}."))
    lines += [_sentence(found, match) for match in found.matches]
    return Group(*lines)


def _sentence(found: Explanation, match: Match) -> Text:
    """A relation in words, with its figures."""
    figures = f" (Jaccard {match.jaccard:.2f}, containment {match.containment:.2f})"
    same = match.other_id == found.article.duplicate_of
    other = Text("it") if same else mentioned(found.articles, match.other_id)
    if match.kind == "revision":
        return Text(f"· its newest version is {percent(match.jaccard)} like the one before{figures}")
    if match.kind == "exact":
        return Text.assemble("· is word for word the text of ", other, (figures, "dim"))
    if match.kind == "near":
        share = percent(match.jaccard)
        return Text.assemble(f"· shares {share} of all word sequences with ", other, (figures, "dim"))
    share = percent(match.containment)
    if match.kind == "excerpt":
        return Text.assemble(f"· {share} of this text stands in ", other, (figures, "dim"))
    return Text.assemble(f"· contains {share} of the shorter ", other, (figures, "dim"))


# --- Story -----------------------------------------------------------------------------------------------


def _story(found: Explanation) -> RenderableType:
    evidence = found.evidence
    if evidence is None:
        return Text("In no story: it was forgotten by the time it was seen again.")
    lines: list[RenderableType] = [story_name(found), _reason(found, evidence)]
    if not evidence.vector:
        lines.append(Text("The model does not know its language: words, names and time decided.", "yellow"))
    lines += [line for line in (_sure(evidence), _decided(evidence, found.usual)) if line is not None]
    if evidence.best is not None:
        lines += _comparison(found, evidence.best)
    if evidence.runner_up is not None:
        lines.append(_runner_up(found, evidence.runner_up, evidence))
    return Group(*lines)


def _reason(found: Explanation, evidence: Evidence) -> Text:
    best, threshold = evidence.best, evidence.threshold
    if evidence.reason == "copy" and evidence.follows is not None:
        return Text.assemble("Follows the article it copies, ", mentioned(found.articles, evidence.follows))
    if evidence.reason == "joined" and best is not None:
        return Text(f"Joined: it scored {best.score:.2f}, and {threshold:.2f} is enough.")
    if evidence.reason == "opened" and best is not None:
        name = _story_name(found, best.story)
        lacking = f" scored {best.score:.2f}, {threshold - best.score:.2f} short of {threshold:.2f}."
        return Text.assemble("Opened a story: the nearest one, ", name, "," + lacking)
    if evidence.reason == "opened":
        return Text("Opened a story: no other one was near enough to be compared.")
    return Text(f"Keeps the story it had ({evidence.reason}).")


def _story_name(found: Explanation, story: str) -> Text:
    known = found.stories.get(story)
    return Text(printable(story)) if known is None else Text(f"“{printable(known.title)}”")


def _decided(evidence: Evidence, known: Usual | None) -> Text | None:
    sentence = decided(evidence, known)
    return None if sentence is None else Text(sentence, "bold")


def _sure(evidence: Evidence) -> Text | None:
    """How sure the decision is, where that is known."""
    if evidence.confidence is None and not evidence.doubtful:
        return None
    sure = "Confidence unknown" if evidence.confidence is None else f"Confidence {percent(evidence.confidence)}"
    return Text(
        f"{sure}: a close decision." if evidence.doubtful else f"{sure}.", "yellow" if evidence.doubtful else ""
    )


def _comparison(found: Explanation, best: Compared) -> Iterator[RenderableType]:
    """The best members, with what each part added to their scores."""
    if best.members:
        yield Text("\nCompared with its best members (log odds):", "dim")
        for number, member in enumerate(best.members, 1):
            yield Text.assemble(f"{number}  ", mentioned(found.articles, member.id))
        yield Padding(parts_table(best.members, found.usual), (1, 0))
    for name, shared in (("names", best.names), ("terms", best.terms)):
        if shared:
            yield Text(f"Shared {name}: {', '.join(map(printable, shared))}")
    if best.gap_days is not None:
        gap = f"{lapse(timedelta(days=best.gap_days))} from" if best.gap_days else "at the same time as"
        yield Text(f"Published {gap} the nearest member compared.")


def _runner_up(found: Explanation, second: Compared, evidence: Evidence) -> Text:
    """The next best story, and what it lacked."""
    told = Text.assemble("Runner-up: ", _story_name(found, second.story), f", score {second.score:.2f}")
    short_of = evidence.threshold - second.score
    enough = ", enough, but not the best"
    told.append(f", {short_of:.2f} short of {evidence.threshold:.2f}" if short_of > 0 else enough)
    if evidence.best is None or not evidence.best.members or not second.members:
        return told.append(".")
    lacking = lacked(second.members[0].parts, evidence.best.members[0].parts)
    return told.append(f"; it lacked {lacking}." if lacking else ".")
