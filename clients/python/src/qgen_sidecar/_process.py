"""One sidecar process: started, its log relayed, its end brought about.

Knows pipes and signals, no JSON-RPC. The child gets a session of its own, so
that Ctrl-C in the host's terminal (or a notebook's interrupt) reaches the host
alone, which then cancels the one call and keeps the sidecar.
"""

from __future__ import annotations

import collections
import contextlib
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any

from ._logs import relay

PLUGIN_COOKIE = "QGEN_PLUGIN_COOKIE"  # set, it would make the child a go-plugin server
KEPT_LINES = 20  # of stderr, for SidecarDied


class Process:
    """A running sidecar. `stdin` and `stdout` are binary and buffered."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> None:
        self._tail: collections.deque[str] = collections.deque(maxlen=KEPT_LINES)
        self._popen = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(env),
            cwd=cwd,
            **_own_session(),
        )
        self._logs = threading.Thread(
            target=self._read_stderr, name="qgen-sidecar-stderr", daemon=True
        )
        self._logs.start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def stdin(self) -> IO[bytes]:
        assert self._popen.stdin is not None
        return self._popen.stdin

    @property
    def stdout(self) -> IO[bytes]:
        assert self._popen.stdout is not None
        return self._popen.stdout

    def status(self, wait_s: float = 0) -> int | None:
        """The exit status, None while it runs (after waiting for `wait_s` seconds)."""
        try:
            return self._popen.wait(wait_s)
        except subprocess.TimeoutExpired:
            return None

    def last_lines(self) -> list[str]:
        """The last lines of stderr; complete once the process has ended."""
        if self._popen.poll() is not None:
            self._logs.join(1)
        return list(self._tail)

    def end(self, patience_s: float) -> int | None:
        """Wait, terminate, wait, kill: each step `patience_s` seconds after the last.

        Returns the exit status. Stdin is closed by whoever writes to it, so that
        nobody waits here for a write that hangs. A sidecar in order then ends at the
        first step: it finishes what it has read, releases the lock and exits with 0.
        """
        for step in (self._popen.terminate, self._popen.kill):
            status = self.status(patience_s)
            if status is not None:
                break
            step()
        else:
            status = self.status(patience_s)
        self._logs.join(1)
        return status

    def kill(self) -> int | None:
        """End it at once."""
        self._popen.kill()
        status = self.status(5)
        self._logs.join(1)
        return status

    def close_stdin(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # broken pipe; already closed
            self.stdin.close()

    def _read_stderr(self) -> None:
        assert self._popen.stderr is not None
        with self._popen.stderr as lines:
            for raw in lines:
                line = raw.decode("utf-8", "replace").rstrip()
                if line:
                    self._tail.append(relay(line))


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    env = {**os.environ, **(extra or {})}
    env.pop(PLUGIN_COOKIE, None)
    return env


def _own_session() -> dict[str, Any]:
    if os.name == "nt":
        flags = "CREATE_NO_WINDOW", "CREATE_NEW_PROCESS_GROUP"
        return {"creationflags": sum(getattr(subprocess, flag) for flag in flags)}
    return {"start_new_session": True}
