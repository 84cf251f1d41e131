"""What `storywire calibrate` reports, for people and for programs."""

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from service.calibration import EACH, ENOUGH, Calibration, Setting, Share
from service.rendering import plain_table, put, terminal
from sinks.lines import plural


def calibration_json(found: Calibration) -> dict[str, Any]:
    """The setting in force, the best one, and whether it is proposed."""
    return {**asdict(found), "proposed": found.best.join_score if found.proposed else None}


def print_calibration(found: Calibration, console: Console | None = None) -> None:
    """A line for the setting in force and one for the best, and what to do."""
    console = console or terminal()
    table = plain_table()
    table.add_column("cluster.join_score")
    for name in ("precision", "recall", "wrong decisions"):
        table.add_column(name, justify="right")
    other = found.best.join_score != found.now.join_score
    for name, setting in (("in force", found.now), ("the best", found.best))[: 1 + other]:
        table.add_row(f"{setting.join_score:.2f}, {name}", *_figures(setting))
    put(console, Text(f"{plural(found.answers, 'answer')}; 95 % confidence intervals"), table, _advice(found))


def _figures(setting: Setting) -> tuple[str, str, str]:
    return _share(setting.precision), _share(setting.recall), f"{100 * setting.wrong:.1f} %"


def _share(share: Share | None) -> str:
    if share is None:
        return "unknown"
    return f"{100 * share.value:.1f} % ({100 * share.low:.0f} to {100 * share.high:.0f})"


def _advice(found: Calibration) -> Text:
    now, best = found.now.join_score, found.best.join_score
    if not found.enough:
        return Text(f"Too few answers for a proposal: it takes {ENOUGH}, {EACH} of either kind.", "yellow")
    if best == now:
        return Text(f"No setting nearby would be better: keep {now:.2f}.")
    effect = f"{best:.2f} rights {found.righted} of the answers and wrongs {found.wronged}"
    if not found.proposed:
        return Text(f"{effect}, which may well be chance (p = {found.chance:.2g}): keep {now:.2f}.")
    what = f"Set cluster.join_score to {best:.2f}, and calibrate again on the stories it makes."
    return Text(f"{effect} (p = {found.chance:.2g}). {what}", "bold")
