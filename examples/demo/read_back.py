"""What is left when the sidecar has gone, opened by the programs that others wrote.

Python's qdrant-client opens the folder and shows the saved questions beside their chunks;
DSPy's own ``Module.load`` takes the saved program.
"""

from __future__ import annotations

import argparse
import logging
import os
import pathlib
import sys

import dspy
from qdrant_client import QdrantClient

log = logging.getLogger("read_back")


class Pipeline(dspy.Module):
    """The two predictors as one would declare them in DSPy."""

    def __init__(self) -> None:
        super().__init__()
        self.analyzer = dspy.Predict("chunk_text, persona_description -> query_type, query_format")
        self.generator = dspy.Predict(
            "chunk_text, persona_description, query_type, query_format -> query"
        )


def show_questions(folder: pathlib.Path, at_least: int) -> None:
    store = QdrantClient(path=str(folder))
    try:
        questions, _ = store.scroll("questions", limit=1000)
        chunks = {
            p.id: p for p in store.retrieve("chunks", [q.payload["chunk_id"] for q in questions])
        }
    finally:
        store.close()
    for n, question in enumerate(questions, 1):
        title = chunks[question.payload["chunk_id"]].payload["title"]
        log.info("%4d. %s\n      about %s", n, question.payload["question"], title)
    if len(questions) < at_least:
        raise SystemExit(
            f"expected at least {at_least} questions in {folder}, found {len(questions)}"
        )


def load_program(path: pathlib.Path) -> None:
    pipeline = Pipeline()
    pipeline.load(str(path))
    for name, predictor in pipeline.named_predictors():
        log.info(
            "      DSPy %s loads %s: %d demonstrations",
            dspy.__version__,
            name,
            len(predictor.demos),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-least", type=int, default=1)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    work = pathlib.Path(os.environ["QGEN_WORK"])
    show_questions(work / "qdrant_db", args.at_least)
    load_program(work / "optimized_pipeline.json")


if __name__ == "__main__":
    main()
