"""The wheel of this machine's platform, as `make wheels` builds it, in a clean environment."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLATFORMS = {
    ("Linux", "x86_64"): "linux/amd64/manylinux_2_17_x86_64",
    ("Linux", "aarch64"): "linux/arm64/manylinux_2_17_aarch64",
    ("Darwin", "x86_64"): "darwin/amd64/macosx_12_0_x86_64",
    ("Darwin", "arm64"): "darwin/arm64/macosx_12_0_arm64",
}
PROGRAM = """
import json, qgen_sidecar
with qgen_sidecar.Sidecar({"cache": {"path": ""}}) as sidecar:
    print(json.dumps([qgen_sidecar.find_binary(), sidecar.info["server_info"]["version"]]))
    sidecar.status()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = PLATFORMS[platform.system(), platform.machine()]
    dist = tmp_path_factory.mktemp("dist")
    make = ["make", "--no-print-directory", "wheels", f"PLATFORMS={here}", f"DIST={dist}"]
    subprocess.run([*make, f"PY={sys.executable}"], cwd=ROOT, check=True, capture_output=True)
    (built,) = dist.iterdir()
    return built


def test_what_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        script = next(name for name in names if name.endswith(".data/scripts/qgen-sidecar"))
        assert archive.getinfo(script).external_attr >> 16 & 0o111, "the binary is not executable"
    assert "qgen_sidecar/py.typed" in names
    assert not [name for name in names if name.endswith((".go", ".so"))]
    assert wheel.name.startswith("qgen_sidecar-")
    assert "-py3-none-" in wheel.name


def test_the_wheel_runs_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    clean = tmp_path / "clean"
    venv.create(clean, with_pip=True)
    python = clean / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel)],
        check=True,
        capture_output=True,
    )
    env = {"PATH": os.defpath, "HOME": str(tmp_path)}  # no variable, no checkout, no PATH helps
    ran = subprocess.run(
        [python, "-c", PROGRAM], env=env, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    version = wheel.name.split("-")[1]
    assert ran.stdout.strip() == f'["{clean}/bin/qgen-sidecar", "{version}"]'
    assert ran.stderr == ""
