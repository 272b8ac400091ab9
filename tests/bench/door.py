"""What a call through the door costs, beside other people's JSON-RPC, in one run.

    python tests/bench/door.py [--rounds 5] [--calls 1000] [--binary .build/qgen-sidecar]

Every pair makes the same call of about 0.2 kB, `choose-persona` with no personas
configured, whose answer takes no work; a pair of a peer with itself answers the same.
Pairs take turns, round by round, and the median of the rounds counts: what else the
machine does meets all of them. Prints a Markdown table and the goals; the status is 0
whatever they say, because a machine's speed is no property of the code.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import platform
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pylsp_jsonrpc.endpoint import Endpoint
from pylsp_jsonrpc.streams import JsonRpcStreamReader, JsonRpcStreamWriter
from qgen_sidecar import AsyncSidecar, Sidecar

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "tests" / "peers" / "bench.mjs"
PARAMS = {"chunk_text": "Loss of a residence permit is reported within two weeks, in person. " * 2}
INITIALIZE = {"protocol_version": "1.0"}
WIDTHS = [16, 256]
WARM = 200

log = logging.getLogger("bench")


@dataclass
class Measured:
    """Latencies of one call after the other in µs, and calls a second by calls in flight."""

    latencies: list[float] = field(default_factory=list)
    rates: dict[int, float] = field(default_factory=dict)


Pair = Callable[[int], Measured]  # of the number of calls


def bare_lines(binary: str) -> Pair:
    """No client at all: a line out, a line in."""

    def line(id: int) -> bytes:
        call = {"jsonrpc": "2.0", "id": id, "method": "choose-persona", "params": PARAMS}
        return json.dumps(call).encode() + b"\n"

    def measure(calls: int) -> Measured:
        with subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            stdin, stdout = child.stdin, child.stdout
            assert stdin is not None
            assert stdout is not None

            def call(id: int) -> None:
                stdin.write(line(id))
                stdin.flush()
                json.loads(stdout.readline())

            stdin.write(
                json.dumps(
                    {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": INITIALIZE}
                ).encode()
                + b"\n"
            )
            stdin.flush()
            stdout.readline()
            result = Measured(timed(call, calls))
            for width in WIDTHS:
                begun = time.perf_counter()
                room = threading.Semaphore(width)

                def read() -> None:
                    for _ in range(calls * 5):
                        json.loads(stdout.readline())
                        room.release()  # noqa: B023

                reader = threading.Thread(target=read)
                reader.start()
                for id in range(calls * 5):
                    if not room.acquire(blocking=False):
                        stdin.flush()
                        room.acquire()
                    stdin.write(line(id))
                stdin.flush()
                reader.join()
                result.rates[width] = calls * 5 / (time.perf_counter() - begun)
            stdin.close()
            return result

    return measure


def own_client(binary: str) -> Pair:
    def measure(calls: int) -> Measured:
        with Sidecar({}, binary=binary) as sidecar:
            result = Measured(timed(lambda _: sidecar.choose_persona(**PARAMS), calls))
            for width in WIDTHS:
                result.rates[width] = in_threads(
                    lambda: sidecar.choose_persona(**PARAMS), width, calls * 2
                )
        return result

    return measure


def own_async_client(binary: str) -> Pair:
    async def measure(calls: int) -> Measured:
        async with AsyncSidecar({}, binary=binary) as sidecar:
            result = Measured()
            for n in range(WARM + calls):
                begun = time.perf_counter()
                await sidecar.choose_persona(**PARAMS)
                if n >= WARM:
                    result.latencies.append((time.perf_counter() - begun) * 1e6)
            for width in WIDTHS:
                result.rates[width] = await in_tasks(
                    lambda: sidecar.choose_persona(**PARAMS), width, calls * 2
                )
        return result

    return lambda calls: asyncio.run(measure(calls))


def pylsp(*command: str) -> Pair:
    """python-lsp-jsonrpc as the host."""

    def measure(calls: int) -> Measured:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            endpoint = Endpoint({}, JsonRpcStreamWriter(child.stdin).write)
            reader = JsonRpcStreamReader(child.stdout)
            listening = threading.Thread(target=reader.listen, args=[endpoint.consume])
            listening.start()
            endpoint.request("initialize", INITIALIZE).result(30)
            result = Measured(
                timed(lambda _: endpoint.request("choose-persona", PARAMS).result(30), calls)
            )
            for width in WIDTHS:
                result.rates[width] = by_futures(
                    lambda: endpoint.request("choose-persona", PARAMS), width, calls * 5
                )
            endpoint.notify("exit")
            assert child.stdin is not None
            child.stdin.close()
            listening.join()
            endpoint.shutdown()
        return result

    return measure


def pylsp_server() -> None:
    """The other half of python-lsp-jsonrpc's pair with itself."""
    handlers = {
        "initialize": lambda _: {},
        "choose-persona": lambda _: {"persona_description": None, "source": "none"},
        "exit": lambda _: sys.stdin.close(),
    }
    endpoint = Endpoint(handlers, JsonRpcStreamWriter(sys.stdout.buffer).write)
    JsonRpcStreamReader(sys.stdin.buffer).listen(endpoint.consume)


def vscode(*command: str) -> Pair:
    """vscode-jsonrpc in node as the host."""

    def measure(calls: int) -> Measured:
        plan = {
            "initialize": INITIALIZE,
            "params": PARAMS,
            "warm": WARM,
            "calls": calls,
            "widths": WIDTHS,
        }
        ran = subprocess.run(
            ["node", str(PEERS), "client", json.dumps(plan), *command],
            check=True,
            capture_output=True,
        )
        seen = json.loads(ran.stdout)
        return Measured(seen["latencies"], {int(w): rate for w, rate in seen["rates"].items()})

    return measure


