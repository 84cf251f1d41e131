"""Databases for tests: made and dropped in milliseconds, on whichever server there is."""

from urllib.parse import urlsplit, urlunsplit

from psycopg import connect, sql


def named(server: str, name: str) -> str:
    """URL of the database of this name on the server that a URL leads to."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def make(server: str, name: str) -> str:
    """Create an empty database; its URL."""
    _tell(server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return named(server, name)


def drop(server: str, name: str) -> None:
    """Drop a database, if it is there, and end its connections."""
    _tell(server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _tell(server: str, command: sql.Composed) -> None:
    with connect(server, autocommit=True) as connection:
        connection.execute(command)
