"""From what a feed's entry or a line of a file says to an article."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ingest.dates import NO_CLAIM, Claim, believe
from ingest.language import Languages
from ingest.markup import first_sentence, tidy
from ingest.urls import canonical_url, domain_of
from streams.messages import Article, storable

TITLE_WORDS = 25
"""Words of a first sentence that stands in for a missing title."""

MAX_TITLE_CHARS = 500
"""Longer titles are whole articles in the wrong element."""

MAX_NAME_CHARS = 200
"""Longer names of sources, authors and categories are cut."""

MAX_NAMES = 20
"""Authors and categories kept; some feeds put the whole site's tags on every entry."""

ID_CHARS = 24
"""Hexadecimal digits of an article's id: 96 bits, so that among a billion articles a chance collision is less
likely than one in 10^11."""


class Unusable(ValueError):
    """Nothing of the entry can be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a source says about an article, as plain text and not yet checked."""

    id: str | None = None
    """Given by a file's line; else made from the rest."""
    title: str = ""
    text: str = ""
    url: str | None = None
    url_identifies: bool = True
    """False where several entries of one feed share the URL."""
    guid: str | None = None
    feed: str | None = None
    source: str | None = None
    published: Claim = NO_CLAIM
    declared_lang: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    image: str | None = None


class Writer:
    """Makes articles of drafts."""

    def __init__(self, languages: Languages, default_lang: str, max_text_chars: int) -> None:
        self._languages, self._default_lang, self._max_text_chars = languages, default_lang, max_text_chars

    def article(self, draft: Draft, seen: datetime) -> Article:
        """The article in a draft that was seen at `seen`, which is its `fetched`.

        Raises Unusable when it has neither title nor text nor link.
        """
        url = canonical_url(draft.url)
        text = tidy(storable(draft.text))[: self._max_text_chars].rstrip()
        title = _line(draft.title, MAX_TITLE_CHARS) or first_sentence(text, TITLE_WORDS, MAX_TITLE_CHARS) or url
        if title is None:
            raise Unusable("no title, no text and no link")
        published = believe(draft.published, seen)
        return Article(
            id=storable(draft.id or "") or article_id(draft, url, title, text),
            title=title,
            text=text,
            lang=self._languages.detect(f"{title}\n{text}", draft.declared_lang, self._default_lang),
            url=url,
            source=_line(draft.source or "", MAX_NAME_CHARS) or domain_of(url) or domain_of(draft.feed),
            feed=storable(draft.feed) if draft.feed else None,
            published=published.time,
            published_claim=_line(published.claim or "", MAX_NAME_CHARS) or None,
            fetched=seen,
            declared_lang=_line(draft.declared_lang or "", MAX_NAME_CHARS) or None,
            authors=_names(draft.authors),
            categories=_names(draft.categories),
            image=canonical_url(draft.image),
        )


def article_id(draft: Draft, url: str | None, title: str, text: str) -> str:
    """Hash of the canonical URL, else of feed and GUID, else of the content.

    http and https are one address. GUIDs count within their feed only: "1" is one in many.
    """
    if url and draft.url_identifies:
        return _hash("url", url.partition("://")[2])
    if draft.guid and draft.guid.strip():
        return _hash("guid", draft.feed or "", draft.guid.strip())
    return _hash("content", title, text)


def _hash(*parts: str) -> str:
    joined = "\0".join(storable(part) for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:ID_CHARS]


def _line(text: str, max_chars: int) -> str:
    return " ".join(storable(text).split())[:max_chars].rstrip()


def _names(names: Iterable[str]) -> tuple[str, ...]:
    lines = dict.fromkeys(_line(name, MAX_NAME_CHARS) for name in names)
    return tuple(line for line in lines if line)[:MAX_NAMES]
