"""Another screen for picking gold questions: two of the sidecar's methods are enough.

The terminal tool (`qgen-sidecar annotate`) does far more; this shows what a web page or a
notebook of your own would call. One line a decision: a number takes that suggestion, text
is your own question, nothing skips the chunk, q ends it.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

from qgen_sidecar import Sidecar, SidecarError

from common import CHARACTERS, SETTINGS, embed_now

log = logging.getLogger("annotate_here")


def chunks(path: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def offer(sidecar: Sidecar, chunk: dict[str, object]) -> tuple[str | None, list[str]]:
    """The persona and the suggestions; none when the models do not answer."""
    try:
        offered = sidecar.annotate_suggest(
            chunk_text=chunk["chunk_text"], chunk_id=chunk["chunk_id"]
        )
    except SidecarError as failed:
        log.info("no suggestions: %s", failed)
        return "", []
    log.info("persona: %s", offered["persona_description"])
    for number, suggestion in enumerate(offered["suggestions"], 1):
        log.info("%d  %s  (%s)", number, suggestion["question"], suggestion["query_type"])
        for warning in suggestion["warnings"]:
            log.info("   warning: %s", warning)
    return offered["persona_description"], [s["question"] for s in offered["suggestions"]]


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("qgen_sidecar").setLevel(logging.WARNING)
    # The application's own method would do as the hook; here the sidecar searches.
    personas = {"personas": {"source": "collection", "collection": CHARACTERS}}
    with Sidecar(SETTINGS.sidecar_config, overrides=personas, embed=embed_now) as sidecar:
        for chunk in chunks(sidecar.info["files"]["raw_chunks"]):
            log.info("\n%s\n", chunk["chunk_text"])
            persona, questions = offer(sidecar, chunk)
            answer = (sys.stdin.readline() or "q").strip()
            if answer == "q":
                break
            if answer.isdigit() and 0 < int(answer) <= len(questions):
                answer = questions[int(answer) - 1]
            if answer:
                added = sidecar.gold_add(
                    chunk_text=chunk["chunk_text"],
                    chunk_id=chunk["chunk_id"],
                    persona_description=persona or "",
                    gold_question=answer,
                )
                log.info("%d in the gold set", added["count"])


if __name__ == "__main__":
    main()
