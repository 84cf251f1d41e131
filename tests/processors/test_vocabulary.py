"""Document frequencies are those of the live articles, in whatever order they came and went."""

from collections import Counter
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from processors.stories.vocabulary import UNKNOWN, Ids, TermIds, TermLists, Vocabulary

ALL = TermLists(*(tuple("abcdefgh") for _ in TermLists._fields))
some = st.sets(st.sampled_from("abcdefgh")).map(lambda terms: tuple(sorted(terms)))
documents = st.lists(st.builds(TermLists, words=some, names=some, numbers=some), max_size=30)


@given(documents, st.randoms(use_true_random=False))
def test_frequencies_are_those_of_the_articles_that_are_left(articles: list[TermLists], random: Random) -> None:
    vocabulary, entered = Vocabulary(), []
    for article in articles:
        if random.random() < 0.5:  # as when a message is decided before its changes are applied
            vocabulary.find(article)
        if entered and random.random() < 0.5:
            vocabulary.leave(every(entered.pop(random.randrange(len(entered)))[1]))
        entered.append((article, vocabulary.enter(article)))
    for at, ids in enumerate(vocabulary.find(ALL)):
        count = Counter(term for of, _ in entered for term in of[at])
        assert vocabulary.frequencies(ids).tolist() == [count[term] for term in "abcdefgh"]
        assert [number == UNKNOWN for number in ids] == [term not in count for term in "abcdefgh"]
        assert vocabulary.terms(ids[ids != UNKNOWN].tolist()) == sorted(count)
    for article, ids in entered:
        assert vocabulary.terms(every(ids).tolist()) == [term for terms in article for term in terms]


def every(ids: TermIds) -> Ids:
    """The numbers of an article's terms of all kinds."""
    return np.concatenate(ids)


def test_what_was_found_is_entered_rightly_after_others_came_and_went() -> None:
    one, other = TermLists(("a", "b"), (), ()), TermLists(("b", "c"), (), ())
    vocabulary = Vocabulary()
    gone = vocabulary.enter(one)
    vocabulary.find(one)
    vocabulary.leave(every(gone))  # the numbers found mean nothing now...
    vocabulary.enter(other)  # ... or something else
    assert vocabulary.terms(vocabulary.enter(one).words.tolist()) == ["a", "b"]
    assert vocabulary.frequencies(vocabulary.find(TermLists(("a", "b", "c"), (), ())).words).tolist() == [1, 2, 1]


def test_memory_is_used_again() -> None:
    vocabulary = Vocabulary()
    for i in range(5_000):
        vocabulary.leave(every(vocabulary.enter(TermLists((f"a{i}", f"b{i}"), (), ()))))
    assert len(vocabulary) == 3
