"""`make demo`: the real service on a small world of feeds, from the first poll to the stories it found.

Serves the feeds of `demo/` on localhost, starts `storywire run` against them, reveals the news of one day after
another while the service's log shows the stories growing, ends the service, and prints what it found.
"""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from demo.server import BEFORE, World, serve
from service import show
from service.exits import UserError
from service.reading import Reader

SETTINGS = Path(__file__).with_name("storywire.yaml")

PATIENCE_SECONDS = 90.0
"""For one day's articles to pass all stages; the first day waits for the stages to start and the model to load,
some 10 s on two cores."""

EXPLAINED = "https://www.harbourtimes.example/2015/09/30/putin-gets-his-vote-and-sends-the-bombers"
"""The article whose explanation closes the demo: a text of its own that joined the story of the first strikes."""


def say(line: str) -> None:
    """A line of the demo itself, apart from the service's."""
    print(f"\n— {line}", flush=True)


async def demo(folder: Path) -> int:
    """Run the demo in `folder`; the exit code."""
    world = World(BEFORE)
    database = f"sqlite:///{folder / 'stories.db'}"
    async with serve(world) as base_url:
        (folder / "feeds.yaml").write_text(world.feeds_yaml(base_url), encoding="utf-8")
        say(f"{len(world.feeds)} feeds on {base_url}; starting `storywire run --config {SETTINGS.name}`")
        service = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "service.cli", "run", "--config", str(SETTINGS),
            cwd=folder, env={**_environment(), "PYTHONPATH": str(Path(__file__).parent.parent)},
        )  # fmt: skip
        try:
            for edition in world.editions():
                world.until = edition
                say(f"the news up to {edition:%d %B %Y, %H:%M} UTC: {world.articles} articles so far")
                await _until(lambda: _arrived(database) >= world.articles, service)
        finally:
            if service.returncode is None:
                service.send_signal(signal.SIGTERM)
            await service.wait()
    _summary(database)
    return service.returncode or 0


def _environment() -> dict[str, str]:
    """Ours, without settings that would change what the demo shows."""
    return {name: value for name, value in os.environ.items() if not name.startswith("STORYWIRE_")}


def _arrived(database: str) -> int:
    """Articles at the end of the pipeline."""
    try:
        with closing(Reader(database)) as reader:
            return len(reader.article_ids())
    except UserError:
        return 0  # the service has not made the database yet, or is just making its tables


async def _until(done: Callable[[], bool], service: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not done():
            if service.returncode is not None:
                raise SystemExit(
                    f"demo: the service ended early with code {service.returncode}; see its last line"
                )
            await asyncio.sleep(0.2)


def _summary(database: str) -> None:
    with closing(Reader(database)) as reader:
        say("what it found")
        show.print_replay(reader)
        say(f"why is {EXPLAINED} where it is?  (storywire explain URL)")
        show.print_explain(reader.explain(EXPLAINED))


def main() -> int:
    """Run in a temporary folder that goes afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="storywire-demo-"))
    try:
        return asyncio.run(demo(folder))
    except TimeoutError:
        print(f"demo: a day's articles did not arrive within {PATIENCE_SECONDS:.0f} s", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
