"""One process has the folder, and everybody else is told so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import qgen_sidecar
from qdrant_client import QdrantClient
from qgen_sidecar import Sidecar, SidecarDied, StoreLocked

from road import CHUNKS, ModelServer, chunk_id

HOLDER = """
import sys
from qdrant_client import QdrantClient
client = QdrantClient(path=sys.argv[1])
sys.stdout.write("held\\n")
sys.stdout.flush()
sys.stdin.read()
client.close()
"""


def test_python_is_refused_while_the_sidecar_runs(config: dict[str, Any], folder: Path) -> None:
    with Sidecar(config) as sidecar:
        assert sidecar.store is not None
        assert sidecar.store["mode"] == "folder"
        with pytest.raises(RuntimeError, match="already accessed by another instance"):
            QdrantClient(path=str(folder))
    QdrantClient(path=str(folder)).close()


def test_the_sidecar_is_refused_while_python_holds_the_folder(
    config: dict[str, Any], folder: Path
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreLocked) as caught:
            Sidecar(config).start()
        assert caught.value.code == -32010
        assert caught.value.data == {"path": str(folder), "holder_pid": holder.pid}
        assert str(folder) in caught.value.message
    finally:
        holder.stdin.close()
        holder.wait(30)
        holder.stdout.close()
    with Sidecar(config) as sidecar:
        assert sidecar.fetch(count=1)["count"] == 1


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_after_sigkill_every_acknowledged_question_is_there(
    config: dict[str, Any], read_back: Callable[[str], list[Any]]
) -> None:
    acknowledged = []
    with Sidecar(config) as sidecar:
        for n in range(25):
            question = f"Question number {n}?"
            saved = sidecar.save_question(query=question, chunk_id=chunk_id(n))
            acknowledged.append((saved["point_id"], question))
        assert sidecar.pid is not None
        os.kill(sidecar.pid, signal.SIGKILL)
        with pytest.raises(SidecarDied) as caught:
            sidecar.save_question(query="Too late?", chunk_id=1)
        assert caught.value.status == -signal.SIGKILL
    found = {point.id: point.payload["question"] for point in read_back("questions")}
    assert dict(acknowledged).items() <= found.items()


def test_a_second_sidecar_uses_the_firsts_share(
    config: dict[str, Any], models: ModelServer
) -> None:
    with Sidecar(config) as first:
        with Sidecar.attach(config) as second:
            assert second.store is not None
            assert second.store["mode"] == "shared"
            saved = second.generate(chunk_text=CHUNKS[0], chunk_id=chunk_id(0), save=True)
            for sidecar in (first, second):
                store = sidecar.qdrant()
                try:
                    (point,) = store.retrieve("questions", [saved["point_id"]])
                finally:
                    store.close()
                assert point.payload["question"] == saved["query"]
        assert first.fetch(count=1)["count"] == 1


def test_status_does_not_show_the_shares_key(config: dict[str, Any]) -> None:
    config["store"]["share"] = "127.0.0.1:0"
    with Sidecar(config) as sidecar:
        key = sidecar.info["store"]["share"]["api_key"]
        status = sidecar.status()
        assert status["store"]["share"]["grpc_port"] > 0
        assert key not in str(status)


def test_lazy_takes_the_lock_at_the_first_call_that_needs_it(
    config: dict[str, Any], folder: Path, gold: Path
) -> None:
    config["store"]["lock"] = "lazy"
    with Sidecar(config) as sidecar:
        sidecar.gold_sample()
        sidecar.prompts(program=None)
        QdrantClient(path=str(folder)).close()
        sidecar.fetch(count=1)
        with pytest.raises(RuntimeError, match="already accessed"):
            QdrantClient(path=str(folder))


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_the_hosts_death_frees_the_folder(folder: Path) -> None:
    client = str(Path(qgen_sidecar.__file__).parents[1])
    host = subprocess.Popen(
        [sys.executable, "-c", HOST, str(folder), client],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert host.stdin is not None
    assert host.stdout is not None
    pid = int(host.stdout.readline())
    host.kill()
    host.wait(10)
    host.stdin.close()
    host.stdout.close()
    until = time.monotonic() + 10
    while _alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    QdrantClient(path=str(folder)).close()


HOST = """
import sys
sys.path.insert(0, sys.argv[2])
from qgen_sidecar import Sidecar
sidecar = Sidecar({"store": {"path": sys.argv[1], "collection": "chunks"}}).start()
sys.stdout.write(f"{sidecar.pid}\\n")
sys.stdout.flush()
sys.stdin.read()
"""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
