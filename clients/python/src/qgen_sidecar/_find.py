"""Where is the qgen-sidecar binary?

In order: the QGEN_SIDECAR_BINARY variable, inside the package, the scripts
folders that an installer may have put the wheel's script in (this
environment's, the base interpreter's, the user's, a --prefix's, a --target's),
a checkout that this package is imported from, PATH. An error lists all of them.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from .errors import BinaryNotFound

VARIABLE = "QGEN_SIDECAR_BINARY"
NAME = "qgen-sidecar.exe" if os.name == "nt" else "qgen-sidecar"


def find_binary() -> str:
    """The absolute path of the binary; BinaryNotFound when there is none."""
    given = os.environ.get(VARIABLE)
    if given:
        return _named(given)
    looked_at = [f"{VARIABLE} (not set)"]
    for path in _places():
        if str(path) in looked_at:
            continue
        if _runs(path):
            return str(path)
        looked_at.append(str(path))
    on_path = shutil.which(NAME)
    if on_path:
        return str(Path(on_path).absolute())
    raise BinaryNotFound([*looked_at, f"{NAME} on PATH"])


def _named(given: str) -> str:
    """A binary that somebody named is used or refused, never replaced by another."""
    path = Path(given).absolute()
    if _runs(path):
        return str(path)
    problem = "cannot be executed" if path.exists() else "does not exist"
    raise BinaryNotFound([f"{path} (from {VARIABLE}; it {problem})"])


def _places() -> Iterator[Path]:
    package = Path(__file__).resolve().parent
    yield package / "_bin" / NAME
    yield Path(sysconfig.get_path("scripts")) / NAME
    yield Path(sysconfig.get_path("scripts", vars={"base": sys.base_prefix})) / NAME
    yield Path(sysconfig.get_path("scripts", scheme=sysconfig.get_preferred_scheme("user"))) / NAME
    yield from _beside_libraries(package)
    yield from _in_checkout(package)


def _beside_libraries(package: Path) -> Iterator[Path]:
    """--prefix: lib/python3.x/site-packages beside bin; --target: bin inside it."""
    scripts = "Scripts" if os.name == "nt" else "bin"
    up = 2 if os.name == "nt" else 3  # Lib/site-packages; lib/python3.x/site-packages
    if package.parent.name == "site-packages":
        yield package.parents[up] / scripts / NAME
    yield package.parent / "bin" / NAME


def _in_checkout(package: Path) -> Iterator[Path]:
    """<root>/clients/python/src/qgen_sidecar, built beside: <root>/.build or <root>/bin."""
    root = package.parents[3] if len(package.parents) > 3 else None
    if root is not None and (root / "cmd" / "qgen-sidecar").is_dir():
        yield root / ".build" / NAME
        yield root / "bin" / NAME


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
