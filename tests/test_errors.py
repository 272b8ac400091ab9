"""Bad input gets a clear error with the right code, and nothing is lost."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgen_sidecar import (
    BadFile,
    BadReply,
    CallbackFailed,
    InvalidParams,
    InvalidRequest,
    MethodNotFound,
    NoEndpoint,
    Sidecar,
    StoreUnavailable,
)

from road import CHUNKS, ModelServer, chunk_id
from wire import Wire


def test_a_missing_folder_is_named_and_not_created(config: dict[str, Any], tmp_path: Path) -> None:
    missing = tmp_path / "not there"
    config["store"]["path"] = str(missing)
    with pytest.raises(StoreUnavailable) as caught:
        Sidecar(config).start()
    assert caught.value.code == -32011
    assert caught.value.data["path"] == str(missing)
    assert str(missing) in caught.value.message
    assert not missing.exists()


def test_a_missing_collection_is_named(config: dict[str, Any]) -> None:
    config["store"]["collection"] = "chunkz"
    with Sidecar(config) as sidecar:
        with pytest.raises(StoreUnavailable) as caught:
            sidecar.fetch(count=1)
        assert caught.value.data["collection"] == "chunkz"
        assert sidecar.fetch(collection="chunks", count=1)["count"] == 1


@pytest.mark.parametrize("text", ["", "   \n"])
def test_a_chunk_without_text_is_refused(config: dict[str, Any], text: str) -> None:
    with Sidecar(config) as sidecar, pytest.raises(InvalidParams, match="chunk_text"):
        sidecar.generate(chunk_text=text)


def test_a_bad_gold_entry_is_named_by_its_line(config: dict[str, Any]) -> None:
    path = Path(config["files"]["gold"])
    good = json.dumps({"chunk_text": "c", "persona_description": "p", "gold_question": "g?"})
    bad = json.dumps({"chunk_text": "c", "persona_description": "p"})
    text = f"[\n{good},\n{good},\n{bad}\n]\n"
    path.write_text(text, encoding="utf-8")
    with Sidecar(config) as sidecar:
        with pytest.raises(BadFile) as caught:
            sidecar.compile()
        assert caught.value.data["path"] == str(path)
        assert caught.value.data["line"] == 4
        assert "gold_question" in caught.value.data["reason"]
        with pytest.raises(BadFile):
            sidecar.gold_add(chunk_text="x", persona_description="y", gold_question="z?")
    assert path.read_text(encoding="utf-8") == text


def test_a_program_that_is_not_there(config: dict[str, Any], gold: Path) -> None:
    with Sidecar(config) as sidecar, pytest.raises(BadFile) as caught:
        sidecar.prompts(program="nowhere.json")
    assert caught.value.data["path"].endswith("nowhere.json")


def test_a_dead_endpoint_is_named_with_its_last_error(config: dict[str, Any]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    config["endpoint"][0]["base_url"] = f"http://127.0.0.1:{port}/v1"
    config["personas"] = {"source": "none"}
    with Sidecar(config) as sidecar:
        with pytest.raises(NoEndpoint) as caught:
            sidecar.generate(chunk_text=CHUNKS[0], persona_description="p", timeout=60)
        (endpoint,) = caught.value.data["endpoints"]
        assert endpoint["name"] == "task"
        assert endpoint["last_error"]
        answered = sidecar.lm_complete(prompt="What is 2+2?", role="judge")
    assert "4" in answered["text"]


def test_a_wrong_key_is_said_without_saying_the_key(
    config: dict[str, Any],
    start_models: Callable[..., ModelServer],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    strict = start_models("-key-env", "DEMANDED", DEMANDED="the-right-key")
    config["endpoint"][0]["base_url"] = strict.base_url
    monkeypatch.setenv("QGEN_TEST_KEY", "sk-a-wrong-secret-key-0123456789")
    with (
        caplog.at_level("DEBUG", "qgen_sidecar"),
        Sidecar(config) as sidecar,
        pytest.raises(NoEndpoint) as caught,
    ):
        sidecar.lm_complete(prompt="What is 2+2?", timeout=60)
    said = caught.value.message + json.dumps(caught.value.data) + caplog.text
    assert "401" in said or "key" in said
    assert "a-wrong-secret-key" not in said


def test_an_unset_key_variable_is_named_at_first_use(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QGEN_TEST_KEY")
    with Sidecar(config) as sidecar:
        assert sidecar.fetch(count=1)["count"] == 1
        with pytest.raises(NoEndpoint) as caught:
            sidecar.lm_complete(prompt="What is 2+2?", timeout=60)
    assert "QGEN_TEST_KEY" in caught.value.message + json.dumps(caught.value.data)


def test_a_reply_that_cannot_be_parsed(config: dict[str, Any]) -> None:
    """The host's own model, which never keeps to any layout."""
    config["lm"]["task"] = {"model": "own", "endpoints": ["host"]}
    with (
        Sidecar(config, complete=lambda messages: "Sure! Here is what I think.") as sidecar,
        pytest.raises(BadReply) as caught,
    ):
        sidecar.generate(chunk_text=CHUNKS[0], persona_description="p", timeout=60)
    assert caught.value.data["role"] == "task"
    assert "Here is what I think" in caught.value.data["reply"]
    assert caught.value.data["reason"]


