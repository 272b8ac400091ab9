"""A program in a real terminal: tmux runs it, types into it, and says what a person would see."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

TMUX = shutil.which("tmux")
MISSING = "needs Debian's package tmux"
PATIENCE = 20.0
KEYS = {"\r": "Enter", "\x03": "C-c", "\x1b": "Escape"}


def there() -> bool:
    """Whether tmux is there; where CI runs it has to be."""
    if TMUX is None and os.environ.get("CI"):
        raise RuntimeError(MISSING)
    return TMUX is not None


class Terminal:
    """One program in a terminal of its own."""

    def __init__(
        self, command: Sequence[str], cwd: Path, columns: int = 80, rows: int = 24
    ) -> None:
        self.socket = f"qgen-{uuid.uuid4().hex[:12]}"
        self.ended = cwd / f".{self.socket}.status"  # tmux loses it now and then
        self.status: int | None = None
        script = f'"$@"; echo $? > {shlex.quote(str(self.ended))}'
        line = "NO_COLOR=1 " + shlex.join(["sh", "-c", script, "sh", *command])
        size = ("-x", str(columns), "-y", str(rows))
        # The pane stays when the program has ended: its last words can be read.
        self.tmux("set-option", "-g", "remain-on-exit", "on", first=True)
        self.tmux("new-session", "-d", *size, "-c", str(cwd), "-s", "it", line)

    def tmux(self, *args: str, first: bool = False) -> str:
        start = ["start-server", ";"] if first else []
        keep = ["set-option", "-g", "exit-empty", "off", ";"] if first else []
        command = [str(TMUX), "-L", self.socket, "-f", "/dev/null", *start, *keep, *args]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout

    def resize(self, columns: int, rows: int) -> None:
        self.tmux("resize-window", "-t", "it", "-x", str(columns), "-y", str(rows))

    def type(self, keys: str) -> None:
        text = ""
        for key in keys:
            if key in KEYS:
                self._type(text)
                self.tmux("send-keys", "-t", "it", KEYS[key])
                text = ""
            else:
                text += key
        self._type(text)

    def _type(self, text: str) -> None:
        if text:
            self.tmux("send-keys", "-t", "it", "-l", "--", text)

    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.tmux("capture-pane", "-p", "-t", "it").split("\n")]

    def text(self) -> str:
        return "\n".join(self.lines())

    def until(self, fits: Callable[[list[str]], bool], what: str = "") -> list[str]:
        """Waits until the screen fits, twice alike: half a picture is none."""
        end = time.monotonic() + PATIENCE
        before: list[str] = []
        while True:
            lines = self.lines()
            if lines == before and fits(lines):
                return lines
            if time.monotonic() > end:
                raise AssertionError(f"never came: {what}\n{self.text()}")
            before = lines
            time.sleep(0.005)

    def shows(self, text: str) -> list[str]:
        return self.until(lambda lines: any(text in line for line in lines), text)

    def changes(self, before: list[str], text: str) -> list[str]:
        """Waits for another screen than before, with the text on it."""
        return self.until(
            lambda lines: lines != before and any(text in line for line in lines), f"{text}, anew"
        )

    def pid(self) -> int:
        """The program's own, which is the child of the pane's shell."""
        shell = self.tmux("display-message", "-p", "-t", "it", "#{pane_pid}").strip()
        children = Path(f"/proc/{shell}/task/{shell}/children")
        end = time.monotonic() + PATIENCE
        while not (found := children.read_text(encoding="ascii").split()):  # not started yet
            if time.monotonic() > end:
                raise AssertionError(f"the program does not run\n{self.text()}")
            time.sleep(0.005)
        return int(found[0])

    def kill(self) -> None:
        os.kill(self.pid(), signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Waits for the end; the exit status as a shell tells it."""
        end = time.monotonic() + PATIENCE
        while self.status is None:
            text = self.ended.read_text(encoding="ascii") if self.ended.exists() else ""
            if text.endswith("\n"):
                self.status = int(text)
            elif time.monotonic() > end:
                raise AssertionError(f"does not end\n{self.text()}")
            else:
                time.sleep(0.005)
        self.tmux("kill-server")
        return self.status

    def close(self) -> None:
        """Ends whatever still runs."""
        if self.status is None:
            self.tmux("kill-server")
