"""What editors see of the client: mypy and pyright, both strict, over what hosts write.

clients/python/typing_checks/right.py must pass; in mistakes.py each line that ends with
"# wrong", and no other, must be found, by both.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import typing
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from qgen_sidecar import types as t
from typing_extensions import is_typeddict

ROOT = Path(__file__).resolve().parents[1]
CLIENT = ROOT / "clients" / "python"
CHECKS = CLIENT / "typing_checks"
PYRIGHT = ROOT / "tests" / "peers" / "node_modules" / ".bin" / "pyright"
SHAPES = [shape for shape in vars(t).values() if is_typeddict(shape)]


def mypy(name: str, tmp_path: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"]
    command += ["--config-file", str(CLIENT / "pyproject.toml"), "--cache-dir", str(tmp_path)]
    environment = {**os.environ, "MYPYPATH": str(CLIENT / "src")}
    ran = subprocess.run(
        [*command, str(CHECKS / name)], env=environment, capture_output=True, text=True
    )
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    return ran.stdout


def pyright(name: str, tmp_path: Path) -> str:
    shutil.copy(CHECKS / name, tmp_path)
    config = {"include": [name], "typeCheckingMode": "strict", "pythonVersion": "3.10"}
    config["extraPaths"] = [str(CLIENT / "src")]
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config))
    return run_pyright(tmp_path, "--project", str(tmp_path), "--pythonpath", sys.executable)


def run_pyright(cwd: Path, *arguments: str) -> str:
    assert PYRIGHT.exists(), "pyright is not installed: npm ci --prefix tests/peers"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path}
    ran = subprocess.run(
        [PYRIGHT, *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    return ran.stdout


def faults(told: str) -> set[int]:
    """The lines that a checker found fault with."""
    return {int(line) for line in re.findall(r"\.py:(\d+)[:\d]*[ -]+error", told)}


CHECKERS = pytest.mark.parametrize("check", [mypy, pyright])


@CHECKERS
def test_what_hosts_write_passes(check: typing.Callable[[str, Path], str], tmp_path: Path) -> None:
    assert not faults(found := check("right.py", tmp_path)), found


@CHECKERS
def test_every_mistake_is_found(check: typing.Callable[[str, Path], str], tmp_path: Path) -> None:
    lines = (CHECKS / "mistakes.py").read_text("utf-8").splitlines()
    found = faults(check("mistakes.py", tmp_path))
    wrong = {n for n, line in enumerate(lines, 1) if line.endswith("# wrong")}
    assert len(wrong) > 30
    assert [lines[n - 1] for n in sorted(wrong - found)] == [], "not found"
    assert [lines[n - 1] for n in sorted(found - wrong)] == [], "found, but not marked"


def test_every_public_symbol_has_a_type(tmp_path: Path) -> None:
    told = run_pyright(tmp_path, "--verifytypes", "qgen_sidecar", "--ignoreexternal")
    assert "Type completeness score: 100%" in told, told


MINORS = range(10, 15)
EVALUATE = """
import typing, qgen_sidecar.types as t
shapes = [s for s in vars(t).values() if hasattr(s, "__required_keys__")]
hints = [typing.get_type_hints(s) for s in shapes]
assert len(hints) > 100 and all(isinstance(h, dict) for h in hints)
assert t.GenerateParams.__required_keys__ == {"chunk_text"}
assert "save" in t.GenerateParams.__optional_keys__
assert typing.get_args(typing.get_type_hints(t.GateCount)["gate"])[0] == "standalone"
typing.get_type_hints(t.ScoreHook.__call__)
"""


def interpreter(minor: int) -> str:
    """A Python of this version, on PATH or among pyenv's."""
    kept = Path.home() / ".pyenv" / "versions"
    candidates = [shutil.which(f"python3.{minor}")]
    candidates += [str(path) for path in kept.glob(f"3.{minor}.*/bin/python")]
    for candidate in filter(None, candidates):
        if subprocess.run([candidate, "-c", ""], capture_output=True).returncode == 0:
            return candidate
    pytest.skip(f"no Python 3.{minor} on this machine")


@pytest.mark.parametrize("minor", MINORS)
def test_types_can_be_evaluated_by_every_python(minor: int) -> None:
    python = interpreter(minor)
    environment = {**os.environ, "PYTHONPATH": str(CLIENT / "src")}
    ran = subprocess.run([python, "-c", EVALUATE], env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: str(shape.__name__))
def test_pydantic_takes_every_shape(shape: type) -> None:
    TypeAdapter(shape).json_schema()


def test_pydantic_keeps_the_keys_of_open_objects() -> None:
    chunk = {"chunk_id": 1, "chunk_text": "t", "title": "kept"}
    assert TypeAdapter(t.Chunk).validate_python(chunk) == chunk
