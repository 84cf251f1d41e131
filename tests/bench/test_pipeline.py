"""What the benchmark of the pipeline makes of its measurements."""

import pytest

from bench.pipeline.figures import Row, Target, table
from bench.pipeline.poller import rate


def test_a_rate_begins_with_the_commit_that_brought_the_first_record() -> None:
    assert rate([10.0, 10.0, 11.0, 11.0, 12.0]) == 1.5


@pytest.mark.parametrize(
    ("target", "kafka", "naive", "met"),
    [
        (Target("at least", 1_000), 1_000.0, None, "yes"),
        (Target("at least", 1_000), 999.0, None, "no"),
        (Target("at most", 1.5), 1.6, None, "no"),
        (Target("times the naive script", 3), 300.0, 100.0, "yes"),
        (Target("times the naive script", 3), 299.0, 100.0, "no"),
    ],
)
def test_a_target_is_met_on_kafka(target: Target, kafka: float, naive: float | None, met: str) -> None:
    assert Row("dedup", target=target, sqlite=1.0, kafka=kafka, naive=naive).cells()[-1] == met


def test_the_table_is_markdown_that_can_be_read_as_it_is() -> None:
    rows = [
        Row("dedup", target=Target("at least", 1_000), sqlite=1_234.5, kafka=987.0),
        Row("whole", target=Target("times the naive script", 3), sqlite=310.0, kafka=301.0, naive=99.9),
    ]
    assert table(rows) == (
        "|       | on SQLite |    on Kafka | naive script | unit       | target on Kafka | met |\n"
        "| ----- | --------: | ----------: | -----------: | ---------- | --------------- | --- |\n"
        "| dedup |     1,234 |         987 |              | articles/s | at least 1,000  | no  |\n"
        "| whole |       310 | 301 (3.0 ×) |         99.9 | articles/s | 3 × naive       | yes |"
    )
