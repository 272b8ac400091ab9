"""A sitting of a thousand decisions: from a key to the next screen, and memory.

    python tests/bench/annotate.py [--binary PATH] [--decisions 1000]

In a real terminal (tmux), with suggestions that are there before the key is pressed. The
time includes what tmux takes to be told the key and asked for the screen, which is given
apart: a key that only moves the mark. Prints the goals; the status is 0 whatever they say.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from terminal import Terminal  # noqa: E402

log = logging.getLogger("bench")


def build(package: str, output: Path) -> str:
    env = {**os.environ, "CGO_ENABLED": "0"}
    subprocess.run(["go", "build", "-o", str(output), package], cwd=ROOT, env=env, check=True)
    return str(output)


def prepare(work: Path, chunks: int, base_url: str) -> None:
    lines = [
        json.dumps(
            {
                "chunk_id": n,
                "chunk_text": f"Rule {n} is about matter {n % 17}. "
                + " ".join(
                    f"Sentence {k} says more on subject {(n * k) % 101}." for k in range(25)
                ),
            }
        )
        for n in range(chunks)
    ]
    (work / "raw_chunks.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (work / "qgen.toml").write_text(
        f'[[endpoint]]\nname = "a"\nbase_url = "{base_url}"\n[lm.task]\nmodel = "m"\n'
        '[personas]\nsource = "none"\n[annotate]\ntarget = 100000\n',
        encoding="utf-8",
    )


def ready(terminal: Terminal) -> list[str]:
    return terminal.until(
        lambda lines: any(line.startswith("  3  ") for line in lines), "suggestions"
    )


def press(terminal: Terminal, key: str, before: list[str]) -> float:
    """Milliseconds from the key to another screen."""
    began = time.perf_counter()
    terminal.type(key)
    while terminal.lines() == before:
        if time.perf_counter() - began > 5:
            raise AssertionError(f"nothing changed\n{terminal.text()}")
    return 1000 * (time.perf_counter() - began)


def resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="")
    parser.add_argument("--decisions", type=int, default=1000)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        binary = options.binary or build("./cmd/qgen-sidecar", work / "qgen-sidecar")
        server = build("./internal/llmtest/cmd/llmserver", work / "llmserver")
        with subprocess.Popen([server], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as models:
            assert models.stdin is not None
            assert models.stdout is not None
            base_url = json.loads(models.stdout.readline())["base_url"]
            prepare(work, options.decisions + 50, base_url)
            measure(Terminal([binary, "annotate"], work), options.decisions)
            models.stdin.close()


def measure(terminal: Terminal, decisions: int) -> None:
    taken, moved, memory = [], [], {}
    for n in range(decisions):
        lines = ready(terminal)
        if n % 10 == 0:
            moved.append(press(terminal, "j", lines))
            lines = ready(terminal)
        taken.append(press(terminal, "1", lines))
        if n + 1 in (100, decisions // 2, decisions):
            memory[n + 1] = resident_mb(terminal.pid())
    terminal.type("q")
    terminal.wait()
    parts = [taken[: len(taken) // 10], taken[-len(taken) // 10 :]]
    log.info("| key to the next screen, ms | p50 | p99 |")
    log.info("| --- | --- | --- |")
    for name, times in (
        ("a key that moves the mark", moved),
        ("a decision, the first tenth", parts[0]),
        ("a decision, the last tenth", parts[1]),
        (f"all {decisions} decisions", taken),
    ):
        log.info("| %s | %.1f | %.1f |", name, statistics.median(times), p99(times))
    log.info("\nmemory, MB: %s", ", ".join(f"{mb:.0f} after {n}" for n, mb in memory.items()))
    log.info("\ngoals\n  p99 of a decision: %.1f ms (at most 50)", p99(taken))


def p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


if __name__ == "__main__":
    main()
