"""What hosts write, and what each call gives: mypy and pyright, both strict, find no fault here.

Checked by tests/test_typing.py; nothing here is run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from typing_extensions import assert_type

from qgen_sidecar import AsyncSidecar, Sidecar, StoreLocked
from qgen_sidecar import types as t
from qgen_sidecar.dspy import DispatcherLM

log = logging.getLogger(__name__)


# --- hooks: a function that the host already has will do ---


def choose_appropriate_character(chunk: str) -> str | None:
    return chunk or None


def persona_with_more(chunk_text: str, chunk_id: int | str | None = None) -> dict[str, Any]:
    return {"description": chunk_text, "name": str(chunk_id)}


def judge(chunk_text: str, persona_description: str, gold_question: str, query: str) -> int:
    return 5


def judge_with_reason(**given: str) -> tuple[float, str]:
    return 4.0, given["query"]


def llm(messages: list[t.Message], model: str, temperature: float | None = None) -> str:
    return model


def llm_with_usage(messages: list[t.Message]) -> t.CompleteAnswer:
    return {"text": "ok", "usage": {"prompt_tokens": 1, "completion_tokens": 1}}


def embed(texts: Sequence[str], purpose: str) -> list[list[float]]:
    return [[0.0] for _ in texts]


class Array:
    def tolist(self) -> list[list[float]]:
        return []


def embed_to_array(texts: Sequence[str]) -> Array:
    return Array()


class Host:
    def persona(self, chunk_text: str) -> t.PersonaAnswer:
        return {"persona_description": None}

    async def embed(self, texts: Sequence[str]) -> Iterable[Sequence[float]]:
        return [[0.0] for _ in texts]


async def persona_later(chunk_text: str) -> str:
    return chunk_text


async def seen_later(progress: t.Progress) -> None:
    log.info("%s", progress["stage"])


def hooks(host: Host) -> None:
    Sidecar("qgen.toml", choose_persona=choose_appropriate_character, score=judge, complete=llm)
    Sidecar(choose_persona=persona_with_more, score=judge_with_reason, complete=llm_with_usage)
    Sidecar(choose_persona=host.persona, embed=embed)
    Sidecar(choose_persona=str.upper, embed=embed_to_array)
    Sidecar(embed=(embed, {"model": "bge-small", "dimension": 384}))
    AsyncSidecar(choose_persona=persona_later, embed=host.embed, score=judge)
    AsyncSidecar(embed=(host.embed, {"model": "bge-small", "dimension": 384}))
    assert_type(Sidecar.attach("qgen.toml", score=judge, cwd=Path()), Sidecar)
    assert_type(AsyncSidecar.attach(choose_persona=persona_later), AsyncSidecar)


# --- calls ---


def calls(sidecar: Sidecar, text: str, dry: bool) -> None:
    question = sidecar.generate(
        chunk_text=text, chunk_id=7, gates=["standalone", "round-trip"], save=True, timeout=5
    )
    assert_type(question, t.GenerateResult)
    assert_type(question["query"], str | None)
    assert_type(question["usage"]["usd"], float | None)
    assert_type(question.get("point_id"), str | int | None)
    assert_type(sidecar.compile(split="70/30", program=None), t.CompileResult)
    assert_type(sidecar.compile(dry_run=True), t.DryRun)
    assert_type(sidecar.compile(dry_run=False), t.CompileResult)
    assert_type(sidecar.compile(dry_run=dry), t.CompileResult | t.DryRun)
    assert_type(sidecar.compile(dry_run=True)["calls"]["at_most"], int)
    assert_type(sidecar.generate_all(limit=1, resume=False), t.GenerateAllResult)
    assert_type(sidecar.generate_all(dry_run=True)["usd"], list[float] | None)
    sidecar.compile(
        optimizer={"name": "reflective", "seed": 1},
        metric={"judge": True, "gates": ["leak"]},
        split={"train": 0.5, "seed": None},
        budget={"max_usd": 1.5},
        output=Path("program.json"),
        progress=lambda p: log.info("%(stage)s %(done)d/%(total)d", p),
    )
    compared = sidecar.compare(programs=[None, "a.json"], metric="host", split="dev")
    assert_type(compared["difference"]["verdict_code"], t.VerdictCode)
    assert_type(compared["examples"][0]["optimized"]["query"], str | None)
    [chunk, *_] = sidecar.fetch(count=3, fields=["title"]).get("chunks", [])
    assert_type(chunk["chunk_text"], str)
    assert_type(sidecar.gold_sample()["entries"][0]["gold_question"], str)
    reply = sidecar.lm_complete(messages=[{"role": "user", "content": "2+2?"}], role="judge")
    assert_type(reply["text"], str)
    assert_type(sidecar.status()["endpoints"][0]["state"], t.EndpointState)
    assert_type(sidecar.info["store"], t.Store | None)
    assert_type(sidecar.check_questions()["languages"], dict[str, int])
    given: t.GenerateParams = {"chunk_text": text, "rollout": 2}
    assert_type(sidecar.generate(**given), t.GenerateResult)


def dspy_on_the_dispatcher(sidecar: Sidecar) -> None:
    DispatcherLM(sidecar, "teacher", temperature=1.0)


def errors(sidecar: Sidecar) -> None:
    try:
        sidecar.start()
    except StoreLocked as locked:
        assert_type(locked.data.get("holder_pid"), int | None)


async def asynchronous(sidecar: AsyncSidecar, dry: bool) -> None:
    assert_type(await sidecar.fetch(count=3, progress=seen_later), t.FetchResult)
    assert_type(await sidecar.compile(dry_run=True), t.DryRun)
    assert_type(await sidecar.compile(), t.CompileResult)
    assert_type(await sidecar.generate_all(dry_run=dry), t.GenerateAllResult | t.DryRun)
    async with sidecar as started:
        assert_type(started, AsyncSidecar)
