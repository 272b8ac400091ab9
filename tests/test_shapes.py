"""Results have the shapes that were promised: the client's types, and what rpc.discover says.

Walks real results along the TypedDicts, nested ones too, and validates them by the schemas
of the OpenRPC document, which itself is validated by OpenRPC's own.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from jsonschema import Draft7Validator
from qgen_sidecar import Sidecar
from qgen_sidecar import types as t
from referencing import Registry, Resource
from typing_extensions import is_typeddict

from road import CHUNKS, chunk_id

PEERS = Path(__file__).resolve().parent / "peers"


def problems(value: Any, shape: Any, path: str = "") -> list[str]:
    """Where `value` has not the shape that the type says."""
    shape = getattr(t, shape, None) if isinstance(shape, str) else shape
    inner = get_args(shape)
    if value is None:
        return []
    if get_origin(shape) is list:
        return [p for n, item in enumerate(value) for p in problems(item, inner[0], f"{path}[{n}]")]
    if get_origin(shape) is dict:
        return [p for key, item in value.items() for p in problems(item, inner[1], f"{path}.{key}")]
    if get_origin(shape) in (Union, UnionType):
        [one] = [option for option in inner if option is not NoneType] if NoneType in inner else [0]
        return problems(value, one, path)
    if get_origin(shape) is Literal:
        return [] if value in inner else [f"{path}: {value!r} is none of its words"]
    return _fields(value, shape, path) if is_typeddict(shape) else []


def _fields(value: dict[str, Any], shape: Any, path: str) -> list[str]:
    fields = get_type_hints(shape)
    further = value.keys() - fields.keys() if not hasattr(shape, "__pydantic_config__") else set()
    found = [f"{path}.{key}: not in the type" for key in further]
    for key, annotation in fields.items():
        if key in value:
            found += problems(value[key], annotation, f"{path}.{key}")
        elif key in shape.__required_keys__:
            found.append(f"{path}.{key}: missing")
    return found


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
            "OpenRPC": s.discover(),
        }


def test_results_have_the_shapes_of_the_types(everything: dict[str, Any]) -> None:
    found = [p for name, result in everything.items() for p in problems(result, name, name)]
    assert found == []


def test_results_have_the_shapes_that_discover_says(everything: dict[str, Any]) -> None:
    methods = {method["name"]: method for method in everything.pop("OpenRPC")["methods"]}
    faults = []
    for name, result in everything.items():
        method = "compile" if name == "DryRun" else hyphens(name.removesuffix("Result"))
        schema = methods[method]["result"]["schema"]
        faults += [
            f"{name}.{error.json_path}: {error.message}"
            for error in Draft7Validator(schema).iter_errors(result)
        ]
    assert faults == []


def hyphens(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower()


def test_discover_is_an_openrpc_document(everything: dict[str, Any]) -> None:
    show = 'console.log(JSON.stringify((await import("@open-rpc/meta-schema")).default.default))'
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", show], cwd=PEERS, check=True, capture_output=True
    )
    draft7 = Resource.from_contents(Draft7Validator.META_SCHEMA)
    registry = Registry().with_resource("https://meta.json-schema.tools", draft7)
    validator = Draft7Validator(json.loads(ran.stdout), registry=registry)
    document = everything["OpenRPC"]
    assert [f"{e.json_path}: {e.message}" for e in validator.iter_errors(document)] == []
    broken = {**document, "methods": [{"name": 5}]}
    assert not validator.is_valid(broken), "the validator finds nothing at all"


def test_the_walk_sees_what_is_wrong() -> None:
    usage = {"calls": 1, "cached": 0, "prompt_tokens": 1, "usd": None, "euro": 1}
    result = {"text": "", "endpoint": "", "model": "", "finish_reason": "", "usage": usage}
    assert problems(result, "LmCompleteResult", "r") == [
        "r.usage.euro: not in the type",
        "r.usage.completion_tokens: missing",
    ]
