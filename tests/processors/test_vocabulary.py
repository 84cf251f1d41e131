"""Document frequencies are those of the live articles, in whatever order they came and went."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from processors.vocabulary import UNKNOWN, Kind, Vocabulary

documents = st.lists(
    st.tuples(st.sampled_from(["word", "name"]), st.sets(st.sampled_from("abcdefgh"))), max_size=30
)


@given(documents, st.randoms(use_true_random=False))
def test_frequencies_are_those_of_the_articles_that_are_left(
    articles: list[tuple[Kind, set[str]]], random: Random
) -> None:
    vocabulary, entered = Vocabulary(), []
    for kind, terms in articles:
        entered.append((kind, terms, vocabulary.enter(kind, sorted(terms))))
        if entered and random.random() < 0.5:
            gone = entered.pop(random.randrange(len(entered)))
            vocabulary.leave(gone[2])
    for kind in ("word", "name"):
        count = Counter(term for of, terms, _ in entered if of == kind for term in terms)
        ids = vocabulary.find(kind, "abcdefgh")
        assert vocabulary.frequencies(ids).tolist() == [count[term] for term in "abcdefgh"]
        assert [number == UNKNOWN for number in ids] == [term not in count for term in "abcdefgh"]
        known = [term for term in "abcdefgh" if term in count]
        assert vocabulary.terms(ids[ids != UNKNOWN].tolist()) == known
    for _, terms, ids in entered:
        assert vocabulary.terms(ids.tolist()) == sorted(terms)


def test_memory_is_used_again() -> None:
    vocabulary = Vocabulary()
    for i in range(5_000):
        vocabulary.leave(vocabulary.enter("word", [f"a{i}", f"b{i}"]))
    assert len(vocabulary) == 3
