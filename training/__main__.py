"""Fit the pair scorer: `python -m training [--folds] [FILE...]`.

With no FILE, on the shared data's labelled files.

Writes processors/stories/pair_weights.toml. With --folds it writes nothing, and prints how each corpus does with
weights of the others.
"""

import sys
from collections.abc import Sequence

from config.sections import ClusterSection
from config.settings import Settings
from processors.stories.pair_weights import FILE
from service.evaluate import cached_encoder
from training.pairs import Corpus, corpus, files
from training.search import TERMS, Fit, score, search

EVALUATIONS = 500
"""Passes over all corpora of each search."""
WITHOUT = {"dense": {"dense"}, "sparse": {"words", "lead", "clash"}, "names": {"names", "numbers", "clash"}} | {
    "time": {"soon", "later"}
}
"""What is left out together (`cluster.leave_out`)."""
HEAD = """\
# What each closeness of two articles adds to the log odds that they report the same event
# (processors/stories/pair_score.py). `make fit` writes this file.
"""


def main() -> None:
    """Read the corpora, search, and write or print."""
    named = [argument for argument in sys.argv[1:] if argument != "--folds"]
    with cached_encoder(Settings()) as encoder:
        corpora = [corpus(path, encoder) for path in files(named)]
    if "--folds" in sys.argv:
        folds(corpora)
    else:
        write(corpora)


def write(corpora: Sequence[Corpus]) -> None:
    """Fit on all corpora, with all parts and without each."""
    fit = search(corpora, TERMS, EVALUATIONS)
    told(fit, corpora, "all")
    lines = [HEAD, "[all]", *(f"{name} = {value:g}" for name, value in fit.weights.items())]
    for part, terms in WITHOUT.items():
        rest = search(corpora, [term for term in TERMS if term not in terms], EVALUATIONS, fit.rules)
        told(rest, corpora, f"without {part}")
        lines += ["", f"[without.{part}]", *(f"{name} = {value:g}" for name, value in rest.weights.items())]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    share, merge = fit.rules.mean, ClusterSection().join_score + fit.rules.merge
    print(f"written: {FILE}")
    print(f"to be set by hand: MEAN = {share:.2f} (processors/stories/ranking.py), merge_score = {merge:.2f}")


def folds(corpora: Sequence[Corpus]) -> None:
    """Each corpus with weights of the others."""
    print(f"{'held out':16}  {'P':>5} {'R':>5} {'F1':>5}")
    for held in corpora:
        fit = search([other for other in corpora if other is not held], TERMS, EVALUATIONS)
        print(f"{held.name:16}  {percents(fit, held)}", flush=True)


def told(fit: Fit, corpora: Sequence[Corpus], what: str) -> None:
    """Print how a fit does on the corpora it was fitted on."""
    for one in corpora:
        print(f"{what:16}  {one.name:16}  {percents(fit, one)}", flush=True)


def percents(fit: Fit, one: Corpus) -> str:
    """Precision, recall and F1."""
    return " ".join(f"{100 * value:5.1f}" for value in score(one, fit.stories(one)))


if __name__ == "__main__":
    main()
