"""Threads for the host's hooks.

At most `limit` hooks run at once. A hook that itself waits for a call to the
sidecar does not count while it waits: that call may need a hook of its own, and
a plain pool of any size would then stand still, each thread waiting for a free
one. `blocked()` marks such a wait.
"""

from __future__ import annotations

import collections
import contextlib
import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

IDLE_S = 10.0  # after which an idle thread ends

in_hook: contextvars.ContextVar[bool] = contextvars.ContextVar("in_hook", default=False)
"""True in a hook and in what it starts: calls made there must never queue."""


class HookThreads:
    """A pool that grows by one for each hook that waits for the sidecar."""

    def __init__(self, limit: int = 32) -> None:
        self._limit = limit
        self._jobs: collections.deque[Callable[[], None]] = collections.deque()
        self._changed = threading.Condition()
        self._threads = 0
        self._idle = 0
        self._blocked = 0

    def submit(self, function: Callable[[], Any]) -> Future[Any]:
        """Run `function` in a thread, in a copy of the caller's context."""
        future: Future[Any] = Future()
        context = contextvars.copy_context()
        with self._changed:
            self._jobs.append(lambda: context.run(_run, function, future))
            self._grow()
            self._changed.notify()
        return future

    @contextlib.contextmanager
    def blocked(self) -> Iterator[None]:
        """Around a wait inside a hook; outside hooks it does nothing."""
        if not in_hook.get():
            yield
            return
        self._count_blocked(1)
        try:
            yield
        finally:
            self._count_blocked(-1)

    def _count_blocked(self, change: int) -> None:
        with self._changed:
            self._blocked += change
            self._grow()

    def _grow(self) -> None:
        """Called with the lock held: as many threads as there are jobs, within the limit."""
        wanted = len(self._jobs) - self._idle
        free = self._limit + self._blocked - self._threads
        for _ in range(min(wanted, free)):
            self._threads += 1
            self._idle += 1
            threading.Thread(target=self._work, name="qgen-sidecar-hook", daemon=True).start()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job()
            with self._changed:
                self._idle += 1

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            found = self._changed.wait_for(lambda: self._jobs, IDLE_S)
            self._idle -= 1
            if found:
                return self._jobs.popleft()
            self._threads -= 1
            return None


def _run(function: Callable[[], Any], future: Future[Any]) -> None:
    in_hook.set(True)
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(function())
    except BaseException as error:  # the future's reader decides what it means
        future.set_exception(error)
