"""`storywire calibrate`: asks a person about decisions of the service's own, and reports."""

from collections.abc import Callable, Sequence
from contextlib import closing

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from service.answers import Answers, Line, Said
from service.calibration import Answer
from service.pair_sample import Weighed, answers, around, to_ask
from service.reading import Reader
from service.records import Lead
from service.rendering import headline, put, terminal, when
from sinks.lines import printable

SAYS: dict[str, Said] = {"y": "same", "n": "different", "s": "skip"}
"""What the first letter of an answer stands for; `b` goes back, `q` ends."""
PROMPT = "same event? (y / n / skip / back / quit) "
SHOWN = 400
"""Characters of each text that a person is shown: its first sentences, which say what happened."""


def interview(
    database: str,
    known: Answers,
    join_score: float,
    *,
    most: int,
    read: Callable[[str], str],
    console: Console | None = None,
) -> list[Answer]:
    """Ask about at most so many decisions that nobody has answered yet; all answers so far.

    `read`: asks a question and returns what is typed; EOFError ends the interview.
    """
    with closing(Reader(database)) as reader:
        decisions = around(reader.weighed(), join_score)
        asked = [one for one in to_ask(decisions, join_score) if one.key not in known.said][:most]
        ask(asked, lambda one, place: _show(reader, one, place, console or terminal()), read, known.keep)
    return answers(decisions, known.same, join_score)


def ask(
    decisions: Sequence[Weighed],
    show: Callable[[Weighed, str], None],
    read: Callable[[str], str],
    keep: Callable[[Line], None],
) -> None:
    """Show one after the other, and keep what is answered."""
    at = 0
    while at < len(decisions):
        one = decisions[at]
        show(one, f"{at + 1} of {len(decisions)}")
        try:
            said = _typed(read)
        except EOFError:
            return
        if said == "q":
            return
        if said == "b":
            at = max(0, at - 1)
            continue
        keep(Line(score=one.score, answer=SAYS[said], article=one.article, member=one.member))
        at += 1


def _typed(read: Callable[[str], str]) -> str:
    """The first letter of an answer; asked again until it is one."""
    while True:
        letter = read(PROMPT).strip().lower()[:1]
        if letter and letter in "ynsbq":
            return letter


def _show(reader: Reader, one: Weighed, place: str, console: Console) -> None:
    """Two articles without their score, which would lead the answer."""
    leads = reader.leads([one.article, one.member])
    put(console, Text(f"\n{place}", "dim"))
    for letter, article in (("A", one.article), ("B", one.member)):
        if article in leads:
            _put_lead(console, letter, leads[article])
        else:
            put(console, Text(f"{letter}  {printable(article)}, which is no longer here: skip it", "yellow"))


def _put_lead(console: Console, letter: str, lead: Lead) -> None:
    put(
        console,
        Text.assemble(f"{letter}  ", headline(lead.article), f", {when(lead.article.published)}"),
        Padding(Text(printable(lead.text[:SHOWN])), (0, 0, 0, 3)),
    )
