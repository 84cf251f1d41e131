"""The list of followed feeds (`feeds.yaml`)."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator

from config.problems import describe
from config.sections import Section
from config.yamlfile import ConfigError, YamlFile, read_yaml

DEFAULT_FEEDS = Path(__file__).with_name("feeds.yaml")


class FollowedFeed(Section):
    """One feed of the list."""

    url: str
    """Where the feed is (http or https)."""
    source: str | None = None
    """Name of the outlet; else the registered domain of each article's URL."""
    lang: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    """The language to assume where a text is too short to tell (ISO 639-1)."""
    interval_minutes: Annotated[float, Field(gt=0)] | None = None
    """Overrides poller.interval_minutes for this feed."""
    disabled: bool = False
    """Keep the feed in the list without polling it."""

    @field_validator("url")
    @classmethod
    def _http(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            host = None
        if host is None or parts.scheme not in ("http", "https"):
            raise ValueError("is no http or https URL")
        return url


class _FeedList(Section):
    feeds: tuple[FollowedFeed, ...]


def load_feeds(path: Path) -> list[FollowedFeed]:
    """The feeds in a file, in its order. Raises ConfigError naming file, line and key."""
    document = read_yaml(path)
    try:
        feeds = list(_FeedList.model_validate(document.data).feeds)
    except ValidationError as error:
        raise ConfigError(describe(error, _FeedList, document.place)) from None
    _refuse_twins(document, feeds)
    return feeds


def _refuse_twins(document: YamlFile, feeds: list[FollowedFeed]) -> None:
    first: dict[str, int] = {}
    for index, feed in enumerate(feeds):
        if feed.url in first:
            earlier = document.place(("feeds", first[feed.url]))
            raise ConfigError(
                f"{document.place(('feeds', index))}: {feed.url} is listed twice, first at {earlier}"
            )
        first[feed.url] = index
