"""A question of each of 100,000 chunks through batch files: how long the sidecar's part takes.

    python tests/bench/batch.py [--binary PATH] [--chunks 100000]

The batch API is a function here, which writes a reply beside each request; only the sidecar's
own part is timed: export, import, export, import, and the generate-all that finishes. Memory is
the most that each of these processes had. Prints a Markdown table; the status is 1 only when a
question is missing in the end.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from generate_all import command, fill, peak

log = logging.getLogger("bench")

PARTS = (
    ("query_type", "factual", "query_format", "question"),
    ("query", "What holds in the matter of request {n}?"),
)


class Part:
    """One command: its result, its seconds, and the most memory that it had."""

    def __init__(self, args: list[str]) -> None:
        began = time.monotonic()
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(args, stdout=out, stderr=subprocess.DEVNULL)
            self.megabytes = 0.0
            while process.poll() is None:
                self.megabytes = max(self.megabytes, peak(process.pid))
                time.sleep(0.02)
            self.seconds = time.monotonic() - began
            out.seek(0)
            said = out.read()
        if process.returncode != 0:
            raise SystemExit(f"{args[1]} ended with {process.returncode}: {said!r}")
        self.result: dict[str, Any] = json.loads(said)


def answer(files: Iterable[str], results: Path, step: int) -> None:
    """The batch API: every request is answered, the last first."""
    with results.open("w", encoding="utf-8") as out:
        for path in files:
            for n, line in enumerate(reversed(Path(path).read_text("utf-8").splitlines())):
                pairs = [part.format(n=n) for part in PARTS[step]]
                fields = zip(pairs[::2], pairs[1::2], strict=True)
                text = "".join(f"[[ ## {name} ## ]]\n{value}\n\n" for name, value in fields)
                message = {"role": "assistant", "content": text + "[[ ## completed ## ]]"}
                body = {
                    "model": "m",
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 300, "completion_tokens": 20},
                }
                reply = {"custom_id": json.loads(line)["custom_id"], "error": None}
                reply["response"] = {"status_code": 200, "body": body}
                out.write(json.dumps(reply) + "\n")


def run(args: argparse.Namespace, work: Path) -> int:
    fill(work / "db", args.chunks)
    generate = command(args.binary, work / "run", work / "db", "http://127.0.0.1:9/v1")
    binary, _, *options = generate
    config = options[:2]

    log.info("| | seconds | a second | memory, MB |")
    log.info("|---|---|---|---|")

    def timed(title: str, args_of: list[str]) -> dict[str, Any]:
        part = Part(args_of)
        rate = args.chunks / part.seconds
        log.info("| %s | %.1f | %.0f | %.0f |", title, part.seconds, rate, part.megabytes)
        return part.result

    for step in range(len(PARTS)):
        batch = str(work / f"round-{step + 1}")
        exported = timed(f"export {step + 1}", [binary, "export-batch", *options, "--batch", batch])
        results = work / f"results-{step + 1}.jsonl"
        answer(exported["files"], results, step)
        kept = timed(
            f"import {step + 1}", [binary, "import-batch", *config, "--results", str(results)]
        )
        if kept["failed"]:
            raise SystemExit(f"import: {kept['failures'][:3]}")
    done = timed("generate-all", generate)
    log.info("\n%d of %d questions, %d calls", done["done"], args.chunks, done["usage"]["calls"])
    return int(done["done"] != args.chunks)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--binary", required=True)
    parser.add_argument("--chunks", type=int, default=100_000)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    with tempfile.TemporaryDirectory() as folder:
        return run(args, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
