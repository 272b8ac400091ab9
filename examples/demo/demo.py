"""The whole road, once, on real input: real chunks, a real store, real models.

    chunks of the Python standard library, written into a folder by Python's qdrant-client
    → a sample → personas → suggestions → a gold set → compile → evaluate with a report
    → ten questions generated and saved → the folder opened again by Python's qdrant-client

Each step is a script of the example application (examples/question_generator), run as its
user would run it. Nothing is simulated; with the local model the settings are lowered so that
two cores manage it in minutes, and the demo says so.
"""

from __future__ import annotations

import argparse
import logging
import os
import pathlib
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, fields

from services import Services, call_seconds, services

log = logging.getLogger("demo")

HERE = pathlib.Path(__file__).resolve().parent
APPLICATION = HERE.parent / "question_generator"


@dataclass(frozen=True)
class Size:
    """How much of everything; the optimiser's defaults are 2, 16 and 5."""

    chunks: int
    fetch: int
    gold: int
    bootstrapped: int
    labeled: int
    candidates: int
    questions: int

    def __str__(self) -> str:
        return (
            f"{self.fetch} of {self.chunks} chunks sampled, {self.gold} gold questions, "
            f"{self.candidates} further programs tried, {self.questions} questions written"
        )


FULL = Size(chunks=420, fetch=60, gold=24, bootstrapped=2, labeled=4, candidates=2, questions=10)
SHORT = Size(chunks=120, fetch=30, gold=10, bootstrapped=1, labeled=2, candidates=1, questions=4)
LEAST = Size(chunks=40, fetch=5, gold=4, bootstrapped=1, labeled=1, candidates=0, questions=1)

SHORT_S = 600  # the short form is to end within that
# What a road takes, in calls as long as the two that are timed: suggestions for a chunk are asked
# for up to three times, each longer than those; compiling and evaluating ask several shorter ones
# for each gold question. Measured on two cores, where the short form took 230 such calls.
CALLS_PER_CHUNK, CALLS_PER_GOLD, CALLS_PER_QUESTION = 5.5, 4.0, 3.0
EMBEDDED_A_CALL = 10  # chunks embedded in the time of a call


def within(seconds: float, call_s: float) -> Size:
    """The largest form between LEAST and SHORT that ends in time, by what a call takes."""

    def part(share: float) -> Size:
        size = {
            field.name: round(low + share * (getattr(SHORT, field.name) - low))
            for field in fields(Size)
            for low in [getattr(LEAST, field.name)]
        }
        return Size(**size)

    def estimate(size: Size) -> float:
        calls = size.fetch * CALLS_PER_CHUNK + size.questions * CALLS_PER_QUESTION
        calls += size.gold * CALLS_PER_GOLD * (2 + size.candidates) / 3
        return call_s * (calls + size.chunks / EMBEDDED_A_CALL)

    parts = [part(step / 20) for step in range(20, 0, -1)]
    return next((size for size in parts if estimate(size) <= seconds), LEAST)


LOCAL = """\
The chat model has 135 million parameters and runs on this machine's processor. It shows that
every part of the road holds; it does not show how good the questions can be. Settings are
lowered for it: %d gold questions instead of 100, %d labelled demonstrations instead of 16,
%d candidate programs instead of 5. Set OPENAI_API_KEY to run the same on a real model."""


class Demo:
    def __init__(self, work: pathlib.Path, size: Size, models: Services) -> None:
        self.work, self.size, self.models = work, size, models
        self.environment = {**os.environ, **models.environment(), "QGEN_WORK": str(work)}
        if models.local:
            self.environment["QGEN_CONFIG"] = str(HERE / "small_model.toml")
        self.step = 0

    def run(self) -> None:
        self.say("chunks of the standard library into a Qdrant folder, by Python's qdrant-client")
        self.script("load_chunks.py", *self.chunks())
        self.say("sample, personas, suggestions, gold set by a rule, compile, evaluate")
        self.optimize("--auto")
        self.use()

    def annotate(self) -> None:
        """The same with a person, who may leave and come back: nothing is made again."""
        if not (self.work / "qdrant_db").exists():
            self.say("chunks of the standard library into a Qdrant folder")
            self.script("load_chunks.py", *self.chunks())
        self.say("pick the gold questions yourself (q quits, everything is saved)")
        self.optimize()
        if (self.work / "optimized_pipeline.json").exists():
            self.use()

    def use(self) -> None:
        self.say("the application after the change: one call of the sidecar a chunk")
        self.script("optimized_question_generator.py", "--questions", str(self.size.questions))
        self.say("the sidecar is gone: Python's qdrant-client and DSPy open what it left")
        self.command(str(HERE / "read_back.py"), "--at-least", str(self.size.questions))

    def optimize(self, *more: str) -> None:
        s = self.size
        self.script(
            *("optimize_pipeline.py", "--fetch", str(s.fetch), "--gold", str(s.gold)),
            *("--bootstrapped", str(s.bootstrapped), "--labeled", str(s.labeled)),
            *("--candidates", str(s.candidates), *more),
        )

    def chunks(self) -> list[str]:
        """Short ones for the local model: reading is most of its work."""
        shorter = ["--longest", "600"] if self.models.local else []
        return ["--limit", str(self.size.chunks), *shorter]

    def say(self, what: str) -> None:
        self.step += 1
        log.info("\n%d. %s", self.step, what)

    def script(self, name: str, *args: str) -> None:
        self.command(str(APPLICATION / name), *args)

    def command(self, *args: str) -> None:
        started = time.monotonic()
        subprocess.run([sys.executable, *args], env=self.environment, check=True)
        log.info("   done in %.0f s", time.monotonic() - started)


def chosen(models: Services) -> Size:
    """The short form, smaller on a machine that would take too long for it."""
    if not models.local:
        return SHORT
    took = call_seconds(models)
    size = within(SHORT_S, sum(took) / len(took))
    log.info("two calls took %.1f and %.1f s, one after the other", *took)
    if size != SHORT:
        log.info("that is slow: less is done, to end within %d minutes", SHORT_S / 60)
        log.info("   usually: %s", SHORT)
        log.info("   now:     %s", size)
    return size


def explain(size: Size, models: Services) -> None:
    log.info(
        "models: %s (questions, teacher, judge), %s (embeddings)", models.model, models.embed_model
    )
    if models.local:
        log.info(LOCAL, size.gold, size.labeled, size.candidates)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--work",
        type=pathlib.Path,
        default=pathlib.Path(".demo"),
        help="folder for everything written",
    )
    parser.add_argument(
        "--short", action="store_true", help="fewer of everything; the same real parts"
    )
    parser.add_argument("--annotate", action="store_true", help="pick the gold questions yourself")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    work = args.work.absolute() / ("yours" if args.annotate else "short" if args.short else "full")
    if not args.annotate:  # a run starts from nothing, so that it shows the whole road
        shutil.rmtree(work, ignore_errors=True)
    (work / "logs").mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with services(work / "logs") as models:
        size = chosen(models) if args.short else FULL
        explain(size, models)
        demo = Demo(work, size, models)
        demo.annotate() if args.annotate else demo.run()
    log.info(
        "\nThe whole road took %.1f minutes. Everything it wrote is in %s",
        (time.monotonic() - started) / 60,
        work,
    )


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        raise SystemExit(
            f"a step failed with status {failed.returncode}: {' '.join(map(str, failed.cmd[1:]))}"
        ) from None
