"""Fixtures: the fake sidecar as an executable, which the client starts as it would the real one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import qgen_sidecar
from qgen_sidecar import Sidecar

FAKE = Path(__file__).with_name("fake_sidecar.py")


@pytest.fixture(scope="session")
def fake(tmp_path_factory: pytest.TempPathFactory) -> str:
    script = tmp_path_factory.mktemp("bin") / ("fake.cmd" if os.name == "nt" else "fake")
    if os.name == "nt":
        script.write_text(f'@"{sys.executable}" "{FAKE}"\n')
    else:
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{FAKE}"\n')
    script.chmod(0o755)
    return str(script)


@pytest.fixture
def sidecar(fake: str) -> Iterator[Sidecar]:
    with qgen_sidecar.Sidecar(binary=fake) as client:
        yield client
