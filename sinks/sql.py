"""Story updates as tables: articles, stories, their relations and evidence, in one database."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from sinks.base import Delivery, SinkDown, SinkError, Source
from sinks.database import Database
from sinks.sql_schema import sink_offsets
from sinks.sql_write import insert, write
from streams.messages import StoryUpdate


class SqlSink:
    """Writes every update exactly once: rows and offsets stand and fall in one transaction."""

    def __init__(self, name: str, database: Database) -> None:
        """The database is the sink's from now on."""
        self.name = name
        self._database = database
        self._source = Source("", "")
        self._offsets: dict[int, int] = {}
        self._pending: list[StoryUpdate] = []

    def __str__(self) -> str:
        return str(self._database)

    def resume(self, source: Source, partitions: Iterable[int]) -> dict[int, int | None]:
        """Go on after the last transaction.

        Raises SinkDown; SinkError for a database that is filled from another log, or is none of ours any more.
        """
        self._pending.clear()
        self._database.prepare()
        wanted = sorted(partitions)
        with self._database.begin() as connection:
            self._belong_to(connection, source)
            start = [{**_key(source, partition), "next_offset": 0} for partition in wanted]
            insert(connection, sink_offsets, start)
            rows = connection.execute(
                select(sink_offsets.c.partition, sink_offsets.c.next_offset).where(
                    sink_offsets.c.log == source.log,
                    sink_offsets.c.topic == source.topic,
                    sink_offsets.c.partition.in_(wanted),
                )
            )
            found = {row.partition: row.next_offset for row in rows}
        self._source = source
        self._offsets |= found
        return dict(found)

    def _belong_to(self, connection: Connection, source: Source) -> None:
        filled = select(sink_offsets.c.log, sink_offsets.c.topic).where(sink_offsets.c.next_offset > 0).distinct()
        for log, topic in connection.execute(filled):
            if (log, topic) != (source.log, source.topic):
                raise SinkError(
                    f"{self}: is filled from topic {topic} of log {log}, not from {source.topic} of "
                    f"{source.log}, and offsets of the one mean nothing in the other; name another database, or "
                    f"move this one away and it is filled anew"
                )

    def add(self, deliveries: Sequence[Delivery]) -> None:
        """Take updates."""
        self._pending += (delivery.update for delivery in deliveries)

    def flush(self, offsets: Mapping[int, int]) -> None:
        """Write rows and offsets in one transaction. Raises SinkDown, SinkError."""
        pending, self._pending = self._pending, []
        if not offsets:
            return
        with self._database.begin() as connection:
            self._advance(connection, offsets)
            if pending:
                write(connection, pending)
        self._offsets |= offsets

    def _advance(self, connection: Connection, offsets: Mapping[int, int]) -> None:
        """Move the offsets, unless somebody else has moved them: then what we hold is not the next."""
        for partition in sorted(offsets):
            moved = connection.execute(
                update(sink_offsets)
                .where(
                    *(sink_offsets.c[name] == value for name, value in _key(self._source, partition).items()),
                    sink_offsets.c.next_offset == self._offsets[partition],
                )
                .values(next_offset=offsets[partition])
            )
            if moved.rowcount != 1:
                raise SinkDown(f"{self}: another process has written partition {partition} in the meantime")

    def close(self) -> None:
        """Close the connections."""
        self._database.close()


def _key(source: Source, partition: int) -> dict[str, Any]:
    return {"log": source.log, "topic": source.topic, "partition": partition}
