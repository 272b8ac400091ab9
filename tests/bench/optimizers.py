"""What each optimiser finds, for how many calls: on a planted rule, and on the demo's data.

    python tests/bench/optimizers.py [--binary PATH] [--gold 100] [--seeds 40]
    python tests/bench/optimizers.py --demo

Without --demo everything is asked of a deterministic server (llmserver -planted): demonstrations
make its questions better, and so does a rule, which its writer follows only where an instruction
says so, and which its judge names among other reasons, three of which are worth nothing. DSPy's
own GEPA gets as many calls as `reflective` took, with the same prompt to the same teacher.

With --demo it is the demo's gold set (`make demo` leaves one) and its local model, or the one that
OPENAI_API_KEY and the rest of its environment name.

Each optimiser starts from nothing: no reply of another one's is cached. `dev` is what it chose
by, `test` what nobody saw before. Prints Markdown tables; the status is 0 whatever they say.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dspy
from dspy.teleprompt import GEPA
from dspy.teleprompt.gepa.gepa_utils import ScoreWithFeedback

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "examples" / "demo")]
from dspy_pipeline import Judge, Pipeline  # noqa: E402
from parity import (  # noqa: E402
    THREADS,
    Server,
    as_example,
    build,
    gold_entries,
    judged,
    language_model,
    quiet,
    serving,
)

APPLICATION = ROOT / "examples" / "question_generator"

log = logging.getLogger("bench")

SPLIT = {"train": 0.4, "dev": 0.3, "test": 0.3, "seed": None}
PLANTED = "Say for which season the question is asked."
REFLECTIVE = "reflective"
OPTIMIZERS = (
    "labeled-few-shot",
    "bootstrap-few-shot",
    "bootstrap-few-shot-random-search",
    REFLECTIVE,
    "reflective+bootstrap",
)


@dataclass
class Place:
    """A folder with a gold set and a configuration, and the binary that works there."""

    binary: str
    work: Path
    config: str  # without [cache]
    environment: Mapping[str, str] = field(default_factory=dict)

    def ask(self, name: str, command: str, *flags: str) -> dict[str, Any]:
        """One command with the replies that `name` was given so far; what it printed."""
        config = self.work / f"{name}.toml"
        config.write_text(f'{self.config}\n[cache]\npath = "cache-{name}"\n', encoding="utf-8")
        asked = [self.binary, "--config", str(config), command, "--json", *flags]
        env = {**os.environ, **self.environment}
        done = subprocess.run(asked, capture_output=True, text=True, check=False, env=env)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
        return dict(json.loads(done.stdout))

    def compile(self, name: str, optimizer: Mapping[str, Any]) -> dict[str, Any]:
        flags = [f"--optimizer.{k.replace('_', '-')}={v}" for k, v in optimizer.items()]
        output = str(self.work / f"{name}.json")
        return self.ask(name, "compile", f"--split={json.dumps(SPLIT)}", "--output", output, *flags)

    def evaluate(self, name: str, split: str = "test") -> dict[str, Any]:
        program = str(self.work / f"{name}.json")
        return self.ask(name, "evaluate", "--program", program, "--split", split)

    def found(self, name: str) -> bool:
        """Whether the planted rule is in the generator's instruction."""
        program = json.loads((self.work / f"{name}.json").read_text("utf-8"))
        return PLANTED in program["generator"]["signature"]["instructions"]


def header(title: str, gold: int) -> None:
    log.info("%s, %d gold entries (40/30/30)\n", title, gold)
    columns = "optimiser", "calls", "USD", "dev", "test (95 %)", "unoptimised", "difference", "p"
    log.info("| %s |", " | ".join(columns))
    log.info("| --- | --- | --- | --- | --- | --- | --- | --- |")


