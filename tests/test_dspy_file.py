"""The compiled program is DSPy's own file: real DSPy loads it and means the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dspy
from qgen_sidecar import Sidecar
from qgen_sidecar.dspy import DispatcherLM

from dspy_pipeline import Pipeline
from road import ModelServer


def compiled(sidecar: Sidecar) -> dict[str, Any]:
    options = {"num_candidate_programs": 2, "max_labeled_demos": 4, "max_bootstrapped_demos": 2}
    return dict(sidecar.compile(split="70/30", optimizer=options))  # type: ignore[typeddict-item]


def test_dspy_loads_the_compiled_file(config: dict[str, Any], gold: Path) -> None:
    with Sidecar(config) as sidecar:
        result = compiled(sidecar)
    pipeline = Pipeline()
    pipeline.load(result["output"])
    saved = json.loads(Path(result["output"]).read_text(encoding="utf-8"))
    for name, predictor in (("analyzer", pipeline.analyzer), ("generator", pipeline.generator)):
        assert predictor.signature.instructions == saved[name]["signature"]["instructions"]
        assert len(predictor.demos) == len(saved[name]["demos"])
        for loaded, written in zip(predictor.demos, saved[name]["demos"], strict=True):
            assert {key: loaded[key] for key in written} == written


def test_dspy_loads_instructions_that_were_learned(
    config: dict[str, Any], gold: Path, start_models: Callable[..., ModelServer]
) -> None:
    planted = start_models("-planted")
    for endpoint in config["endpoint"]:
        endpoint["base_url"] = planted.base_url
    with Sidecar(config) as sidecar:
        result = sidecar.compile(
            split="50/50",
            optimizer={"name": "reflective+bootstrap", "num_candidate_programs": 2},
        )
        prompt = sidecar.prompts(program=result["output"])["predictors"][1]["messages"]
    proposals = [c["proposal"] for c in result["candidates"] if "proposal" in c]
    assert any(p["accepted"] for p in proposals), [p["outcome"] for p in proposals]
    pipeline = Pipeline()
    start = pipeline.generator.signature.instructions
    pipeline.load(result["output"])
    learned = pipeline.generator.signature.instructions
    assert learned.startswith(start) and len(learned) > len(start)
    assert learned in prompt[0]["content"]
    assert pipeline.generator.demos


def test_what_dspy_saves_loads_here(config: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "from_dspy.json"
    pipeline = Pipeline()
    pipeline.generator.demos = [
        dspy.Example(
            chunk_text="c", persona_description="p", query_type="t", query_format="f", query="q?"
        )
    ]
    pipeline.save(str(path))
    with Sidecar(config) as sidecar:
        prompts = sidecar.prompts(program=path)
    generator = prompts["predictors"][1]["messages"]
    roles = [message["role"] for message in generator]
    assert roles == ["system", "user", "assistant", "user"]
    assert "q?" in generator[2]["content"]


def test_dspy_runs_on_the_dispatcher(config: dict[str, Any], gold: Path) -> None:
    config["dispatcher"] = {"listen": "127.0.0.1:0"}
    with Sidecar(config) as sidecar:
        result = compiled(sidecar)
        pipeline = Pipeline()
        pipeline.load(result["output"])
        with dspy.context(lm=DispatcherLM(sidecar)):
            answer = pipeline(
                chunk_text="Rule 1 concerns bicycles.", persona_description="A tenant."
            )
        used = {e["name"]: e["ok"] for e in sidecar.status()["endpoints"]}
    assert answer.query
    assert used["task"] > 0
