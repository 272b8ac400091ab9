"""What is generated from openrpc.json is what is checked in, and by hand stays what agrees."""

from __future__ import annotations

import json
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from qgen_sidecar import AsyncSidecar, Sidecar, errors, types
from qgen_sidecar._hooks import PARAMETERS

HERE = Path(__file__).resolve().parents[1]
DOCUMENT = json.loads((HERE / "openrpc.json").read_text("utf-8"))


def test_the_generated_files_are_fresh() -> None:
    generate = [sys.executable, str(HERE / "tools" / "generate.py"), "--check"]
    ran = subprocess.run(generate, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_every_code_has_the_exception_of_its_name() -> None:
    for name, error in DOCUMENT["components"]["errors"].items():
        assert getattr(errors, name).codes == (error["code"],)


def test_hooks_are_given_what_the_sidecar_sends() -> None:
    for callback in DOCUMENT["x-callbacks"]:
        sent = {parameter["name"] for parameter in callback["params"]}
        assert set(PARAMETERS[callback["name"]]) <= sent


@pytest.mark.parametrize("client", [Sidecar, AsyncSidecar])
def test_every_method_is_documented(client: type) -> None:
    for method in DOCUMENT["methods"]:
        if method["name"] in ("initialize", "shutdown"):
            continue
        name = method["name"].removeprefix("rpc.").replace("-", "_")
        lines = [line.strip() for line in (getattr(client, name).__doc__ or "").splitlines()]
        summary = " ".join(lines[: lines.index("")])
        assert summary == method["summary"].replace("null", "None")
        told = {line.split(":")[0] for line in lines if ": " in line}
        takes = {p["name"] for p in method["params"]} - {"progress_token"} | {"timeout"}
        assert takes <= told, name


def test_open_objects_keep_further_keys_and_say_so() -> None:
    open_shapes = [types.Chunk, types.GoldEntry, types.Demonstration]
    assert all(getattr(shape, "__pydantic_config__", None) for shape in open_shapes)
    assert not hasattr(types.Usage, "__pydantic_config__")


def test_the_names_of_the_first_version_are_still_there() -> None:
    names = """AnnotateSuggestParams AnnotateSuggestResult AsyncProgressHook Agreement Batch
    BatchFailure Best Budget CallRange Candidate CheckQuestionsParams CheckQuestionsResult
    ChoosePersonaParams ChoosePersonaResult ChunkId Clause Collection CompareParams
    CompileParams CompileResult Difference Door DryRun EmbedHook EmbedModel Endpoint
    EvaluateExample EvaluateParams EvaluateResult ExportBatchParams ExportBatchResult Failure
    FetchParams FetchResult Flag GateCount GenerateAllParams GenerateAllResult GenerateParams
    GenerateResult GoldAddParams GoldAddResult GoldOverlap GoldSampleParams GoldSampleResult
    Hook ImportBatchParams ImportBatchResult InitializeResult Job Judge JudgeMetric Judging
    Limits LmCompleteParams LmCompleteResult Methods Metric ModelCall Name Optimizer
    PredictorPrompt Progress ProgressHook ProgramUsed PromptsParams PromptsResult Proposal
    Question RoundTrip SaveQuestionParams SaveQuestionResult Score ScoredOutput Share Slice
    Split SplitCounts StatusResult Store StrPath Suggestion Summary TypeShare Usage Wait
    Waiting"""
    assert [name for name in names.split() if not hasattr(types, name)] == []


def test_words_are_those_of_the_document() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert list(typing.get_args(getattr(types, name))) == schema["enum"]
