"""The `storywire` command."""

import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from config.settings import Settings
from service import cli_topics
from service.exits import Exit, UserError, exit_code
from service.options import AsJson, Config, LogUrl, Namespace, loaded, print_json
from streams.topics import STAGES

app = typer.Typer(
    help="Follows news feeds, flags near-duplicates and gathers coverage of one event into stories.",
    epilog="Exit codes: 0 done, 1 bug, 2 usage, 3 settings, 4 input, 5 log or sink, 6 stage stopped.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
config_app = typer.Typer(help="The settings in force.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(cli_topics.app, name="topics")


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"storywire {version('storywire')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


@app.command()
def run(
    stage: Annotated[str | None, typer.Argument(metavar="[STAGE]", help=f"One of {', '.join(STAGES)}.")] = None,
    sink: Annotated[
        str | None, typer.Option(metavar="NAME", help="With `sinks`: run this one only, by its name or URL.")
    ] = None,
    config: Config = None,
    log: LogUrl = None,
    namespace: Namespace = None,
) -> None:
    """Run the service: all stages, supervised, or one STAGE in this process.

    Examples:
      storywire run
      storywire run --config my.yaml
      storywire run cluster --log sqlite:////data/log.db
      storywire run sinks --sink console:
    """
    from service.running import run_service

    if stage is not None and stage not in STAGES:
        raise typer.BadParameter(f"{stage} is none of {', '.join(STAGES)}", param_hint="STAGE")
    if sink is not None and stage != "sinks":
        raise typer.BadParameter("goes with the stage `sinks`", param_hint="--sink")
    run_service(loaded(config, log=log, namespace=namespace), config, stage, sink)


@app.command()
def replay(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSONL (also .gz), text or saved feeds.")],
    published: Annotated[
        str | None, typer.Option(metavar="DATE", help="Dates what is undated (ISO 8601).", show_default=False)
    ] = None,
    namespace: Namespace = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep topics and results for later commands.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="First remove what the namespace holds.")] = False,
    as_json: AsJson = False,
    config: Config = None,
    log: LogUrl = None,
) -> None:
    """Push files through test topics of their own and print the stories found in them.

    Examples:
      storywire replay article.txt --published 2015-10-01 --namespace test
      storywire replay week.jsonl.gz article.txt --published 2015-10-01 --namespace test --keep
      storywire stories --namespace test
    """
    from service import show
    from service.reading import Reader
    from service.replay import remove, unique_namespace
    from service.replay import replay as run_replay

    settings = loaded(config, log=log).settings
    name = unique_namespace() if namespace is None else namespace
    date = None if published is None else _date(published)
    try:
        done = run_replay(
            settings, files, namespace=name, published=date, now=datetime.now(UTC), fresh=fresh, progress=_progress
        )
        reader = Reader(done.database)
        for rejected in done.rejected:
            _complain(f"{rejected.place}: {rejected.reason}")
        if done.undated:
            _complain(f"{done.undated} of {done.articles} articles are undated; --published DATE dates them")
        if as_json:
            print_json(show.replay_result(reader))
        else:
            show.print_replay(reader)
        if keep:
            _complain(f"kept: storywire stories --namespace {done.namespace}")
    finally:
        if not keep:
            remove(settings, name)


