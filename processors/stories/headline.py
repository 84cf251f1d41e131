"""What kind of headline it is: it names an event, it teases or argues, or it stands above many events.

Read from the words alone, in English; a headline of another language counts as plain.
"""

import re
from collections.abc import Sequence
from enum import IntEnum


class Headline(IntEnum):
    """The less, the better it names a story."""

    PLAIN = 0
    TEASING = 1
    """A question, a list, an explainer, an opinion, bait, a single word: it says little of what happened."""
    GATHERING = 2
    """A live blog, a round-up, a briefing: it is about more than the story."""


_NUMBER = r"(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|a dozen)"
_DAY = r"(?:today|tonight|this (?:morning|evening|week)|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_LISTED = (
    r"(?:things|reasons|ways|facts|takeaways|questions|moments|tips|signs|times|lessons|quotes|charts|photos"
    r"|fact checks)"
)
_ENDING = r"""\W*$"""

_GATHERING = (
    # "Live updates: …", "Live: …", "… – live", and not "Facebook Live" or "how we live"
    r"^live\b(?: [a-z-]+){0,3}:",
    r"^live ?blog\b|\blive[ -]?(?:blog|coverage|updates|ticker)\b",
    rf"[-–—|:!,] live{_ENDING}",
    rf"\bas it happened{_ENDING}|\bminute[ -]by[ -]minute\b|\brolling coverage\b|\blatest updates\b",
    r"\b(?:round-?up|wrap-?up)\b(?! of\b)|\bmarkets? wrap\b|^(?:the )?(?:daily|weekly|evening|morning) wrap\b",
    r"\b(?:morning|evening|daily|weekly|news|(?:mon|tues|wednes|thurs|fri|satur|sun)day) (?:briefing|digest)\b",
    r"\bnews in brief\b|\btop (?:news|stories|headlines)\b|\bnewsletter\b|\bin (?:pictures|photos)\b",
    rf"^(?:{_NUMBER} |the )?(?:[a-z]+ )?(?:things|stories|headlines)\b.* {_DAY}\b",
    r"^(?:the|this|last) (?:day|week|month|year) (?:in|that was)\b",
    r"^what (?:happened|we learned) (?:today|this week)\b",
    r"\b(?:best|photos|pictures) of the (?:day|week|month|year)\b",
)
_TEASING = (
    rf"^\W*\w+{_ENDING}",  # one word
    r"\?(?:\W|$)",
    r"^(?:how|why|what|when|where|which|whose)\b|^(?-i:Who)\b",  # not the WHO
    r"\b(?:here|this)(?:['’]s| is| are) (?:what|why|how|everything)\b|\band here(?:['’]s| is) ",
    rf"^(?:the |these |top )?{_NUMBER} (?:[a-z-]+ ){{0,2}}{_LISTED}\b",
    r"\byou (?:won['’]t believe|need to know|should know|might have missed|missed)\b|\beverything you\b",
    r"\bwhat (?:happen(?:s|ed) next|we know|it means|to (?:know|watch|expect))\b|\bneed to know\b",
    rf"\b(?:mind-blowing|jaw-dropping|will (?:blow your mind|shock you|surprise you))\b|, explained{_ENDING}",
    r"^(?:opinion|op-ed|editorial|analysis|column|commentary|comment|essay|review|letters?|fact[ -]?check|quiz"
    r"|podcast|video|watch|listen|photos|explainer|perspective|satire)\s*[:|–—]",
    rf"[:|–—] (?:opinion|op-ed|editorial|analysis|column|commentary|quiz|podcast){_ENDING}",
)


def _compiled(patterns: Sequence[str]) -> Sequence[re.Pattern[str]]:
    """One by one: `re` looks for the first letters of each at once, half the time of one large pattern."""
    return [re.compile(pattern, re.IGNORECASE) for pattern in patterns]


_GATHERS, _TEASES = _compiled(_GATHERING), _compiled(_TEASING)


def gathers(title: str, lang: str) -> bool:
    """Whether a headline stands above many events."""
    return lang == "en" and any(pattern.search(title) for pattern in _GATHERS)


def kind_of(title: str, lang: str) -> Headline:
    """The kind of a headline."""
    if gathers(title, lang):
        return Headline.GATHERING
    teases = lang == "en" and any(pattern.search(title) for pattern in _TEASES)
    return Headline.TEASING if teases else Headline.PLAIN
