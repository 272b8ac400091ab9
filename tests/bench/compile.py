"""Compiling with the sidecar beside compiling with DSPy: time, calls, CPU, and a rate limit.

    python tests/bench/compile.py [--binary PATH] [--gold 100]

Both compile the same gold entries (70/30, 2 bootstrapped and 16 labelled demonstrations, 5
random programs) on one deterministic server (llmserver -by-fields), which runs as a process
of its own, a new one for each compile. DSPy runs in a process of its own too, and so does
the floor: net/http alone, making as many calls with prompts as long. Prints Markdown tables
and the goals; the status is 0 whatever they say, because a machine's speed is no property of
the code.

The work is DSPy's calls times the latency; the longest chain is what DSPy's own order makes
wait for each other at the least: the bootstrapping of one candidate, one example after the
other, and one of its evaluations, at three calls each.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from parity import (  # noqa: E402
    SETTINGS,
    Outcome,
    Server,
    build,
    compile_with_dspy,
    compile_with_sidecar,
    gold_entries,
    quiet,
    serving,
)

SETTING = replace(SETTINGS[0], passing=45)
CALLS_A_RUN = 3
RATE = 30

log = logging.getLogger("bench")


class Measured:
    """An outcome, what it took, and what the server saw."""

    def __init__(self, outcome: Outcome, cpu: float, server: Server) -> None:
        with urllib.request.urlopen(server.base_url.removesuffix("/v1") + "/stats") as reply:
            stats = json.load(reply)
        self.outcome, self.seconds = outcome, outcome.seconds
        self.calls = sum(stats["hits"].values())
        self.refused = stats["statuses"].get("429", 0)
        self.cpu_ms = 1000 * cpu / max(1, self.calls - self.refused)


class Bench:
    def __init__(self, work: Path, binary: str, gold: int) -> None:
        self.work, self.gold = work, gold
        self.binary = binary or build("./cmd/qgen-sidecar", work / "qgen-sidecar")
        self.server = build("./internal/llmtest/cmd/llmserver", work / "llmserver")
        self.load = build("./tests/bench/dispatchload", work / "dispatchload")
        self.runs = 0

    def dspy(self, flags: list[str], threads: int) -> Measured:
        with serving(self.server, "-by-fields", str(SETTING.passing), *flags) as server:
            command = [sys.executable, __file__, "--dspy", server.base_url]
            command += [f"--threads={threads}", f"--gold={self.gold}"]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seen = json.loads(done.stdout)
            by_number = ("scores", "demos")
            for name in by_number:
                seen[name] = {int(number): value for number, value in seen[name].items()}
            return Measured(
                Outcome(**seen["outcome"] | {n: seen[n] for n in by_number}), seen["cpu"], server
            )

    def sidecar(self, flags: list[str], *, prune: bool = False, **endpoint: Any) -> Measured:
        self.runs += 1
        with serving(self.server, "-by-fields", str(SETTING.passing), *flags) as server:
            before = children()
            outcome = compile_with_sidecar(
                SETTING,
                gold_entries(self.gold),
                server.base_url,
                self.binary,
                self.work / str(self.runs),
                prune=prune,
                **endpoint,
            )
            return Measured(outcome, children() - before, server)

    def floor(self, flags: list[str], like: Measured, connections: int) -> float:
        """Milliseconds of CPU a call of net/http alone, for calls like these."""
        bytes_a_token = 4  # as the server counts
        size = bytes_a_token * like.outcome.prompt_tokens // like.calls
        with serving(self.server, "-load", "[[ ## query ## ]] What?", *flags) as server:
            command = [self.load, "-client=raw", "-keys=none", f"-base={server.base_url}"]
            command += [f"-callers={connections}", f"-calls={like.calls}", f"-bytes={size}"]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        return float(json.loads(done.stdout)["cpu_us"]) / 1000


def children() -> float:
    """CPU seconds of the child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def in_a_process(base_url: str, threads: int, gold: int) -> None:
    """DSPy's compile alone, as one JSON object on stdout."""
    with quiet():
        before = time.process_time()
        began = time.monotonic()
        outcome = compile_with_dspy(SETTING, gold_entries(gold), base_url, threads)
        outcome.seconds = time.monotonic() - began
        cpu = time.process_time() - before
    seen = asdict(outcome)
    found = {"scores": seen.pop("scores"), "demos": seen.pop("demos")}
    sys.stdout.write(json.dumps({"outcome": seen, "cpu": cpu, **found}))


