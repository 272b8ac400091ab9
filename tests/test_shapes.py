"""Results have the fields that the client's types promise: no more, no fewer.

Walks real results along the TypedDicts, nested ones too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from qgen_sidecar import Sidecar
from qgen_sidecar import types as t

from road import CHUNKS, chunk_id

DRY = frozenset(t.DryRun.__annotations__)


def problems(value: Any, annotation: str, path: str = "") -> list[str]:
    """Where `value` has not the shape that the annotation's text says."""
    annotation = annotation.removesuffix(" | None")
    inner = re.fullmatch(r"(?:NotRequired|Required|list)\[(.*)\]", annotation)
    if value is None:
        return []
    if annotation.startswith("list["):
        assert inner is not None
        return [p for n, item in enumerate(value) for p in problems(item, inner[1], f"{path}[{n}]")]
    if inner is not None:
        return problems(value, inner[1], path)
    shape = getattr(t, annotation, None)
    if not hasattr(shape, "__annotations__") or not isinstance(value, dict):
        return []
    return _fields(value, _texts(shape), path)


def _fields(value: dict[str, Any], fields: dict[str, str], path: str) -> list[str]:
    found = [f"{path}.{key}: not in the type" for key in value.keys() - fields.keys()]
    for key, annotation in fields.items():
        if key in value:
            found += problems(value[key], annotation, f"{path}.{key}")
        elif not annotation.startswith("NotRequired["):
            found.append(f"{path}.{key}: missing")
    return found


def _texts(shape: Any) -> dict[str, str]:
    fields = {
        key: getattr(value, "__forward_arg__", str(value))
        for key, value in shape.__annotations__.items()
    }
    if fields.keys() > DRY:  # a dry run has these fields, a real one all others
        fields = {key: value for key, value in fields.items() if key not in DRY}
    return fields


@pytest.fixture
def everything(config: dict[str, Any], gold: Path, tmp_path: Path) -> dict[str, Any]:
    """One result of every method, by the name of its type."""
    config["dispatcher"] = {"listen": "127.0.0.1:0"}
    chunk: Any = {"chunk_text": CHUNKS[0], "chunk_id": chunk_id(0)}
    options: t.Optimizer = {"num_candidate_programs": 1, "max_labeled_demos": 4}
    with Sidecar(config) as s:
        return {
            "LmCompleteResult": s.lm_complete(prompt="What is 2+2?"),
            "FetchResult": s.fetch(count=2),
            "ChoosePersonaResult": s.choose_persona(**chunk),
            "AnnotateSuggestResult": s.annotate_suggest(**chunk),
            "GoldAddResult": s.gold_add(
                chunk_text=CHUNKS[0], persona_description="p", gold_question="q?"
            ),
            "GoldSampleResult": s.gold_sample(),
            "DryRun": s.compile(dry_run=True),
            "CompileResult": s.compile(optimizer=options),
            "PromptsResult": s.prompts(),
            "EvaluateResult": s.evaluate(report=tmp_path / "r.html"),
            "GenerateResult": s.generate(**chunk, save=True),
            "SaveQuestionResult": s.save_question(query="q?", chunk_id=chunk_id(1)),
            "GenerateAllResult": s.generate_all(limit=2, save=True),
            "CheckQuestionsResult": s.check_questions(),
            "StatusResult": s.status(),
            "InitializeResult": s.info,
        }


def test_results_have_the_shapes_of_the_types(everything: dict[str, Any]) -> None:
    found = [p for name, result in everything.items() for p in problems(result, name, name)]
    assert found == []


def test_the_walk_sees_what_is_wrong() -> None:
    usage = {"calls": 1, "cached": 0, "prompt_tokens": 1, "usd": None, "euro": 1}
    result = {"text": "", "endpoint": "", "model": "", "finish_reason": "", "usage": usage}
    assert problems(result, "LmCompleteResult", "r") == [
        "r.usage.euro: not in the type",
        "r.usage.completion_tokens: missing",
    ]
