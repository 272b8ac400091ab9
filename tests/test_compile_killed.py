"""A compile that is killed with SIGKILL, begun again, killed again, and then finishes.

The moments are drawn over the requests of an undisturbed compile, so that each falls into
the work. What was in flight at a kill is lost, at most as many calls as the endpoint takes
at once; everything else is paid for once: no request is sent again, byte for byte, that an
undisturbed compile would not send twice itself. What a pruning compile finds worth asking
depends on the order in which answers come, so its total is not held to another run's.
"""

from __future__ import annotations

import json
import random
import subprocess
import time
from pathlib import Path

import pytest

from conftest import go_build
from parity import Server, Setting, gold_entries, outcome_of, search, serving, sidecar_command

KILLS = 10
CONNECTIONS = 8
SETTING = Setting("search", search(2, 8, 5), passing=45)
FLAGS = ("-by-fields", str(SETTING.passing), "-latency", "15ms")


@pytest.mark.parametrize("prune", [False, True], ids=["whole", "pruning"])
def test_ten_kills_cost_what_was_in_flight(prune: bool, binary: str, tmp_path: Path) -> None:
    server = go_build("./internal/llmtest/cmd/llmserver", "llmserver")

    def command(on: Server, work: str) -> list[str]:
        return sidecar_command(
            SETTING,
            gold_entries(40),
            on.base_url,
            binary,
            tmp_path / work,
            prune=prune,
            max_in_flight=CONNECTIONS,
        )

    with serving(server, *FLAGS) as one:
        whole = outcome_of(json.loads(subprocess.check_output(command(one, "whole"))))
        undisturbed, repeats = one.requests(), one.repeated()
    moments = sorted(random.Random(7).sample(range(1, undisturbed), KILLS))
    with serving(server, *FLAGS) as other:
        again = command(other, "killed")
        killed = sum(run_until(again, other, moment) for moment in moments)
        last = outcome_of(json.loads(subprocess.check_output(again)))
        paid, twice = other.requests(), other.repeated()
    assert killed >= KILLS - 1, "the compile was done too early to say anything"
    assert twice <= repeats + killed * CONNECTIONS
    assert (last.best, last.scores[last.best]) == (whole.best, whole.scores[whole.best])
    if not prune:
        assert paid <= undisturbed + killed * CONNECTIONS
        assert last.scores == whole.scores
        assert last.demos == whole.demos


def test_a_reflective_compile_goes_the_same_way_after_kills(binary: str, tmp_path: Path) -> None:
    """What it asks next depends on what it was answered, and on nothing else."""
    server = go_build("./internal/llmtest/cmd/llmserver", "llmserver")
    setting = Setting("reflective", {"name": "reflective"}, train_and_dev=(50, 50))

    def command(on: Server, work: str) -> list[str]:
        entries = gold_entries(40)
        folder = tmp_path / work
        return sidecar_command(
            setting, entries, on.base_url, binary, folder, prune=True, max_in_flight=CONNECTIONS
        )

    flags = ("-planted", "-latency", "15ms")
    with serving(server, *flags) as one:
        whole = json.loads(subprocess.check_output(command(one, "whole")))
        undisturbed = one.requests()
    moments = sorted(random.Random(3).sample(range(1, undisturbed), KILLS))
    with serving(server, *flags) as other:
        again = command(other, "killed")
        killed = sum(run_until(again, other, moment) for moment in moments)
        last = json.loads(subprocess.check_output(again))
        paid = other.requests()
    assert killed >= KILLS - 1, "the compile was done too early to say anything"
    assert paid <= undisturbed + killed * CONNECTIONS
    assert last["candidates"] == whole["candidates"]
    assert last["best"] == whole["best"]
    assert sum(c["proposal"]["accepted"] for c in whole["candidates"][1:]) > 0


def run_until(command: list[str], server: Server, requests: int) -> bool:
    """Whether it had to be killed when the server had so many requests."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while server.requests() < requests and process.poll() is None:
            time.sleep(0.001)
        alive = process.poll() is None
        process.kill()
    return alive
