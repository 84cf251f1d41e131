"""How sure a decision is."""

from hypothesis import given
from hypothesis import strategies as st

from config.sections import ClusterSection
from processors.stories.confidence import MIDDLE, confidence
from tests.processors.cluster_run import updates
from tests.processors.test_cluster import both_events

SCORES = st.floats(-50, 50)


@given(SCORES, SCORES)
def test_the_higher_the_score_the_surer_it_is_to_join_and_the_less_sure_not_to(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= confidence(low, True) <= confidence(high, True) <= 1
    assert confidence(low, False) >= confidence(high, False)


def test_in_the_middle_it_is_as_likely_right_as_wrong() -> None:
    assert confidence(MIDDLE, True) == confidence(MIDDLE, False) == 0.5


def test_a_decision_says_how_sure_it_is_and_whether_it_was_close() -> None:
    first, *others = (update.assigned.evidence for update in updates(*both_events()))
    assert first.confidence is None
    assert not first.doubtful
    for evidence in others:
        assert evidence.confidence == confidence(evidence.best.score, evidence.reason == "joined")
        assert evidence.doubtful == (abs(evidence.best.score - 1.25) <= ClusterSection().doubt)


def test_the_band_of_doubt_is_a_setting() -> None:
    for update in updates(*both_events(), section=ClusterSection(doubt=1_000))[1:]:
        assert update.assigned.evidence.doubtful
