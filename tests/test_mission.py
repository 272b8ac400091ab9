"""The seven steps of the road, each over a real pipe."""

from __future__ import annotations

import collections
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qgen_sidecar import Sidecar

from road import CHARACTERS, CHUNKS, ModelServer, chunk_id

IDS = {chunk_id(n): text for n, text in enumerate(CHUNKS)}


# --- 1: fetch ---


def test_fetch_writes_json_lines_of_a_seeded_sample(config: dict[str, Any], tmp_path: Path) -> None:
    first, again, other = tmp_path / "1.jsonl", tmp_path / "2.jsonl", tmp_path / "3.jsonl"
    with Sidecar(config) as sidecar:
        result = sidecar.fetch(count=15, seed=7, fields=["title"], output=first)
        sidecar.fetch(count=15, seed=7, fields=["title"], output=again)
        sidecar.fetch(count=15, seed=8, fields=["title"], output=other)
    assert (result["total"], result["count"], result["seed"]) == (41, 15, 7)
    assert result["output"] == str(first)
    lines = [json.loads(line) for line in first.read_text(encoding="utf-8").splitlines()]
    assert len({str(line["chunk_id"]) for line in lines}) == 15
    for line in lines:
        assert IDS[line["chunk_id"]] == line["chunk_text"]
        assert line["title"].startswith("Rule ")
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes() != other.read_bytes()


def test_fetch_is_uniform(config: dict[str, Any]) -> None:
    seen: collections.Counter[Any] = collections.Counter()
    with Sidecar(config) as sidecar:
        for seed in range(80):
            chunks = sidecar.fetch(count=10, seed=seed)["chunks"]
            seen.update(chunk["chunk_id"] for chunk in chunks)
    assert set(seen) == set(IDS)
    # 800 draws over 40 chunks: 20 each, standard deviation 3.9
    assert 4 < min(seen.values()) <= max(seen.values()) < 40


def test_fetch_replaces_and_counts_points_without_text(config: dict[str, Any]) -> None:
    with Sidecar(config) as sidecar:
        everything = sidecar.fetch(count=1000, seed=1)
        drawn = sidecar.fetch(count=3)
    assert (everything["count"], everything["without_text"]) == (40, 1)
    assert drawn["count"] == len(drawn["chunks"]) == 3
    assert isinstance(drawn["seed"], int)


# --- 2: annotate ---


def test_suggestions_become_gold(config: dict[str, Any]) -> None:
    with Sidecar(config) as sidecar:
        persona = sidecar.choose_persona(chunk_text=CHUNKS[0], chunk_id=chunk_id(0))
        offered = sidecar.annotate_suggest(chunk_text=CHUNKS[0], chunk_id=chunk_id(0), count=4)
        questions = [suggestion["question"] for suggestion in offered["suggestions"]]
        entry = {
            "chunk_text": CHUNKS[0],
            "persona_description": offered["persona_description"],
            "gold_question": questions[1],
        }
        counts = [sidecar.gold_add(**entry)["count"] for _ in range(2)]
        sample = sidecar.gold_sample(count=5)
    assert persona["persona_description"] in {c["description"] for c in CHARACTERS}
    assert len(set(questions)) == 4
    assert all(s["query_type"] and s["query_format"] for s in offered["suggestions"])
    assert counts == [1, 1]
    on_disk = json.loads(Path(config["files"]["gold"]).read_text(encoding="utf-8"))
    assert entry.items() <= on_disk[0].items()
    assert (sample["total"], sample["entries"]) == (1, on_disk)


def test_annotate_in_line_mode_produces_the_gold_set(
    command: Callable[..., Any], config: dict[str, Any]
) -> None:
    fetched = command(
        "fetch", "--count", "5", "--seed", "3", "--output", config["files"]["raw_chunks"]
    )
    assert fetched.returncode == 0, fetched.stderr
    done = command("annotate", given="1\n2\nq\n")
    assert done.returncode == 0, done.stderr
    entries = json.loads(Path(config["files"]["gold"]).read_text(encoding="utf-8"))
    assert len(entries) == 2
    for entry in entries:
        assert entry["chunk_text"] in CHUNKS
        assert entry["persona_description"] in {c["description"] for c in CHARACTERS}
        assert entry["gold_question"]


# --- 3: prompts ---


