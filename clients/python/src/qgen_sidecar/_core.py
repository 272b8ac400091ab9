"""What both clients share: settings, the handshake's request, what it told us, the ladder down.

Nothing here waits; the clients differ only in how they do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import _protocol as wire
from ._connection import Connection
from ._find import find_binary
from ._hooks import Hooks, answer
from ._logs import logger
from ._process import Process
from ._version import VERSION
from ._workers import HookThreads
from .errors import SidecarClosed, SidecarError

if TYPE_CHECKING:
    from .types import Door, InitializeResult, Store

Runner = Callable[[Callable[[], Any]], "Future[Any]"]  # how a client runs a hook
HOOK_FAILED, HOOK_MISSING, CANCELLED = -32603, -32601, -32800

Config = str | os.PathLike[str] | Mapping[str, Any] | None


class Settings:
    """How to start a sidecar: everything that a restart needs again."""

    def __init__(
        self,
        config: Config,
        overrides: Mapping[str, Any] | None,
        env: Mapping[str, str] | None,
        binary: str | os.PathLike[str] | None,
        cwd: str | os.PathLike[str] | None,
    ) -> None:
        self.env, self.cwd = env, cwd
        self.binary = os.fspath(binary) if binary is not None else None
        self.config_path: str | None = None
        self.config: dict[str, Any] = {}
        if isinstance(config, Mapping):
            self.config = dict(config)
        elif config is not None:
            self.config_path = str(Path(cwd or ".", config).absolute())
        self.config = merged(self.config, overrides or {})

    def spawn(self) -> Process:
        return Process([self.binary or find_binary()], self.env, self.cwd)

    def initialize(self, hooks: Hooks) -> dict[str, Any]:
        params: dict[str, Any] = {
            "protocol_version": wire.PROTOCOL_VERSION,
            "client_info": {"name": "qgen_sidecar (Python)", "version": VERSION},
            "capabilities": hooks.capabilities,
        }
        if self.config_path is not None:
            params["config_path"] = self.config_path
        if self.config:
            params["config"] = self.config
        return params


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` wins key by key, as in the sidecar; neither is changed."""
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        result[key] = merged(below, value) if both else value  # type: ignore[arg-type]
    return result


class Core:
    """A client's state: one connection at a time, and what the handshake said of it."""

    def __init__(
        self, settings: Settings, hooks: Hooks, *, restart: bool, close_timeout: float, attach: bool
    ) -> None:
        self.settings, self.hooks, self.threads = settings, hooks, HookThreads()
        self.restart, self.close_timeout, self.attach = restart, close_timeout, attach
        self.connection: Connection | None = None
        self.info: InitializeResult | None = None
        self.closed = False
        self.owner = os.getpid()
        self._hooks_running: dict[int | str, Future[Any]] = {}

    def connect(self, run: Runner) -> Connection:
        """A new process and connection; `initialize` is the client's to send."""
        process = self.settings.spawn()
        return Connection(
            process, lambda connection, call: self._hook(connection, call, run), self._cancel_hook
        )

    def initialized(self, connection: Connection, info: InitializeResult) -> None:
        store = info.get("store")
        if self.attach and store is not None and store["mode"] == "folder":
            raise SidecarError(
                f"no running sidecar shares {store.get('path')}: this one would have locked the "
                'folder itself; start the application first, with [store] share = "127.0.0.1:0"'
            )
        self.info = info
        connection.max_message_bytes = info["limits"]["max_message_bytes"]

    def usable(self) -> Connection | None:
        """The connection for the next call; None: one must be started first."""
        if self.owner != os.getpid():
            raise SidecarError(
                "this client was made in another process (os.fork): a sidecar serves one host; "
                "make a client in each process, with attach() where they share a folder"
            )
        if self.closed:
            raise SidecarClosed("the sidecar was closed")
        if self.connection is None or (self.connection.ended is not None and self.restart):
            return None
        return self.connection

    def max_in_flight(self) -> int:
        return self.told()["limits"]["max_in_flight"]

    # --- what the handshake told ---

    def told(self) -> InitializeResult:
        if self.info is None:
            raise SidecarError("the sidecar has not been started: use `with`, or call start()")
        return self.info

    def store(self) -> Store | None:
        return self.told().get("store")

    def door(self) -> Door | None:
        return self.told().get("dispatcher")

    def qdrant_arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """For qdrant-client's constructor, so that it connects by gRPC and checks nothing."""
        store = self.store()
        if store is None:
            raise SidecarError("this sidecar has no store: set [store] path or url in its config")
        if store["mode"] == "server":
            server = urlsplit(store["url"])
            return {**_grpc(server.hostname, server.port, server.scheme == "https"), **given}
        share = store.get("share")
        if share is None:
            raise SidecarError('the folder is not shared: set [store] share = "127.0.0.1:0"')
        grpc = _grpc(share["host"], share["grpc_port"], False)
        return {**grpc, "api_key": share["api_key"], **given}

    # --- hooks ---

    def _hook(self, connection: Connection, call: wire.Call, run: Runner) -> None:
        """Start the hook and have its outcome sent. In the reading thread: must not wait."""
        try:
            bound = self.hooks.bind(call.method, call.params)
            future = run(bound) if bound is not None else None
        except Exception as error:  # an event loop that is gone, no thread to be had
            logger.error("the %s hook could not be started", call.method, exc_info=error)
            connection.answer(wire.failure(call.id, HOOK_FAILED, f"not started: {error}"))
            return
        if future is None:
            message = f"this host offers no {call.method}"
            connection.answer(wire.failure(call.id, HOOK_MISSING, message))
            return
        self._hooks_running[call.id] = future
        future.add_done_callback(lambda done: self._hook_done(connection, call, done))

    def _cancel_hook(self, id: int | str) -> None:
        future = self._hooks_running.get(id)
        if future is not None:
            future.cancel()  # a plain function that has begun runs to its end

    def _hook_done(self, connection: Connection, call: wire.Call, done: Future[Any]) -> None:
        self._hooks_running.pop(call.id, None)
        if done.cancelled():
            connection.answer(wire.failure(call.id, CANCELLED, "cancelled"))
            return
        error = done.exception()
        if error is None:
            try:
                connection.answer(wire.result(call.id, answer(call.method, done.result())))
                return
            except (TypeError, ValueError) as wrong:
                error = wrong
        logger.error("the %s hook failed", call.method, exc_info=error)
        text = f"{type(error).__name__}: {error}"
        connection.answer(wire.failure(call.id, HOOK_FAILED, text))


def _grpc(host: str | None, port: int | None, https: bool) -> dict[str, Any]:
    return {
        "host": host,
        "grpc_port": port or 6334,
        "prefer_grpc": True,
        "https": https,
        "check_compatibility": False,
    }
