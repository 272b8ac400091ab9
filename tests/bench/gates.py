"""How often each gate of `generate` is right, on questions written for this.

    python tests/bench/gates.py [--wrong] [--gates standalone,leak]

tests/bench/gates.json has twelve texts and, for each gate, questions that it should refuse
and questions that it should pass, 60 a gate. They go the way of every question: `generate`
asks a model for one, and this script is that model. The judge of `answerable` and the
embeddings are real: the demo's local models, or with OPENAI_API_KEY in the environment
those that QGEN_MODEL and QGEN_EMBED_MODEL name. Prints a table; the status is 0 whatever
it says.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from openai import OpenAI
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams
from qgen_sidecar import Sidecar

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "examples" / "demo"))
from services import Services, services  # noqa: E402

log = logging.getLogger("bench")

CHUNKS: list[dict[str, Any]] = json.loads((HERE / "gates.json").read_text("utf-8"))["chunks"]


@dataclass(frozen=True)
class Trial:
    """One gate, and the lists of questions that it should refuse and pass."""

    gate: str
    refuse: str
    quality: str = ""  # of the config

    def questions(self) -> Iterator[tuple[dict[str, Any], str, bool]]:
        """(chunk, question, whether it should be refused)"""
        for chunk in CHUNKS:
            passed = chunk["good"]
            if self.gate == "duplicate":  # the first two are saved, and repeated
                passed = [chunk["good"][2], *chunk["unanswered"]]
            for question in passed:
                yield chunk, question, False
            for question in chunk[self.refuse]:
                yield chunk, question, True


TRIALS = (
    Trial("standalone", "leaning"),
    Trial("leak", "copied"),
    Trial("language", "foreign"),
    # Of twelve texts; ten of them, the default, would be nearly all.
    Trial("round-trip", "elsewhere", "round_trip_k = 1"),
    Trial("duplicate", "repeated"),
    Trial("answerable", "unanswered"),
)


class Echo(BaseHTTPRequestHandler):
    """A chat model that asks what the persona says."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        last = body["messages"][-1]["content"]
        found = re.search(r"\[\[ ## persona_description ## \]\]\n(.*)", last)
        question = found[1] if found else ""
        text = (
            "[[ ## query_type ## ]]\nany\n\n[[ ## query_format ## ]]\nany\n\n"
            f"[[ ## query ## ]]\n{question}\n\n[[ ## completed ## ]]"
        )
        message = {"role": "assistant", "content": text}
        reply = {
            "id": "echo",
            "object": "chat.completion",
            "model": "echo",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        }
        raw = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


@contextmanager
def echoing() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Embeddings:
    """The application's own function, as the sidecar's hook."""

    def __init__(self, found: Services) -> None:
        self.model = found.embed_model
        self.client = OpenAI(base_url=found.embed_base_url, api_key=found.api_key)

    def __call__(self, texts: Sequence[str], purpose: str = "passage", **_: Any) -> list[Any]:
        # The e5 models embed questions and passages differently.
        extra = {"input_type": purpose} if "e5" in self.model else None
        reply = self.client.embeddings.create(
            model=self.model, input=list(texts), encoding_format="float", extra_body=extra
        )
        return [row.embedding for row in reply.data]


def fill(folder: Path, embed: Embeddings) -> None:
    """The folder with the chunks, and beside them the first two good questions of each."""
    vectors = embed([chunk["text"] for chunk in CHUNKS])
    saved = [(chunk["id"], q) for chunk in CHUNKS for q in chunk["good"][:2]]
    questions = embed([question for _, question in saved], "query")
    store = QdrantClient(path=str(folder))
    for name in ("chunks", "questions"):
        store.create_collection(
            name, vectors_config=VectorParams(size=len(vectors[0]), distance=Distance.COSINE)
        )
    store.upsert(
        "chunks",
        [
            PointStruct(id=chunk["id"], vector=vector, payload={"text": chunk["text"]})
            for chunk, vector in zip(CHUNKS, vectors, strict=True)
        ],
    )
    store.upsert(
        "questions",
        [
            PointStruct(id=n, vector=vector, payload={"query": question, "chunk_id": chunk})
            for n, ((chunk, question), vector) in enumerate(zip(saved, questions, strict=True))
        ],
    )
    store.close()