def test_prompts_are_shown_as_they_would_be_sent(
    command: Callable[..., Any], config: dict[str, Any]
) -> None:
    with Sidecar(config) as sidecar:
        prompts = sidecar.prompts(program=None)
        printed = json.loads(command("prompts", "--json").stdout)
    assert [predictor["name"] for predictor in prompts["predictors"]] == ["analyzer", "generator"]
    analyzer, generator = (predictor["messages"] for predictor in prompts["predictors"])
    assert "determine the most relevant query type and format." in analyzer[0]["content"]
    assert "generate the final question." in generator[0]["content"]
    assert "[[ ## chunk_text ## ]]" in analyzer[-1]["content"]
    assert printed["predictors"] == prompts["predictors"]


# --- 4: the dispatcher ---


def test_what_is_two_plus_two(config: dict[str, Any]) -> None:
    with Sidecar(config) as sidecar:
        first = sidecar.lm_complete(prompt="What is 2+2?")
        again = sidecar.lm_complete(prompt="What is 2+2?")
    assert "4" in first["text"]
    assert (first["endpoint"], first["model"]) == ("task", "task-model")
    assert (first["usage"]["calls"], first["usage"]["cached"]) == (1, 0)
    assert (again["usage"]["calls"], again["usage"]["cached"]) == (0, 1)


def test_the_hosts_own_llm_serves_as_an_endpoint(config: dict[str, Any]) -> None:
    seen = []

    def complete(messages: list[dict[str, str]], role: str, model: str) -> dict[str, Any]:
        seen.append((messages[-1]["content"], role, model))
        return {"text": "four, says the host"}

    config = {**config, "endpoint": []}
    config["lm"] = {"task": {"model": "own", "endpoints": ["host"]}}
    with Sidecar(config, complete=complete) as sidecar:
        answer = sidecar.lm_complete(prompt="What is 2+2?")
    assert (answer["text"], answer["endpoint"]) == ("four, says the host", "host")
    assert seen == [("What is 2+2?", "task", "own")]


# --- 5: compile ---


def test_compile_with_a_separate_teacher_and_judge(
    config: dict[str, Any], gold: Path, tmp_path: Path
) -> None:
    events = []
    with Sidecar(config) as sidecar:
        result = sidecar.compile(
            split="70/30",
            optimizer={"num_candidate_programs": 3, "max_labeled_demos": 4},
            progress=events.append,
        )
        used = {e["name"]: e["ok"] for e in sidecar.status()["endpoints"]}
    assert result["split"] == {"train": 21, "dev": 9, "test": 0}
    assert {c["candidate"] for c in result["candidates"]} >= {-3, -2, -1, 0}
    scores = {c["candidate"]: c["score"] for c in result["candidates"]}
    assert result["best"]["score"] == max(s for s in scores.values() if s is not None)
    assert result["best"]["score"] >= result["baseline"]["score"]
    assert min(used["task"], used["teacher"], used["judge"]) > 0
    assert events[-1]["done"] == events[-1]["total"]
    assert result["output"] == config["files"]["program"]
    saved = json.loads(Path(result["output"]).read_text(encoding="utf-8"))
    assert {"analyzer", "generator"} <= set(saved)
    assert (
        Path(result["output"] + ".run.json").exists()
        or (tmp_path / "optimized_pipeline.run.json").exists()
    )


def test_compile_again_pays_for_nothing(config: dict[str, Any], gold: Path) -> None:
    # unpruned: which calls pruning saves depends on the order of the answers
    options = {"num_candidate_programs": 1, "max_labeled_demos": 4, "prune": False}
    with Sidecar(config) as sidecar:
        guess = sidecar.compile(split="70/30", optimizer=options, dry_run=True)
        first = sidecar.compile(split="70/30", optimizer=options)
    with Sidecar(config) as sidecar:
        second = sidecar.compile(split="70/30", optimizer=options)
    assert guess["calls"]["at_most"] >= first["usage"]["calls"] > 0
    assert second["usage"]["calls"] == 0
    assert second["best"] == first["best"]


# --- 6: evaluate ---


