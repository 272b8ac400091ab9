"""Folders that five versions of Python's qdrant-client wrote, read through the binary's share.

expected.json beside each folder is what the client that wrote it read back.
"""

from __future__ import annotations

import json
import math
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
from qgen_sidecar import Sidecar

FOLDERS = Path(__file__).resolve().parents[1] / "qdrantlock" / "folder" / "testdata" / "qdrant"
VERSIONS = sorted(folder.name for folder in FOLDERS.iterdir())


def same_vector(found: Any, wanted: Any) -> bool:
    """Equal up to length: Python shows cosine vectors raw or as unit vectors, as it comes."""
    if isinstance(wanted, dict) and "indices" in wanted:
        return found.indices == wanted["indices"] and same_numbers(found.values, wanted["values"])
    if wanted and isinstance(wanted[0], list):
        return len(found) == len(wanted) and all(map(same_vector, found, wanted))
    return same_numbers(found, wanted) or same_numbers(unit(found), unit(wanted))


def same_numbers(found: list[float], wanted: list[float]) -> bool:
    return len(found) == len(wanted) and all(
        math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-6) for a, b in zip(found, wanted, strict=True)
    )


def unit(vector: list[float]) -> list[float]:
    length = math.sqrt(sum(x * x for x in vector))
    return [x / length for x in vector] if length else vector


def canonical(id: int | str) -> int | str:
    """As servers show it; older clients kept the spelling that they were given."""
    return str(uuid.UUID(id)) if isinstance(id, str) else id


def check_payload(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert set(found) == set(wanted)
    for key, value in wanted.items():
        if isinstance(value, str) and value.startswith(("datetime.", "UUID(")):
            # Clients before 1.20 stored Python's objects; all show them as text since.
            assert isinstance(found[key], str), key
            assert found[key][:4] in value, key
        else:
            assert found[key] == value, key


def check_vectors(found: Any, wanted: Any) -> None:
    if not isinstance(wanted, dict):
        assert same_vector(found, wanted)
        return
    assert set(found or {}) == set(wanted)
    for name, vector in wanted.items():
        assert same_vector(found[name], vector), name


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_writer_read_is_what_the_share_shows(version: str, tmp_path: Path) -> None:
    storage = tmp_path / "storage"
    shutil.copytree(FOLDERS / version / "storage", storage)
    expected = json.loads((FOLDERS / version / "expected.json").read_text(encoding="utf-8"))
    with Sidecar({"store": {"path": str(storage), "share": "127.0.0.1:0"}}) as sidecar:
        listed = {c["name"]: c["points"] for c in sidecar.info["store"]["collections"]}
        assert listed == {name: c["count"] for name, c in expected["collections"].items()}
        client = sidecar.qdrant()
        try:
            for name, collection in expected["collections"].items():
                found, _ = client.scroll(name, limit=1000, with_payload=True, with_vectors=True)
                points = {point.id: point for point in found}
                assert set(points) == {canonical(p["id"]) for p in collection["points"]}
                for wanted in collection["points"]:
                    point = points[canonical(wanted["id"])]
                    check_payload(point.payload or {}, wanted["payload"] or {})
                    check_vectors(point.vector, wanted["vector"])
        finally:
            client.close()
