"""What a language's common terms do to the weights of a young stream."""

from processors.stories.common_terms import ARTICLES, common_terms
from processors.stories.terms import read
from processors.stories.vocabulary import TermLists, Vocabulary
from processors.stories.weights import Weights, weigh

TITLE, TEXT = "Ferry sinks", "The ferry sank after midnight, the harbour master said on Monday."


def weights(lang: str) -> tuple[list[str], Weights]:
    """Of the first article of a stream."""
    terms, vocabulary = read(TITLE, TEXT), Vocabulary()
    ids = vocabulary.find(TermLists(tuple(terms.words), tuple(terms.names), terms.numbers))
    return [*terms.words], weigh(terms, ids, vocabulary, 0, common_terms(lang))


def test_the_first_article_of_a_stream_knows_which_words_say_nothing() -> None:
    words, found = weights("en")
    by_word = dict(zip(words, found.words.tolist(), strict=True))
    assert by_word["the"] < by_word["said"] < by_word["harbour"] <= by_word["ferry"]


def test_a_language_without_a_table_starts_from_nothing() -> None:
    assert common_terms("xx").articles == 0
    words, found = weights("xx")
    by_word = dict(zip(words, found.words.tolist(), strict=True))
    assert by_word["said"] == by_word["harbour"]


def test_the_table_is_in_order() -> None:
    common = common_terms("en")
    for counts in common:
        assert all(1 <= count <= ARTICLES for count in counts.values())
        assert [*counts.values()] == sorted(counts.values(), reverse=True)
    assert common.words["the"] > 90 > common.words["ferry" if "ferry" in common.words else "city"]
    assert common.names["monday"] > 5