def write_config(work: Path, trial: Trial, echo: str, found: Services) -> Path:
    path = work / f"{trial.gate}{trial.quality.replace(' ', '')}.toml"
    layout = 'layout = "json"\n' if found.local else ""  # the small model keeps to no other
    path.write_text(
        f"""
[store]
path = {json.dumps(str(work / "folder"))}
collection = "chunks"
text_field = "text"
[store.questions]
collection = "questions"
query_field = "query"
chunk_id_field = "chunk_id"
[[endpoint]]
name = "echo"
base_url = "{echo}"
[[endpoint]]
name = "judge"
base_url = "{found.base_url}"
api_key_env = "QGEN_BENCH_KEY"
max_in_flight = 2
timeout_s = 120
[lm.task]
model = "echo"
endpoints = ["echo"]
[lm.judge]
model = "{found.model}"
endpoints = ["judge"]
temperature = 0.0
max_tokens = 120
{layout}
[personas]
source = "none"
[quality]
{trial.quality}
""",
        encoding="utf-8",
    )
    return path


@dataclass
class Count:
    refused_bad: int = 0
    refused_good: int = 0
    bad: int = 0
    good: int = 0
    failed: int = 0

    def line(self, name: str, judged: str) -> str:
        refused = self.refused_bad + self.refused_good
        precision = f"{self.refused_bad / refused:.2f}" if refused else "-"
        recall = f"{self.refused_bad / self.bad:.2f}" if self.bad else "-"
        return (
            f"| {name} | {self.refused_bad} of {self.bad} | {self.refused_good} of {self.good} "
            f"| {precision} | {recall} | {self.failed} | {judged} |"
        )


def measure(trial: Trial, config: Path, embed: Embeddings, wrong: bool) -> Count:
    count = Count()
    with (
        Sidecar(str(config), embed=embed) as sidecar,
        ThreadPoolExecutor(2) as pool,
    ):

        def ask(row: tuple[dict[str, Any], str, bool]) -> str | Exception | None:
            chunk, question, _ = row
            try:
                result = sidecar.generate(
                    chunk_text=chunk["text"],
                    chunk_id=chunk["id"],
                    persona_description=question,
                    program=None,
                    gates=[trial.gate],
                )
            except Exception as error:  # counted apart
                return error
            return result.get("rejected_reason")

        rows = list(trial.questions())
        for (_, question, bad), reason in zip(rows, pool.map(ask, rows), strict=True):
            if isinstance(reason, Exception):
                count.failed += 1
                log.debug("%s: %s", question, reason)
                continue
            if bad:
                count.bad += 1
                count.refused_bad += bool(reason)
            else:
                count.good += 1
                count.refused_good += bool(reason)
            if wrong and bool(reason) != bad:
                log.info("  %s: %s %s", trial.gate, question, f"({reason})" if reason else "passed")
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="list what was judged wrongly")
    parser.add_argument("--gates", default="", help="only these, by comma")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    for name in ("httpx", "demo", "qgen_sidecar"):
        logging.getLogger(name).setLevel(logging.WARNING)
    only = set(filter(None, args.gates.split(",")))
    with tempfile.TemporaryDirectory() as name, echoing() as echo:
        work = Path(name)
        with services(work) as found:
            os.environ["QGEN_BENCH_KEY"] = found.api_key
            embed = Embeddings(found)
            fill(work / "folder", embed)
            log.info("| gate | bad refused | good refused | precision | recall | failed | by |")
            log.info("|---|---|---|---|---|---|---|")
            for trial in TRIALS:
                if only and trial.gate not in only:
                    continue
                judged = {
                    "answerable": found.model,
                    "round-trip": found.embed_model,
                    "duplicate": found.embed_model,
                }.get(trial.gate, "rules")
                config = write_config(work, trial, echo, found)
                count = measure(trial, config, embed, args.wrong)
                label = trial.gate + (f", {trial.quality}" if trial.quality else "")
                log.info("%s", count.line(label, judged))


if __name__ == "__main__":
    main()