def test_evaluate_side_by_side(config: dict[str, Any], gold: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    with Sidecar(config) as sidecar:
        sidecar.compile(optimizer={"num_candidate_programs": 2, "max_labeled_demos": 4})
        result = sidecar.evaluate(examples=5, report=report)
    assert (result["split"], result["n"]) == ("test", 9)
    assert result["wins"] + result["ties"] + result["losses"] == 9
    for side in (result["baseline"], result["optimized"]):
        assert side["ci95"][0] <= side["score"] <= side["ci95"][1]
        assert 1 <= side["mean"] <= 5
        assert side["errors"] == 0
    points = result["optimized"]["score"] - result["baseline"]["score"]
    assert abs(result["difference"]["points"] - points) < 1e-6
    assert result["difference"]["verdict_code"] in {"better", "worse", "none"}
    assert result["difference"]["verdict"]
    assert len(result["examples"]) == 5
    for example in result["examples"]:
        assert example["unoptimized"]["query"]
        assert example["optimized"]["query"]
        assert example["gold_question"]
    assert "<html" in report.read_text(encoding="utf-8").lower()


def test_the_hosts_score_is_a_metric(config: dict[str, Any], gold: Path) -> None:
    def score(chunk_text: str, persona_description: str, gold_question: str, query: str) -> Any:
        return (5, "long") if len(query) > 60 else (2, "short")

    with Sidecar(config, score=score) as sidecar:
        result = sidecar.evaluate(metric="host", split="all", program=None)
    reasons = {example["optimized"]["reason"] for example in result["examples"]}
    assert reasons <= {"long", "short"}
    assert result["n"] == 30


# --- 7: generate ---


def test_generate_saves_what_python_reads_back(
    config: dict[str, Any], models: ModelServer, read_back: Callable[[str], list[Any]]
) -> None:
    config["store"]["questions"] = {
        "collection": "queries",
        "query_field": "ask",
        "chunk_id_field": "of",
        "copy_fields": ["title"],
        "payload": {"source": "test"},
    }
    with Sidecar(config, embed=models.embed) as sidecar:
        results = [
            sidecar.generate(chunk_text=CHUNKS[n], chunk_id=chunk_id(n), save=True)
            for n in range(6)
        ]
        again = sidecar.generate(chunk_text=CHUNKS[0], chunk_id=chunk_id(0), save=True)
    assert again["point_id"] == results[0]["point_id"]
    points = {point.id: point for point in read_back("queries")}
    assert set(points) == {result["point_id"] for result in results}
    for n, result in enumerate(results):
        point = points[result["point_id"]]
        assert point.payload["ask"] == result["query"]
        assert point.payload["of"] == chunk_id(n)
        assert point.payload["title"] == f"Rule {n}"
        assert point.payload["source"] == "test"
        vector = models.embed([result["query"]])[0]
        length = sum(x * x for x in vector) ** 0.5
        assert all(abs(a - b / length) < 1e-4 for a, b in zip(point.vector, vector, strict=True))


def test_hooks_query_the_share_while_the_sidecar_waits(
    config: dict[str, Any], models: ModelServer
) -> None:
    """The application's own choose_appropriate_character, on the folder the sidecar holds."""
    config["personas"] = {"source": "host"}

    def choose(chunk_text: str, chunk_id: Any = None) -> dict[str, Any]:
        found = store.query_points("characters", query=models.embed([chunk_text])[0], limit=1)
        return found.points[0].payload

    with Sidecar(config, choose_persona=choose, embed=models.embed) as sidecar:
        store = sidecar.qdrant()
        try:
            results = [
                sidecar.generate(chunk_text=CHUNKS[n], chunk_id=chunk_id(n), save=True)
                for n in range(3)
            ]
            saved = store.scroll("questions", limit=10)[0]
        finally:
            store.close()
    described = {character["description"] for character in CHARACTERS}
    assert {result["persona_description"] for result in results} <= described
    assert {point.id for point in saved} == {result["point_id"] for result in results}


def test_a_chunk_the_host_skips_costs_nothing(config: dict[str, Any]) -> None:
    config["personas"] = {"source": "host"}
    with Sidecar(config, choose_persona=lambda chunk_text: None) as sidecar:
        result = sidecar.generate(chunk_text=CHUNKS[0])
    assert (result["query"], result["persona_description"]) == (None, None)
    assert result["usage"]["calls"] == 0


def test_save_question_of_ones_own(
    config: dict[str, Any], read_back: Callable[[str], list[Any]]
) -> None:
    with Sidecar(config) as sidecar:
        saved = sidecar.save_question(
            query="Who keeps the copy?", chunk_id=chunk_id(2), payload={"by": "hand"}
        )
    (point,) = read_back("questions")
    assert str(uuid.UUID(point.id)) == saved["point_id"]
    assert point.payload["question"] == "Who keeps the copy?"
    assert point.payload["by"] == "hand"


def test_generate_all_goes_on_where_it_stopped(
    config: dict[str, Any], read_back: Callable[[str], list[Any]]
) -> None:
    with Sidecar(config) as sidecar:
        first = sidecar.generate_all(limit=10, save=True)
        rest = sidecar.generate_all(save=True)
    assert (first["done"], first["failed"]) == (10, 0)
    assert first["written"] + rest["written"] == 40
    assert len({point.payload["chunk_id"] for point in read_back("questions")}) == 40
