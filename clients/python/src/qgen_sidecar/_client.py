"""The synchronous client."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypedDict

from ._connection import Connection, Outcome
from ._core import Config, Core, Settings, merged
from ._face import Face
from ._hooks import Hooks
from ._sync_methods import SyncMethods
from ._workers import in_hook
from .errors import CallTimeout, SidecarError

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from . import types as t

# Windows delivers Ctrl-C to a waiting thread only between waits.
LONGEST_WAIT_S = 0.5 if os.name == "nt" else threading.TIMEOUT_MAX


class AttachOptions(TypedDict, total=False):
    """Of `attach`: as of the constructor."""

    overrides: Mapping[str, Any] | None
    env: Mapping[str, str] | None
    choose_persona: t.ChoosePersonaHook | None
    score: t.ScoreHook | None
    complete: t.CompleteHook | None
    embed: t.EmbedFunction | tuple[t.EmbedFunction, t.EmbedModel] | None
    restart: bool
    binary: str | os.PathLike[str] | None
    cwd: str | os.PathLike[str] | None
    close_timeout: float


class Sidecar(Face, SyncMethods):
    """A sidecar process of this host's own, and its methods. Safe to use from many threads.

        with Sidecar(config="qgen.toml", choose_persona=choose_appropriate_character) as sidecar:
            question = sidecar.generate(chunk_text=text, chunk_id=id, save=True)

    config      path of a qgen.toml, or the same shape as a dict; None: ./qgen.toml if there
    overrides   a dict that wins over `config` key by key
    env         environment variables for the sidecar, added to this process's
    restart     True: after the process died, the next call starts a new one. Nothing is
                repeated by itself: calls that were in flight raise SidecarDied
    binary, cwd the sidecar's executable and working directory, where the defaults will not do

    The hooks, each a plain function that may be called from several threads at once:

    choose_persona(chunk_text, chunk_id=None, trace=None) → description, None to skip the
                chunk, or {persona_description (or description), name?, score?}
    score(chunk_text, persona_description, gold_question, query) → 1…5, or (1…5, reason)
    complete(messages, role, model, max_tokens, temperature, response_format, call_id) → text,
                or {text, usage?, finish_reason?, retry_after_s?}
    embed(texts, purpose) → one vector for each text; give (embed, {"model", "dimension"}) to
                name what it computes

    A hook may take fewer of these parameters. It may call the sidecar and query `qdrant()`:
    both go on while the sidecar waits for it.

    Every method takes `timeout` (seconds, then CallTimeout); long ones take `progress`, a
    function that gets each Progress in the caller's own thread. Calls above the sidecar's
    limit wait here for their turn. A timeout, Ctrl-C or an exception from `progress` cancels
    the call in the sidecar.
    """

    def __init__(
        self,
        config: Config = None,
        *,
        overrides: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        choose_persona: t.ChoosePersonaHook | None = None,
        score: t.ScoreHook | None = None,
        complete: t.CompleteHook | None = None,
        embed: t.EmbedFunction | tuple[t.EmbedFunction, t.EmbedModel] | None = None,
        restart: bool = False,
        binary: str | os.PathLike[str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        close_timeout: float = 5.0,
        _attach: bool = False,
    ) -> None:
        hooks = Hooks(choose_persona, score, complete, embed)
        if hooks.asynchronous():
            raise TypeError(f"{hooks.asynchronous()[0]} is a coroutine function: use AsyncSidecar")
        settings = Settings(config, overrides, env, binary, cwd)
        self._core = Core(
            settings, hooks, restart=restart, close_timeout=close_timeout, attach=_attach
        )
        self._starting = threading.Lock()
        self._slots = threading.Semaphore(0)

    @classmethod
    def attach(cls, config: Config = None, **options: Unpack[AttachOptions]) -> Self:
        """A client beside a sidecar that runs already: for workers and notebooks.

        It starts a sidecar of its own with the same config, which finds the running
        one's share (`[store] share`) and works on the folder through it. Raises
        SidecarError at the start when none runs. Options as of the constructor.
        """
        options["overrides"] = merged(options.get("overrides") or {}, {"store": {"lock": "now"}})
        return cls(config, _attach=True, **options)

    # --- life ---

    def start(self) -> Self:
        """Start the process and shake hands. `with` and the first call do it as well."""
        self._ready()
        return self

    def close(self) -> None:
        """End the sidecar: shutdown, exit, close its stdin, wait, terminate, kill."""
        with self._starting:
            connection = None if self._core.closed else self._core.connection
            self._core.closed = True
        if connection is None:
            return
        try:
            if connection.ended is None:
                with contextlib.suppress(SidecarError):
                    self._wait(connection, "shutdown", {}, self._core.close_timeout, None)
                connection.notify("exit")
        finally:
            connection.close(self._core.close_timeout)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ready(self) -> Connection:
        connection = self._core.usable()
        if connection is not None:
            return connection
        with self._starting:
            return self._core.usable() or self._connect()

    def _connect(self) -> Connection:
        connection = self._core.connect(self._run_hook)
        try:
            params = self._core.settings.initialize(self._core.hooks)
            self._core.initialized(
                connection, self._wait(connection, "initialize", params, None, None)
            )
        except BaseException:
            connection.close(self._core.close_timeout)
            raise
        self._slots = threading.Semaphore(self._core.max_in_flight())
        self._core.connection = connection
        return connection

    def _run_hook(self, bound: Any) -> Future[Any]:
        return self._core.threads.submit(bound)

    # --- calls ---

    def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> Any:
        """Any method by its wire name, for those this client does not know yet."""
        connection = self._ready()
        until = None if timeout is None else time.monotonic() + timeout
        with self._slot(until, method):
            left = None if until is None else max(0.0, until - time.monotonic())
            return self._wait(connection, method, params or {}, left, progress)

    @contextlib.contextmanager
    def _slot(self, until: float | None, method: str) -> Iterator[None]:
        """A place among those in flight. Calls made in a hook never queue for one."""
        if in_hook.get():
            with self._core.threads.blocked():
                yield
            return
        slots = self._slots
        if not slots.acquire(timeout=None if until is None else max(0, until - time.monotonic())):
            raise CallTimeout(f"{method}: no place among the calls in flight within its timeout")
        try:
            yield
        finally:
            slots.release()

    def _wait(
        self,
        connection: Connection,
        method: str,
        params: Mapping[str, Any],
        timeout: float | None,
        progress: t.ProgressHook | None,
    ) -> Any:
        events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        id = connection.request(method, params, events.put, progress is not None)
        try:
            until = None if timeout is None else time.monotonic() + timeout
            while not isinstance(event := _next(events, until, method), Outcome):
                if progress is not None:
                    progress(event)
        except BaseException:
            connection.cancel(id)
            raise
        if event.error is not None:
            raise event.error.with_traceback(None)
        return event.result

    def _call(
        self,
        method: str,
        params: dict[str, Any],
        timeout: float | None,
        progress: t.ProgressHook | None = None,
    ) -> Any:
        return self.call(method, params, timeout=timeout, progress=progress)


def _next(events: queue.SimpleQueue[Any], until: float | None, method: str) -> Any:
    while True:
        left = LONGEST_WAIT_S if until is None else until - time.monotonic()
        try:
            return events.get(timeout=max(0.0, min(left, LONGEST_WAIT_S)))
        except queue.Empty:
            if until is not None and time.monotonic() >= until:
                raise CallTimeout(f"{method} had not answered within its timeout") from None
