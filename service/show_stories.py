"""`storywire stories` and `storywire story ID`, for people and for programs."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.records import Article, Coverage, Link, Member, Story
from service.rendering import MIDNIGHT, iso, lapse, outlet, plain_table, put, terminal, when
from sinks.lines import percent, plural, printable, short

WIDEST = 120
"""Columns of the list of stories on a wider terminal: counts are to stand near the titles they count."""


def stories_json(found: Sequence[Story]) -> dict[str, Any]:
    """A page of stories."""
    return {"stories": [{**story_fields(story), **_character_fields(story)} for story in found]}


def story_fields(story: Story) -> dict[str, Any]:
    """A story without its articles."""
    return {
        "id": story.id,
        "title": story.title,
        "articles": story.articles,
        "sources": story.sources,
        "independent_texts": story.independent_texts,
        "first_published": iso(story.first_published),
        "last_published": iso(story.last_published),
    }


def _character_fields(story: Story) -> dict[str, Any]:
    return {
        "names": list(story.names),
        "terms": list(story.terms),
        "first": {"id": story.first_article, "source": story.first_source},
        "alarmed": story.alarmed,
    }


def print_stories(found: Sequence[Story], console: Console | None = None) -> None:
    """A table, one story per row."""
    console = console or terminal()
    if not found:
        put(console, "No stories here.")
        return
    table = plain_table()
    table.width = min(console.width, WIDEST)
    table.add_column("story", ratio=1)
    for name in ("articles", "outlets", "texts"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("latest (UTC)", no_wrap=True)
    table.add_column("id", no_wrap=True, style="dim")
    for story in found:
        counts = (f"{count:,}" for count in (story.articles, story.sources, story.independent_texts))
        table.add_row(printable(story.title), *counts, when(story.last_published), short(story.id))
    put(console, table)


def story_json(found: Coverage) -> dict[str, Any]:
    """A story with its timeline."""
    return {
        **story_fields(found.story),
        **_character_fields(found.story),
        "lang": found.story.lang,
        "last_fetched": iso(found.story.last_fetched),
        "timeline": [_member_json(member) for member in found.members],
        "related": [_link_json(link) for link in found.related],
    }


def _link_json(link: Link) -> dict[str, Any]:
    return {
        **story_fields(link.story),
        "score": link.score,
        "shared_names": list(link.names),
        "shared_terms": list(link.terms),
        "gap_days": link.gap_days,
    }


def _member_json(member: Member) -> dict[str, Any]:
    article, match = member.article, member.match
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "url": article.url,
        "published": iso(article.published),
        "published_claim": article.published_claim,
        "fetched": iso(article.fetched),
        "verdict": article.verdict,
        "duplicate_of": article.duplicate_of,
        "family": article.family,
        "jaccard": match and match.jaccard,
        "containment": match and match.containment,
        "revisions": article.revisions,
    }


def print_story(found: Coverage, console: Console | None = None) -> None:
    """The story's timeline from its first report on, copies under the article they copy."""
    character = character_of(found.story)
    parts: list[RenderableType] = [
        summary(found.story),
        *([character] if character else ()),
        Padding(timeline(found.members), (1, 0, 0, 0)),
    ]
    if found.story.alarmed:
        texts = plural(found.story.alarmed, "independent text")
        parts.insert(1, Text(f"likely several events: less alike than one event when it had {texts}", "yellow"))
    if found.related:
        parts += [Text("\nRelated stories", "bold"), Padding(_links(found.related), (0, 0, 0, 2))]
    if found.asked != found.story.id:
        parts.insert(0, Text(f"{printable(found.asked)} became part of this story:", "yellow"))
    put(console or terminal(), *parts)


def summary(story: Story) -> RenderableType:
    """Title, counts, time and id."""
    counts = (
        plural(story.articles, "article"),
        plural(story.sources, "outlet"),
        plural(story.independent_texts, "independent text"),
    )
    first, last = when(story.first_published), when(story.last_published)
    span = first if first == last else f"{first} to {last}"
    about = Text.assemble(span, "  ", (printable(story.id), "dim"))
    return Group(Text(printable(story.title), "bold"), Text(", ".join(counts)), about)


def character_of(story: Story) -> Text:
    """Who had it first, where the time of day is known, and the words that tell it from others."""
    first = story.first_published
    known = story.sources > 1 and first is not None and first.time() != MIDNIGHT
    told = [f"first by {outlet(story.first_source)}"] if known else []
    words = [*story.names, *story.terms]
    return Text("; ".join([*told, *([f"about {', '.join(map(printable, words))}"] if words else ())]))


SHARED = 4
"""Names, and terms, that are shown of a link: enough to judge it."""


def _links(related: Sequence[Link]) -> RenderableType:
    """Other stories of the same affair, and what speaks for it."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for link in related:
        story = link.story
        about = f"{plural(story.articles, 'article')}, {short(story.id)}"
        shared = ", ".join(map(printable, (*link.names[:SHARED], *link.terms[:SHARED])))
        told = Text.assemble(printable(story.title), f" ({about})\n", (f"shares {shared}", "dim"))
        table.add_row(when(story.first_published), told)
    return table


LATE = timedelta(days=30)
"""What was seen later than this after its publication comes from an archive: the date says more than the delay."""


def timeline(members: Sequence[Member]) -> RenderableType:
    """One line per article, from the first report on: when it was published and how long after that it was seen
    (where that is known), by whom, what; copies under the article they copy."""
    table = plain_table()
    table.add_column("published (UTC)", no_wrap=True)
    if any(_seen(member.article) for member in members):
        table.add_column("seen", no_wrap=True, style="dim")
    table.add_column("outlet", no_wrap=True, overflow="ellipsis", max_width=18)
    table.add_column("headline")
    for head, copies in folded(members):
        outside = head.article.duplicate_of is not None
        _add_line(table, head, Text("copies an article outside this story: " if outside else "", "yellow"))
        for copy in copies:
            _add_line(table, copy, Text.assemble("└ ", (likeness(copy), "yellow"), ": "))
    return table


def _add_line(table: Table, member: Member, told: Text) -> None:
    article = member.article
    told.append(printable(article.title), "default")
    if article.published is None:
        told.append(f" (seen {when(article.fetched)})", "dim")
    if article.revisions:
        told.append(f" (revised {when(article.revised)})", "blue")
    seen = [_seen(article)] if len(table.columns) == 4 else []
    table.add_row(when(article.published), *seen, outlet(article.source), told)


def _seen(article: Article) -> str:
    """How long after its publication an article was seen; nothing where that is not known, as in files."""
    if article.published is None or article.fetched <= article.published:
        return ""
    delay = article.fetched - article.published
    return f"+{lapse(delay)}" if delay < LATE else f"{article.fetched:%Y-%m-%d}"


def likeness(copy: Member) -> str:
    """How a copy is like the article it copies."""
    if copy.article.verdict == "exact":
        return "same text"
    if copy.match is None:
        return copy.article.verdict
    if copy.article.verdict == "excerpt":
        return f"excerpt, {percent(copy.match.containment)} of it"
    return f"{percent(copy.match.jaccard)} alike"


def folded(members: Sequence[Member]) -> Iterator[tuple[Member, Sequence[Member]]]:
    """Each family of copies: the article it began with, or else its first member here, and the others."""
    families: dict[str, list[Member]] = {}
    for member in members:
        families.setdefault(member.article.family, []).append(member)
    for family, group in families.items():
        head = next((member for member in group if member.article.id == family), group[0])
        yield head, [member for member in group if member is not head]
