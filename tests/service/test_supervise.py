"""The supervisor with real processes."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from config.sections import SupervisorSection
from service.exits import Exit
from service.supervise import Child, Supervisor, restart_delay
from tests.waiting import wait_for

SECTION = SupervisorSection(restart_seconds=0.05, max_restart_seconds=0.4)

# A stage stand-in: notes its pid, then waits for its end as a real stage does.
STAGE = """
import os, sys
from pathlib import Path
from service.lifeline import stop_event
stop = stop_event()
with Path(sys.argv[1]).open("a") as f: f.write(f"{os.getpid()}\\n")
stop.wait()
"""


def pids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def alive(pid: int) -> bool:
    try:
        # A zombie of a dead parent is reaped by init; until then its state says Z.
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def supervised(children: list[Child]) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=Supervisor(children, SECTION).run, args=(stop,))
    thread.start()
    return thread, stop


@given(st.integers(min_value=0, max_value=10_000))
def test_the_wait_before_a_restart_grows_to_its_limit(deaths: int) -> None:
    assert restart_delay(0, SECTION) == 0
    assert restart_delay(deaths, SECTION) <= restart_delay(deaths + 1, SECTION) <= SECTION.max_restart_seconds


def test_a_killed_stage_comes_back_and_all_end_when_told(tmp_path: Path) -> None:
    notes = tmp_path / "pids"
    thread, stop = supervised([Child("stage", [sys.executable, "-c", STAGE, str(notes)])])
    try:
        first = wait_for(lambda: pids(notes))[0]
        os.kill(first, signal.SIGKILL)
        second = wait_for(lambda: pids(notes)[1:])[0]
        assert second != first
    finally:
        stop.set()
        thread.join(timeout=12)
    assert not thread.is_alive()
    assert not any(alive(pid) for pid in pids(notes))


def test_a_stage_that_stopped_itself_stays_stopped(tmp_path: Path) -> None:
    notes = tmp_path / "pids"
    code = f"import sys; open(sys.argv[1], 'a').write('1\\n'); sys.exit({int(Exit.STOPPED)})"
    child = Child("stage", [sys.executable, "-c", code, str(notes)])
    thread, stop = supervised([child])
    try:
        wait_for(lambda: child.stopped)
        # Long enough for several restarts, had it not stayed stopped: the first would come after 0.05 s.
        stop.wait(0.5)
    finally:
        stop.set()
        thread.join(timeout=12)
    assert len(pids(notes)) == 1


def test_stages_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    notes = tmp_path / "pids"
    supervisor = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, threading\n"
            "from config.sections import SupervisorSection\n"
            "from service.supervise import Child, Supervisor\n"
            "child = Child('stage', [sys.executable, '-c', sys.argv[1], sys.argv[2]])\n"
            "Supervisor([child], SupervisorSection()).run(threading.Event())\n",
            STAGE,
            str(notes),
        ]
    )
    stage = wait_for(lambda: pids(notes))[0]
    supervisor.kill()
    supervisor.wait()
    wait_for(lambda: not alive(stage), what="the end of the stage")
