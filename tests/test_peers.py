"""Hosts that use somebody else's JSON-RPC client: vscode-jsonrpc and python-lsp-jsonrpc."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pylsp_jsonrpc.endpoint import Endpoint
from pylsp_jsonrpc.exceptions import JsonRpcException
from pylsp_jsonrpc.streams import JsonRpcStreamReader, JsonRpcStreamWriter

from road import ModelServer

PEERS = Path(__file__).resolve().parent / "peers"


@pytest.fixture
def slow_config(config: dict[str, Any], start_models: Callable[..., ModelServer]) -> dict[str, Any]:
    """The tests' configuration with personas from the host and a model that takes its time."""
    config["endpoint"][0]["base_url"] = start_models("-latency", "30s").base_url
    config["personas"] = {"source": "host"}
    return config


def test_vscode_jsonrpc(binary: str, slow_config: dict[str, Any], tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node is not None, "node (18 or newer) runs this peer: install Node.js"
    path = tmp_path / "config.json"
    path.write_text(json.dumps(slow_config), encoding="utf-8")
    ran = subprocess.run(
        [node, str(PEERS / "scenario.mjs"), binary, str(path)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    check_conversation(json.loads(ran.stdout))


def test_python_lsp_jsonrpc(binary: str, slow_config: dict[str, Any]) -> None:
    with Pylsp(binary) as host:
        check_conversation(converse(host, slow_config))


def check_conversation(seen: dict[str, Any]) -> None:
    """What any host must see, whatever its client."""
    assert seen["early"]["code"] == -32002
    assert seen["initialize"]["store"]["mode"] == "folder"
    assert seen["asked"] == [{"chunk_text": "Kapitel 3: Rückgabe, 返品 🙂", "chunk_id": 5}]
    assert seen["inside"]["store"]["mode"] == "folder"
    assert seen["persona"]["persona_description"] == "a pharmacist"
    assert seen["unknown"]["code"] == -32601
    assert "no-such-method" in seen["unknown"]["message"]
    assert seen["params"]["code"] == -32602
    assert seen["cancelled"]["code"] == -32800
    assert seen["fetch"]["count"] == 3
    assert seen["progress"][-1]["token"] == "p"
    assert seen["progress"][-1]["done"] == seen["progress"][-1]["total"]
    assert seen["many"] == 500
    assert seen["shutdown"] is None
    assert seen["ended"] == {"code": 0, "signal": None}


class Pylsp:
    """A host made of python-lsp-jsonrpc's endpoint and streams."""

    def __init__(self, binary: str) -> None:
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.asked: list[Any] = []
        self.progress: list[Any] = []
        self.inside: Any = None
        writer = JsonRpcStreamWriter(self.process.stdin)
        handlers = {"choose-persona": self._persona, "$/progress": self.progress.append}
        self.endpoint = Endpoint(handlers, writer.write)
        reader = JsonRpcStreamReader(self.process.stdout)
        self.thread = threading.Thread(target=reader.listen, args=[self.endpoint.consume])
        self.thread.start()

    def __enter__(self) -> Pylsp:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.thread.join(10)
        self.endpoint.shutdown()

    def _persona(self, params: Any) -> Callable[[], Any]:
        def answer() -> Any:  # in the endpoint's pool: the reader must read on
            self.asked.append(params)
            self.inside = self.call("status", {})
            return {"persona_description": "a pharmacist", "name": "P"}

        return answer

    def call(self, method: str, params: Any) -> Any:
        try:
            return self.endpoint.request(method, params).result(30)
        except JsonRpcException as error:
            return {"code": error.code, "message": error.message, "data": error.data}


def converse(host: Pylsp, config: dict[str, Any]) -> dict[str, Any]:
    """The conversation of peers/scenario.mjs."""
    seen: dict[str, Any] = {"early": host.call("status", {})}
    start = {
        "protocol_version": "1.0",
        "client_info": {"name": "pylsp", "version": "1"},
        "capabilities": {"choose_persona": True},
        "config": config,
    }
    seen["initialize"] = host.call("initialize", start)
    chunk = {"chunk_text": "Kapitel 3: Rückgabe, 返品 🙂", "chunk_id": 5}
    seen["persona"] = host.call("choose-persona", chunk)
    seen["unknown"] = host.call("no-such-method", {})
    seen["params"] = host.call("fetch", {"cout": 3})
    seen["cancelled"] = cancelled(host)
    seen["fetch"] = host.call("fetch", {"count": 3, "seed": 1, "progress_token": "p"})
    many = [host.endpoint.request("gold-sample", {"count": 1}) for _ in range(500)]
    seen["many"] = len([future.result(30) for future in many])
    seen["shutdown"] = host.call("shutdown", None)
    host.endpoint.notify("exit")
    code = host.process.wait(10)
    return {
        **seen,
        "asked": host.asked,
        "inside": host.inside,
        "progress": host.progress,
        "ended": {"code": code, "signal": None},
    }


def cancelled(host: Pylsp) -> Any:
    """The sidecar's own answer to a cancelled call: pylsp's future does not wait for it."""
    answers: list[Any] = []
    handle, arrived = host.endpoint._handle_response, threading.Event()

    def watch(id: str, result: Any = None, error: Any = None) -> None:
        answers.append(error)
        arrived.set()

    future = host.endpoint.request("lm-complete", {"prompt": "What is 2+2?"})
    host.endpoint._handle_response = watch
    future.cancel()
    assert arrived.wait(10)
    host.endpoint._handle_response = handle
    return answers[0]
