"""The commands `storywire topics …`."""

from contextlib import closing

import typer

from service.options import AsJson, Config, LogUrl, Namespace, loaded, print_json

app = typer.Typer(help="The topics of the log, and how far each stage has come.", no_args_is_help=True)


@app.command()
def create(
    config: Config = None, log: LogUrl = None, namespace: Namespace = None, as_json: AsJson = False
) -> None:
    """Create the topics that do not exist; refuse those that exist with other properties.

    The stages do so themselves when they start; this is for those who may not.
    """
    from service.stages import opened_log
    from service.topics import describe, print_topics, topics_json

    settings = loaded(config, log=log, namespace=namespace).settings
    with opened_log(settings) as opened:
        states = describe(opened, settings)
    print_json(topics_json(states)) if as_json else print_topics(states)


@app.command("describe")
def describe_topics(
    config: Config = None, log: LogUrl = None, namespace: Namespace = None, as_json: AsJson = False
) -> None:
    """Show the topics as they are."""
    from service.topics import describe, print_topics, topics_json
    from streams.connect import connect

    settings = loaded(config, log=log, namespace=namespace).settings
    with closing(connect(settings.log, settings.kafka)) as opened:
        states = describe(opened, settings)
    print_json(topics_json(states)) if as_json else print_topics(states)


@app.command()
def lag(config: Config = None, log: LogUrl = None, namespace: Namespace = None, as_json: AsJson = False) -> None:
    """Show how many messages wait for each stage and each sink."""
    from service.topics import lags, lags_json, print_lags
    from streams.connect import connect

    settings = loaded(config, log=log, namespace=namespace).settings
    with closing(connect(settings.log, settings.kafka)) as opened:
        groups = lags(opened, settings)
    print_json(lags_json(groups)) if as_json else print_lags(groups)
