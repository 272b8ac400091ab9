"""The sidecar without a client: bytes in, bytes out, in either framing."""

from __future__ import annotations

import json
import subprocess
from typing import Any


class Wire:
    def __init__(self, binary: str, *, headers: bool = False) -> None:
        self.headers = headers
        self.process = subprocess.Popen(
            [binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise
        finally:
            self.stdout.close()

    def send(self, method: str, params: Any = None, id: Any = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params or {}}
        if id is not None:
            message["id"] = id
        self.send_raw(json.dumps(message).encode())

    def send_raw(self, body: bytes) -> None:
        if self.headers:
            self.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        else:
            self.stdin.write(body + b"\n")
        self.stdin.flush()

    def receive(self) -> dict[str, Any]:
        if not self.headers:
            return json.loads(self.stdout.readline())
        length = 0
        while (line := self.stdout.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(self.stdout.read(length))

    def initialize(self, config: dict[str, Any], **capabilities: Any) -> dict[str, Any]:
        params = {
            "protocol_version": "1.0",
            "client_info": {"name": "test", "version": "0"},
            "capabilities": capabilities,
            "config": config,
        }
        self.send("initialize", params, id=0)
        return self.receive()