@app.command("eval")
def evaluate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Labelled JSONL (also .gz).")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a prediction per input line.")] = None,
    pairs: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PAIRS.tsv", help="Score the copies instead, against a FILE's true pairs; one per FILE."
        ),
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Stream labelled files through the processors and score the stories against their labels.

    Examples:
      storywire eval ../shared/data/stories/g5w_live.jsonl --out predictions.jsonl
      storywire eval --pairs ../shared/data/dedup/g5w_live.pairs.tsv ../shared/data/stories/g5w_live.jsonl
    """
    from service import evaluate as evaluation

    if pairs and out is not None:
        raise typer.BadParameter("goes without --pairs", param_hint="--out")
    if pairs:
        _evaluate_copies(files, pairs, loaded(config).settings, as_json)
        return
    if out is not None and len(files) != 1:
        raise typer.BadParameter("takes exactly one FILE", param_hint="--out")
    settings = loaded(config).settings
    results = [evaluation.evaluate(path, settings, now=datetime.now(UTC), out=out) for path in files]
    if as_json:
        print_json({"files": [evaluation.to_dict(result) for result in results]})
    else:
        typer.echo(evaluation.table(results))


def _evaluate_copies(files: list[Path], tables: list[Path], settings: Settings, as_json: bool) -> None:
    from service import pairs

    if len(tables) != len(files):
        raise typer.BadParameter(
            f"takes one table per FILE, not {len(tables)} for {len(files)}", param_hint="--pairs"
        )
    now = datetime.now(UTC)
    found = [pairs.against_pairs(one, path, settings, now=now) for one, path in zip(tables, files, strict=True)]
    results = [*found, pairs.pooled(found)] if len(found) > 1 else found
    if as_json:
        print_json({"files": [pairs.to_dict(result) for result in results]})
    else:
        typer.echo(pairs.table(results))


@app.command()
def stories(
    limit: Annotated[int, typer.Option(min=1, help="Stories per page.")] = 20,
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    as_json: AsJson = False,
    config: Config = None,
    namespace: Namespace = None,
) -> None:
    """List stories, the latest first."""
    from service import show

    reader = _reader(config, namespace)
    found = reader.stories(limit=limit, offset=(page - 1) * limit)
    if as_json:
        print_json(show.stories_json(found))
    else:
        show.print_stories(found)


@app.command()
def story(
    reference: Annotated[str, typer.Argument(metavar="ID", help="A story's id, or its beginning.")],
    as_json: AsJson = False,
    config: Config = None,
    namespace: Namespace = None,
) -> None:
    """Show a story: its timeline, who had it first, copies under their originals."""
    from service import show

    found = _reader(config, namespace).story(reference)
    if as_json:
        print_json(show.story_json(found))
    else:
        show.print_story(found)


@app.command()
def explain(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="An article's id (or its beginning) or URL.")],
    as_json: AsJson = False,
    config: Config = None,
    namespace: Namespace = None,
) -> None:
    """Explain an article: why it is a copy or not (Text), why it is in its story (Story)."""
    from service import show

    found = _reader(config, namespace).explain(article)
    if as_json:
        print_json(show.explain_json(found))
    else:
        show.print_explain(found)


@config_app.command("show")
def config_show(config: Config = None, log: LogUrl = None, namespace: Namespace = None) -> None:
    """Print the settings in force, and where each that is no default comes from."""
    from config.render import effective

    found = loaded(config, log=log, namespace=namespace)
    typer.echo(effective(found.settings, found.origin), nl=False)


def _reader(config: Path | None, namespace: str | None) -> Any:
    from service.reading import Reader

    settings: Settings = loaded(config).settings
    if namespace is not None and namespace != settings.namespace:
        return Reader(settings.replay_database(namespace))
    if settings.database is None:
        raise UserError("no SQL sink is configured, so there is nothing to read; add one to `sinks`", Exit.CONFIG)
    return Reader(settings.database)


def _date(text: str) -> datetime:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no ISO 8601 date", param_hint="--published") from None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        typer.echo(line, err=True)


def _complain(line: str) -> None:
    typer.echo(f"storywire: {line}", err=True)


def main() -> NoReturn:
    """Entry point: runs the command and turns errors into messages and exit codes."""
    try:
        app()
    except Exception as error:
        code = exit_code(error)
        if code is Exit.BUG:
            traceback.print_exc()
            _complain(f"unexpected {type(error).__name__}: {error}")
        else:
            _complain(str(error))
        sys.exit(code)
    sys.exit(Exit.OK)


if __name__ == "__main__":
    main()
