"""The road over a real pipe: the real binary, real folders, and a model server by rule.

Nothing here is a double of ours: the binary and the deterministic OpenAI-compatible
server are built from this checkout (QGEN_SIDECAR_BINARY names another binary), folders
are written by Python's own qdrant-client.
"""

from __future__ import annotations

import faulthandler
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams

from road import CHARACTERS, CHUNKS, TOPICS, ModelServer, as_toml, chunk_id, points_of

ROOT = Path(__file__).resolve().parents[1]
LONGEST_TEST_S = 120

try:
    import qgen_sidecar  # noqa: F401
except ImportError:
    sys.path.insert(0, str(ROOT / "clients" / "python" / "src"))


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """No test may hang: after two minutes all stacks are written and the run ends."""
    faulthandler.dump_traceback_later(LONGEST_TEST_S, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="session")
def binary() -> str:
    given = os.environ.get("QGEN_SIDECAR_BINARY")
    return given or go_build("./cmd/qgen-sidecar", "qgen-sidecar")


@pytest.fixture(scope="session", autouse=True)
def found_by_the_client(binary: str) -> Iterator[None]:
    before = os.environ.get("QGEN_SIDECAR_BINARY")
    os.environ["QGEN_SIDECAR_BINARY"] = binary
    yield
    if before is None:
        del os.environ["QGEN_SIDECAR_BINARY"]


def go_build(package: str, name: str) -> str:
    output = ROOT / ".build" / name
    env = {**os.environ, "CGO_ENABLED": "0"}
    subprocess.run(["go", "build", "-o", str(output), package], cwd=ROOT, env=env, check=True)
    return str(output)


@pytest.fixture(scope="session")
def start_models() -> Iterator[Callable[..., ModelServer]]:
    """Starts servers of the test's own, with its flags and environment."""
    command = go_build("./internal/llmtest/cmd/llmserver", "llmserver")
    running: list[subprocess.Popen[bytes]] = []

    def start(*flags: str, **env: str) -> ModelServer:
        process = subprocess.Popen(
            [command, *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **env},
        )
        running.append(process)
        assert process.stdout is not None
        return ModelServer(json.loads(process.stdout.readline())["base_url"])

    yield start
    for process in running:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


@pytest.fixture(scope="session")
def models(start_models: Callable[..., ModelServer]) -> ModelServer:
    return start_models()


@pytest.fixture(scope="session")
def written_folder(models: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as Python's client leaves it: 40 chunks, one point without text, 2 characters."""
    folder = tmp_path_factory.mktemp("written") / "qdrant_db"
    client = QdrantClient(path=str(folder))
    vectors = models.embed(CHUNKS)
    shape = VectorParams(size=len(vectors[0]), distance=Distance.COSINE)
    client.create_collection("chunks", vectors_config=shape)
    points = [
        PointStruct(id=chunk_id(n), vector=vectors[n], payload={"text": text, "title": f"Rule {n}"})
        for n, text in enumerate(CHUNKS)
    ]
    points.append(PointStruct(id=1001, vector=vectors[0], payload={"title": "no text here"}))
    client.upsert("chunks", points)
    client.create_collection("characters", vectors_config=shape)
    about = models.embed([character["description"] for character in CHARACTERS])
    client.upsert(
        "characters",
        [
            PointStruct(id=n, vector=about[n], payload=character)
            for n, character in enumerate(CHARACTERS)
        ],
    )
    client.close()
    return folder


@pytest.fixture
def folder(written_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written_folder, tmp_path / "qdrant_db"))


@pytest.fixture
def config(folder: Path, models: ModelServer, tmp_path: Path) -> dict[str, Any]:
    """A whole configuration on the test's own folder, as `config` of initialize."""
    return {
        "store": {
            "path": str(folder),
            "collection": "chunks",
            "text_field": "text",
            "share": "127.0.0.1:0",
            "questions": {"collection": "questions", "copy_fields": ["title"]},
        },
        "endpoint": [
            {"name": role, "base_url": models.base_url, "api_key_env": "QGEN_TEST_KEY"}
            for role in ("task", "teacher", "judge")
        ],
        "lm": {
            "task": {"model": "task-model", "endpoints": ["task"]},
            "teacher": {"model": "teacher-model", "endpoints": ["teacher"]},
            "judge": {"model": "judge-model", "endpoints": ["judge"]},
            "embed": {"model": "embedder", "endpoints": ["task"]},
        },
        "personas": {"source": "collection", "collection": "characters"},
        "files": {
            "raw_chunks": str(tmp_path / "raw_chunks.jsonl"),
            "gold": str(tmp_path / "gold_dataset.json"),
            "program": str(tmp_path / "optimized_pipeline.json"),
        },
        "cache": {"path": str(tmp_path / "cache")},
    }


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A key for the servers, and a working directory without a qgen.toml."""
    monkeypatch.setenv("QGEN_TEST_KEY", "a-key-of-the-tests")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def gold(config: dict[str, Any]) -> Path:
    """30 gold entries, one for each of the first chunks."""
    entries = [
        {
            "chunk_text": text,
            "persona_description": CHARACTERS[n % 2]["description"],
            "gold_question": f"By when exactly do I have to register my {TOPICS[n % 8]}?",
            "query_type": "factual",
            "query_format": "direct question",
        }
        for n, text in enumerate(CHUNKS[:30])
    ]
    path = Path(config["files"]["gold"])
    path.write_text(json.dumps(entries), encoding="utf-8")
    return path


@pytest.fixture
def toml(config: dict[str, Any], tmp_path: Path) -> Path:
    path = tmp_path / "settings" / "qgen.toml"
    path.parent.mkdir()
    path.write_text(as_toml(config), encoding="utf-8")
    return path


@pytest.fixture
def command(binary: str, toml: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs one of the binary's commands for people, without a terminal."""

    def run(*args: str, given: str = "") -> subprocess.CompletedProcess[str]:
        line = [binary, "--config", str(toml), *args]
        return subprocess.run(
            line, input=given, capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.fixture
def read_back(folder: Path) -> Callable[[str], list[Any]]:
    """`points_of` the folder."""
    return partial(points_of, folder)
