"""The asynchronous client: the same connection, waited for by an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypedDict

from ._async_methods import AsyncMethods
from ._connection import Connection, Outcome
from ._core import Config, Core, Settings, merged
from ._face import Face
from ._hooks import Hooks, is_async
from ._workers import in_hook
from .errors import CallTimeout, SidecarError

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from . import types as t


class AttachOptions(TypedDict, total=False):
    """Of `attach`: as of the constructor."""

    overrides: Mapping[str, Any] | None
    env: Mapping[str, str] | None
    choose_persona: t.AsyncChoosePersonaHook | None
    score: t.AsyncScoreHook | None
    complete: t.AsyncCompleteHook | None
    embed: t.AsyncEmbedFunction | tuple[t.AsyncEmbedFunction, t.EmbedModel] | None
    restart: bool
    binary: str | os.PathLike[str] | None
    cwd: str | os.PathLike[str] | None
    close_timeout: float


class AsyncSidecar(Face, AsyncMethods):
    """As Sidecar, for asyncio: every method is awaited.

        async with AsyncSidecar(config="qgen.toml", choose_persona=choose) as sidecar:
            question = await sidecar.generate(chunk_text=text, chunk_id=id, save=True)

    Settings, hooks and methods are Sidecar's. Hooks may be coroutine functions, which
    run on the loop that started the client, or plain functions, which run in a thread;
    so may `progress`, whose plain functions run on the loop. Cancelling the task that
    waits for a call cancels the call in the sidecar.
    """

    def __init__(
        self,
        config: Config = None,
        *,
        overrides: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        choose_persona: t.AsyncChoosePersonaHook | None = None,
        score: t.AsyncScoreHook | None = None,
        complete: t.AsyncCompleteHook | None = None,
        embed: t.AsyncEmbedFunction | tuple[t.AsyncEmbedFunction, t.EmbedModel] | None = None,
        restart: bool = False,
        binary: str | os.PathLike[str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        close_timeout: float = 5.0,
        _attach: bool = False,
    ) -> None:
        hooks = Hooks(choose_persona, score, complete, embed)
        settings = Settings(config, overrides, env, binary, cwd)
        self._core = Core(
            settings, hooks, restart=restart, close_timeout=close_timeout, attach=_attach
        )
        self._starting = asyncio.Lock()
        self._slots = asyncio.Semaphore(0)
        self._loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def attach(cls, config: Config = None, **options: Unpack[AttachOptions]) -> Self:
        """As Sidecar.attach: beside a sidecar that runs already."""
        options["overrides"] = merged(options.get("overrides") or {}, {"store": {"lock": "now"}})
        return cls(config, _attach=True, **options)

    # --- life ---

    async def start(self) -> Self:
        """Start the process and shake hands. `async with` and the first call do it as well."""
        await self._ready()
        return self

    async def close(self) -> None:
        """End the sidecar: shutdown, exit, close its stdin, wait, terminate, kill."""
        async with self._starting:
            connection = None if self._core.closed else self._core.connection
            self._core.closed = True
        if connection is None:
            return
        try:
            if connection.ended is None:
                with contextlib.suppress(SidecarError):
                    await self._within(
                        self._core.close_timeout, self._wait(connection, "shutdown", {}, None)
                    )
                connection.notify("exit")
        finally:
            await self._close(connection)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _close(self, connection: Connection) -> None:
        """Goes on to its end even when the task that waits for it is cancelled."""
        await asyncio.shield(asyncio.to_thread(connection.close, self._core.close_timeout))

    async def _ready(self) -> Connection:
        connection = self._core.usable()
        if connection is not None:
            return connection
        async with self._starting:
            return self._core.usable() or await self._connect()

    async def _connect(self) -> Connection:
        self._loop = asyncio.get_running_loop()
        starting = asyncio.ensure_future(asyncio.to_thread(self._core.connect, self._run_hook))
        try:
            connection = await asyncio.shield(starting)
            params = self._core.settings.initialize(self._core.hooks)
            self._core.initialized(
                connection, await self._wait(connection, "initialize", params, None)
            )
        except BaseException:
            with contextlib.suppress(Exception):  # it was not even started
                await self._close(await starting)
            raise
        self._slots = asyncio.Semaphore(self._core.max_in_flight())
        self._core.connection = connection
        return connection

    def _run_hook(self, bound: Callable[[], Any]) -> Future[Any]:
        """In the reading thread: start a hook on the loop or in a thread."""
        loop = self._loop
        assert loop is not None
        if is_async(bound):
            return asyncio.run_coroutine_threadsafe(_in_hook(bound), loop)

        def plain() -> Any:
            value = bound()
            if inspect.isawaitable(value):  # a lambda around a coroutine function
                return asyncio.run_coroutine_threadsafe(_in_hook(lambda: value), loop).result()
            return value

        return self._core.threads.submit(plain)

    # --- calls ---

    async def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        progress: t.AsyncProgressHook | None = None,
    ) -> Any:
        """Any method by its wire name, for those this client does not know yet."""
        connection = await self._ready()
        return await self._within(timeout, self._queued(connection, method, params or {}, progress))

    async def _queued(
        self,
        connection: Connection,
        method: str,
        params: Mapping[str, Any],
        progress: t.AsyncProgressHook | None,
    ) -> Any:
        async with self._slot():
            return await self._wait(connection, method, params, progress)

    async def _within(self, timeout: float | None, waiting: Awaitable[Any]) -> Any:
        if timeout is None:
            return await waiting
        try:
            return await asyncio.wait_for(waiting, timeout)
        except asyncio.TimeoutError:
            raise CallTimeout(f"no answer within {timeout} s") from None

    @contextlib.asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """A place among those in flight. Calls made in a hook never queue for one."""
        if in_hook.get():
            with self._core.threads.blocked():
                yield
            return
        async with self._slots:
            yield

    async def _wait(
        self,
        connection: Connection,
        method: str,
        params: Mapping[str, Any],
        progress: t.AsyncProgressHook | None,
    ) -> Any:
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[Any] = asyncio.Queue()

        def sink(event: Any) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(events.put_nowait, event)

        id = connection.request(method, params, sink, progress is not None)
        try:
            while not isinstance(event := await events.get(), Outcome):
                seen = progress(event) if progress is not None else None
                if inspect.isawaitable(seen):
                    await seen
        except BaseException:
            connection.cancel(id)
            raise
        if event.error is not None:
            raise event.error.with_traceback(None)
        return event.result

    async def _call(
        self,
        method: str,
        params: dict[str, Any],
        timeout: float | None,
        progress: t.AsyncProgressHook | None = None,
    ) -> Any:
        return await self.call(method, params, timeout=timeout, progress=progress)


async def _in_hook(bound: Callable[[], Any]) -> Any:
    in_hook.set(True)
    return await bound()