def speed(bench: Bench) -> list[str]:
    lines = []
    log.info("Seconds of a compile (calls, CPU a call in ms), %d gold entries:\n", bench.gold)
    log.info("| latency, connections | possible | DSPy | sidecar | and pruning | faster | floor |")
    log.info("| --- | --- | --- | --- | --- | --- | --- |")
    for latency in (0.05, 0.2):
        for connections in (16, 64):
            flags = ["-latency", f"{latency * 1000:g}ms"]
            theirs = bench.dspy(flags, connections)
            ours = bench.sidecar(flags, max_in_flight=connections)
            pruned = bench.sidecar(flags, prune=True, max_in_flight=connections)
            floor = bench.floor(flags, ours, connections)
            chain = CALLS_A_RUN * (max(theirs.outcome.attempts) + 1)
            possible = latency * max(theirs.calls / connections, chain)
            log.info(
                "| %g ms, %d | %.2f | %s | %s | %s | %.1f times | %.2f |",
                latency * 1000,
                connections,
                possible,
                *(cell(run) for run in (theirs, ours, pruned)),
                theirs.seconds / ours.seconds,
                floor,
            )
            at = f"{latency * 1000:g} ms, {connections} connections"
            lines += [
                f"{at}: {ours.seconds / possible:.2f} times of what is possible (at most 1.15), "
                f"{ours.calls / theirs.calls:.3f} times DSPy's calls (at most 1.05), "
                f"{theirs.seconds / ours.seconds:.1f} times as fast "
                f"(at least {2 if connections == 16 else 5}), "
                f"{ours.cpu_ms:.2f} ms of CPU a call (at most 0.15; net/http alone {floor:.2f}, "
                f"DSPy {theirs.cpu_ms:.1f}), "
                f"{same(theirs, ours)}"
            ]
    log.info("")
    return lines


def cell(run: Measured) -> str:
    return f"{run.seconds:.2f} ({run.calls}, {run.cpu_ms:.2f})"


def same(one: Measured, other: Measured) -> str:
    wrong = [n for n, score in one.outcome.scores.items() if other.outcome.scores.get(n) != score]
    return f"{len(wrong)} of {len(one.outcome.scores)} scores differ (0)"


def limited(bench: Bench) -> list[str]:
    flags = ["-rpm", str(RATE * 60), "-burst", str(RATE), "-latency", "50ms"]
    unlimited = bench.sidecar(["-latency", "50ms"], max_in_flight=16)
    log.info("Under %d requests a second, 16 connections, 50 ms:\n", RATE)
    log.info("| client | seconds | requests / rate | refused | other scores |")
    log.info("| --- | --- | --- | --- | --- |")
    lines = []
    for label, run in [
        ("DSPy", bench.dspy(flags, 16)),
        ("sidecar, told the limit", bench.sidecar(flags, max_in_flight=16, rpm=RATE * 60)),
        ("sidecar, told nothing", bench.sidecar(flags, max_in_flight=16)),
    ]:
        answered = run.calls - run.refused
        possible = answered / RATE
        differ = same(unlimited, run)
        log.info(
            "| %s | %.1f | %.1f | %d | %s |", label, run.seconds, possible, run.refused, differ
        )
        if label != "DSPy":
            lines.append(
                f"{label}: {run.seconds / possible:.2f} times requests ÷ rate (at most 1.1), "
                f"{run.refused / answered:.1%} refused (at most 1 %), {differ}"
            )
    log.info("")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="")
    parser.add_argument("--gold", type=int, default=100)
    parser.add_argument("--dspy", default="", help="only DSPy, on the server at this address")
    parser.add_argument("--threads", type=int, default=16)
    options = parser.parse_args()
    if options.dspy:
        in_a_process(options.dspy, options.threads, options.gold)
        return
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    log.info("%s, Python %s\n", machine, platform.python_version())
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(Path(work), options.binary, options.gold)
        lines = speed(bench) + limited(bench)
    log.info("goals")
    for line in lines:
        log.info("  %s", line)


if __name__ == "__main__":
    main()
