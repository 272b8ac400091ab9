"""annotate in a real terminal (tmux): a hundred decisions with edits, undos, kills and restarts.

What the gold set must be in the end is kept by a model of the person, who knows nothing
but what the screen shows.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from road import TOPICS, ModelServer
from terminal import MISSING, Terminal, there

pytestmark = pytest.mark.skipif(not there(), reason=MISSING)

SUGGESTION = re.compile(r"^(?:▸ |  )([1-5])  (\S.*)$")
CHUNK = re.compile(r"│ Rule (\d+) ")
CHUNKS = 160


@dataclass
class Person:
    """What she decided, and what the gold set must be: a stack, as undo takes the last."""

    decisions: list[tuple[str, int, str]] = field(default_factory=list)  # kind, chunk, question

    def decided(self, chunk: int) -> bool:
        return any(c == chunk for kind, c, _ in self.decisions if kind != "again")

    def gold(self) -> dict[int, str]:
        return {chunk: question for kind, chunk, question in self.decisions if kind == "take"}


@pytest.fixture
def chunks(config: dict[str, Any]) -> None:
    lines = [
        json.dumps(
            {
                "chunk_id": n,
                "chunk_text": f"Rule {n} concerns {TOPICS[n % 8]}. Residents register them within "
                f"{n + 2} days with the caretaker, and keep a copy of paragraph {n}.",
                "source": f"rules/{n % 8}.md",
            }
        )
        for n in range(CHUNKS)
    ]
    path = Path(config["files"]["raw_chunks"])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    config["personas"] = {"source": "none"}
    del config["store"]


@pytest.fixture
def start(binary: str, chunks: None, toml: Path, tmp_path: Path) -> Iterator[Any]:
    running: list[Terminal] = []

    def begin(*args: str, columns: int = 120, rows: int = 40) -> Terminal:
        command = [binary, "--config", str(toml), *(args or ("annotate",))]
        terminal = Terminal(command, tmp_path, columns, rows)
        running.append(terminal)
        return terminal

    yield begin
    for terminal in running:
        terminal.close()


def suggestions(lines: list[str]) -> dict[int, str]:
    found = {}
    for line in lines:
        if match := SUGGESTION.match(line):
            # The kind stands at the end of the line where there is room.
            found[int(match[1])] = re.sub(r" {2,}\S.*$", "", match[2])
    return found


def chunk_of(lines: list[str]) -> int | None:
    for line in lines:
        if match := CHUNK.search(line):
            return int(match[1])
    return None


def ready(terminal: Terminal) -> list[str]:
    """The screen with a chunk and its suggestions."""
    return terminal.until(
        lambda lines: chunk_of(lines) is not None and len(suggestions(lines)) >= 3
    )


def gold_of(config: dict[str, Any]) -> dict[int, str]:
    path = Path(config["files"]["gold"])
    if not path.exists():
        return {}
    entries = json.loads(path.read_text(encoding="utf-8"))
    found = {int(entry["chunk_id"]): entry["gold_question"] for entry in entries}
    assert len(found) == len(entries), "a chunk has two entries"
    return found


def decide(terminal: Terminal, person: Person, rng: random.Random, n: int) -> None:
    """One decision, and waits until the screen says so."""
    lines = ready(terminal)
    chunk, offered = chunk_of(lines), suggestions(lines)
    assert chunk is not None
    again = person.decided(chunk)  # it came back: the gold set stays as it is
    kind = rng.choices(["pick", "edit", "own", "skip", "bad"], [12, 3, 2, 2, 1])[0]
    number = rng.randint(1, len(offered))
    question = offered[number]
    if kind == "pick":
        terminal.type(str(number))
        said = f"took {number}"
    elif kind == "edit":
        terminal.type("j" * (number - 1) + "e")
        terminal.shows("edit suggestion")
        terminal.type(f" ({n})\r")
        question += f" ({n})"
        said = f"took {number}, edited"
    elif kind == "own":
        question = f"Is question {n} in my own words?"
        terminal.type("w")
        terminal.shows("your question")
        terminal.type(question + "\r")
        terminal.shows("type  1")
        terminal.type("1")
        terminal.shows("format  1")
        terminal.type("\r")
        said = "took your own question"
    elif kind == "skip":
        terminal.type("s")
        terminal.shows("skip; why?")
        terminal.type("1")
        said = "skipped: boring"
    else:
        terminal.type("x")
        said = "marked the chunk as unusable"
    terminal.changes(lines, said)
    take = kind in ("pick", "edit", "own")
    person.decisions.append(("again" if again else "take" if take else "pass", chunk, question))


def undo(terminal: Terminal, person: Person) -> None:
    lines = ready(terminal)
    terminal.type("u")
    if person.decisions:
        person.decisions.pop()
        terminal.changes(lines, "undone")
    else:
        terminal.shows("nothing to undo")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_hundred_decisions_with_edits_undos_kills_and_restarts(
    seed: int, config: dict[str, Any], start: Any
) -> None:
    rng, person = random.Random(seed), Person()
    terminal = start()
    kills = restarts = undone = came_back = n = 0
    while n < 100 or len(person.decisions) < 60:
        move = rng.random()
        if move < 0.05:
            terminal.kill()
            kills += 1
            terminal = start()
            assert gold_of(config) == person.gold()
        elif move < 0.10:
            ready(terminal)
            terminal.type("q" if rng.random() < 0.5 else "\x03")
            assert terminal.wait() == 0
            restarts += 1
            terminal = start()
        elif move < 0.22:
            undo(terminal, person)
            undone += 1
        else:
            n += 1
            decide(terminal, person, rng, n)
            came_back += person.decisions[-1][0] == "again"
    terminal.type("q")
    assert terminal.wait() == 0
    assert gold_of(config) == person.gold()
    assert min(kills, restarts, undone) > 0
    assert came_back > 0
    journal = Path(config["files"]["gold"]).with_name("gold.journal.jsonl")
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    takes = [line for line in lines if line["op"] == "take"]
    assert all(line["at"] and "seconds" in line for line in takes)
    assert all(line["shown"] and line["model"] for line in takes if line["how"] != "own")


def test_killed_between_any_two_keys(config: dict[str, Any], start: Any) -> None:
    """SIGKILL right after the key: the decision is whole or not there, in both files alike."""
    rng = random.Random(3)
    for _ in range(12):
        before = gold_of(config)
        terminal = start()
        lines = ready(terminal)
        chunk, offered = chunk_of(lines), suggestions(lines)
        assert chunk is not None
        number = rng.randint(1, 3)
        terminal.type(str(number))
        time.sleep(rng.uniform(0, 0.01))
        terminal.kill()
        terminal = start()
        ready(terminal)
        terminal.type("q")
        terminal.wait()
        now = gold_of(config)
        assert now in (before, {**before, chunk: offered[number]})


def test_an_entry_changed_by_hand_stays_changed(config: dict[str, Any], start: Any) -> None:
    terminal = start()
    for _ in range(3):
        lines = ready(terminal)
        terminal.type("1")
        terminal.changes(lines, "took 1")
    path = Path(config["files"]["gold"])
    entries = json.loads(path.read_text(encoding="utf-8"))
    entries[0]["gold_question"] = "Changed by hand?"
    del entries[1]
    path.write_text(json.dumps(entries), encoding="utf-8")
    ready(terminal)
    terminal.type("2")  # while it runs
    terminal.shows("took 2")
    terminal.type("q")
    terminal.wait()
    terminal = start()
    ready(terminal)
    terminal.type("q")
    terminal.wait()
    questions = [e["gold_question"] for e in json.loads(path.read_text(encoding="utf-8"))]
    assert questions[0] == "Changed by hand?"
    assert len(questions) == 3


def test_it_follows_the_window(start: Any) -> None:
    terminal = start(columns=80, rows=24)
    for columns, rows in ((80, 24), (120, 40), (60, 18), (80, 24)):
        terminal.resize(columns, rows)
        width = "─" * columns
        lines = terminal.until(
            lambda lines, width=width, rows=rows: (
                width in lines
                and lines[0].startswith("gold 0/")
                and "undo" in "\n".join(lines[rows - 4 : rows])
            ),
            "drawn anew, with the keys in its last lines",
        )
        assert len(lines) >= rows


def test_a_failing_endpoint_is_a_line(
    config: dict[str, Any], toml: Path, start: Any, start_models: Callable[..., ModelServer]
) -> None:
    refusing = start_models("-key-env", "OTHER_KEY", OTHER_KEY="another key than the test's")
    text = toml.read_text(encoding="utf-8")
    toml.write_text(re.sub(r'base_url = ".*"', f'base_url = "{refusing.base_url}"', text))
    terminal = start()
    terminal.shows("r asks again, w writes your own, s skips")
    terminal.type("wMine alone?\r")
    terminal.shows("type  1")
    terminal.type("\r\r")
    terminal.shows("took your own question")
    terminal.type("q")
    assert terminal.wait() == 0
    assert list(gold_of(config).values()) == ["Mine alone?"]


def test_review_in_a_terminal(config: dict[str, Any], start: Any) -> None:
    terminal = start()
    for _ in range(3):
        lines = ready(terminal)
        terminal.type("1")
        terminal.changes(lines, "took 1")
    terminal.type("q")
    terminal.wait()
    first = list(gold_of(config).values())
    terminal = start("gold", "review")
    terminal.shows("gold review  1 of 3")
    terminal.type("je!\r")
    terminal.shows("changed")
    terminal.type("kdy")
    terminal.shows("taken out")
    terminal.type("q")
    assert terminal.wait() == 0
    assert list(gold_of(config).values()) == [first[1] + "!", first[2]]


def test_blind_scores_in_a_terminal(config: dict[str, Any], gold: Path, start: Any) -> None:
    terminal = start("annotate", "--judge", "--count", "6", columns=80, rows=24)
    terminal.shows("scored 0/")
    terminal.type("2")
    terminal.shows("gave 2: worse")
    terminal.type("v")
    terminal.shows("the last one lacks specificity")
    terminal.kill()
    terminal = start("annotate", "--judge", "--count", "6")
    terminal.shows("scored 1/")
    terminal.type("q")
    assert terminal.wait() == 0
    kept = (gold.parent / "judge_scores.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line).get("lacks") for line in kept] == [None, ["specificity"]]
