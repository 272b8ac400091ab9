"""Real DSPy and the sidecar, compiling the same data on one deterministic server.

    python tests/parity.py [--binary PATH] [--gold 100]

The server (internal/llmtest/cmd/llmserver, -by-fields) answers from the marked fields that
a prompt shows and from nothing else, so that equal demonstrations in equal order get equal
answers whatever the words around them. For each setting every candidate's demonstrations,
predictor by predictor, its score, and the winner are compared, and the saved winner is
loaded by DSPy. Prints a table; the status is 1 if anything differs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dspy
from dspy.teleprompt import BootstrapFewShot, BootstrapFewShotWithRandomSearch, LabeledFewShot

ROOT = Path(__file__).resolve().parents[1]
THREADS = 8
THRESHOLD = 4

log = logging.getLogger("parity")

if __package__ in (None, ""):
    sys.path.insert(0, str(ROOT / "tests"))
from dspy_pipeline import Judge, Pipeline  # noqa: E402


@dataclass
class Setting:
    """One compile: the optimizer's options, and how many answers in a hundred pass."""

    title: str
    optimizer: dict[str, Any]
    passing: int = 55
    train_and_dev: tuple[int, int] = (70, 30)


SEARCH, BOOTSTRAP, LABELS = (
    "bootstrap-few-shot-random-search",
    "bootstrap-few-shot",
    "labeled-few-shot",
)


def search(bootstrapped: int, labeled: int, programs: int) -> dict[str, Any]:
    return {
        "name": SEARCH,
        "max_bootstrapped_demos": bootstrapped,
        "max_labeled_demos": labeled,
        "num_candidate_programs": programs,
    }


SETTINGS = [
    Setting("random search 2/16/5", search(2, 16, 5)),
    Setting("random search 4/16/16", search(4, 16, 16)),
    Setting("labelled only", {"name": LABELS, "max_labeled_demos": 16}),
    Setting(
        "bootstrap only",
        {"name": BOOTSTRAP, "max_bootstrapped_demos": 4, "max_labeled_demos": 16},
    ),
    Setting("failing metric", search(2, 16, 5), passing=0),
]


def gold_entries(count: int) -> list[dict[str, str]]:
    """Entries of several shapes: each third one has its type and format, some the type alone."""
    entries = []
    for n in range(count):
        entry = {
            "chunk_text": f"Rule {n}. Residents of floor {n % 7} keep the stairs free.\n\n"
            f"## Exceptions\nBicycles stand in room {n}; «prams» may stay for {n % 5} hours. "
            + " ".join(f"Sentence {k} of rule {n} says more about it." for k in range(12)),
            "persona_description": f"A person of kind {n % 4} who has just moved in.",
            "gold_question": f"May I leave my bicycle at the stairs of floor {n % 7} (rule {n})?",
        }
        if n % 3 == 0:
            entry |= {"query_type": "factual", "query_format": "direct question"}
        elif n % 7 == 0:
            entry |= {"query_type": "how-to"}
        entries.append(entry)
    return entries


@dataclass
class Outcome:
    """What a compile came to: candidates by number, and the winner's."""

    scores: dict[int, float]
    demos: dict[int, dict[str, list[dict[str, Any]]]]
    best: int
    attempts: list[int] = field(default_factory=list)  # of each bootstrapping, in DSPy's order
    calls: int = 0
    prompt_tokens: int = 0
    seconds: float = 0.0
    saved: Path | None = None


