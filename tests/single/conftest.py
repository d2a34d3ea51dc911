"""Spark for the tests of tables: in this process, and as a cluster of processes on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_LOOPBACK = "127.0.0.1"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((_LOOPBACK, 0))
        return int(one.getsockname()[1])


@pytest.fixture
def spark_cluster(tmp_path: Path) -> Iterator[str]:
    """Return the address of a master with two worker processes; all are stopped at the end."""
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": _LOOPBACK,
        "SPARK_DAEMON_MEMORY": "256m",
        "PYSPARK_PYTHON": sys.executable,
    }
    port = _free_port()
    address = f"spark://{_LOOPBACK}:{port}"
    deploy = "org.apache.spark.deploy"
    master = [f"{deploy}.master.Master", "--host", _LOOPBACK, "--port", str(port),
              "--webui-port", str(_free_port())]  # fmt: skip
    worker = [f"{deploy}.worker.Worker", address, "--host", _LOOPBACK, "--cores", "1",
              "--memory", "1g", "--webui-port", "0"]  # fmt: skip
    commands = [master, *([*worker, "--work-dir", str(tmp_path / f"w{n}")] for n in range(2))]
    started: list[subprocess.Popen[bytes]] = []
    log = tmp_path / "cluster.log"
    try:
        with log.open("wb") as told:
            for command in commands:
                words = [str(home / "bin" / "spark-class"), *command]
                started.append(subprocess.Popen(words, env=environment, stdout=told, stderr=told))
                if len(started) == 1:
                    _wait(lambda: _answers(port), started, log)
        _wait(lambda: log.read_text().count("Registering worker") >= 2, started, log)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex((_LOOPBACK, port)) == 0


def _wait(ready: object, started: list[subprocess.Popen[bytes]], log: Path) -> None:
    for _ in range(600):
        if ready():  # type: ignore[operator]
            return
        if any(process.poll() is not None for process in started):
            break
        time.sleep(0.2)
    pytest.fail(f"The cluster does not start: {log.read_text()[-2000:]}")
