"""Builds the Go binary into the wheel.

Without settings it builds for this machine and tags the wheel for it, so that
`pip install ./clients/python` needs nothing but Go. Four environment variables
serve other cases:

    QGEN_WHEEL_BINARY            take this binary instead of building one
    QGEN_WHEEL_GOOS, _GOARCH     build for another platform ...
    QGEN_WHEEL_TAG               ... whose wheel tag is this, e.g. manylinux_2_17_aarch64

The binary is static (no cgo), so a wheel needs no particular Python or libc:
its tag is py3-none-<platform>.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BinaryHook(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="qgen-wheel-"))
        binary = self._prebuilt() or self._build()
        build_data["shared_scripts"] = {str(binary): binary.name}
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{self._platform()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _prebuilt(self) -> Path | None:
        given = os.environ.get("QGEN_WHEEL_BINARY")
        if not given:
            return None
        copy = self._folder / _binary_name()
        shutil.copy2(given, copy)
        copy.chmod(0o755)
        return copy

    def _build(self) -> Path:
        go = shutil.which("go")
        if go is None:
            raise RuntimeError(
                "building this wheel compiles the sidecar and needs Go 1.26 or newer on PATH; "
                "install Go, or name a finished binary in QGEN_WHEEL_BINARY"
            )
        root = self._module_root()
        binary = self._folder / _binary_name()
        flags = f"-s -w -X main.version={self.metadata.version}"
        command = [go, "build", "-trimpath", _stamp(root), "-ldflags", flags]
        command += ["-o", str(binary), "./cmd/qgen-sidecar"]
        built = subprocess.run(command, cwd=root, env=_go_env(), capture_output=True, text=True)
        if built.returncode != 0:
            raise RuntimeError(f"go build failed with status {built.returncode}:\n{built.stderr}")
        return binary

    def _module_root(self) -> Path:
        """The checkout that holds the sidecar's Go source."""
        for folder in (Path(self.root), *Path(self.root).parents):
            if (folder / "cmd" / "qgen-sidecar").is_dir() and (folder / "go.mod").is_file():
                return folder
        raise RuntimeError(
            f"no go.mod with cmd/qgen-sidecar in {self.root} or a folder above it: build from a "
            "checkout of the project, or name a finished binary in QGEN_WHEEL_BINARY"
        )

    def _platform(self) -> str:
        given = os.environ.get("QGEN_WHEEL_TAG")
        if given:
            return given
        if os.environ.get("QGEN_WHEEL_GOOS") or os.environ.get("QGEN_WHEEL_GOARCH"):
            raise RuntimeError("a cross build needs QGEN_WHEEL_TAG, e.g. macosx_12_0_arm64")
        return sysconfig.get_platform().replace("-", "_").replace(".", "_")


def _binary_name() -> str:
    goos = os.environ.get("QGEN_WHEEL_GOOS")
    windows = goos == "windows" if goos else os.name == "nt"
    return "qgen-sidecar.exe" if windows else "qgen-sidecar"


def _stamp(root: Path) -> str:
    """The commit goes into the binary where git can tell it; elsewhere Go would fail the build."""
    git = shutil.which("git")
    known = git and subprocess.run([git, "status"], cwd=root, capture_output=True).returncode == 0
    return "-buildvcs=true" if known else "-buildvcs=false"


def _go_env() -> dict[str, str]:
    env = {**os.environ, "CGO_ENABLED": "0"}
    for name in ("GOOS", "GOARCH"):
        if os.environ.get(f"QGEN_WHEEL_{name}"):
            env[name] = os.environ[f"QGEN_WHEEL_{name}"]
    return env
