"""Which language a text is written in."""

import re

from py3langid.langid import MODEL_FILE, LanguageIdentifier

READ_CHARS = (500, 5_000)
"""Characters of a text that are looked at, and when that is not enough, how many then. Measured on
the 11,945 English texts of 50 words and more of g5w_live, ecbplus, syria_2015 and stream_dev: all were told right,
2 of them at the second look."""

SURE = 0.9
"""Probability from which a detection is believed: what rows of figures (0.02), lists of names (0.14) and words of
two languages in turn (0.66) get lies below."""

MIN_WORDS = 50
"""Shorter texts are not believed: names and loan words decide them."""

UNSPACED_CHARS_PER_WORD = 2
"""Scripts without spaces between words are counted by characters: Chinese words have 1.5 to 2 of them, Japanese
and Thai ones a little more."""

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

_ALIASES = {"nb": "no", "iw": "he", "in": "id"}
"""Codes that mean a language which the identifier knows by another."""


class Languages:
    """Tells languages apart by py3langid. Loading takes a second and 100 MB: make one and hand it around.

    Only languages with a two-letter code are told (ISO 639-1): the identifier also knows close relatives of
    large languages (Nigerian Pidgin, Extremaduran), which would tear one language's news apart.
    """

    def __init__(self) -> None:
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._known = frozenset(label for label in self._identifier.labels if len(label) == 2)
        self._identifier.set_languages(sorted(self._known))

    def detect(self, text: str, declared: str | None, default: str) -> str:
        """The language of a text; where it is short or unclear the declared one, else the default."""
        text = text[: max(READ_CHARS)]
        if words(text) >= MIN_WORDS:
            for chars in READ_CHARS:
                language, probability = self._identifier.classify(text[:chars])
                if probability >= SURE:
                    return str(language)
        return self.known(declared) or default

    def known(self, declared: str | None) -> str | None:
        """The language code in what a feed declares (`en-US`, `EN`); None where it is none (`US`, `en/de`)."""
        code = re.split(r"[-_]", (declared or "").strip().lower(), maxsplit=1)[0]
        code = _ALIASES.get(code, code)
        return code if code in self._known else None


def words(text: str) -> int:
    """About how many words a text has, in any script."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_UNSPACED.sub(" ", text).split()) + unspaced // UNSPACED_CHARS_PER_WORD
