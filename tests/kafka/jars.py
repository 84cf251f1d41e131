"""Apache Kafka's jars, copied once from Maven Central into a cache folder outside the tree."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")


def cache() -> Path:
    """Where the jars of this pom.xml lie; another pom.xml has another folder."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "storywire" / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"


def lacking() -> str:
    """What this machine lacks for a broker, in one line; empty when it can run one."""
    needed = ["java"] if cache().is_dir() else ["java", "mvn"]
    missing = [program for program in needed if not shutil.which(program)]
    if not missing:
        return ""
    return (
        f"no Kafka broker without {' and '.join(missing)}: "
        "install Java 17 and Maven, or set STORYWIRE_TEST_KAFKA=host:port"
    )


def jars() -> Path:
    """The folder with the jars. Processes that ask at the same time wait for the first, which copies them."""
    folder = cache()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _copy(folder)
    return folder


def _copy(folder: Path) -> None:
    """Have Maven fill a folder, which gets its name when it is complete."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
        filled = Path(unfinished) / "jars"
        command = [
            "mvn",
            "-q",
            "-B",
            "-f",
            str(POM),
            "dependency:copy-dependencies",
            f"-DoutputDirectory={filled}",
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise RuntimeError(f"Maven could not copy Kafka's jars:\n{done.stdout}")
        filled.rename(folder)
