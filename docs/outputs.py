"""Regenerates the command output shown in the documentation: `make docs`, `make quality`, `make bench`.

A block begins with `<!-- output: COMMAND -->`; the fenced text behind it is replaced by what COMMAND prints, run
by bash in the root of the checkout. `<!-- run: COMMAND -->` runs a command whose output nobody needs to see.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = ("README.md",)

_MARK = re.compile(r"<!-- (?P<kind>run|output): (?P<command>.+?) -->\n(?:```text\n.*?```\n)?", re.DOTALL)


def regenerate(page: Path) -> None:
    """Run the commands of a page and put their output in. A command that fails ends everything."""

    def block(mark: re.Match[str]) -> str:
        kind, command = mark["kind"], mark["command"]
        run = ["bash", "-euc", command]
        # `cut` counts bytes and may leave half a character
        done = subprocess.run(
            run, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", errors="ignore", check=False
        )
        if done.returncode != 0:
            sys.exit(f"{page}: {command}\nended with {done.returncode}")
        shown = "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines())
        return f"<!-- {kind}: {command} -->\n" + (f"```text\n{shown}\n```\n" if kind == "output" else "")

    text = page.read_text(encoding="utf-8")
    page.write_text(_MARK.sub(block, text), encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:] or PAGES:
        regenerate(ROOT / name)
