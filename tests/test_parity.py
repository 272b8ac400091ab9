"""The optimisers build what DSPy's build, from the same data and answers.

`make parity` compares more and larger settings.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import go_build
from parity import BOOTSTRAP, LABELS, Setting, compare, gold_entries, search

SMALL = [
    Setting("search", search(2, 6, 3)),
    Setting("rounds of many", search(3, 4, 2), passing=20),
    Setting("labels", {"name": LABELS, "max_labeled_demos": 5}),
    Setting("bootstrap", {"name": BOOTSTRAP, "max_bootstrapped_demos": 2, "max_labeled_demos": 6}),
    Setting("failing", search(2, 4, 2), passing=0),
]


@pytest.mark.parametrize("setting", SMALL, ids=lambda setting: setting.title)
def test_the_candidates_are_dspys(setting: Setting, binary: str, tmp_path: Path) -> None:
    server = go_build("./internal/llmtest/cmd/llmserver", "llmserver")
    both = compare(setting, gold_entries(16), server, binary, tmp_path)
    assert both.differences == []
    assert len(both.dspy.scores) == len(both.sidecar.scores) > 1
    assert max(both.pruned.calls, both.sidecar.calls) <= 1.05 * both.dspy.calls + 3
