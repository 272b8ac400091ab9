"""Makes tests/work_folder: everything that a version leaves in somebody's working folder.

    python tests/make_work_folder.py BINARY FOLDER

It was made by the version before 28 November 2026 and is kept as it is, so that every later
version is tried on what an earlier one left: test_work_folder.py. It is not to be made anew with a
newer binary, but a second one may be put beside it when a file changes its shape.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams

from road import CHARACTERS, CHUNKS, ModelServer

ROOT = Path(__file__).resolve().parents[1]
PORT = 28611  # part of the cache's keys: nothing listens there afterwards
BIG_ID = 13570027672830659665

CONFIG = f"""\
[store]
path = "qdrant_db"
collection = "chunks"
text_field = "text"
[store.questions]
collection = "questions"
copy_fields = ["title"]
[[endpoint]]
name = "a"
base_url = "http://127.0.0.1:{PORT}/v1"
[lm.task]
model = "task-model"
[lm.teacher]
model = "teacher-model"
[lm.judge]
model = "judge-model"
[lm.embed]
model = "embedder"
[personas]
path = "personas.json"
[annotate]
target = 14
"""


def main(binary: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    command = ["go", "run", "./internal/llmtest/cmd/llmserver", "-port", str(PORT)]
    server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None
    assert server.stdout is not None
    models = ModelServer(json.loads(server.stdout.readline())["base_url"])
    try:
        write_store(folder / "qdrant_db", models)
        (folder / "qgen.toml").write_text(CONFIG, encoding="utf-8")
        (folder / "personas.json").write_text(json.dumps(CHARACTERS), encoding="utf-8")
        work(binary, folder)
    finally:
        server.stdin.close()
        server.wait(10)
    for leftover in folder.rglob("*.lock"):
        leftover.unlink()


def write_store(path: Path, models: ModelServer) -> None:
    client = QdrantClient(path=str(path))
    texts = CHUNKS[:16]
    vectors = models.embed(texts)
    shape = VectorParams(size=len(vectors[0]), distance=Distance.COSINE)
    client.create_collection("chunks", vectors_config=shape)
    client.upsert(
        "chunks",
        [
            PointStruct(
                id=BIG_ID if n == 3 else n + 1,
                vector=vectors[n],
                payload={"text": text, "title": f"Rule {n}"},
            )
            for n, text in enumerate(texts)
        ],
    )
    client.close()


def work(binary: str, folder: Path) -> None:
    def run(*args: str, given: str = "") -> None:
        subprocess.run([binary, *args], cwd=folder, input=given, text=True, check=True, timeout=120)

    run("fetch", "--count", "16", "--seed", "1", "--output", "raw_chunks.jsonl")
    run("annotate", given="\n".join(["1", "s", "2", "u", *["1"] * 13, "q"]) + "\n")
    run("compile", "--optimizer.num-candidate-programs", "1")
    run("evaluate", "--report", "report.html")
    run("annotate", "--judge", "--count", "4", given="4\n2\n5\n3\n")
    for _ in range(2):  # the second marks what it takes for stale
        two = ["--per-chunk", "2", "--gates", "standalone"]
        run("generate-all", *two, "--output", "q.jsonl", "--save")
    run("check-questions", "--report", "questions.html")


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]))
    shutil.rmtree(Path(sys.argv[2]) / "qdrant_db" / ".lock", ignore_errors=True)