def timed(call: Callable[[int], Any], calls: int) -> list[float]:
    latencies = []
    for n in range(WARM + calls):
        begun = time.perf_counter()
        call(n)
        if n >= WARM:
            latencies.append((time.perf_counter() - begun) * 1e6)
    return latencies


def in_threads(call: Callable[[], Any], width: int, calls: int) -> float:
    left = iter(range(calls))
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if next(left, None) is None:
                    return
            call()

    threads = [threading.Thread(target=work) for _ in range(width)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return calls / (time.perf_counter() - begun)


async def in_tasks(call: Callable[[], Awaitable[Any]], width: int, calls: int) -> float:
    left = iter(range(calls))

    async def work() -> None:
        while next(left, None) is not None:
            await call()

    begun = time.perf_counter()
    await asyncio.gather(*[work() for _ in range(width)])
    return calls / (time.perf_counter() - begun)


def by_futures(request: Callable[[], Future[Any]], width: int, calls: int) -> float:
    room = threading.Semaphore(width)
    begun = time.perf_counter()
    last = []
    for _ in range(calls):
        room.acquire()
        future = request()
        future.add_done_callback(lambda _: room.release())
        last.append(future)
    for future in last[-width:]:
        future.result(30)
    return calls / (time.perf_counter() - begun)


def from_go() -> dict[int, float]:
    """Calls a second from Go, by calls in flight: BenchmarkCalls."""
    command = ["go", "test", "./cmd/qgen-sidecar", "-run", "^$", "-bench", "^BenchmarkCalls$"]
    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found = re.findall(r"BenchmarkCalls/(\d+)\S*\s.*?([\d.]+) calls/s", ran.stdout)
    return {int(width): float(rate) for width, rate in found}


def at_rest(binary: str) -> tuple[float, float]:
    """Milliseconds from exec to the first reply, and MB of memory after it."""
    line = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": INITIALIZE}
    begun = time.perf_counter()
    with subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(line).encode() + b"\n")
        child.stdin.flush()
        child.stdout.readline()
        took = (time.perf_counter() - begun) * 1e3
        time.sleep(0.5)
        rss = resident_mb(child.pid)
        child.stdin.close()
    return took, rss


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text(encoding="utf-8"))
    assert found is not None
    return int(found[1]) * 1024 / 1e6


def table(rounds: dict[str, list[Measured]]) -> list[str]:
    lines = [
        "| host → server | p50 µs | p99 µs | calls/s, 1 in flight | 16 | 256 |",
        "|---|---|---|---|---|---|",
    ]
    for name, runs in rounds.items():
        p50, p99, one = latency(runs)
        rates = [statistics.median(run.rates[width] for run in runs) for width in WIDTHS]
        cells = [f"{value:,.0f}" for value in (p50, p99, one, *rates)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def latency(runs: list[Measured]) -> tuple[float, float, float]:
    """Medians over the rounds: p50, p99, and calls a second one after the other."""
    p50 = statistics.median(statistics.median(run.latencies) for run in runs)
    p99 = statistics.median(statistics.quantiles(run.latencies, n=100)[98] for run in runs)
    one = statistics.median(1e6 / statistics.fmean(run.latencies) for run in runs)
    return p50, p99, one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--binary", default=str(ROOT / ".build" / "qgen-sidecar"))
    parser.add_argument("--pylsp-server", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.pylsp_server:
        pylsp_server()
        return
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    binary = options.binary
    itself = [sys.executable, str(Path(__file__).resolve()), "--pylsp-server"]
    pairs: dict[str, Pair] = {
        "bare lines, Python → sidecar": bare_lines(binary),
        "qgen_sidecar.Sidecar → sidecar": own_client(binary),
        "qgen_sidecar.AsyncSidecar → sidecar": own_async_client(binary),
        "vscode-jsonrpc → sidecar": vscode(binary),
        "vscode-jsonrpc → itself": vscode("node", str(PEERS), "server"),
        "python-lsp-jsonrpc → sidecar": pylsp(binary),
        "python-lsp-jsonrpc → itself": pylsp(*itself),
    }
    rounds: dict[str, list[Measured]] = {name: [] for name in pairs}
    for _ in range(options.rounds):
        for name, pair in pairs.items():
            rounds[name].append(pair(options.calls))
    starts = [at_rest(binary) for _ in range(15)]
    go = from_go()

    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    log.info("%s; %d rounds of %d calls\n", machine, options.rounds, options.calls)
    for line in table(rounds):
        log.info("%s", line)
    log.info("| Go, lines → sidecar | | | %s |", " | ".join(f"{go[w]:,.0f}" for w in sorted(go)))
    first, rss = statistics.median(s[0] for s in starts), statistics.median(s[1] for s in starts)
    ours = latency(rounds["bare lines, Python → sidecar"])[0]
    node = latency(rounds["vscode-jsonrpc → itself"])[0]
    log.info("\ngoals")
    log.info("  p50 from Python, of node's own pair: %.2f (at most 2)", ours / node)
    log.info("  calls a second from Go, 256 in flight: %s (at least 20,000)", f"{go[256]:,.0f}")
    log.info("  first reply after exec: %.1f ms (at most 15), median of 15 starts", first)
    log.info("  memory at rest: %.1f MB (under 30)", rss)


if __name__ == "__main__":
    main()
