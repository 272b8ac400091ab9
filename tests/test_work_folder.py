"""What an earlier version left in a working folder, taken up by this one: no call that was
answered is asked again, nothing turns stale, and nothing is lost. No model server runs: whatever
would be asked fails."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from make_work_folder import BIG_ID
from road import points_of

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return Path(shutil.copytree(Path(__file__).parent / "work_folder", tmp_path / "work"))


@pytest.fixture
def run(binary: str, work: Path) -> Run:
    def call(*args: str, given: str = "") -> dict[str, Any]:
        done = subprocess.run(
            [binary, *args], cwd=work, input=given, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.startswith("{") else {"text": done.stdout}

    return call


def test_the_sample_is_the_same(run: Run, work: Path) -> None:
    before = (work / "raw_chunks.jsonl").read_bytes()
    run("fetch", "--count", "16", "--seed", "1", "--output", "raw_chunks.jsonl")
    assert (work / "raw_chunks.jsonl").read_bytes() == before


def test_the_decisions_stand(run: Run, work: Path) -> None:
    files = ["gold_dataset.json", "gold.journal.jsonl", "judge_scores.jsonl"]
    before = [(work / name).read_bytes() for name in files]
    assert "14" in run("annotate", given="q\n")["text"]
    assert [(work / name).read_bytes() for name in files] == before


def test_a_compile_asks_nothing_again(run: Run, work: Path) -> None:
    program = (work / "optimized_pipeline.json").read_bytes()
    old = json.loads((work / "optimized_pipeline.run.json").read_bytes())
    done = run("compile", "--optimizer.num-candidate-programs", "1")
    assert done["usage"]["calls"] == 0
    assert done["best"]["candidate"] == old["best"]
    assert (work / "optimized_pipeline.json").read_bytes() == program
    new = json.loads((work / "optimized_pipeline.run.json").read_bytes())
    assert new["entries"] == old["entries"]
    assert new["program"]["hash"] == old["program"]["hash"]


def test_an_evaluation_asks_nothing_again_and_replaces_its_report(run: Run, work: Path) -> None:
    old = json.loads((work / "report.json").read_bytes())
    done = run("evaluate", "--report", "report.html")
    assert done["usage"]["calls"] == 0
    assert done["judge"]["agreement"]["n"] == 4
    new = json.loads((work / "report.json").read_bytes())
    for side in ("baseline", "optimized"):
        assert new["comparison"][side] == old["comparison"][side]
    assert new["rows"] == old["rows"]


ALL = ["generate-all", "--per-chunk", "2", "--gates", "standalone", "--output", "q.jsonl", "--save"]


def test_generate_all_goes_on(run: Run, work: Path) -> None:
    before = (work / "q.jsonl").read_bytes()
    saved = {point.id: point.payload for point in points_of(work / "qdrant_db", "questions")}
    wrongly = [id for id, payload in saved.items() if payload.get("stale")]
    assert len(wrongly) == 2  # the chunk whose id has 64 bits
    done = run(*ALL)
    assert done["done"] == 0
    assert done["failed"] == 0
    assert done["stale"] == 0
    assert done["usage"]["calls"] == 0
    assert any("2 saved questions named their chunk by a negative" in w for w in done["warnings"])
    assert (work / "q.jsonl").read_bytes() == before
    for point in points_of(work / "qdrant_db", "questions"):
        was = saved.pop(point.id)
        if point.id in wrongly:
            assert was["chunk_id"] == BIG_ID - 2**64
            was = was | {"chunk_id": BIG_ID}
            del was["stale"], was["stale_reason"]
        assert point.payload == was
    assert not saved
    again = run(*ALL)
    assert (again["done"], again["stale"], again["warnings"]) == (0, 0, [])


def test_questions_are_checked_without_a_call(run: Run, work: Path) -> None:
    run(*ALL)
    done = run("check-questions", "--report", "questions.html")
    assert done["usage"]["calls"] == 0
    assert done["n"] == len(points_of(work / "qdrant_db", "questions"))
    assert done["round_trip"] is not None


def test_why_knows_the_chunk(run: Run, work: Path) -> None:
    for point in points_of(work / "qdrant_db", "questions"):
        why = run("why", point.id)
        assert not why.get("stale")
        assert why["chunk"]["title"] == point.payload["title"]
