"""The SQL sink while its PostgreSQL server, or its own process, goes away and comes back."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg.pq import Ping

from config.sections import WorkerSection
from sinks import loop, sql, sql_postgresql
from sinks.base import SinkDown
from sinks.loop import SinkLoop
from sinks.open import open_sink
from streams.log import Log
from tests.builders import Wire, article, update
from tests.postgres.databases import Databases
from tests.postgres.server import Server
from tests.sinks.fixtures import Events
from tests.sinks.kinds import SQLITE, SqlKind, postgresql
from tests.sinks.world import LANGS, SOURCE, TOPICS, at, deliver_more, new_log, put
from tests.streams.processes import ended, forked
from tests.waiting import wait_for

WAITS = "sink waits, nothing is lost"
SMALL = WorkerSection(batch=3, poll_seconds=0.05)  # many flushes, for the server to go away in


@pytest.fixture
def databases(own_postgres: Server) -> Databases:
    """On a server of the test's own, which ends with it."""
    return Databases(own_postgres.url)


@pytest.fixture
def kind(databases: Databases) -> SqlKind:
    return postgresql(databases)


@contextmanager
def delivering(kind: SqlKind, folder: Path) -> Iterator[None]:
    """The sink at work in a thread, with a log of its own: a log belongs to one thread."""
    stop = threading.Event()

    def run() -> None:
        sink = open_sink(kind.url(folder), patient=True)
        SinkLoop(new_log(folder), sink, TOPICS, SMALL).run(stop.is_set)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def reached(log: Log, kind: SqlKind, folder: Path) -> int:
    """How many updates the sink has."""
    return sum(log.committed(kind.group(folder), TOPICS.name("stories")).values())


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_server_that_goes_away_in_mid_stream_is_waited_for_and_nothing_is_lost_or_twice(
    own_postgres, kind, how, tmp_path, monkeypatch, events: Events
):
    monkeypatch.setattr(loop, "RETRY_SECONDS", 0.02)
    log = new_log(tmp_path)
    put(log, Wire(1, LANGS).updates(400))
    kind.open(tmp_path).close()
    end = {"stop": own_postgres.stop, "kill": own_postgres.kill}[how]
    with delivering(kind, tmp_path):
        for times in (1, 2):
            wait_for(lambda t=times: reached(log, kind, tmp_path) >= t * 100, what=f"{times * 100} updates")
            waits = len(events.named(WAITS))
            end()
            wait_for(lambda w=waits: len(events.named(WAITS)) >= w + 2, what="the sink to wait")
            assert reached(log, kind, tmp_path) < 400
            own_postgres.start()
            wait_for(lambda t=times: len(events.named("sink delivers again")) == t, what="the sink to be back")
        wait_for(lambda: reached(log, kind, tmp_path) == 400, what="all updates")
    SQLITE.feed(log, tmp_path)
    assert kind.dump(tmp_path) == SQLITE.dump(tmp_path)
    for line in events.named(WAITS):
        assert line["sink"] == str(line["reason"]).partition(": ")[0]


def test_a_server_that_is_not_there_yet_is_waited_for(
    own_postgres, databases, kind, tmp_path, monkeypatch, events: Events
):
    monkeypatch.setattr(loop, "RETRY_SECONDS", 0.02)
    log = new_log(tmp_path)
    put(log, Wire(1, LANGS).updates(20))
    databases.made(tmp_path)  # an empty one, without tables
    own_postgres.stop()
    with delivering(kind, tmp_path):
        wait_for(lambda: len(events.named(WAITS)) >= 2, what="the sink to wait")
        assert "Connection refused" in events.lines[-1]["reason"]
        own_postgres.start()
        wait_for(lambda: reached(log, kind, tmp_path) == 20, what="all updates")


def test_a_server_that_does_not_let_anybody_in_yet_is_waited_for(own_postgres, kind, tmp_path):
    """As when it recovers from a crash, which takes minutes on a large database."""
    sink = kind.open(tmp_path)
    own_postgres.stop()
    standby = own_postgres.folder / "data" / "standby.signal"
    standby.touch()
    own_postgres.start(until=Ping.REJECT, hot_standby="off")
    with pytest.raises(SinkDown, match="the database system is "):
        sink.resume(SOURCE, [0])
    own_postgres.stop()
    standby.unlink()
    own_postgres.start()
    assert sink.resume(SOURCE, [0]) == {0: 0}
    sink.close()


def stopped_in_mid_transaction(kind: SqlKind, folder: Path) -> None:
    """A sink whose process is stopped when it has written and not committed. Ends well if it is fenced then."""
    write = sql.write

    def write_and_stop(*arguments: object) -> None:
        write(*arguments)
        os.kill(os.getpid(), signal.SIGSTOP)

    sink = open_sink(kind.url(folder))
    sink.resume(SOURCE, [0])
    sql.write = write_and_stop
    sink.add([at(0, update(article("a1", title="by the one that was stopped")))])
    try:
        sink.flush({0: 1})
    except SinkDown:
        assert sink.resume(SOURCE, [0]) == {0: 1}
        os._exit(0)
    os._exit(1)


def test_a_process_that_is_stopped_in_mid_transaction_holds_up_nobody_and_is_fenced(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(sql_postgresql, "IDLE_SECONDS", 0.5)
    sink = kind.open(tmp_path)
    with forked(stopped_in_mid_transaction, kind, tmp_path) as process:
        wait_for(lambda: " T " in Path(f"/proc/{process.pid}/stat").read_text(), what="the process to be stopped")
        assert sink.resume(SOURCE, [0]) == {0: 0}  # which waits until the server has ended the other's transaction
        deliver_more(sink, 0, update(article("a1", title="by the one that took over")))
        os.kill(process.pid, signal.SIGCONT)
        assert ended(process) == 0
    assert kind.ask(tmp_path, "SELECT title FROM articles") == [("by the one that took over",)]
    sink.close()
