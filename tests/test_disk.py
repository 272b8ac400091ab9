"""A disk that is full, and one that is read-only: real ones, in a mount namespace."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import QdrantClient

from road import CHUNKS, ModelServer, as_toml, chunk_id, points_of
from wire import Wire

# The folder lies on a disk of its own while the sidecar runs, and is copied back after it.
ON_A_DISK = """#!/bin/sh
set -e
mount -t tmpfs -o size={size} none {disk}
cp -r {folder} {disk}/db
{then}
status=0
{binary} || status=$?
cp -r {disk}/db {copy}
exit $status
"""


@pytest.fixture
def on_a_disk(binary: str, folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """Makes a program that is the sidecar with its folder on a small disk."""
    unshare = next((how for how in ("-m", "-rm") if permitted(how)), None)
    if unshare is None:
        pytest.skip("this system lets nobody mount: no small disk to try")

    def make(size: str, then: str = "true") -> Path:
        (tmp_path / "disk").mkdir()
        inner, outer = tmp_path / "inner.sh", tmp_path / "sidecar.sh"
        inner.write_text(
            ON_A_DISK.format(
                size=size,
                disk=tmp_path / "disk",
                folder=folder,
                then=then.format(disk=tmp_path / "disk"),
                binary=binary,
                copy=tmp_path / "copy",
            ),
            encoding="utf-8",
        )
        outer.write_text(f"#!/bin/sh\nexec unshare {unshare} sh {inner}\n", encoding="utf-8")
        outer.chmod(0o755)
        return outer

    return make


def permitted(how: str) -> bool:
    if shutil.which("unshare") is None:
        return False
    line = ["unshare", how, "sh", "-c", "mount -t tmpfs none /mnt"]
    return subprocess.run(line, capture_output=True, check=False).returncode == 0


def settings(tmp_path: Path) -> dict[str, Any]:
    return {
        "store": {
            "path": str(tmp_path / "disk" / "db"),
            "collection": "chunks",
            "questions": {"collection": "questions"},
        },
        "cache": {"path": ""},
    }


def save(wire: Wire, n: int, text: str) -> dict[str, Any]:
    question = {
        "query": text,
        "chunk_id": chunk_id(n % 40),
        "vector": [1.0] * 64,
        "payload": {"n": n},
    }
    wire.send("save-question", question, id=n)
    return wire.receive()


def test_a_full_disk_loses_nothing(on_a_disk: Callable[..., Path], tmp_path: Path) -> None:
    acknowledged, refused = [], None
    with Wire(str(on_a_disk("3M"))) as wire:
        assert "result" in wire.initialize(settings(tmp_path))
        for n in range(1, 500):
            answer = save(wire, n, f"Question {n}? " + "x" * 20_000)
            if "error" in answer:
                refused = answer["error"]
                break
            acknowledged.append(answer["result"]["point_id"])
        assert refused is not None, "three megabytes held everything"
        assert refused["code"] == -32011
        assert "full" in refused["message"]
        wire.send("fetch", {"count": 3}, id="still")  # reading goes on
        assert wire.receive()["result"]["count"] == 3
    copy = tmp_path / "copy"
    with closing(sqlite3.connect(copy / "collection" / "questions" / "storage.sqlite")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert {point.id for point in points_of(copy, "questions")} == set(acknowledged)
    assert len(acknowledged) > 3


def test_a_batch_that_does_not_fit_leaves_nothing(
    on_a_disk: Callable[..., Path], tmp_path: Path
) -> None:
    program = on_a_disk("4M", then="cat /dev/zero > {disk}/ballast 2> /dev/null || true")
    disk = tmp_path / "disk"
    config = settings(tmp_path) | {
        "cache": {"path": str(tmp_path / "cache")},
        "endpoint": [{"name": "a", "base_url": "http://127.0.0.1:9/v1"}],
        "lm": {"task": {"model": "m"}},
        "personas": {"source": "none"},
        "files": {"program": str(tmp_path / "program.json")},
    }
    params = {"output": str(disk / "out.jsonl"), "batch": str(disk / "round-1")}
    with Wire(str(program)) as wire:
        assert "result" in wire.initialize(config)
        for attempt in range(2):  # a half file would be taken for an earlier export
            wire.send("export-batch", params, id=attempt)
            refused = wire.receive()["error"]
            assert refused["code"] == -32013
            assert "no space" in refused["message"]
            assert "earlier export" not in refused["message"]
        wire.send("export-batch", params | {"batch": str(tmp_path / "round-1")}, id="elsewhere")
        assert wire.receive()["result"]["requests"] == 40


def test_a_read_only_disk_can_be_read(on_a_disk: Callable[..., Path], tmp_path: Path) -> None:
    program = on_a_disk("8M", then="mount -o remount,ro {disk}")
    with Wire(str(program)) as wire:
        assert "result" in wire.initialize(settings(tmp_path))
        wire.send("fetch", {"count": 5}, id=1)
        assert wire.receive()["result"]["count"] == 5
        refused = save(wire, 2, "Can it be saved?")["error"]
        assert refused["code"] == -32011
        assert "read-only" in refused["message"].lower() or "readonly" in refused["message"].lower()
    client = QdrantClient(path=str(tmp_path / "copy"))
    assert [c.name for c in client.get_collections().collections] == ["chunks", "characters"]
    client.close()


def on_a_small_disk(work: Path, copy: Path, size: str, script: str) -> subprocess.CompletedProcess:
    """Runs a script in a copy of a folder on a disk of its own, which is copied back."""
    how = next((how for how in ("-m", "-rm") if permitted(how)), None)
    if how is None:
        pytest.skip("this system lets nobody mount: no small disk to try")
    disk = work.parent / "disk"
    disk.mkdir()
    copy.mkdir()
    whole = f"""
