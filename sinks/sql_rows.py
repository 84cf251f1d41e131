"""From story updates to rows: what a batch writes. Pure, and the same however the stream is cut into batches."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sinks.sql_schema import aware
from streams.messages import Article, Merged, StoryState, StoryUpdate

Row = Mapping[str, Any]


@dataclass(slots=True)
class Batch:
    """What a batch of updates writes."""

    articles: dict[str, Row] = field(default_factory=dict)
    """Rows to insert or replace, by id."""
    feeds: dict[tuple[str, str], Row] = field(default_factory=dict)
    """Sightings by article and feed; the first one counts."""
    decided: set[str] = field(default_factory=set)
    """Articles that got a new verdict, whose older relations are void."""
    relations: dict[str, dict[tuple[str, str], Row]] = field(default_factory=dict)
    """By article, then by the other article and the kind."""
    stories: dict[str, StoryState] = field(default_factory=dict)
    """The newest version of each story."""
    merged: list[Merged] = field(default_factory=list)
    """In the order it happened."""
    related: dict[tuple[str, str], Row] = field(default_factory=dict)
    """Links by the two stories; the first one counts."""
    redirects: dict[str, Row] = field(default_factory=dict)
    """Rows for the stories that disappeared, by id, where they have none."""


def fold(updates: Iterable[StoryUpdate], existing: Mapping[str, Row]) -> Batch:
    """What the updates write. `existing`: the rows that their articles have already."""
    batch = Batch()
    for update in updates:
        article = update.article
        _fold_article(batch, batch.articles.get(article.id) or existing.get(article.id), update)
        if article.feed is not None:
            seen = {"article_id": article.id, "feed": article.feed, "fetched": article.fetched}
            batch.feeds.setdefault((article.id, article.feed), seen)
        for state in update.changed:
            known = batch.stories.get(state.id)
            if known is None or known.version < state.version:
                batch.stories[state.id] = state
        for row in _links(update):
            batch.related.setdefault((row["story_id"], row["other_id"]), row)
        for merged in update.merged:
            batch.merged.append(merged)
            batch.redirects.setdefault(merged.old, _redirect(merged, article))
    return batch


def _fold_article(batch: Batch, old: Row | None, update: StoryUpdate) -> None:
    article, verdict = update.article, update.verdict
    if old is None:
        row = _row(update)
    elif verdict.verdict == "sighting":
        return
    elif verdict.verdict == "revision":
        if old["lang"] != article.lang:
            return
        row = _revised(old, update)
    elif _replaces(article, old):
        row = _row(update)
    else:
        return
    batch.articles[article.id] = row
    if verdict.verdict != "revision":
        batch.decided.add(article.id)
        batch.relations[article.id] = {}
    known = batch.relations.setdefault(article.id, {})
    for relation in verdict.relations:
        known[relation.id, relation.kind] = {
            "article_id": article.id,
            "other_id": relation.id,
            "kind": relation.kind,
            "jaccard": relation.jaccard,
            "containment": relation.containment,
        }


def _replaces(article: Article, old: Row) -> bool:
    """Whether a new decision about a known article takes its row.

    Dedup forgets an article after its window, and then decides anew: the later decision stands, as in `cluster`.
    Two languages are decided in two partitions, whose order is nobody's: there the later fetch stands.
    """
    if article.lang == old["lang"]:
        return True
    then: datetime = old["fetched"]
    return (aware(article.fetched), article.lang) > (aware(then), old["lang"])


def _links(update: StoryUpdate) -> Iterator[Row]:
    """The article's story, as it was then, with each of the related ones."""
    if update.assigned is not None:
        for other in update.related:
            yield {
                "story_id": update.assigned.story,
                "other_id": other.story,
                "article_id": update.article.id,
                "score": other.score,
                "names": other.names,
                "terms": other.terms,
                "gap_days": other.gap_days,
            }


def _redirect(merged: Merged, article: Article) -> Row:
    return {
        "id": merged.old,
        "title": "",
        "terms": (),
        "names": (),
        "first_article": None,
        "first_source": None,
        "lang": article.lang,
        "articles": 0,
        "sources": 0,
        "independent_texts": 0,
        "first_published": None,
        "last_published": None,
        "last_fetched": article.fetched,
        "alarmed": 0,
        "version": 0,
        "merged_into": None,
    }


def _row(update: StoryUpdate) -> dict[str, Any]:
    article, verdict, assigned = update.article, update.verdict, update.assigned
    return {
        "id": article.id,
        **_version(article),
        "lang": article.lang,
        "published": article.published,
        "published_claim": article.published_claim,
        "fetched": article.fetched,
        "story_id": assigned and assigned.story,
        "verdict": verdict.verdict,
        "duplicate_of": verdict.duplicate_of,
        "family": verdict.family,
        "evidence": assigned and assigned.evidence,
        "revised": None,
        "revisions": 0,
    }


def _version(article: Article) -> dict[str, Any]:
    """What a revision brings anew."""
    return {
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "source": article.source,
        "authors": article.authors,
        "categories": article.categories,
        "image": article.image,
    }


def _revised(old: Row, update: StoryUpdate) -> dict[str, Any]:
    """The newest text, with when the first one came and what was decided about it: that one alone was counted."""
    article, assigned = update.article, update.assigned
    dated = {"published": article.published, "published_claim": article.published_claim}
    return {
        **old,
        **_version(article),
        **(dated if old["published"] is None else {}),
        "story_id": old["story_id"] or (assigned and assigned.story),
        "revised": article.fetched,
        "revisions": old["revisions"] + 1,
    }
