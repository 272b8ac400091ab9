"""Writes a search question for every chunk of the store. AFTER: one call of the sidecar.

A producer reads the chunks, a few consumers ask the sidecar for the question: it chooses
the character by this application's own method, and writes with the optimised program.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from typing import Any

from qgen_sidecar import AsyncSidecar, RpcError

from common import CHARACTERS, SETTINGS, Chunk, embed, read_chunks, set_up_logging

log = logging.getLogger("question_generator")

CONSUMERS = 4


class QuestionGenerator:
    def __init__(self, wanted: int | None) -> None:
        self.wanted = wanted
        self.unasked = asyncio.Semaphore(wanted or sys.maxsize)  # questions not yet asked for
        self.queue: asyncio.Queue[Chunk | None] = asyncio.Queue(maxsize=2 * CONSUMERS)
        self.written = self.failed = 0
        self.sidecar = AsyncSidecar(
            config=SETTINGS.sidecar_config,
            choose_persona=self.choose_appropriate_character,
            embed=embed,
        )

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._producer())
            for _ in range(CONSUMERS):
                tasks.create_task(self._llm_consumer())
        log.info("%d questions written, %d chunks failed", self.written, self.failed)

    async def _producer(self) -> None:
        async for chunk in read_chunks(self.store):
            await self.unasked.acquire()
            if self.written == self.wanted:
                break
            await self.queue.put(chunk)
        for _ in range(CONSUMERS):
            await self.queue.put(None)

    async def choose_appropriate_character(self, chunk_text: str) -> dict[str, Any] | None:
        """The character whose description is nearest to the chunk."""
        vector = (await embed([chunk_text], "query"))[0]
        found = await self.store.query_points(CHARACTERS, query=vector, limit=1)
        return found.points[0].payload if found.points else None

    async def _llm_consumer(self) -> None:
        while (chunk := await self.queue.get()) is not None:
            written = await self._write(chunk)
            self.written += written
            self.failed += not written
            if not written or self.written == self.wanted:
                self.unasked.release()  # the producer brings another chunk, or sees the end

    async def _write(self, chunk: Chunk) -> bool:
        """Whether the chunk has got its question; what stops one does not stop the others."""
        try:
            answer = await self.sidecar.generate(
                chunk_text=chunk.text, chunk_id=chunk.id, save=True
            )
        except RpcError as error:
            log.warning("%s: no question: %s", chunk.title, error)
            return False
        if answer["query"] is None:
            log.info("%s: no question: %s", chunk.title, answer["rejected_reason"])
            return False
        log.info("%s: %s", chunk.title, answer["query"])
        return True


async def main(wanted: int | None) -> None:
    generator = QuestionGenerator(wanted)
    async with generator.sidecar as sidecar:
        generator.store = sidecar.async_qdrant()
        await generator.run()
        await generator.store.close()


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=positive, help="stop when so many are written")
    set_up_logging()
    asyncio.run(main(parser.parse_args().questions))
