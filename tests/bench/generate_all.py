"""A question of each of 100,000 chunks: throughput, memory, and ten kills.

    python tests/bench/generate_all.py [--binary PATH] [--chunks 100000] [--kills 10]

Two runs over folders that Python's qdrant-client wrote, against the deterministic server.
Undisturbed: chunks a second beside what the connections allow (connections ÷ latency ÷ two
calls a chunk), and resident memory in each fifth of the run. Then with the process killed
by SIGKILL at random moments and begun again: lines in the output, chunks among them, and
requests that were sent a second time, byte for byte. Prints the goals; the status is 0
whatever the figures say, and 1 only when a run did not finish.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from parity import Server, serving  # noqa: E402

log = logging.getLogger("bench")

CONNECTIONS = 64
LATENCY_MS = 50
CALLS = 2  # a chunk: analyse, generate


def fill(folder: Path, chunks: int) -> None:
    store = QdrantClient(path=str(folder))
    store.create_collection("chunks", vectors_config=VectorParams(size=2, distance=Distance.COSINE))
    for start in range(0, chunks, 2000):
        store.upsert(
            "chunks",
            [
                PointStruct(
                    id=n,
                    vector=[1.0, float(n % 100)],
                    payload={"text": f"Rule {n} says what holds in matter {n % 97}. " + "x " * 150},
                )
                for n in range(start, min(start + 2000, chunks))
            ],
        )
    store.close()


def command(binary: str, work: Path, folder: Path, base_url: str) -> list[str]:
    work.mkdir(exist_ok=True)
    config = work / "qgen.toml"
    config.write_text(
        f"""[store]
path = {json.dumps(str(folder))}
collection = "chunks"
text_field = "text"
[[endpoint]]
name = "a"
base_url = "{base_url}"
max_in_flight = {CONNECTIONS}
[lm.task]
model = "m"
[personas]
source = "none"
""",
        encoding="utf-8",
    )
    output = str(work / "out.jsonl")
    return [binary, "generate-all", "--config", str(config), "--output", output]


class Memory(threading.Thread):
    """Resident memory of a process, a few times a second, by how far its work is."""

    def __init__(self, pid: int, server: Server, total: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.server, self.total = pid, server, total
        self.fifths = [0.0] * 5  # the most in each, MB

    def run(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while True:
            try:
                resident = int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1])
                done = self.server.requests() / self.total
            except (OSError, IndexError):
                return
            at = min(4, int(5 * done))
            self.fifths[at] = max(self.fifths[at], resident * page / 1e6)
            time.sleep(0.25)


def undisturbed(args: argparse.Namespace, work: Path, folder: Path, llmserver: str) -> None:
    with serving(llmserver, *flags()) as server:
        started = time.monotonic()
        process = subprocess.Popen(
            command(args.binary, work, folder, server.base_url),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        memory = Memory(process.pid, server, CALLS * args.chunks)
        memory.start()
        out, _ = process.communicate()
        seconds = time.monotonic() - started
        memory.join()
    if process.returncode != 0:
        raise SystemExit(f"generate-all ended with {process.returncode}: {out!r}")
    result = json.loads(out)
    possible = CONNECTIONS / (LATENCY_MS / 1000) / CALLS
    rate = args.chunks / seconds
    log.info("| | measured | goal |")
    log.info("|---|---|---|")
    log.info("| questions written | %d of %d | all |", result["written"], args.chunks)
    log.info(
        "| chunks a second | %.0f of %.0f possible (%.0f %%) | 95 %% |",
        rate,
        possible,
        100 * rate / possible,
    )
    log.info(
        "| memory, MB, in each fifth | %s | flat |", ", ".join(f"{m:.0f}" for m in memory.fifths)
    )


def killed(args: argparse.Namespace, work: Path, folder: Path, llmserver: str) -> None:
    total = CALLS * args.chunks
    moments = sorted(random.Random(11).sample(range(1, total), args.kills))
    kills = 0
    with serving(llmserver, *flags()) as server:
        again = command(args.binary, work, folder, server.base_url)
        for moment in moments:
            with subprocess.Popen(
                again, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as process:
                while server.requests() < moment and process.poll() is None:
                    time.sleep(0.01)
                kills += process.poll() is None
                process.kill()
        last = subprocess.run(again, capture_output=True, text=True, check=False)
        requests, twice = server.requests(), server.repeated()
    if last.returncode != 0:
        raise SystemExit(f"generate-all ended with {last.returncode}: {last.stderr[-2000:]}")
    lines = (work / "out.jsonl").read_text("utf-8").splitlines()
    chunks = {json.loads(line)["chunk_id"] for line in lines}
    log.info("| killed | %d times | %d |", kills, args.kills)
    log.info("| lines, chunks in the output | %d, %d | %d |", len(lines), len(chunks), args.chunks)
    log.info(
        "| requests | %d (%d of them a second time) | at most %d, those in flight at a kill |",
        requests,
        twice,
        total + kills * CONNECTIONS,
    )


def gone_on(args: argparse.Namespace, work: Path, folder: Path) -> None:
    """The call again, with everything finished: what it remembers of that."""
    with subprocess.Popen(
        command(args.binary, work, folder, "http://127.0.0.1:9/v1"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        most = 0.0
        started = time.monotonic()
        while process.poll() is None:
            most = max(most, peak(process.pid))
            time.sleep(0.02)
    log.info("| memory of a call that finds all of it finished, MB | %.0f | |", most)
    log.info("| … and its seconds | %.1f | |", time.monotonic() - started)


def peak(pid: int) -> float:
    """The most memory that a process had, MB."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1000 if found else 0


def flags() -> tuple[str, ...]:
    return ("-by-fields", "100", "-latency", f"{LATENCY_MS}ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(ROOT / ".build" / "qgen-sidecar"))
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=10)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    warnings.filterwarnings("ignore", "Local mode is not recommended")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        llmserver = str(work / "llmserver")
        subprocess.run(
            ["go", "build", "-o", llmserver, "./internal/llmtest/cmd/llmserver"],
            cwd=ROOT,
            env={**os.environ, "CGO_ENABLED": "0"},
            check=True,
        )
        fill(work / "folder", args.chunks)
        undisturbed(args, work / "whole", work / "folder", llmserver)
        gone_on(args, work / "whole", work / "folder")
        killed(args, work / "killed", work / "folder", llmserver)


if __name__ == "__main__":
    main()