class Server:
    """The server as a process of its own; ends with the block."""

    def __init__(self, command: str, *flags: str) -> None:
        self.process = subprocess.Popen(
            [command, *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        self.base_url: str = json.loads(self.process.stdout.readline())["base_url"]

    def requests(self) -> int:
        """How many it was asked so far."""
        return sum(self._stats()["hits"].values())

    def repeated(self) -> int:
        """How many of those it had been asked before, byte for byte."""
        return int(self._stats()["repeated"])

    def _stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(self.base_url.removesuffix("/v1") + "/stats", timeout=10) as r:
            stats: dict[str, Any] = json.load(r)
            return stats

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)


@contextlib.contextmanager
def serving(command: str, *flags: str) -> Iterator[Server]:
    server = Server(command, *flags)
    try:
        yield server
    finally:
        server.close()


def as_example(entry: dict[str, str]) -> Any:
    columns = dict(entry)
    columns["query"] = columns.pop("gold_question")
    order = ["chunk_text", "persona_description", "query", "query_type", "query_format"]
    values = {name: columns[name] for name in order if name in columns}
    return dspy.Example(**values).with_inputs("chunk_text", "persona_description")


def language_model(name: str, base_url: str) -> Any:
    return dspy.LM(
        f"openai/{name}-model", api_base=base_url, api_key="none", cache=False, num_retries=3
    )


def judged(judge: Any, judge_lm: Any, example: Any, prediction: Any) -> Any:
    with dspy.context(lm=judge_lm):
        return judge(
            chunk_text=example.chunk_text,
            persona_description=example.persona_description,
            gold_question=example.query,
            predicted_question=prediction.query,
        )


def compile_with_dspy(
    setting: Setting, gold: list[dict[str, str]], base_url: str, threads: int = THREADS
) -> Outcome:
    """The compile as the plan for DSPy has it: teacher and judge are models of their own."""
    cut = int(len(gold) * setting.train_and_dev[0] / 100)
    train, dev = [as_example(e) for e in gold[:cut]], [as_example(e) for e in gold[cut:]]
    judge, judge_lm = dspy.Predict(Judge), language_model("judge", base_url)
    teacher_lm = language_model("teacher", base_url)

    attempts = [0]

    def metric(example: Any, prediction: Any, trace: Any = None) -> bool:
        if trace is not None:  # bootstrapping, which DSPy does one example after the other
            attempts[-1] += 1
        elif attempts[-1]:
            attempts.append(0)
        return bool(judged(judge, judge_lm, example, prediction).score >= THRESHOLD)

    options = {k: v for k, v in setting.optimizer.items() if k != "name"}
    kind = setting.optimizer["name"]
    with dspy.context(lm=language_model("task", base_url)):
        if kind == SEARCH:
            optimizer = BootstrapFewShotWithRandomSearch(
                metric=metric,
                teacher_settings={"lm": teacher_lm},
                num_threads=threads,
                **options,
            )
            best = optimizer.compile(Pipeline(), trainset=train, valset=dev)
            tried = {c["seed"]: (c["program"], c["score"]) for c in best.candidate_programs}
            winner = next(seed for seed, (program, _) in tried.items() if program is best)
        else:
            if kind == LABELS:
                few = LabeledFewShot(k=options["max_labeled_demos"])
                best, winner = few.compile(Pipeline(), trainset=train), -2
            else:
                boot = BootstrapFewShot(
                    metric=metric, teacher_settings={"lm": teacher_lm}, **options
                )
                best, winner = boot.compile(Pipeline(), trainset=train), -1
            evaluate = dspy.Evaluate(devset=dev, metric=metric, num_threads=threads)
            tried = {
                number: (program, evaluate(program).score)
                for number, program in ((-3, Pipeline()), (winner, best))
            }
    return Outcome(
        scores={number: score for number, (_, score) in tried.items()},
        demos={number: demos_of(program) for number, (program, _) in tried.items()},
        best=winner,
        attempts=attempts,
    )


def demos_of(program: Any) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [dict(demo) for demo in predictor.demos]
        for name, predictor in program.named_predictors()
    }


def compile_with_sidecar(
    setting: Setting,
    gold: list[dict[str, str]],
    base_url: str,
    binary: str,
    work: Path,
    *,
    prune: bool,
    **endpoint: Any,
) -> Outcome:
    """The same over the sidecar's own command, with a reply cache of its own."""
    command = sidecar_command(setting, gold, base_url, binary, work, prune=prune, **endpoint)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=work)
    if done.returncode != 0:
        raise RuntimeError(f"compile: {done.stdout}{done.stderr}")
    return outcome_of(json.loads(done.stdout))


def sidecar_command(
    setting: Setting,
    gold: list[dict[str, str]],
    base_url: str,
    binary: str,
    work: Path,
    *,
    prune: bool,
    **endpoint: Any,
) -> list[str]:
    """Writes config and gold set into work; returns the command that compiles them there."""
    split = {
        "train": setting.train_and_dev[0] / 100,
        "dev": setting.train_and_dev[1] / 100,
        "seed": None,
    }
    work.mkdir(parents=True, exist_ok=True)
    (work / "gold_dataset.json").write_text(json.dumps(gold), encoding="utf-8")
    roles = "\n".join(f'[lm.{r}]\nmodel = "{r}-model"' for r in ("task", "teacher", "judge"))
    settings = {"name": "a", "base_url": base_url, **endpoint}
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items())
    (work / "qgen.toml").write_text(
        f'[[endpoint]]\n{lines}\n{roles}\n[cache]\npath = "cache"\n', encoding="utf-8"
    )
    params = {"prune": prune} | setting.optimizer
    flags = [
        f"--optimizer.{name.replace('_', '-')}={json.dumps(value).strip(chr(34))}"
        for name, value in params.items()
    ]
    command = [binary, "--config", str(work / "qgen.toml"), "compile", "--json"]
    return [*command, f"--split={json.dumps(split)}", *flags]


