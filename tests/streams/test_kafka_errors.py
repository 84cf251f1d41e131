"""What an error of the Kafka client means for us: wait, end, restore, or call a person."""

import pytest
from kafka import errors

from config.sections import KafkaSection
from streams.kafka.cluster import Cluster
from streams.log import CommitFailed, Fenced, LogDown, LogError

CLUSTER = Cluster("kafka://news.example:9092", KafkaSection())


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (errors.KafkaTimeoutError("Unable to bootstrap"), LogDown),
        (errors.NotLeaderForPartitionError(), LogDown),
        (errors.UnknownBrokerIdError(-1), LogDown),  # no leader yet, after an outage
        (errors.ProducerFencedError(), Fenced),
        (errors.FencedInstanceIdError(), Fenced),
        (errors.TopicAuthorizationFailedError(), LogError),
        (errors.CommitFailedError(), CommitFailed),
        (errors.InvalidProducerEpochError(), CommitFailed),
    ],
    ids=lambda each: type(each).__name__,
)
def test_each_error_has_the_meaning_that_helps(error: errors.KafkaError, meaning: type[LogError]) -> None:
    told = CLUSTER.meaning(error, "commit to", CommitFailed)
    assert type(told) is meaning
    assert str(told).startswith("cannot commit to the log kafka://news.example:9092: ")
