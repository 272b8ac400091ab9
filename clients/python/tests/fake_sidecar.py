"""A sidecar for the client's own tests: answers by rule, from the standard library alone.

The method says what happens: `fetch` echoes, `generate` calls the host's
choose-persona first, `compile` reports progress, `prompts` never answers,
`status` ends the process with status 3.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
import time
from typing import Any

lock = threading.Lock()
ids = itertools.count(1)
waiting: dict[str, Any] = {}
cancelled: list[Any] = []


def send(**message: Any) -> None:
    line = json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"
    with lock:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


def log(level: str, message: str, **fields: Any) -> None:
    line = {"@level": level, "@message": message, "@module": "qgen-sidecar.fake", **fields}
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()


def ask_host(method: str, params: dict[str, Any]) -> dict[str, Any]:
    id = f"host-{next(ids)}"
    answered = threading.Event()
    waiting[id] = answered, {}
    send(id=id, method=method, params=params)
    answered.wait(20)
    return waiting.pop(id)[1]


def initialize(id: Any, params: dict[str, Any]) -> None:
    log("info", "started", pid=os.getpid())
    config = params.get("config", {})
    time.sleep(config.get("delay", 0))
    if config.get("locked"):
        data = {"path": "/store", "holder_pid": 42}
        send(id=id, error={"code": -32010, "message": "store is locked", "data": data})
        return
    store = {"mode": config.get("mode", "folder"), "path": "/store", "collections": []}
    store["share"] = {"host": "127.0.0.1", "grpc_port": 1, "api_key": "k"}
    result = {
        "protocol_version": params["protocol_version"],
        "server_info": {"name": "fake", "version": "0"},
        "capabilities": {"methods": [], "host": params["capabilities"]},
        "limits": {"max_in_flight": config.get("limit", 4096), "max_message_bytes": 1 << 20},
        "files": {},
        "store": store,
        "received": params,
    }
    send(id=id, result=result)


def generate(id: Any, params: dict[str, Any]) -> None:
    asked = {"chunk_text": params["chunk_text"], "chunk_id": params.get("chunk_id")}
    answer = ask_host("choose-persona", asked)
    if "error" in answer:
        data = {"callback": "choose-persona", "reason": answer["error"]["message"]}
        send(id=id, error={"code": -32016, "message": "host callback", "data": data})
    else:
        send(id=id, result=answer["result"])


def ask_any(id: Any, params: dict[str, Any]) -> None:
    send(id=id, result=ask_host(params["prompt"], params["messages"][0]))


def compile(id: Any, params: dict[str, Any]) -> None:
    token = params.get("progress_token")
    for done in (1, 2, 3):
        event = {"token": token, "stage": "score", "done": done, "total": 3}
        send(method="$/progress", params=event)
    send(id=id, result={"asked": params})


def handle(message: dict[str, Any]) -> None:
    method, id, params = message["method"], message.get("id"), message.get("params", {})
    if method == "initialize":
        initialize(id, params)
    elif method == "generate":
        generate(id, params)
    elif method == "lm-complete":
        ask_any(id, params)
    elif method == "compile":
        compile(id, params)
    elif method == "fetch":
        send(id=id, result=params)
    elif method == "gold-sample":
        send(id=id, result={"total": len(cancelled), "entries": cancelled})
    elif method == "status":
        log("error", "giving up", code=3)
        os._exit(3)
    elif method == "choose-persona":
        sys.stdout.buffer.write(b"this is no JSON\n")
        sys.stdout.buffer.flush()
    elif method == "shutdown":
        send(id=id, result=None)
    elif method == "gold-add":
        error = {"code": -32602, "message": "parameter gold_question", "data": {"x": 1}}
        send(id=id, error=error)


def main() -> None:
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if "method" not in message:
            answered, box = waiting[message["id"]]
            box.update(message)
            answered.set()
        elif message["method"] == "$/cancelRequest":
            cancelled.append(message["params"]["id"])
        elif message["method"] == "exit":
            sys.exit(0)
        else:
            threading.Thread(target=handle, args=(message,), daemon=True).start()


if __name__ == "__main__":
    main()