def row(name: str, calls: int, usd: float | None, dev: float, test: dict[str, Any]) -> None:
    def score(side: str) -> str:
        low, high = test[side]["ci95"]
        return f"{test[side]['score']:.0f} % ({low:.0f} to {high:.0f})"

    difference = test["difference"]
    low, high = difference["ci95"]
    log.info(
        "| %s | %d | %s | %.0f %% | %s | %.0f %% | %+.0f (%+.0f to %+.0f) | %.2g |",
        *(name, calls, "-" if usd is None else f"{usd:.3f}", dev, score("optimized")),
        *(test["baseline"]["score"], difference["points"], low, high, difference["p_value"]),
    )


def measure(place: Place, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    compiled = place.compile(name, {"name": name, **options})
    test = place.evaluate(name)
    usage = compiled["usage"]
    row(name, usage["calls"], usage["usd"], compiled["best"]["score"], test)
    return compiled


# The planted rule.


def planted_config(base_url: str) -> str:
    prices = "usd_per_mtok_in = 0.15\nusd_per_mtok_out = 0.60"
    roles = "\n".join(f'[lm.{r}]\nmodel = "{r}-model"' for r in ("task", "teacher", "judge"))
    return f'[[endpoint]]\nname = "a"\nbase_url = {json.dumps(base_url)}\n{prices}\n{roles}\n'


def planted(args: argparse.Namespace, work: Path) -> None:
    binary = args.binary or build("./cmd/qgen-sidecar", work / "qgen-sidecar")
    server = build("./internal/llmtest/cmd/llmserver", work / "llmserver")
    gold = gold_entries(args.gold)
    (work / "gold_dataset.json").write_text(json.dumps(gold), encoding="utf-8")
    with serving(server, "-planted") as models:
        place = Place(binary, work, planted_config(models.base_url))
        header("A planted rule", args.gold)
        found = {name: measure(place, name, {}) for name in OPTIMIZERS}
        calls = found[REFLECTIVE]["usage"]["calls"]
        asked = gepa(place, models, gold, calls, 0)
        shutil.copy(work / f"{REFLECTIVE}.run.json", work / "gepa-0.run.json")  # the split
        on_dev = place.evaluate("gepa-0", "dev")["optimized"]["score"]
        row(f"GEPA of DSPy {dspy.__version__}", asked, None, on_dev, place.evaluate("gepa-0"))
        log.info("\nThe rule is in the generator's instruction of:")
        for name in (*OPTIMIZERS, "gepa-0"):
            log.info("- %s: %s", name, "yes" if place.found(name) else "no")
        seeds(place, found[REFLECTIVE], args.seeds)
        asks = [gepa(place, models, gold, calls, seed) for seed in range(1, args.seeds)]
        log.info(
            "GEPA with %d seeds: with %d of them, in %d calls (median; %d to %d)",
            *(args.seeds, sum(place.found(f"gepa-{n}") for n in range(args.seeds))),
            *spread([asked, *asks]),
        )


def gepa(place: Place, models: Server, gold: list[dict[str, str]], calls: int, seed: int) -> int:
    """DSPy's GEPA on the same train and dev, with about as many calls, three a run; how many.

    It is told the judge's score as it is: whether an answer passes alone tells it less.
    """
    cut = [int(len(gold) * SPLIT["train"]), int(len(gold) * SPLIT["dev"])]
    train, dev = gold[: cut[0]], gold[cut[0] : cut[0] + cut[1]]
    judge, judge_lm = dspy.Predict(Judge), language_model("judge", models.base_url)

    def metric(example: Any, got: Any, *_: Any) -> Any:
        said = judged(judge, judge_lm, example, got)
        return ScoreWithFeedback(score=(said.score - 1) / 4, feedback=said.reason)

    before = models.requests()
    with quiet(), dspy.context(lm=language_model("task", models.base_url)):
        optimizer = GEPA(
            metric=metric,
            max_metric_calls=calls // 3,
            reflection_lm=language_model("teacher", models.base_url),
            instruction_proposer=propose,
            num_threads=THREADS,
            seed=seed,
        )
        best = optimizer.compile(
            Pipeline(), trainset=[as_example(e) for e in train], valset=[as_example(e) for e in dev]
        )
    best.save(str(place.work / f"gepa-{seed}.json"))
    return models.requests() - before


class ImproveInstruction(dspy.Signature):
    """You improve the instruction of one step of a program."""

    current_instruction: str = dspy.InputField()
    examples: str = dspy.InputField()
    findings: str = dspy.OutputField()
    new_instruction: str = dspy.OutputField()


def propose(
    candidate: dict[str, str],
    reflective_dataset: Mapping[str, Any],
    components_to_update: list[str],
) -> dict[str, str]:
    """As the sidecar asks: the instruction as it is, and what was said of some examples."""
    ask = dspy.Predict(ImproveInstruction)
    return {
        name: ask(
            current_instruction=candidate[name],
            examples="\n\n".join(json.dumps(e, default=str) for e in reflective_dataset[name]),
        ).new_instruction
        for name in components_to_update
    }


def seeds(place: Place, first: dict[str, Any], count: int) -> None:
    """How often the rule is found, and how much was asked for it."""
    results = [first]
    names = [REFLECTIVE]
    for seed in range(1, count):
        names.append(f"seed-{seed}")
        results.append(place.compile(names[-1], {"name": REFLECTIVE, "seed": seed}))
    everything = [all_on_dev(r) for r in results]
    shares = [r["usage"]["calls"] / n for r, n in zip(results, everything, strict=True)]
    log.info(
        "\nreflective with %d seeds: the rule was found with %d of them, in %d calls (median, "
        "%d to %d),\n%.0f %% (%.0f to %.0f %%) of every candidate on all of dev (%d)",
        *(count, sum(place.found(name) for name in names)),
        *spread([r["usage"]["calls"] for r in results]),
        *spread([100 * share for share in shares]),
        statistics.median(everything),
    )


def all_on_dev(compiled: dict[str, Any]) -> int:
    """Calls of every candidate on all of dev: a new instruction for the generator leaves the
    analyzer's replies as they are, and each proposal is a call of the teacher."""
    dev = compiled["split"]["dev"]
    made = [c["proposal"] for c in compiled["candidates"] if "proposal" in c]
    runs = [3 if p["predictor"] == "analyzer" else 2 for p in made]
    return 3 * dev + dev * sum(runs) + len(made)


def spread(values: list[float]) -> tuple[float, float, float]:
    return statistics.median(values), min(values), max(values)


# The demo's data.


def on_the_demos_data(args: argparse.Namespace) -> None:
    """The gold set that `make demo` made, or one that its script makes now."""
    from demo import FULL, Demo
    from services import services

    made = (ROOT / ".demo" / "full").absolute()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "logs").mkdir()
        binary = args.binary or build("./cmd/qgen-sidecar", work / "qgen-sidecar")
        with services(work / "logs") as models:
            demo = Demo(made, FULL, models)
            if not (made / "gold_dataset.json").exists():
                made.mkdir(parents=True, exist_ok=True)
                demo.script("load_chunks.py", *demo.chunks())
                demo.optimize("--auto")
            shutil.copy(made / "gold_dataset.json", work)
            gold = json.loads((work / "gold_dataset.json").read_text("utf-8"))
            place = Place(binary, work, config_of(demo), demo.environment)
            header(f"The demo's data, {models.model}", len(gold))
            small = {"max_labeled_demos": FULL.labeled, "num_candidate_programs": FULL.candidates}
            for name in OPTIMIZERS:
                measure(place, name, small)


def config_of(demo: Any) -> str:
    """The demo's settings with the addresses of its services."""
    its = APPLICATION / "qgen.toml"
    text = Path(demo.environment.get("QGEN_CONFIG", its)).read_text("utf-8")
    text = text.replace("https://api.openai.com/v1", demo.models.base_url)
    return str(text.replace("gpt-4o-mini", demo.models.model))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--binary", default="")
    parser.add_argument("--gold", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--demo", action="store_true")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    for chatty in ("dspy", "httpx", "gepa"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    if args.demo:
        on_the_demos_data(args)
        return
    with tempfile.TemporaryDirectory() as folder:
        planted(args, Path(folder))


if __name__ == "__main__":
    main()
