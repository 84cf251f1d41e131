"""Records in the embedded log: appending, reading, and deleting what retention allows."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from streams.log import Append, LogError, Record, TopicPartition
from streams.sqlite.database import Database

TOMBSTONE_SECONDS = 86_400.0
"""How long a tombstone stays, so that whoever reads the topic meanwhile learns of the deletion."""

_headers = msgspec.json.Decoder(dict[str, str])


def locate(database: Database, tp: TopicPartition) -> tuple[int, int, bool]:
    """Row id of a partition, offset of its next record, whether it is compacted. Raises LogError."""
    sql = """SELECT partitions.id, end, cleanup = 'compact' FROM partitions JOIN topics ON topics.id = topic
             WHERE name = ? AND number = ?"""
    for row, end, compacted in database.rows(sql, tp):
        return row, end, bool(compacted)
    remedy = "start the service once, or create the topic, with the settings in force now"
    raise LogError(f"the log {database.url} has no partition {tp.partition} of topic {tp.topic!r}; {remedy}")


def append(database: Database, appends: Sequence[Append], now: float) -> None:
    """Append records; belongs in a transaction. A superseded record of a compacted topic goes at once."""
    by_partition: defaultdict[TopicPartition, list[Append]] = defaultdict(list)
    for record in appends:
        by_partition[TopicPartition(record.topic, record.partition)].append(record)
    for tp, records in by_partition.items():
        row, end, compacted = locate(database, tp)
        numbered = list(enumerate(records, end))
        if compacted:
            numbered = _newest(database, row, tp, numbered)
        database.connection.executemany(
            "INSERT INTO records (partition, offset, appended, compacted, key, headers, value) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(row, offset, now, compacted, r.key, _encoded(r), r.value) for offset, r in numbered],
        )
        database.connection.execute("UPDATE partitions SET end = ? WHERE id = ?", (end + len(records), row))


def _newest(
    database: Database, row: int, tp: TopicPartition, numbered: Sequence[tuple[int, Append]]
) -> list[tuple[int, Append]]:
    """The newest of the records for each key; what they supersede is deleted."""
    newest = {record.key: (offset, record) for offset, record in numbered}
    if None in newest:
        raise LogError(f"a record without a key cannot be kept on {tp.topic!r}, which is compacted; give it a key")
    sql = "DELETE FROM records WHERE partition = ? AND key = ? AND compacted"
    database.connection.executemany(sql, [(row, key) for key in newest])
    return sorted(newest.values(), key=lambda pair: pair[0])


def _encoded(record: Append) -> str | None:
    return msgspec.json.encode(dict(record.headers)).decode() if record.headers else None


def read(database: Database, tp: TopicPartition, start: int, end: int | None, limit: int) -> list[Record]:
    """At most `limit` records from offset `start` on, before `end`."""
    sql = """SELECT offset, key, value, headers, appended FROM topics
             JOIN partitions ON topic = topics.id AND number = ?
             JOIN records ON records.partition = partitions.id AND offset >= ? AND offset < ?
             WHERE name = ? ORDER BY offset LIMIT ?"""
    last = end if end is not None else 2**63 - 1
    return [
        Record(*tp, offset, key, value, _headers.decode(headers) if headers else {}, appended)
        for offset, key, value, headers, appended in database.rows(
            sql, (tp.partition, start, last, tp.topic, limit)
        )
    ]


def prune(database: Database, now: float, limit: int) -> int:
    """Delete, in one transaction, at most `limit` records that retention or `drop` left to be deleted; how many.

    Asking costs a look at the oldest record of each partition; nothing is written when nothing is due.
    """
    with database.transaction() as connection:
        deleted = connection.execute(
            """DELETE FROM records WHERE rowid IN
               (SELECT rowid FROM records WHERE compacted AND value IS NULL AND appended < ? LIMIT ?)""",
            (now - TOMBSTONE_SECONDS, limit),
        ).rowcount
        expired = database.rows(
            """SELECT partitions.id, ?1 - retention_seconds AS horizon FROM partitions
               JOIN topics ON topics.id = topic WHERE cleanup = 'delete' AND horizon >
                   (SELECT appended FROM records WHERE partition = partitions.id ORDER BY offset LIMIT 1)""",
            (now,),
        )
        dropped = database.rows("SELECT id, NULL FROM partitions WHERE topic IS NULL")
        for row, horizon in [*expired, *dropped]:
            deleted += connection.execute(
                """DELETE FROM records WHERE rowid IN (SELECT id FROM
                       (SELECT rowid AS id, appended FROM records WHERE partition = ?1 ORDER BY offset LIMIT ?2)
                   WHERE ?3 IS NULL OR appended < ?3)""",
                (row, limit - deleted, horizon),
            ).rowcount
            connection.execute(
                """DELETE FROM partitions WHERE id = ?1 AND topic IS NULL
                   AND NOT EXISTS (SELECT 1 FROM records WHERE partition = ?1)""",
                (row,),
            )
    return deleted