mount -t tmpfs -o size={size} none {disk}
cp -r {work}/. {disk}
cd {disk}
{script}
rm -f ballast
cp -r {disk}/. {copy}
"""
    command = ["unshare", how, "sh", "-c", whole]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


FILL = "cat /dev/zero > ballast 2> /dev/null || true\n"


def test_a_compile_on_a_full_disk_changes_nothing(binary: str, tmp_path: Path) -> None:
    """The program and its run file, by which an evaluation knows what was trained on, stay."""
    work, copy = tmp_path / "work", tmp_path / "copy"
    shutil.copytree(Path(__file__).parent / "work_folder", work)
    script = f"""{FILL}
{binary} compile --optimizer.num-candidate-programs 0 > answer 2> {tmp_path}/error
echo $? > {tmp_path}/status
"""
    on_a_small_disk(work, copy, "4M", script)
    assert (tmp_path / "status").read_text() == "1\n"
    assert "no space left" in (tmp_path / "error").read_text()
    for name in ("optimized_pipeline.json", "optimized_pipeline.run.json"):
        assert (copy / name).read_bytes() == (work / name).read_bytes()
    assert {path.name for path in copy.iterdir()} - {path.name for path in work.iterdir()} <= {
        "answer",
        "gold_dataset.json.lock",
        "optimized_pipeline.run.json.lock",
    }


def test_a_report_on_a_full_disk_changes_nothing(binary: str, tmp_path: Path) -> None:
    work, copy = tmp_path / "work", tmp_path / "copy"
    shutil.copytree(Path(__file__).parent / "work_folder", work)
    # room for the first of the three files, and not for all of them
    script = f"""
dd if=/dev/zero of=ballast bs=1024 count=$(($(df -k . | awk 'END {{print $4}}') - 40)) 2> /dev/null
{binary} evaluate --split all --report report.html > {tmp_path}/answer 2> {tmp_path}/error
echo $? > {tmp_path}/status
"""
    on_a_small_disk(work, copy, "4M", script)
    assert (tmp_path / "status").read_text() == "1\n"
    assert "no space left" in (tmp_path / "error").read_text()
    for name in ("report.html", "report.json", "report.md"):
        assert (copy / name).read_bytes() == (work / name).read_bytes()


def test_decisions_around_a_full_disk_are_kept(
    binary: str, models: ModelServer, tmp_path: Path
) -> None:
    """What did not fit was said not to be taken; what was taken is there at the next start."""
    work, copy = tmp_path / "work", tmp_path / "copy"
    work.mkdir()
    lines = [json.dumps({"chunk_id": n, "chunk_text": text}) for n, text in enumerate(CHUNKS)]
    (work / "raw_chunks.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    endpoint = {"name": "a", "base_url": models.base_url}
    settings = {
        "endpoint": [endpoint],
        "lm": {"task": {"model": "m"}},
        "personas": {"source": "none"},
        "cache": {"path": str(tmp_path / "cache")},
    }
    (work / "qgen.toml").write_text(as_toml(settings), encoding="utf-8")
    script = f"""
mkfifo in
{binary} annotate < in > {tmp_path}/said 2>&1 &
exec 3> in
for i in 1 2; do echo 1 >&3; sleep 0.4; done
{FILL}
for i in 1 2 3 4 5 6; do echo 1 >&3; sleep 0.4; done
rm ballast
for i in 1 2 3; do echo 1 >&3; sleep 0.4; done
echo q >&3
exec 3>&-
wait
rm in
{binary} annotate < /dev/null > {tmp_path}/again 2>&1
echo $? > {tmp_path}/status
"""
    on_a_small_disk(work, copy, "300k", script)
    said = (tmp_path / "said").read_text()
    assert "no space left" in said, said
    assert (tmp_path / "status").read_text() == "0\n", (tmp_path / "again").read_text()
    journal = (copy / "gold.journal.jsonl").read_text(encoding="utf-8")
    records = [json.loads(line) for line in journal.splitlines()]
    undone = {record["of"] for record in records if record["op"] == "undo"}
    taken = [r["question"] for r in records if r["op"] == "take" and r["seq"] not in undone]
    gold = json.loads((copy / "gold_dataset.json").read_text(encoding="utf-8"))
    assert sorted(entry["gold_question"] for entry in gold) == sorted(taken)
    assert len(taken) >= 5
    numbers = [record["seq"] for record in records]
    assert numbers == sorted(set(numbers))
