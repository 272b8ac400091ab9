"""What evaluate says, beside SciPy and scikit-learn on the same scores; and a person's scores."""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qgen_sidecar import Sidecar
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from road import CHUNKS


def scores_of(seed: int, n: int, lift: float) -> tuple[list[int], list[int]]:
    """Two programs' scores of n entries: related, the second perhaps better."""
    rng = random.Random(seed)
    level = [rng.gauss(3.3, 0.9) for _ in range(n)]

    def scored(lift: float) -> list[int]:
        return [min(5, max(1, round(x + lift + rng.gauss(0, 0.7)))) for x in level]

    return scored(0), scored(lift)


@pytest.mark.parametrize(
    ("seed", "n", "lift"), [(1, 30, 0.0), (2, 30, 0.8), (3, 12, 0.4), (4, 19, -0.7), (5, 30, 1.5)]
)
def test_the_figures_are_scipys(
    seed: int, n: int, lift: float, config: dict[str, Any], tmp_path: Path
) -> None:
    """The host scores: `old i` and whatever the program asks get the scores drawn for them."""
    old, new = scores_of(seed, n, lift)
    gold = [
        {"chunk_text": text, "persona_description": "P", "gold_question": f"gold {i}"}
        for i, text in enumerate(CHUNKS[:n])
    ]
    Path(config["files"]["gold"]).write_text(json.dumps(gold), encoding="utf-8")
    baseline = tmp_path / "old.jsonl"
    lines = [
        json.dumps({"chunk_text": g["chunk_text"], "query": f"old {i}"}) for i, g in enumerate(gold)
    ]
    baseline.write_text("\n".join(lines), encoding="utf-8")

    def score(chunk_text: str, gold_question: str, query: str, **_: Any) -> int:
        i = int(gold_question.split()[1])
        return old[i] if query.startswith("old") else new[i]

    with Sidecar(config, score=score) as sidecar:
        result = sidecar.evaluate(baseline=str(baseline), split="all", metric="host")

    for side, scores in (("baseline", old), ("optimized", new)):
        successes = sum(s >= 4 for s in scores)
        wilson = stats.binomtest(successes, n).proportion_ci(method="wilson")
        assert result[side]["score"] == pytest.approx(100 * successes / n)
        assert result[side]["ci95"] == pytest.approx([100 * wilson.low, 100 * wilson.high])
        assert result[side]["mean"] == pytest.approx(np.mean(scores))
    gained = sum(a < 4 <= b for a, b in zip(old, new, strict=True))
    lost = sum(b < 4 <= a for a, b in zip(old, new, strict=True))
    difference = result["difference"]
    exact = stats.binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    assert difference["p_value"] == pytest.approx(exact)
    assert difference["points"] == pytest.approx(100 * (gained - lost) / n)
    d = np.array(new) - np.array(old)
    changed = d[d != 0]
    if len(changed) <= 16:  # all sign patterns; SciPy draws beyond, and takes long
        flipped = stats.permutation_test(
            (changed,), np.mean, permutation_type="samples", n_resamples=2**17
        )
        assert difference["p_mean"] == pytest.approx(flipped.pvalue)
    assert [result["wins"], result["ties"], result["losses"]] == [
        int((d > 0).sum()),
        int((d == 0).sum()),
        int((d < 0).sum()),
    ]


def test_a_person_scores_and_evaluate_says_how_far_the_judge_agrees(
    config: dict[str, Any],
    gold: Path,
    toml: Path,
    command: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """annotate --judge in line mode, twice; kappa is scikit-learn's."""
    rng = random.Random(6)
    first = command("annotate", "--judge", "--count", "18", given="\n".join("4213542") + "\nq\n")
    assert first.returncode == 0, first.stderr
    assert "saved: 7 of 18 outputs are scored" in first.stdout
    assert "unoptimised" not in first.stdout
    rest = "\n".join(str(rng.randint(1, 5)) for _ in range(11))
    second = command("annotate", "--judge", "--count", "18", given=f"{rest}\nc\n")
    assert second.returncode == 0, second.stderr
    assert "saved: 18 of 18 outputs are scored" in second.stdout

    lines = (gold.parent / "judge_scores.jsonl").read_text(encoding="utf-8").splitlines()
    kept = {line["id"]: line for line in map(json.loads, lines)}
    assert len(kept) == 18
    assert len(lines) == 19  # the last one twice: it lacks clarity

    done = command("evaluate", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    agreement = result["judge"]["agreement"]
    assert agreement["n"] == 18
    with Sidecar(config) as sidecar:
        judge = [
            json_score(
                sidecar.lm_complete(
                    messages=judge_messages(line), role="judge", model="judge-model"
                )["text"]
            )
            for line in kept.values()
        ]
    person = [line["score"] for line in kept.values()]
    expected = cohen_kappa_score(person, judge, weights="quadratic", labels=[1, 2, 3, 4, 5])
    assert result["judge"]["kappa"] == pytest.approx(expected)
    assert agreement["kappa"] == pytest.approx(expected)
    low, high = agreement["ci95"]
    assert low < expected < high
    assert agreement["agreement"] == pytest.approx(
        np.mean([p == j for p, j in zip(person, judge, strict=True)])
    )


def judge_messages(line: dict[str, Any]) -> list[dict[str, str]]:
    """The fields that the judge is shown; the server answers from these alone."""
    fields = {
        "chunk_text": line["chunk_text"],
        "persona_description": line["persona_description"],
        "gold_question": line["gold_question"],
        "predicted_question": line["query"],
    }
    shown = "\n\n".join(f"[[ ## {name} ## ]]\n{text}" for name, text in fields.items())
    ask = "Respond with `[[ ## reason ## ]]`, then `[[ ## score ## ]]`."
    return [{"role": "user", "content": f"{shown}\n\n{ask}"}]


def json_score(text: str) -> int:
    found = re.search(r"score ## \]\]\s*(\d)", text)
    assert found is not None, text
    return int(found[1])
