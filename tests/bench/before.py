"""Two binaries side by side: is the second slower than the first?

    python tests/bench/before.py BEFORE AFTER [--rounds 15]

In each round both do the same work, taking turns at being first, against one deterministic
server that runs as a process of its own:

    first reply   from spawning the process to the answer of initialize
    generate      one at a time, without latency; and 64 in flight at 50 ms
    generate-all  questions of 1,000 chunks in a folder, into a file
    compile       of 60 gold entries, 64 connections, 20 ms

and the CPU that the process took for each. Prints a Markdown table: medians, and the ratio
after / before as the median and the middle half of the rounds. The status is 0 whatever it
says, because a machine's speed is no property of the code.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from qdrant_client import QdrantClient, models  # noqa: E402

from parity import (  # noqa: E402
    SETTINGS,
    build,
    compile_with_sidecar,
    gold_entries,
    serving,
)
from wire import Wire  # noqa: E402

log = logging.getLogger("bench")

REPLY = (
    "[[ ## query_type ## ]]\nfactual\n\n[[ ## query_format ## ]]\ndirect question\n\n"
    "[[ ## query ## ]]\nHow soon do I have to report a lost permit?\n\n[[ ## completed ## ]]"
)
PERSONA = "a newcomer who has just moved to the town"
CHUNKS = 1000

# What one kind of work gives: seconds, and CPU seconds of the process.
Taken = tuple[float, float]


def chunk(i: int) -> str:
    text = "Loss of a residence permit is reported within two weeks, in person. " * 6
    return f"Paragraph {i}. {text}"


def children() -> float:
    """CPU seconds of the child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def config(base_url: str, **more: Any) -> dict[str, Any]:
    return {
        "endpoint": [{"name": "a", "base_url": base_url, "max_in_flight": 64}],
        "lm": {"task": {"model": "m"}},
        "cache": {"path": ""},
        **more,
    }


def with_sidecar(binary: str, settings: dict[str, Any], work: Callable[[Wire], None]) -> Taken:
    """Seconds of work, and the CPU of the whole process."""
    before = children()
    with Wire(binary) as wire:
        opened = wire.initialize(settings)
        if "result" not in opened:
            raise RuntimeError(f"initialize: {opened}")
        began = time.perf_counter()
        work(wire)
        took = time.perf_counter() - began
    return took, children() - before


def first_reply(binary: str, base_url: str) -> Taken:
    began = time.perf_counter()
    answered = 0.0

    def note(_: Wire) -> None:
        nonlocal answered
        answered = time.perf_counter() - began

    _, cpu = with_sidecar(binary, config(base_url), note)
    return answered, cpu


def generate(binary: str, base_url: str, calls: int, width: int) -> Taken:
    def work(wire: Wire) -> None:
        sent = 0
        for answered in range(calls):
            while sent < calls and sent - answered < width:
                sent += 1
                params = {"chunk_text": chunk(sent), "persona_description": PERSONA}
                wire.send("generate", params, id=sent)
            answer = wire.receive()
            if not answer.get("result", {}).get("query"):
                raise RuntimeError(f"generate: {answer}")

    return with_sidecar(binary, config(base_url), work)


def generate_all(binary: str, base_url: str, folder: Path, output: Path) -> Taken:
    def work(wire: Wire) -> None:
        wire.send("generate-all", {"output": str(output / "questions.jsonl")}, id=1)
        while (answer := wire.receive()).get("id") != 1:
            pass  # progress
        if answer.get("result", {}).get("done") != CHUNKS:
            raise RuntimeError(f"generate-all: {answer}")

    output.mkdir()
    settings = config(base_url, store={"path": str(folder)}, personas={"source": "none"})
    return with_sidecar(binary, settings, work)


def compiling(binary: str, base_url: str, work: Path) -> Taken:
    before, began = children(), time.perf_counter()
    compile_with_sidecar(
        SETTINGS[0], gold_entries(60), base_url, binary, work, prune=False, max_in_flight=64
    )
    return time.perf_counter() - began, children() - before


def folder_of_chunks(path: Path) -> Path:
    client = QdrantClient(path=str(path))
    params = models.VectorParams(size=4, distance=models.Distance.COSINE)
    client.create_collection("chunks", vectors_config=params)
    points = [
        models.PointStruct(id=i, vector=[1, i % 7, i % 11, i % 13], payload={"text": chunk(i)})
        for i in range(CHUNKS)
    ]
    client.upsert("chunks", points)
    client.close()
    return path


def works(work: Path, server: str) -> dict[str, Callable[[str], Taken]]:
    folder, made = folder_of_chunks(work / "db"), iter(range(10**6))

    def served(flags: list[str], do: Callable[[str], Taken]) -> Taken:
        with serving(server, *flags) as models_server:
            return do(models_server.base_url)

    def fresh() -> Path:
        return work / str(next(made))

    still, slow = ["-load", REPLY], ["-load", REPLY, "-latency", "50ms"]
    fields = ["-by-fields", "45", "-latency", "20ms"]
    return {
        "first reply": lambda b: served(still, lambda url: first_reply(b, url)),
        "generate, one at a time": lambda b: served(still, lambda url: generate(b, url, 1000, 1)),
        "generate, 64 in flight": lambda b: served(slow, lambda url: generate(b, url, 2000, 64)),
        "generate-all, 1,000 chunks": lambda b: served(
            still, lambda url: generate_all(b, url, folder, fresh())
        ),
        "compile": lambda b: served(fields, lambda url: compiling(b, url, fresh())),
    }


def middle(values: list[float]) -> str:
    low, _, high = statistics.quantiles(values, n=4)
    return f"{statistics.median(values):.2f} ({low:.2f} to {high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("before", type=os.path.abspath)
    parser.add_argument("after", type=os.path.abspath)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="", help="the works whose names hold this")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    binaries = {"before": args.before, "after": args.after}
    taken: dict[tuple[str, str], list[Taken]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as work:
        server = build("./internal/llmtest/cmd/llmserver", Path(work) / "llmserver")
        todo = {n: do for n, do in works(Path(work), server).items() if args.only in n}
        for turn in range(args.rounds):
            order = list(binaries) if turn % 2 == 0 else list(binaries)[::-1]
            for name, do in todo.items():
                for side in order:
                    taken[name, side].append(do(binaries[side]))
    log.info("| work | before, ms | after, ms | ratio (middle half) | ratio of CPU |")
    log.info("| --- | --- | --- | --- | --- |")
    for name in todo:
        sides = [taken[name, side] for side in binaries]
        pairs = list(zip(*sides, strict=True))
        seconds = [after[0] / before[0] for before, after in pairs]
        cpu = [after[1] / before[1] for before, after in pairs if before[1] > 0]
        both = [f"{1000 * statistics.median(t[0] for t in side):.1f}" for side in sides]
        log.info("| %s | %s | %s | %s | %s |", name, *both, middle(seconds), middle(cpu))
    log.info("\n%s", json.dumps({"rounds": args.rounds, "cores": os.cpu_count()}))


if __name__ == "__main__":
    main()
