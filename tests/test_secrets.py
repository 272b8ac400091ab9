"""Keys reach the endpoints and nothing else: whatever is done, and goes wrong, with them."""

from __future__ import annotations

import json
import logging
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgen_sidecar import Sidecar, SidecarError

from road import CHUNKS, ModelServer, chunk_id

# Shapes of keys in use, and one of no known shape.
SECRETS = {
    "QGEN_TEST_KEY": "sk-proj-Right0123456789-abcdefghij",
    "QGEN_WRONG_KEY": "sk-ant-Wrong9876543210-zyxwvutsrq",
    "QGEN_PLAIN_KEY": "correct horse battery staple",
    "QGEN_TENANT": "tenant-header-value-5f3c",
    "QGEN_SHARE": "share-key-of-the-folder-77aa",
}
IN_URL = "in-the-url-1b2d"


@pytest.fixture
def strict(start_models: Callable[..., ModelServer]) -> ModelServer:
    """A server that, to a wrong key, repeats it in its error."""
    return start_models("-key-env", "DEMANDED", DEMANDED=SECRETS["QGEN_TEST_KEY"])


@pytest.fixture
def guarded(
    config: dict[str, Any], strict: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Every place of a config that takes a secret, with wrong keys among the right ones."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QGEN_LOG", "trace")
    for endpoint in config["endpoint"]:
        endpoint["base_url"] = strict.base_url
        endpoint["headers_env"] = {"X-Tenant": "QGEN_TENANT"}
    closed = "http://127.0.0.1:9/v1?key=" + IN_URL
    config["endpoint"] += [
        {"name": "wrong", "base_url": strict.base_url, "api_key_env": "QGEN_WRONG_KEY"},
        {"name": "plain", "base_url": strict.base_url, "api_key_env": "QGEN_PLAIN_KEY"},
        {"name": "closed", "base_url": closed, "api_key_env": "QGEN_TEST_KEY"},
    ]
    bad = ["wrong", "plain", "closed"]
    config["lm"]["task"]["endpoints"] = [*bad, "task"]
    config["lm"]["teacher"]["endpoints"] = bad
    config["store"]["share_api_key_env"] = "QGEN_SHARE"
    config["dispatcher"] = {"listen": "127.0.0.1:0"}
    return config


def test_no_secret_is_said_or_kept(
    guarded: dict[str, Any],
    gold: Path,
    tmp_path: Path,
    command: Callable[..., subprocess.CompletedProcess[str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    said: list[Any] = []
    refused: list[SidecarError] = []

    def note(call: Callable[[], Any]) -> None:
        try:
            said.append(call())
        except SidecarError as error:
            refused.append(error)
            said.append([str(error), error.message, error.data])

    report = tmp_path / "report.html"
    with caplog.at_level(logging.DEBUG), Sidecar(guarded) as sidecar:
        assert sidecar.dispatcher is not None
        door_key = sidecar.dispatcher["api_key"]
        note(lambda: sidecar.lm_complete(prompt="What is 2+2?"))
        note(lambda: sidecar.lm_complete(prompt="What is 2+2?", role="teacher"))
        note(lambda: sidecar.annotate_suggest(chunk_text=CHUNKS[0], count=3))
        note(lambda: sidecar.generate(chunk_text=CHUNKS[1], chunk_id=chunk_id(1), save=True))
        note(lambda: sidecar.compile(optimizer={"num_candidate_programs": 1}))
        note(
            lambda: sidecar.compile(
                metric="judge", optimizer={"num_candidate_programs": 1, "max_bootstrapped_demos": 0}
            )
        )
        note(lambda: sidecar.evaluate(report=str(report)))
        note(lambda: sidecar.prompts())
        note(lambda: sidecar.status())
    for arguments in (["check", "--json"], ["prompts", "--json"], ["compile", "--dry-run"]):
        ran = command(*arguments)
        said.append([ran.stdout, ran.stderr])

    assert refused, "no wrong key was met"
    assert report.exists()
    heard = {"replies and errors": json.dumps(said, default=str), "the log": caplog.text}
    for path in tmp_path.rglob("*"):
        if path.is_file():
            heard[str(path)] = path.read_bytes().decode("utf-8", "replace")
    assert any("replies" in name and "cache" in name for name in heard)
    assert "redacted" in heard["the log"], "the server repeated no key"
    secrets = {**SECRETS, "the URL's key": IN_URL, "the door's key": door_key}
    settings = str(tmp_path / "settings" / "qgen.toml")  # where the test itself wrote the URL
    for name, text in heard.items():
        for secret, value in secrets.items():
            if secret == "the URL's key" and name == settings:
                continue
            assert value not in text, f"{secret} is in {name}"
