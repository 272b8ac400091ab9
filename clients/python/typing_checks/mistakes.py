"""Mistakes that an editor must see: mypy and pyright, both strict, each find every one.

A line that must be found ends with "# wrong"; tests/test_typing.py compares.
"""

from __future__ import annotations

from qgen_sidecar import AsyncSidecar, Sidecar


async def persona_later(chunk_text: str) -> str:
    return chunk_text


async def embed_later(texts: list[str]) -> list[list[float]]:
    return [[0.0] for _ in texts]


def persona_by_number(chunk_text: str) -> int:
    return len(chunk_text)


def embed(texts: list[str]) -> list[list[float]]:
    return [[0.0] for _ in texts]


def hooks() -> None:
    Sidecar(choose_persona=persona_later)  # wrong
    Sidecar(embed=embed_later)  # wrong
    Sidecar(embed=(embed_later, {"model": "m", "dimension": 3}))  # wrong
    Sidecar(choose_persona=persona_by_number)  # wrong
    Sidecar(embed=(embed, {"modle": "m", "dimension": 3}))  # wrong
    Sidecar(choose_persona="a nurse")  # wrong
    Sidecar(chose_persona=persona_by_number)  # wrong
    Sidecar.attach(restrat=True)  # wrong
    AsyncSidecar(choose_persona=persona_by_number)  # wrong
    AsyncSidecar.attach(score=persona_later)  # wrong


def parameters(sidecar: Sidecar, text: str) -> None:
    sidecar.generate(chunk_text=text, gates=["standalon"])  # wrong
    sidecar.generate(chunk_text=text, gates="standalone")  # wrong
    sidecar.generate(chunk_txt=text)  # wrong
    sidecar.generate()  # wrong
    sidecar.generate(text)  # wrong
    sidecar.generate(chunk_text=text, candidates="3")  # wrong
    sidecar.compile(optimizer={"name": "bootstrap"})  # wrong
    sidecar.compile(optimizer={"max_demos": 3})  # wrong
    sidecar.compile(metric="bleu")  # wrong
    sidecar.compile(metric={"gates": ["round-trip"]})  # wrong
    sidecar.compile(budget={"max_dollars": 3})  # wrong
    sidecar.evaluate(split="half")  # wrong
    sidecar.compare()  # wrong
    sidecar.lm_complete(role="student")  # wrong
    sidecar.lm_complete(messages=[{"role": "user", "text": "hi"}])  # wrong
    sidecar.generate(chunk_text=text, progress=print)  # wrong
    sidecar.check_questions(questions=[{"chunk_text": text}])  # wrong


def results(sidecar: Sidecar, text: str) -> None:
    sidecar.generate(chunk_text=text)["qurey"]  # wrong
    sidecar.compile(dry_run=True)["candidates"]  # wrong
    sidecar.compile()["calls"]  # wrong
    sidecar.fetch()["count"].upper()  # wrong
    sidecar.discovery()  # wrong
    if sidecar.status()["endpoints"][0]["state"] == "alive":  # wrong
        return


async def asynchronous(sidecar: AsyncSidecar, text: str) -> None:
    sidecar.generate(chunk_text=text)["query"]  # wrong
    await sidecar.generate(chunk_text=text, gates=["duplicates"])  # wrong
    (await sidecar.compile(dry_run=True))["best"]  # wrong
