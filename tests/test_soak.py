"""SIGKILL at any moment: what was acknowledged is there, and no request is there by half.

QGEN_SOAK_ROUNDS rounds (10), QGEN_SOAK_SEED the first seed (drawn and printed otherwise).
`make soak` runs 200.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import QdrantClient, models
from qgen_sidecar import Sidecar

ROUNDS = int(os.environ.get("QGEN_SOAK_ROUNDS", "10"))
FIRST = int(os.environ.get("QGEN_SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
GROUPS, SIZE = 12, 20  # points are written a group at a time
GONE = None


@dataclass
class Model:
    """What the folder must hold: a version for each group, or GONE."""

    acknowledged: dict[int, int | None] = field(default_factory=dict)
    asked: tuple[int, int | None] | None = None  # what may have happened, or not
    done: int = 0

    def allowed(self, group: int) -> set[int | None]:
        before = {self.acknowledged.get(group, GONE)}
        return before | {self.asked[1]} if self.asked and self.asked[0] == group else before


def members(group: int) -> list[int]:
    return list(range(group * SIZE, (group + 1) * SIZE))


def act(client: QdrantClient, model: Model, rng: random.Random, version: int) -> None:
    """One request on one group: upsert, payload edit or delete."""
    group = rng.randrange(GROUPS)
    there = model.acknowledged.get(group, GONE) is not GONE
    kind = rng.choice(["upsert", "edit", "edit by filter", "delete"]) if there else "upsert"
    model.asked = group, GONE if kind == "delete" else version
    only = models.Filter(
        must=[models.FieldCondition(key="group", match=models.MatchValue(value=group))]
    )
    if kind == "upsert":
        client.upsert(
            "points",
            [
                models.PointStruct(
                    id=id,
                    vector=[rng.random() for _ in range(8)],
                    payload={"group": group, "version": version, "text": "x" * rng.randrange(3000)},
                )
                for id in members(group)
            ],
        )
    elif kind == "delete":
        client.delete("points", points_selector=members(group))
    else:
        points: Any = members(group) if kind == "edit" else only
        client.set_payload("points", payload={"version": version}, points=points)
    model.acknowledged[group] = model.asked[1]
    model.asked = None
    model.done += 1


def write_until_killed(folder: Path, model: Model, rng: random.Random) -> None:
    config = {
        "store": {"path": str(folder), "collection": "points", "share": "127.0.0.1:0"},
        "cache": {"path": ""},
    }
    with Sidecar(config, close_timeout=1) as sidecar:
        client = sidecar.qdrant(timeout=5)
        if not client.collection_exists("points"):
            shape = models.VectorParams(size=8, distance=models.Distance.DOT)
            client.create_collection("points", vectors_config=shape)
        pid = sidecar.pid
        assert pid is not None
        begun = threading.Event()

        def kill() -> None:
            begun.wait()
            time.sleep(rng.uniform(0.01, 0.25))
            os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        version = model.done
        try:
            while True:
                version += 1
                act(client, model, rng, version)
                begun.set()
        except Exception:
            begun.set()  # it is dead, or was never alive: the state tells
        killer.join()
        client.close()


def check(folder: Path, model: Model) -> None:
    with closing(sqlite3.connect(folder / "collection" / "points" / "storage.sqlite")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    client = QdrantClient(path=str(folder))
    found, _ = client.scroll("points", limit=GROUPS * SIZE + 1, with_payload=True)
    client.close()
    versions: dict[int, list[Any]] = {group: [] for group in range(GROUPS)}
    for point in found:
        assert point.payload is not None
        versions[int(point.id) // SIZE].append(point.payload["version"])
    for group, seen in versions.items():
        assert len(seen) in (0, SIZE), f"group {group}: {len(seen)} of {SIZE} points"
        assert len(set(seen)) <= 1, f"group {group}: half a request: {seen}"
        version = seen[0] if seen else GONE
        assert version in model.allowed(group), f"group {group}: {version}"
        model.acknowledged[group] = version  # whichever it was, it stays so
    model.asked = None


@pytest.mark.parametrize("seed", range(FIRST, FIRST + (ROUNDS + 9) // 10))
def test_killed_at_any_moment(seed: int, tmp_path: Path) -> None:
    """Ten rounds on one folder, each on what the last one left."""
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "meta.json").write_text('{"collections": {}, "aliases": {}}', encoding="utf-8")
    rng, model = random.Random(seed), Model()
    for _ in range(min(10, ROUNDS)):
        write_until_killed(folder, model, rng)
        check(folder, model)
    assert model.done >= 10, "too few requests were acknowledged to say anything"
