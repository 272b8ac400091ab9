"""The conversation with one sidecar process.

Three threads: one reads stdout and never waits for anybody, one writes stdin,
one (in `_process`) relays stderr. All state changes under one lock. Whoever
makes a call hands in a sink, which gets the call's progress and then its
outcome, from the reading thread; it must not block. The synchronous client's
sink is a queue, the asynchronous one's posts to its event loop.

The writing thread is there so that an interrupt (Ctrl-C arrives in the main
thread, anywhere) can never leave half a message in the pipe.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _protocol as wire
from ._logs import logger
from ._process import Process
from .errors import InvalidRequest, ProtocolError, SidecarClosed, SidecarDied, SidecarError

if TYPE_CHECKING:
    from .types import Progress


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended: a result, or the exception to raise."""

    result: Any = None
    error: SidecarError | None = None


Event: TypeAlias = "Progress | Outcome"
Sink = Callable[[Any], None]  # of Event; a TypedDict cannot be told apart in the type


class Connection:
    """One process and the calls in flight on it. Ends once, and stays ended."""

    def __init__(
        self,
        process: Process,
        on_call: Callable[[Connection, wire.Call], None],
        on_cancel: Callable[[int | str], None],
    ) -> None:
        self.process = process
        self.max_message_bytes = 64 << 20
        self._on_call, self._on_cancel = on_call, on_cancel
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._pending: dict[int, Sink] = {}
        self._ended: SidecarError | None = None
        self._closing = False
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=target, name=f"qgen-sidecar-{name}", daemon=True)
            for name, target in (("reader", self._read), ("writer", self._write))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def ended(self) -> SidecarError | None:
        """Why nothing can be asked any more; None while it can."""
        return self._ended

    def request(self, method: str, params: Mapping[str, Any], sink: Sink, progress: bool) -> int:
        """Send a call; its id. `sink` gets an Outcome, before it Progress if asked for.

        Raises, with nothing sent, when the connection has ended or the parameters
        cannot be JSON.
        """
        id = next(self._ids)
        if progress:
            params = {**params, "progress_token": id}
        line = wire.request(id, method, params)
        if len(line) > self.max_message_bytes:
            raise InvalidRequest(
                -32600,
                f"{method}: the message has {len(line)} bytes, the sidecar takes at most "
                f"{self.max_message_bytes}; send less in one call",
            )
        with self._lock:
            if self._ended is not None:
                raise self._ended.with_traceback(None)
            self._pending[id] = sink
        self._outbox.put(line)
        return id

    def cancel(self, id: int) -> None:
        """Give a call up: nobody waits for its outcome, the sidecar is told to stop."""
        with self._lock:
            waiting = self._pending.pop(id, None)
        if waiting is not None:
            self._outbox.put(wire.notification("$/cancelRequest", {"id": id}))

    def notify(self, method: str) -> None:
        self._outbox.put(wire.notification(method))

    def answer(self, line: bytes) -> None:
        """Send a hook's result or failure, made by `_protocol`."""
        self._outbox.put(line)

    def close(self, patience_s: float) -> int | None:
        """End the process, politely first; calls still waiting get SidecarClosed."""
        with self._lock:
            self._closing = True
        self._outbox.put(None)  # the writer closes stdin after what is queued
        self._threads[1].join(patience_s)
        status = self.process.end(patience_s)
        self._end(SidecarClosed("the sidecar was closed"))
        return status

    def kill(self, why: SidecarError) -> None:
        self._end(why)
        self._outbox.put(None)
        self.process.kill()

    # --- the two threads ---

    def _write(self) -> None:
        """Whole lines, as many at once as there are. A broken pipe is the reader's to report."""
        stdin = self.process.stdin
        try:
            while (line := self._outbox.get()) is not None:
                stdin.write(line)
                if self._outbox.empty():
                    stdin.flush()
            stdin.flush()
        except (OSError, ValueError):
            pass
        self.process.close_stdin()

    def _read(self) -> None:
        try:
            for line in self.process.stdout:
                self._take(wire.parse(line))
        except ProtocolError as error:
            self.kill(error)
        except (OSError, ValueError) as error:
            logger.debug("reading from the sidecar: %s", error)
        finally:
            self._died()
            self._outbox.put(None)
            self.process.stdout.close()

    def _died(self) -> None:
        with self._lock:
            closing = self._closing
        if closing:
            self._end(SidecarClosed("the sidecar was closed"))
            return
        status = self.process.status(wait_s=5)  # stdout ends a moment before the process
        self._end(SidecarDied(status, self.process.last_lines()))

    def _end(self, why: SidecarError) -> None:
        with self._lock:
            if self._ended is None:
                self._ended = why
            waiting, self._pending = self._pending, {}
        for sink in waiting.values():
            sink(Outcome(error=why))

    def _take(self, message: wire.Message) -> None:
        if isinstance(message, wire.Reply):
            with self._lock:
                sink = self._pending.pop(message.id, None)
            if sink is not None:  # None: it was cancelled
                sink(Outcome(message.result, message.error))
        elif isinstance(message, wire.Call):
            self._on_call(self, message)
        elif isinstance(message, wire.Stray):
            logger.error("the sidecar could not read a message: %s", message.error)
        else:
            self._notice(message)

    def _notice(self, notice: wire.Notice) -> None:
        if notice.method == "$/progress":
            with self._lock:
                sink = self._pending.get(notice.params.get("token", -1))
            if sink is not None:
                sink(notice.params)
        elif notice.method == "$/cancelRequest" and "id" in notice.params:
            self._on_cancel(notice.params["id"])