def test_a_failing_hook_is_named(config: dict[str, Any]) -> None:
    config["personas"] = {"source": "host"}

    def choose(chunk_text: str) -> str:
        raise LookupError("no character for this one")

    with Sidecar(config, choose_persona=choose) as sidecar:
        with pytest.raises(CallbackFailed) as caught:
            sidecar.generate(chunk_text=CHUNKS[0])
        assert caught.value.data["callback"] == "choose-persona"
        assert "no character for this one" in caught.value.data["reason"]
    with Sidecar(config) as sidecar, pytest.raises(CallbackFailed):
        sidecar.generate(chunk_text=CHUNKS[0])


def test_unknown_methods_parameters_and_keys(config: dict[str, Any]) -> None:
    with Sidecar(config) as sidecar:
        with pytest.raises(MethodNotFound):
            sidecar.call("fetchh")
        with pytest.raises(InvalidParams, match="cuont"):
            sidecar.call("fetch", {"cuont": 3})
        with pytest.raises(InvalidParams, match="count"):
            sidecar.fetch(count=-1)
        with pytest.raises(InvalidRequest):
            sidecar.call("initialize", {"protocol_version": "1.0"})
        with pytest.raises(InvalidParams, match="split"):
            sidecar.compile(split={"train": 0.9, "dev": 0.9})
    config["store"]["colection"] = "x"
    with pytest.raises(InvalidParams, match=r"colection.*collection"):
        Sidecar(config).start()


def test_a_host_that_closes_the_pipe_mid_call_loses_nothing(
    binary: str,
    config: dict[str, Any],
    start_models: Callable[..., ModelServer],
    read_back: Callable[[str], list[Any]],
) -> None:
    slow = start_models("-latency", "30s")
    config["endpoint"][0]["base_url"] = slow.base_url
    config["endpoint"][1]["name"] = "fast"
    config["lm"]["embed"]["endpoints"] = ["fast"]
    config["lm"]["teacher"]["endpoints"] = ["fast"]
    with Wire(binary) as wire:
        assert "result" in wire.initialize(config)
        saved = {"query": "Was it saved?", "chunk_id": chunk_id(1)}
        wire.send("save-question", saved, id=1)
        point = wire.receive()["result"]["point_id"]
        wire.send("lm-complete", {"prompt": "What is 2+2?"}, id=2)
        wire.stdin.close()
        ended = wire.receive()
        assert (ended["id"], ended["error"]["code"]) == (2, -32800)
        assert wire.process.wait(10) == 0
    assert [p.id for p in read_back("questions")] == [point]


@pytest.mark.parametrize("headers", [False, True])
def test_both_framings(binary: str, config: dict[str, Any], headers: bool) -> None:
    with Wire(binary, headers=headers) as wire:
        wire.send("fetch", {}, id="early")
        early = wire.receive()
        assert (early["id"], early["error"]["code"]) == ("early", -32002)
        assert wire.initialize(config)["result"]["protocol_version"] == "1.0"
        wire.send("fetch", {"count": 2, "seed": 1}, id="äöü")
        answer = wire.receive()
        assert answer["id"] == "äöü"
        assert answer["result"]["count"] == 2
        wire.send_raw(b'{"jsonrpc": "2.0", "id": 1, "method": ')
        assert wire.receive()["error"]["code"] == -32700
        wire.send("shutdown", id=2)
        assert wire.receive()["result"] is None
        wire.send("exit")
        assert wire.process.wait(10) == 0
