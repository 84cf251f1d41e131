"""What an article costs dedup when a million others are in the window, beside what it costs among ten thousand."""

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.made_up import made_up
from config.sections import DedupSection
from processors.dedup import Dedup
from streams.messages import Article, Decoder, encode

START = datetime(2018, 1, 1, tzinfo=UTC)
STEP = 10_000
"""Articles over which a cost is averaged."""


@dataclass(slots=True)
class Cost:
    """CPU time of some articles."""

    seconds: list[float] = field(default_factory=list)

    def line(self, name: str) -> str:
        """As it is shown."""
        ordered = sorted(self.seconds)
        mean, p999 = sum(ordered) / len(ordered), ordered[len(ordered) * 999 // 1_000]
        return f"{name:44}{1e6 * mean:9,.0f}{1e3 * p999:11.1f}{1e3 * ordered[-1]:11.1f}"


class Stage:
    """The stage, as the worker runs it; its changelog is encoded, and thrown away."""

    def __init__(self) -> None:
        self._stage, self._decode = Dedup(DedupSection()), Decoder(Article)
        self._state = self._stage.fresh()

    def take(self, messages: Iterable[bytes]) -> Cost:
        """Take articles."""
        cost = Cost()
        for message in messages:
            start = time.process_time()
            decision = self._stage.decide(self._state, self._decode(message))
            encode(decision.output)
            for change in decision.changes:
                if change.value is not None:
                    encode(change.value)
                self._stage.apply(self._state, change)
            cost.seconds.append(time.process_time() - start)
        return cost

    def leave(self, days: float) -> tuple[int, float, float]:
        """Let so much time pass. How many articles left, in how many seconds, and the longest of the steps."""
        late = Article(id="late", title="", text="", lang="en", fetched=START + timedelta(days=days))
        changes = self._stage.decide(self._state, late).changes
        seconds = []
        for change in changes:
            start = time.process_time()
            self._stage.apply(self._state, change)
            seconds.append(time.process_time() - start)
        return len(changes) - 1, sum(seconds), max(seconds)


def resident() -> int:
    """Bytes of memory that the process holds."""
    return 4_096 * int(Path("/proc/self/statm").read_text().split()[1])


def million(count: int) -> None:
    """Fill a window with so many articles, measure on the way, and let them leave."""
    stage, before = Stage(), resident()
    window = DedupSection().window_days
    # As many more leave one after the other; all of the first `count` are in the window when those come.
    messages = made_up(count + count // 100, START, 1.01 * timedelta(days=window))
    print(f"{'made-up articles of 400 words, CPU':44}{'mean µs':>9}{'99.9 %, ms':>11}{'longest, ms':>11}")
    stage.take(itertools.islice(messages, STEP // 2))
    print(stage.take(itertools.islice(messages, STEP)).line(f"among {STEP:,}"))
    middle = stage.take(itertools.islice(messages, count // 10 - STEP // 2 * 3))
    print(Cost(middle.seconds[-STEP:]).line(f"among {count // 10:,}"))
    rest = stage.take(itertools.islice(messages, count - count // 10))
    print(Cost(rest.seconds[-STEP:]).line(f"among {count:,}"))
    print(Cost(middle.seconds + rest.seconds).line("on the way there"))
    held = (resident() - before) / count
    print(stage.take(messages).line("while others leave the window"))
    print(f"bytes held per article, resident: {held:,.0f}")
    left, seconds, longest = stage.leave(3 * window)
    print(f"{left:,} articles leave the window at once: {seconds:.2f} s; the longest step, which drops a bucket:")
    print(f"{1e3 * longest:.1f} ms")
