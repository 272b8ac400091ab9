"""The worked example of docs/scale.md: batch files answered by Ray Data, on one machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter
from qgen_sidecar import Sidecar

from conftest import ROOT
from road import CHUNKS, ModelServer

SCRIPT = ROOT / "examples" / "ray" / "answer_batch.py"


def answer(requests: list[str], results: Path, base_url: str) -> None:
    command = [sys.executable, str(SCRIPT), "--results", str(results), "--requests", *requests]
    env = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_DATA_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run(
        [*command, "--base-url", base_url], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


def check_form(files: list[Path]) -> None:
    """What OpenAI's Batch API reads: its own package's types say what a body may be."""
    body = TypeAdapter(CompletionCreateParamsNonStreaming)
    lines = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
    for line in lines:
        assert line.keys() == {"custom_id", "method", "url", "body"}
        assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
        assert body.validate_python(line["body"], strict=True, extra="forbid")
    assert len({line["custom_id"] for line in lines}) == len(lines)


def test_ray_answers_a_batch(
    config: dict[str, Any], start_models: Callable[..., ModelServer], tmp_path: Path
) -> None:
    models = start_models()
    for endpoint in config["endpoint"]:
        endpoint["base_url"] = models.base_url
    config["personas"] = {"source": "none"}
    config["cache"] = {"path": str(tmp_path / "cache")}
    output = tmp_path / "questions.jsonl"
    with Sidecar(config) as sidecar:
        exported = sidecar.export_batch(output=output, batch=tmp_path / "round-1")
        assert exported["requests"] == exported["waiting"] == len(CHUNKS)
        check_form([Path(name) for name in exported["files"]])
        answer(exported["files"], tmp_path / "results", models.base_url)
        kept = sidecar.import_batch(results=sorted((tmp_path / "results").glob("*.jsonl")))
        assert (kept["imported"], kept["failed"]) == (len(CHUNKS), 0), kept["failures"]
        again = sidecar.export_batch(output=output, batch=tmp_path / "round-2")
        assert again["requests"] == len(CHUNKS)  # the next step of each
        done = sidecar.generate_all(output=output)  # which may as well be asked here
    assert (done["done"], done["usage"]["calls"]) == (len(CHUNKS), len(CHUNKS))
    lines = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert len({line["chunk_id"] for line in lines}) == len(CHUNKS)
