"""The dispatcher beside what one would use in its place, over one misbehaving server.

    python tests/bench/dispatch.py [--seconds 15] [--rounds 3]

The server (internal/llmtest/cmd/llmserver) runs as a process of its own, a new one for
each run, and so does each client: plain net/http, go-openai clients in turn (with two
attempts more after a pause, where something goes wrong), openai.AsyncOpenAI clients in
turn (two retries), litellm's Router (simple-shuffle, two retries), and the dispatcher.
All share this machine's cores: the figures are for comparing side by side. Prints
Markdown tables and the goals; the status is 0 whatever they say, because a machine's
speed is no property of the code.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import logging
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).with_name("dispatch_peers.py")
KEYS = ["key-0", "key-1", "key-2", "key-3"]
RPM, BURST = 1800, 30

log = logging.getLogger("bench")


@dataclass
class Run:
    """What a client measured, and what the server saw."""

    ok: int
    failed: int
    seconds: float
    p50_us: float
    cpu_us: float
    timeline: list[int]
    refused: int
    hits_bad: int  # requests with the first key

    @property
    def rate(self) -> float:
        return self.ok / self.seconds

    def rate_after(self, seconds: float) -> float:
        """Answers a second, the beginning left out."""
        tenths = int(self.seconds * 10)
        later = (self.timeline + [0] * tenths)[int(seconds * 10) : tenths]
        return sum(later) / len(later) * 10


class Bench:
    def __init__(self, work: Path) -> None:
        self.work = work
        self.server = str(work / "llmserver")
        self.load = str(work / "dispatchload")
        for out, package in [
            (self.server, "./internal/llmtest/cmd/llmserver"),
            (self.load, "./tests/bench/dispatchload"),
        ]:
            subprocess.run(["go", "build", "-o", out, package], cwd=ROOT, check=True)

    @contextlib.contextmanager
    def serving(self, *flags: str) -> Iterator[str]:
        command = [self.server, "-key-env", "KEYS", "-load", "An answer of some words.", *flags]
        environment = {**os.environ, "KEYS": ",".join(KEYS)}
        with subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())["base_url"]
            server.stdin.close()

    def client(self, name: str, base: str, keys: list[str], **flags: Any) -> Any:
        """Runs a client; flags are its own, a number of seconds for times."""
        where = {"base": base, "keys": ",".join(keys), **flags}
        if name in ("AsyncOpenAI", "Router"):
            command = [sys.executable, str(PEERS), "--client", name]
            command += [f"--{flag}={value}" for flag, value in where.items()]
        else:
            times = {"duration", "timeout"}
            command = [self.load, "-client", name]
            command += [f"-{f}={v}s" if f in times else f"-{f}={v}" for f, v in where.items()]
        ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
        return json.loads(ran.stdout)

    def run(self, name: str, server: list[str], keys: list[str] | None = None, **flags: Any) -> Run:
        with self.serving(*server) as base:
            seen = self.client(name, base, keys or KEYS, **flags)
            with urllib.request.urlopen(base.removesuffix("/v1") + "/stats") as reply:
                stats = json.load(reply)
        first = hashlib.sha256(KEYS[0].encode()).hexdigest()
        return Run(
            seen["ok"],
            seen["failed"],
            seen["seconds"],
            seen["p50_us"],
            seen["cpu_us"],
            seen["timeline"] or [],
            stats["statuses"].get("429", 0),
            stats["hits"].get(first, 0),
        )


def overhead(bench: Bench, rounds: int) -> list[str]:
    found: dict[str, list[float]] = {}
    for n in range(rounds):
        with bench.serving() as base:
            cache = bench.work / f"cache-{n}"
            ran = subprocess.run(
                [
                    bench.load,
                    "-overhead",
                    f"-base={base}",
                    f"-keys={','.join(KEYS)}",
                    "-calls=5000",
                    f"-cache={cache}",
                ],
                check=True,
                capture_output=True,
                text=True,
            )
        for name, seen in json.loads(ran.stdout).items():
            found.setdefault(name, []).append(seen["p50_us"])
    p50 = {name: statistics.median(values) for name, values in found.items()}
    above = {
        name: statistics.median(a - b for a, b in zip(found[name], found["openai"], strict=True))
        for name in ("qgen", "qgen-cache")
    }
    for name in ("AsyncOpenAI", "Router"):
        p50[name] = bench.run(name, [], calls=500, warm=50).p50_us
    log.info("One call at a time, no latency, µs:\n")
    log.info("| net/http | go-openai | dispatcher | and its cache | AsyncOpenAI | Router |")
    log.info("|---|---|---|---|---|---|")
    order = ("raw", "openai", "qgen", "qgen-cache", "AsyncOpenAI", "Router")
    log.info("| %s |\n", " | ".join(f"{p50[name]:,.0f}" for name in order))
    return [
        f"overhead over go-openai, cache off: {above['qgen']:.0f} µs p50 (at most 10)",
        f"overhead over go-openai, cache on: {above['qgen-cache']:.0f} µs p50 (at most 60)",
    ]


def throughput(bench: Bench, rounds: int) -> list[str]:
    server, flags = ["-latency", "20ms"], {"callers": 256, "duration": 8}
    rates: dict[str, list[float]] = {"raw": [], "openai": [], "qgen": []}
    for _ in range(rounds):
        for name, found in rates.items():
            found.append(bench.run(name, server, **flags).rate)
    median = {name: statistics.median(found) for name, found in rates.items()}
    for name in ("AsyncOpenAI", "Router"):
        median[name] = bench.run(name, server, **flags).rate
    log.info("256 callers, 20 ms, answers a second (12,800 are possible):\n")
    log.info("| net/http | go-openai | dispatcher | AsyncOpenAI | Router |")
    log.info("|---|---|---|---|---|")
    order = ("raw", "openai", "qgen", "AsyncOpenAI", "Router")
    log.info("| %s |\n", " | ".join(f"{median[name]:,.0f}" for name in order))
    share = statistics.median(q / r for q, r in zip(rates["qgen"], rates["raw"], strict=True))
    return [f"256 callers, of net/http's rate: {share:.1%} (at least 95 %)"]


LIMITED = ["-latency", "20ms", "-rpm", str(RPM), "-burst", str(BURST)]


def limits(bench: Bench, seconds: float) -> list[str]:
    flags = {"callers": 64, "duration": seconds}
    cases = [
        ("go-openai, 2 retries", "openai-retry", {}, "both"),
        ("AsyncOpenAI", "AsyncOpenAI", {}, "both"),
        ("Router, told the limit", "Router", {"rpm": RPM}, "both"),
        ("dispatcher, told the limit", "qgen", {"rpm": RPM}, "none"),
        ("dispatcher, x-ratelimit-* alone", "qgen", {}, "ratelimit"),
        ("dispatcher, Retry-After alone", "qgen", {}, "retry-after"),
        ("dispatcher, told nothing", "qgen", {}, "none"),
    ]
    shape = f"4 keys of {RPM} requests a minute ({BURST} at once), 64 callers, {seconds:g} s"
    log.info("%s:\n", shape)
    log.info("| client | of what is allowed | calls lost | 429s for each answer |")
    log.info("|---|---|---|---|")
    allowed = len(KEYS) * (BURST + RPM / 60 * seconds)
    goals = {
        "dispatcher, told the limit": "at least 99 %, 0 lost, at most 0.001",
        "dispatcher, x-ratelimit-* alone": "at least 96 %, 0 lost, at most 0.02",
        "dispatcher, Retry-After alone": "at least 85 %, 0 lost, at most 0.07",
    }
    lines = []
    for label, client, more, told in cases:
        hints = "ratelimit,retry-after" if told == "both" else told
        run = bench.run(client, [*LIMITED, "-hints", hints], **flags, **more)
        used, each = run.ok / allowed, run.refused / run.ok
        lost = run.failed / (run.ok + run.failed)
        log.info("| %s | %.1f %% | %.1f %% | %.4f |", label, 100 * used, 100 * lost, each)
        if label in goals:
            lines.append(f"{label}: {used:.1%}, {run.failed} lost, {each:.4f} ({goals[label]})")
    log.info("")
    return lines


def one_bad_key(bench: Bench) -> list[str]:
    flags = {"callers": 32, "duration": 10, "timeout": 2}
    healthy = bench.run("qgen", ["-latency", "20ms"], keys=KEYS[1:], **flags).rate
    log.info("One bad key of 4, 32 callers, 20 ms, timeout 2 s; answers a second, of which")
    log.info("three good keys alone give %.0f:\n", healthy)
    log.info("| client | dead; lost; hits | hanging; after 2.5 s; lost | 10 times slower; lost |")
    log.info("|---|---|---|---|")
    lines = []
    for label, client in [
        ("go-openai, 2 retries", "openai-retry"),
        ("AsyncOpenAI", "AsyncOpenAI"),
        ("Router", "Router"),
        ("dispatcher", "qgen"),
    ]:
        dead, hang, slow = (
            bench.run(client, ["-latency", "20ms", "-bad", bad], **flags)
            for bad in ("dead", "hang", "slow")
        )
        later = hang.rate_after(2.5)
        cells = [
            f"{dead.rate:,.0f}; {dead.failed}; {dead.hits_bad}",
            f"{hang.rate:,.0f}; {later:,.0f}; {hang.failed}",
            f"{slow.rate:,.0f}; {slow.failed}",
        ]
        log.info("| %s | %s |", label, " | ".join(cells))
        if client == "qgen":
            lines = [
                f"one key dead: {dead.hits_bad} calls hit it (at most 10), {dead.failed} lost (0), "
                f"{dead.rate / healthy:.1%} of three keys' rate (at least 95 %)",
                f"one key hanging: {hang.failed} lost (0), {later / healthy:.1%} after the "
                f"first detection (at least 90 %), {hang.rate / healthy:.1%} from the start",
                f"one key 10 times slower: {slow.failed} lost (0), {slow.rate / healthy:.1%} of "
                "the healthy keys' rate (at least 90 %)",
            ]
    log.info("")
    return lines


def job(bench: Bench) -> list[str]:
    log.info("A job of 1,200 calls under the limits above, 64 at a time (9 s are possible):\n")
    log.info("| client | lost | seconds |")
    log.info("|---|---|---|")
    lines = []
    for label, client, more in [
        ("go-openai, 2 retries", "openai-retry", {}),
        ("AsyncOpenAI", "AsyncOpenAI", {}),
        ("Router, told the limit", "Router", {"rpm": RPM}),
        ("dispatcher, told the limit", "qgen", {"rpm": RPM}),
        ("dispatcher, told nothing", "qgen", {}),
    ]:
        run = bench.run(client, LIMITED, callers=64, calls=1200, **more)
        log.info("| %s | %d | %.1f |", label, run.failed, run.seconds)
        if client == "qgen":
            lines.append(f"1,200 calls, {label}: {run.failed} lost (0)")
    log.info("")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="of the runs under limits")
    parser.add_argument("--rounds", type=int, default=3, help="of overhead and throughput")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    log.info("%s, Python %s\n", machine, platform.python_version())
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(Path(work))
        lines = overhead(bench, options.rounds)
        lines += throughput(bench, options.rounds)
        lines += limits(bench, options.seconds)
        lines += one_bad_key(bench)
        lines += job(bench)
    log.info("goals")
    for line in lines:
        log.info("  %s", line)


if __name__ == "__main__":
    main()
