"""The Python side of make bench-dispatch: the same load as dispatchload, through
openai.AsyncOpenAI, clients in turn, or through litellm's Router.

Writes one JSON object to stdout, as dispatchload does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

TEXT = "Loss of a residence permit is reported within two weeks, in person. " * 4
RETRIES = 2

Call = Callable[[int], Awaitable[Any]]


def messages(i: int) -> list[Any]:
    return [{"role": "user", "content": f"Question {i}. {TEXT}"}]


def openai_in_turn(options: argparse.Namespace) -> Call:
    import openai

    clients = [
        openai.AsyncOpenAI(
            base_url=options.base, api_key=key, timeout=options.timeout, max_retries=RETRIES
        )
        for key in options.keys.split(",")
    ]

    async def call(i: int) -> Any:
        client = clients[i % len(clients)]
        reply = await client.chat.completions.create(model="m", messages=messages(i))
        return reply.choices[0].message.content

    return call


def router(options: argparse.Namespace) -> Call:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or it asks the network for prices
    import litellm

    litellm.suppress_debug_info = True
    logging.disable(logging.ERROR)
    limits = {"rpm": options.rpm} if options.rpm else {}
    deployments = [
        {
            "model_name": "m",
            "litellm_params": {
                "model": "openai/m",
                "api_base": options.base,
                "api_key": key,
                **limits,
            },
        }
        for key in options.keys.split(",")
    ]
    # Typed as litellm's own dictionaries, which mypy does not see here.
    routes: Any = litellm.Router(
        model_list=deployments,  # type: ignore[arg-type]
        num_retries=RETRIES,
        timeout=options.timeout,
        set_verbose=False,
    )

    async def call(i: int) -> Any:
        reply = await routes.acompletion(model="m", messages=messages(i))
        return reply.choices[0].message.content

    return call


class Load:
    """Callers in a closed loop, and what became of their calls."""

    def __init__(self, options: argparse.Namespace, call: Call) -> None:
        self.options = options
        self.call = call
        self.next = 0
        self.ok = 0
        self.failed = 0
        self.latencies: list[float] = []
        self.timeline: list[int] = []
        self.begun = 0.0

    async def run(self) -> dict[str, Any]:
        for i in range(self.options.warm):
            await self.call(-1 - i)
        self.begun, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*[self.caller() for _ in range(self.options.callers)])
        took = time.perf_counter() - self.begun
        calls = max(1, self.ok + self.failed)
        quantiles = statistics.quantiles(self.latencies or [0, 0], n=100)
        return {
            "ok": self.ok,
            "failed": self.failed,
            "seconds": took if self.options.calls else self.options.duration,
            "p50_us": quantiles[49],
            "p99_us": quantiles[98],
            "cpu_us": (time.process_time() - cpu) * 1e6 / calls,
            "timeline": self.timeline,
        }

    async def caller(self) -> None:
        limit, duration = self.options.calls, self.options.duration
        while True:
            self.next += 1
            begun = time.perf_counter()
            if (limit and self.next > limit) or (not limit and begun - self.begun >= duration):
                return
            try:
                await self.call(self.next)
            except Exception:  # whatever it is, the caller has no answer
                self.failed += 1
                continue
            ended = time.perf_counter()
            if not limit and ended - self.begun > duration:
                continue
            self.ok += 1
            self.latencies.append((ended - begun) * 1e6)
            tenth = int((ended - self.begun) * 10)
            self.timeline.extend([0] * (tenth + 1 - len(self.timeline)))
            self.timeline[tenth] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--client", choices=["AsyncOpenAI", "Router"], required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--keys", required=True)
    parser.add_argument("--callers", type=int, default=1)
    parser.add_argument("--calls", type=int, default=0)
    parser.add_argument("--duration", type=float, default=10)
    parser.add_argument("--timeout", type=float, default=10)
    parser.add_argument("--rpm", type=int, default=0)
    parser.add_argument("--warm", type=int, default=0, help="calls before the first that counts")
    options = parser.parse_args()
    open_client = openai_in_turn if options.client == "AsyncOpenAI" else router
    json.dump(asyncio.run(Load(options, open_client(options)).run()), sys.stdout)


if __name__ == "__main__":
    main()
