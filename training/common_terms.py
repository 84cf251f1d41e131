"""Count how common English terms are: `python -m training.common_terms FILE`.

The table is processors/stories/common_terms.tsv.

FILE is JSONL or JSONL.gz with the fields of the shared data; the table that is shipped comes from stream_dev,
whose labels play no part in it. Terms are read as `cluster` reads them.
"""

import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from processors.stories.common_terms import ARTICLES, FILE
from processors.stories.terms import read
from service.inputs import articles_in

LEAST = 1.0
"""Articles of a hundred in which a term must stand to be listed: rarer ones would change no weight by much."""


def main() -> None:
    """Write the table."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m training.common_terms FILE")
    articles = articles_in([Path(sys.argv[1])], Settings(), now=datetime.now(UTC)).articles
    counts: dict[str, Counter[str]] = {"words": Counter(), "names": Counter()}
    for article in articles:
        terms = read(article.title, article.text)
        counts["words"].update(terms.words.keys())
        counts["names"].update(terms.names.keys())
    lines = ["view\tterm\tarticles of 100"]
    for view, found in counts.items():
        shares = ((term, round(ARTICLES * count / len(articles), 1)) for term, count in found.items())
        common = sorted((-share, term) for term, share in shares if share >= LEAST)
        lines += [f"{view}\t{term}\t{-share:g}" for share, term in common]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
