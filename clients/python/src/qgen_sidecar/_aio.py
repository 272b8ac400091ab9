"""The asynchronous client: the same connection, waited for by an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from . import _methods
from . import types as t
from ._connection import Connection, Outcome
from ._core import Config, Core, Settings, merged
from ._face import Face
from ._hooks import Hooks, is_async
from ._workers import in_hook
from .errors import CallTimeout, SidecarError

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, Unpack


@_methods.document
class AsyncSidecar(Face):
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
        choose_persona: t.Hook | None = None,
        score: t.Hook | None = None,
        complete: t.Hook | None = None,
        embed: t.EmbedHook | None = None,
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
    def attach(cls, config: Config = None, **options: Any) -> Self:
        """As Sidecar.attach: beside a sidecar that runs already."""
        overrides = merged(options.pop("overrides", {}), {"store": {"lock": "now"}})
        return cls(config, overrides=overrides, _attach=True, **options)

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
        self, name: str, arguments: Mapping[str, Any], progress: t.AsyncProgressHook | None = None
    ) -> Any:
        method, params, timeout = _methods.request(name, arguments)
        return await self.call(method, params, timeout=timeout, progress=progress)

    # --- the methods ---

    async def status(self, **arguments: Unpack[t.Wait]) -> t.StatusResult:
        """Uptime, store, each endpoint's state and rates, jobs in progress."""
        result: t.StatusResult = await self._call("status", arguments)
        return result

    async def discover(self, **arguments: Unpack[t.Wait]) -> dict[str, Any]:
        """The OpenRPC document of the sidecar (`rpc.discover`)."""
        result: dict[str, Any] = await self._call("discover", arguments)
        return result

    async def lm_complete(self, **arguments: Unpack[t.LmCompleteParams]) -> t.LmCompleteResult:
        """One model call through the dispatcher: give `prompt` or `messages`."""
        result: t.LmCompleteResult = await self._call("lm_complete", arguments)
        return result

    async def fetch(
        self, *, progress: t.AsyncProgressHook | None = None, **arguments: Unpack[t.FetchParams]
    ) -> t.FetchResult:
        """A uniform random sample of the chunks, as JSON lines in `output` or returned."""
        result: t.FetchResult = await self._call("fetch", arguments, progress)
        return result

    async def choose_persona(
        self, **arguments: Unpack[t.ChoosePersonaParams]
    ) -> t.ChoosePersonaResult:
        """Who would ask about this chunk; description None: nobody, skip it."""
        result: t.ChoosePersonaResult = await self._call("choose_persona", arguments)
        return result

    async def annotate_suggest(
        self,
        *,
        progress: t.AsyncProgressHook | None = None,
        **arguments: Unpack[t.AnnotateSuggestParams],
    ) -> t.AnnotateSuggestResult:
        """Three to five different questions for a person to pick from."""
        result: t.AnnotateSuggestResult = await self._call("annotate_suggest", arguments, progress)
        return result

    async def gold_add(self, **arguments: Unpack[t.GoldAddParams]) -> t.GoldAddResult:
        """Add an entry to the gold set; on disk when this returns."""
        result: t.GoldAddResult = await self._call("gold_add", arguments)
        return result

    async def gold_sample(self, **arguments: Unpack[t.GoldSampleParams]) -> t.GoldSampleResult:
        """Random entries of the gold set."""
        result: t.GoldSampleResult = await self._call("gold_sample", arguments)
        return result

    async def prompts(self, **arguments: Unpack[t.PromptsParams]) -> t.PromptsResult:
        """The exact messages that each predictor would send; program None: the unoptimised one."""
        result: t.PromptsResult = await self._call("prompts", arguments)
        return result

    async def compile(
        self, *, progress: t.AsyncProgressHook | None = None, **arguments: Unpack[t.CompileParams]
    ) -> t.CompileResult:
        """Optimise the program on the gold set and save the best; resumes where it stopped."""
        result: t.CompileResult = await self._call("compile", arguments, progress)
        return result

    async def evaluate(
        self, *, progress: t.AsyncProgressHook | None = None, **arguments: Unpack[t.EvaluateParams]
    ) -> t.EvaluateResult:
        """The program beside a baseline on held-out gold entries, with what may be concluded."""
        result: t.EvaluateResult = await self._call("evaluate", arguments, progress)
        return result

    async def compare(
        self, *, progress: t.AsyncProgressHook | None = None, **arguments: Unpack[t.CompareParams]
    ) -> t.EvaluateResult:
        """As evaluate, of two programs."""
        result: t.EvaluateResult = await self._call("compare", arguments, progress)
        return result

    async def generate(self, **arguments: Unpack[t.GenerateParams]) -> t.GenerateResult:
        """One question for one chunk; `save=True` puts it into the store."""
        result: t.GenerateResult = await self._call("generate", arguments)
        return result

    async def save_question(
        self, **arguments: Unpack[t.SaveQuestionParams]
    ) -> t.SaveQuestionResult:
        """Save a question made elsewhere, in the shape of `[store.questions]`."""
        result: t.SaveQuestionResult = await self._call("save_question", arguments)
        return result

    async def generate_all(
        self,
        *,
        progress: t.AsyncProgressHook | None = None,
        **arguments: Unpack[t.GenerateAllParams],
    ) -> t.GenerateAllResult:
        """Questions for a whole collection; called again, it goes on where it stopped."""
        result: t.GenerateAllResult = await self._call("generate_all", arguments, progress)
        return result

    async def export_batch(
        self,
        *,
        progress: t.AsyncProgressHook | None = None,
        **arguments: Unpack[t.ExportBatchParams],
    ) -> t.ExportBatchResult:
        """What generate_all would ask, as files for a batch API or `vllm run-batch`."""
        result: t.ExportBatchResult = await self._call("export_batch", arguments, progress)
        return result

    async def import_batch(
        self,
        *,
        progress: t.AsyncProgressHook | None = None,
        **arguments: Unpack[t.ImportBatchParams],
    ) -> t.ImportBatchResult:
        """Keep a batch's replies, so that generate_all finds them."""
        result: t.ImportBatchResult = await self._call("import_batch", arguments, progress)
        return result

    async def check_questions(
        self,
        *,
        progress: t.AsyncProgressHook | None = None,
        **arguments: Unpack[t.CheckQuestionsParams],
    ) -> t.CheckQuestionsResult:
        """Measure a set of questions: found again, duplicates, leaks, languages, diversity."""
        result: t.CheckQuestionsResult = await self._call("check_questions", arguments, progress)
        return result


async def _in_hook(bound: Callable[[], Any]) -> Any:
    in_hook.set(True)
    return await bound()
