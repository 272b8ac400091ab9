"""A web application whose requests and responses are the client's own types."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from qgen_sidecar import Sidecar
from qgen_sidecar import types as t

from road import CHUNKS, chunk_id


def application(sidecar: Sidecar) -> FastAPI:
    app = FastAPI()

    @app.post("/questions")
    def question(asked: t.GenerateParams) -> t.GenerateResult:
        return sidecar.generate(**asked)

    @app.get("/chunks")
    def chunks() -> t.FetchResult:
        return sidecar.fetch(count=2, fields=["topic"])

    @app.get("/cost", response_model=t.DryRun)
    def cost() -> Any:
        return sidecar.generate_all(dry_run=True)

    return app


def test_types_are_request_and_response_models(config: dict[str, Any]) -> None:
    with Sidecar(config) as sidecar, TestClient(application(sidecar)) as client:
        asked = {"chunk_text": CHUNKS[0], "chunk_id": chunk_id(0), "gates": ["leak"]}
        answer = client.post("/questions", json=asked)
        assert answer.status_code == 200, answer.text
        direct = sidecar.generate(chunk_text=CHUNKS[0], chunk_id=chunk_id(0), gates=["leak"])
        assert answer.json()["query"] == direct["query"]
        assert answer.json().keys() == direct.keys()

        assert client.get("/cost").json() == sidecar.generate_all(dry_run=True)
        [chunk, _] = client.get("/chunks").json()["chunks"]
        assert {"chunk_id", "chunk_text", "topic"} <= chunk.keys(), "the asked field is kept"


def test_what_is_no_gate_is_refused_before_it_is_asked(config: dict[str, Any]) -> None:
    with Sidecar(config) as sidecar, TestClient(application(sidecar)) as client:
        refused = client.post("/questions", json={"chunk_text": "t", "gates": ["standalon"]})
        assert refused.status_code == 422
        assert "round-trip" in refused.text
        assert client.post("/questions", json={}).status_code == 422
        shapes = client.get("/openapi.json").json()["components"]["schemas"]
        assert {"GenerateResult", "FetchResult", "DryRun", "Usage"} <= shapes.keys()