def outcome_of(result: dict[str, Any]) -> Outcome:
    """What the command printed."""
    return Outcome(
        scores={c["candidate"]: c["score"] for c in result["candidates"]},
        demos={c["candidate"]: c["demos"] for c in result["candidates"]},
        best=result["best"]["candidate"],
        calls=result["usage"]["calls"],
        prompt_tokens=result["usage"]["prompt_tokens"],
        seconds=result["elapsed_s"],
        saved=Path(result["output"]),
    )


@dataclass
class Comparison:
    """Both outcomes, and what differs between them in words."""

    dspy: Outcome
    sidecar: Outcome
    pruned: Outcome  # the sidecar again, asking only what can change the winner
    differences: list[str] = field(default_factory=list)


def compare(
    setting: Setting, gold: list[dict[str, str]], server: str, binary: str, work: Path
) -> Comparison:
    """Compiles with both, each on a server of its own that answers alike."""
    flags = ("-by-fields", str(setting.passing))
    with serving(server, *flags) as one, quiet():
        began = time.monotonic()
        theirs = compile_with_dspy(setting, gold, one.base_url)
        theirs.seconds, theirs.calls = time.monotonic() - began, one.requests()
    ours, pruned = (
        compile_alone(setting, gold, server, binary, work / name, prune=name == "pruned")
        for name in ("whole", "pruned")
    )
    found = differences(theirs, ours)
    if (pruned.best, pruned.scores[pruned.best]) != (ours.best, ours.scores[ours.best]):
        found.append(f"with pruning candidate {pruned.best} won, and {ours.best} without")
    return Comparison(theirs, ours, pruned, found)


def compile_alone(
    setting: Setting,
    gold: list[dict[str, str]],
    server: str,
    binary: str,
    work: Path,
    *,
    prune: bool,
) -> Outcome:
    """The sidecar's compile on a server of its own, whose requests are counted."""
    with serving(server, "-by-fields", str(setting.passing)) as one:
        outcome = compile_with_sidecar(setting, gold, one.base_url, binary, work, prune=prune)
        outcome.calls = one.requests()
    return outcome


def differences(theirs: Outcome, ours: Outcome) -> list[str]:
    found = []
    if sorted(theirs.scores) != sorted(ours.scores):
        found.append(f"candidates {sorted(theirs.scores)} and {sorted(ours.scores)}")
    for number in sorted(set(theirs.scores) & set(ours.scores)):
        if theirs.scores[number] != ours.scores[number]:
            found.append(
                f"candidate {number}: scores {theirs.scores[number]} and {ours.scores[number]}"
            )
        for name, expected in theirs.demos[number].items():
            if expected != ours.demos[number][name]:
                found.append(f"candidate {number}: the demonstrations of {name} differ")
    if theirs.best != ours.best:
        found.append(f"candidate {theirs.best} won, and {ours.best}")
    if ours.saved is not None:
        pipeline = Pipeline()
        pipeline.load(str(ours.saved))
        if demos_of(pipeline) != theirs.demos[theirs.best]:
            found.append("DSPy loads other demonstrations from the saved file")
    return found


def build(package: str, output: Path) -> str:
    env = {**os.environ, "CGO_ENABLED": "0"}
    subprocess.run(["go", "build", "-o", str(output), package], cwd=ROOT, env=env, check=True)
    return str(output)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without DSPy's cache, its progress bars, and what it prints."""
    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="")
    parser.add_argument("--gold", type=int, default=100)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    gold = gold_entries(args.gold)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        binary = args.binary or build("./cmd/qgen-sidecar", work / "qgen-sidecar")
        server = build("./internal/llmtest/cmd/llmserver", work / "llmserver")
        log.info("DSPy %s and the sidecar on %d gold entries:\n", dspy.__version__, len(gold))
        log.info("| setting | candidates | demonstrations | winner | calls | pruned | seconds |")
        log.info("| --- | --- | --- | --- | --- | --- | --- |")
        for n, setting in enumerate(SETTINGS):
            both = compare(setting, gold, server, binary, work / str(n))
            log.info("%s", row(setting, both))
            for difference in both.differences:
                log.info("DIFFERS: %s", difference)
            wrong += len(both.differences)
    log.info("\n%s", "everything is equal" if not wrong else f"{wrong} differences")
    return 1 if wrong else 0


def row(setting: Setting, both: Comparison) -> str:
    shown = sum(len(demos) for of in both.dspy.demos.values() for demos in of.values())
    equal = "equal" if not both.differences else "DIFFERENT"
    best = both.dspy.best
    return (
        f"| {setting.title} | {len(both.dspy.scores)} {equal} | {shown} | "
        f"{best} ({both.dspy.scores[best]} %) | {both.dspy.calls} / {both.sidecar.calls} | "
        f"{both.pruned.calls} | "
        f"{both.dspy.seconds:.1f} / {both.sidecar.seconds:.1f} |"
    )


if __name__ == "__main__":
    sys.exit(main())
