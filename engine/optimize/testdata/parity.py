"""What DSPy's optimizers make of data, replies and a metric that are pure
functions of what is shown. optimize_test.go has the same functions in Go and
expects the same candidates. Prints the golden file parity.json.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

import dspy
from dspy.teleprompt import BootstrapFewShot, BootstrapFewShotWithRandomSearch, LabeledFewShot

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests"))
from dspy_pipeline import Pipeline  # noqa: E402

TYPES = ["factual", "how-to", "comparison", "reason"]
FORMATS = ["question", "keywords", "scenario"]
MARKER = re.compile(r"^\[\[ ## (\w+) ## \]\]$")


def number(text):
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def fields(content):
    """name=value of every marked field; what is not supplied is left out."""
    out, name, lines = [], None, []
    for line in content.split("\n") + ["[[ ## end ## ]]"]:
        found = MARKER.match(line)
        if line.startswith("Respond with"):
            continue
        if not found:
            lines.append(line)
            continue
        value = "\n".join(lines).strip()
        if name not in (None, "completed") and not value.startswith("Not supplied"):
            out.append(f"{name}={value}")
        name, lines = found[1], []
    return out


class Echo(dspy.BaseLM):
    """Answers by a hash of the fields it is shown, demonstrations included."""

    def __init__(self):
        super().__init__("echo", "chat", 0.0, 1000, False)

    def __call__(self, prompt=None, *, messages=None, **kwargs):
        shown = [f for m in messages[1:] for f in fields(m["content"])]
        rollout = kwargs.get("rollout_id") or self.kwargs.get("rollout_id") or 0
        h = number("\n".join([*shown, f"rollout={rollout}"]))
        if any(f.startswith("query_type=") for f in fields(messages[-1]["content"])):
            reply = {"query": f"q-{h:08x}"}
        else:
            reply = {"query_type": TYPES[h % 4], "query_format": FORMATS[(h >> 8) % 3]}
        return ["".join(f"[[ ## {k} ## ]]\n{v}\n\n" for k, v in reply.items()) + "[[ ## completed ## ]]"]


def example(i):
    values = {"chunk_text": f"chunk {i:02d}", "persona_description": f"persona {i % 4}", "query": f"gold {i}?"}
    if i % 3 == 0:
        values |= {"query_type": TYPES[i % 4], "query_format": FORMATS[i % 3]}
    return dspy.Example(**values).with_inputs("chunk_text", "persona_description")


asked = {}  # judged runs, per use


def metric_passing(percent):
    def metric(gold, prediction, trace=None):
        asked["teach" if trace is not None else "evaluate"] += 1
        return number(f"metric|{gold.chunk_text}|{prediction.query}") % 100 < percent

    return metric


def demos(program):
    return {name: [dict(d) for d in p.demos] for name, p in program.named_predictors()}


def search(case, train, dev, metric):
    optimizer = BootstrapFewShotWithRandomSearch(
        metric=metric,
        max_bootstrapped_demos=case["max_bootstrapped_demos"],
        max_labeled_demos=case["max_labeled_demos"],
        num_candidate_programs=case["num_candidate_programs"],
        max_rounds=case["max_rounds"],
        num_threads=2,
    )
    best = optimizer.compile(Pipeline(), trainset=train, valset=dev)
    return best, sorted(best.candidate_programs, key=lambda c: c["seed"])


def single(case, train, dev, metric):
    if case["name"] == "labeled-few-shot":
        best, seed = LabeledFewShot(k=case["max_labeled_demos"]).compile(Pipeline(), trainset=train), -2
    else:
        optimizer = BootstrapFewShot(
            metric=metric,
            max_bootstrapped_demos=case["max_bootstrapped_demos"],
            max_labeled_demos=case["max_labeled_demos"],
            max_rounds=case["max_rounds"],
        )
        best, seed = optimizer.compile(Pipeline(), trainset=train), -1
    evaluate = dspy.Evaluate(devset=dev, metric=metric, num_threads=2)
    return best, [{"seed": n, "program": p, "score": evaluate(p).score} for n, p in ((-3, Pipeline()), (seed, best))]


SEARCH, BOOT, LABELS = "bootstrap-few-shot-random-search", "bootstrap-few-shot", "labeled-few-shot"
CASES = [
    # name, bootstrapped, labelled, candidates, rounds, train, dev, percent
    (SEARCH, 2, 16, 5, 1, 24, 10, 40),
    (SEARCH, 4, 16, 16, 1, 30, 12, 50),
    (SEARCH, 3, 4, 4, 3, 12, 7, 15),
    (SEARCH, 2, 16, 3, 1, 9, 6, 0),
    (SEARCH, 2, 0, 3, 1, 9, 6, 60),
    (SEARCH, 1, 16, 2, 1, 70, 5, 100),
    (LABELS, 0, 16, 0, 1, 40, 8, 50),
    (BOOT, 4, 6, 0, 1, 20, 8, 50),
]
NAMES = ["name", "max_bootstrapped_demos", "max_labeled_demos", "num_candidate_programs", "max_rounds", "train", "dev", "percent"]


def main():
    dspy.configure(lm=Echo())
    out = []
    for values in CASES:
        case = dict(zip(NAMES, values, strict=True))
        # Index 5 comes twice: equal examples are taken out of a teacher together.
        train = [example(5 if i == 7 else i) for i in range(case["train"])]
        dev = [example(100 + i) for i in range(case["dev"])]
        asked.update(teach=0, evaluate=0)
        run = search if case["name"] == SEARCH else single
        best, candidates = run(case, train, dev, metric_passing(case["percent"]))
        case["candidates"] = [
            {"candidate": c["seed"], "score": c["score"], "demos": demos(c["program"])} for c in candidates
        ]
        case["asked"] = dict(asked)
        case["best"] = next(c["seed"] for c in candidates if c["program"] is best)
        out.append(case)
    with open(sys.argv[1], "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in out) + "\n]\n")


main()
