"""The example application: before, the road, after; each script as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import qgen_sidecar

from road import ModelServer, points_of

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "question_generator"


@pytest.fixture
def script(models: ModelServer, tmp_path: Path) -> Callable[..., str]:
    return script_with(models, tmp_path)


def script_with(models: ModelServer, work: Path) -> Callable[..., str]:
    env = {
        **os.environ,
        "QGEN_BASE_URL": models.base_url,
        "QGEN_MODEL": "task-model",
        "QGEN_EMBED_MODEL": "embedder",
        "QGEN_WORK": str(work),
        "OPENAI_API_KEY": "a-key",
        "PYTHONPATH": str(Path(qgen_sidecar.__file__).parents[1]),
    }

    def run(name: str, *args: str, given: str = "") -> str:
        line = [sys.executable, str(EXAMPLE / name), *args]
        done = subprocess.run(
            line, env=env, input=given, capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        return done.stderr

    return run


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the example uses asyncio.TaskGroup")
def test_before_the_road_and_after(script: Callable[..., str], tmp_path: Path) -> None:
    script("load_chunks.py", "--limit", "30")
    assert "4 questions written, 0 chunks failed" in script(
        "question_generator.py", "--questions", "4"
    )
    flags = ["--auto", "--fetch", "20", "--gold", "12", "--labeled", "2", "--candidates", "1"]
    log = script("optimize_pipeline.py", *flags)
    assert "the gold set has 12 entries" in log
    assert len(json.loads((tmp_path / "gold_dataset.json").read_text(encoding="utf-8"))) == 12
    after = script("optimized_question_generator.py", "--questions", "4")
    assert "4 questions written, 0 chunks failed" in after
    points = points_of(tmp_path / "qdrant_db", "questions")
    by_chunk: dict[str, list[dict[str, object]]] = {}
    for point in points:
        by_chunk.setdefault(point.payload["chunk_id"], []).append(point.payload)
    assert len(by_chunk) == 4
    assert {len(point.vector) for point in points} == {len(points[0].vector)}
    for payloads in by_chunk.values():
        old, new = sorted(payloads, key=len)  # the new one adds where the question comes from
        assert set(old) == {"question", "chunk_id", "title", "source"}
        assert {key: new[key] for key in old if key != "question"} == {
            key: old[key] for key in old if key != "question"
        }
        assert isinstance(new["question"], str)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the example uses asyncio.TaskGroup")
def test_a_chunk_without_a_question_does_not_end_the_run(
    script: Callable[..., str], start_models: Callable[..., ModelServer], tmp_path: Path
) -> None:
    script("load_chunks.py", "--limit", "12")
    first = points_of(tmp_path / "qdrant_db", "chunks")[0]
    cut = script_with(start_models("--cut-about", first.payload["text"][:60]), tmp_path)
    log = cut("optimized_question_generator.py", "--questions", "4")
    assert f"{first.payload['title']}: no question: " in log
    assert "finish_reason length" in log
    assert "Traceback" not in log
    assert "4 questions written, 1 chunks failed" in log
    questions = points_of(tmp_path / "qdrant_db", "questions")
    written = {point.payload["chunk_id"] for point in questions}
    assert len(written) == 4
    assert first.id not in written


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the example uses asyncio.TaskGroup")
def test_another_screen_for_the_gold_set(script: Callable[..., str], tmp_path: Path) -> None:
    """Two methods are enough: a suggestion by its number, an own question, a skip, the end."""
    script("load_chunks.py", "--limit", "12")
    flags = ["--auto", "--fetch", "8", "--gold", "4", "--labeled", "1", "--candidates", "1"]
    script("optimize_pipeline.py", *flags)
    gold = tmp_path / "gold_dataset.json"
    gold.unlink()
    log = script("annotate_here.py", given="2\n\nIs this one my own?\nq\n")
    assert "2 in the gold set" in log
    questions = [entry["gold_question"] for entry in json.loads(gold.read_text(encoding="utf-8"))]
    assert questions[1] == "Is this one my own?"
    assert f"2  {questions[0]}" in log
    assert log.count("persona: ") == 4
