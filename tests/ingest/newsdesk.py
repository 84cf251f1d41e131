"""A poller on a real log, polling a real server: what its tests share, and the program that is killed."""

import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.feeds import FollowedFeed
from config.sections import PollerSection, TopicsSection
from ingest.feedlist import sync_feeds
from ingest.poller import Poller
from streams.connect import connect
from streams.log import Log, Record
from streams.messages import Article, Decoder
from streams.topics import Topics
from tests.waiting import wait_for

TOPICS = Topics("", TopicsSection())
QUICK = PollerSection(
    allow_private_networks=True,
    host_spacing_seconds=0,
    interval_minutes=0.001,
    min_interval_minutes=0.001,
    first_poll_days=None,
)
"""Polls several times a second."""
ONCE = QUICK.model_copy(update={"interval_minutes": 1_000, "max_interval_hours": 24})
"""Polls each feed once."""

_article = Decoder(Article)


@dataclass(slots=True)
class Desk:
    """A log, and what is on it."""

    url: str
    log: Log
    errors: list[BaseException] = field(default_factory=list)

    def follow(self, *urls: str, disabled: Sequence[str] = (), **changes: object) -> None:
        """Make these the followed feeds; the disabled ones are listed too."""
        feeds = [{"url": url} | changes for url in urls] + [{"url": url, "disabled": True} for url in disabled]
        sync_feeds(self.log, TOPICS, [FollowedFeed.model_validate(feed) for feed in feeds])

    def records(self, topic: str) -> list[Record]:
        """All records of a topic."""
        return [r for p in range(TOPICS.section.partitions) for r in self.log.read(TOPICS.name(topic), p)]

    def articles(self) -> list[Article]:
        """All articles that were emitted."""
        return [_article(record.value) for record in self.records("articles")]

    def titles(self) -> list[str]:
        """Their titles."""
        return [article.title for article in self.articles()]

    def wait_for_titles(self, *titles: str) -> None:
        """Wait until exactly these articles were emitted, in any order."""
        wait_for(lambda: sorted(self.titles()) == sorted(titles), what=f"{titles}, have {self.titles()}")

    @contextmanager
    def polling(self, section: PollerSection = QUICK) -> Iterator[None]:
        """A poller in a thread for as long as the context lasts."""
        stop = threading.Event()

        def work() -> None:
            try:
                poll(self.url, section, stop)
            except BaseException as error:
                self.errors.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(10)
            assert not thread.is_alive(), "the poller did not stop"
        assert not self.errors, self.errors


def poll(url: str, section: PollerSection, stop: threading.Event) -> None:
    """Run a poller on the log at `url`."""
    with closing(connect(url)) as log:
        Poller(log, TOPICS, section).run(stop.is_set)


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """A fresh log."""
    url = f"sqlite:///{folder}/log.db"
    with closing(connect(url)) as log:
        log.create(TOPICS.specs())
        yield Desk(url, log)


def rss(items: Sequence[tuple[str, str]], more: str = "") -> str:
    """A feed of (title, text), the newest first, and `more` markup; the title is the address too."""
    entries = "".join(
        f"<item><title>{title}</title><link>https://news.example/{title}</link>"
        f"<description>{text}</description></item>"
        for title, text in reversed(items)
    )
    return f"<rss version='2.0'><channel><title>T</title>{entries}{more}</channel></rss>"


if __name__ == "__main__":
    poll(sys.argv[1], PollerSection.model_validate(json.loads(sys.argv[2])), threading.Event())
