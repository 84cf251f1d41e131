"""The checker finds what a stage without transactions loses or repeats."""

import signal

import pytest

from service.stages import processor
from streams.worker import Worker
from tests.faults.newsroom import news
from tests.faults.proof import stages_at_fault
from tests.faults.site import MakeSite


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (
            "commits_outputs_first",
            ["5 inputs answered twice: 40; 41; 42 …", "1 answers out of order: 44 before 40"],
        ),
        ("commits_offsets_first", ["5 inputs lost: 40; 41; 42 …"]),
    ],
)
def test_without_transactions_a_death_at_the_wrong_moment_shows(
    on_kafka: MakeSite, change: str, faults: list[str]
) -> None:
    site = on_kafka()
    site.publish(news(100))
    with site.running("dedup", tampering=change) as stage:
        assert stage.ended() == -signal.SIGKILL
    Worker(site.log, processor("dedup", site.settings), site.topics, site.settings.worker).drain()
    found = stages_at_fault(site.log, site.topics, "dedup")
    assert found == [f"dedup, partition {site.topics.partition('en')}: {fault}" for fault in faults]
