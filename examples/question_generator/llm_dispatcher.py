"""The application's own dispatcher: model clients in turn, each within its rate."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass, field

from openai import AsyncOpenAI

log = logging.getLogger("llm_dispatcher")

COOL_DOWN_S = 5.0


@dataclass
class Client:
    """One endpoint with one key."""

    name: str
    api: AsyncOpenAI
    per_minute: int
    sent: deque[float] = field(default_factory=deque)  # when, in the last minute
    rests_until: float = 0.0

    def ready_at(self, now: float) -> float:
        while self.sent and self.sent[0] <= now - 60:
            self.sent.popleft()
        full = len(self.sent) >= self.per_minute
        return max(self.rests_until, self.sent[0] + 60 if full else now)


class LLMDispatcher:
    def __init__(self, clients: list[Client]) -> None:
        self._clients = deque(clients)
        self._lock = asyncio.Lock()

    async def get_available_client(self) -> Client:
        """The next client in turn that may send; waits for the first that may."""
        async with self._lock:
            while True:
                now = time.monotonic()
                for client in list(self._clients):
                    self._clients.rotate(-1)
                    if client.ready_at(now) <= now:
                        client.sent.append(now)
                        return client
                await asyncio.sleep(min(c.ready_at(now) for c in self._clients) - now)

    def release_client_on_success(self, client: Client) -> None:
        client.rests_until = 0.0

    def release_client_on_failure(self, client: Client, error: Exception) -> None:
        log.warning("%s rests for %.0f s: %s", client.name, COOL_DOWN_S, error)
        client.rests_until = time.monotonic() + COOL_DOWN_S
