"""Plain text from the markup in feeds."""

import re

import lxml.html
import trafilatura
from lxml import etree

_MARKUP = re.compile(r"<[a-zA-Z/!]|&(#\d+|#x[0-9a-fA-F]+|\w+);")

_HIDDEN = ("script", "style", "noscript", "template", "iframe", "object", "svg", "form")
"""Elements whose text nobody reads as part of an article."""

_BLOCKS = re.compile(
    r"address|article|aside|blockquote|br|d[dlt]|div|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|[ou]l|p|pre"
    r"|section|table|t[dhr]"
)
"""Elements that end a paragraph."""

_KEPT = 0.5
"""Share of the words that trafilatura must keep. It was made for whole pages, and where it keeps less of an
entry, which has little furniture, it took the article for furniture."""


def tidy(text: str) -> str:
    """Plain text with one paragraph per line, without blank lines and runs of blanks."""
    return "\n".join(line for line in (" ".join(raw.split()) for raw in text.splitlines()) if line)


def is_markup(text: str) -> bool:
    """Whether a text holds HTML elements or character references."""
    return _MARKUP.search(text) is not None


def strip_markup(text: str) -> str:
    """The text of an HTML fragment, one paragraph per line. Text that is no HTML stays as it is."""
    if not is_markup(text):
        return tidy(text)
    try:
        root = lxml.html.fragment_fromstring(text.replace("\0", ""), create_parent="div")
    except (etree.ParserError, ValueError):  # nothing but comments; control characters
        return tidy(re.sub(r"<[^>]*>", " ", text))
    etree.strip_elements(root, *_HIDDEN, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    for element in root.iter():
        if _BLOCKS.fullmatch(element.tag):
            element.text = "\n" + (element.text or "")
            element.tail = "\n" + (element.tail or "")
    return tidy("".join(root.itertext()))


def article_text(text: str) -> str:
    """The article in an entry's content: trafilatura where it is HTML, which leaves out furniture.

    Where trafilatura finds nothing, as in short fragments, or drops most, all text counts.
    """
    everything = strip_markup(text)
    if not is_markup(text) or not everything:
        return everything
    page = f"<html><body><article>{text}</article></body></html>"
    found = tidy(trafilatura.extract(page, include_comments=False, favor_recall=True, fast=True) or "")
    return found if len(found.split()) >= _KEPT * len(everything.split()) else everything


_SENTENCE_END = re.compile(
    r"[a-zß-öø-ÿа-яёα-ω0-9)\]”\"’'%]{2}[.!?…]+[\"'”’)\]]*(?=\s+[^\sa-zß-öø-ÿ])|[。！？؟۔।][”」』]*"
)
"""Where a sentence ends: a full stop after two small letters (not `U.S.`, `Mr.`) before no small letter."""


def first_sentence(text: str, max_words: int, max_chars: int) -> str:
    """The first sentence of a tidy text, cut to so many words and characters."""
    paragraph = text.partition("\n")[0]
    end = _SENTENCE_END.search(paragraph)
    sentence = paragraph[: end.end()] if end else paragraph
    return " ".join(sentence.split()[:max_words])[:max_chars].strip()
