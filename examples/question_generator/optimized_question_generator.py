"""Writes a search question for every chunk of the store. AFTER: one call of the sidecar.

A producer reads the chunks, a few consumers ask the sidecar for the question: it chooses
the character by this application's own method, and writes with the optimised program.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
from typing import Any

from qgen_sidecar import AsyncSidecar

from common import CHARACTERS, SETTINGS, Chunk, embed, read_chunks, set_up_logging

log = logging.getLogger("question_generator")

CONSUMERS = 4


class QuestionGenerator:
    def __init__(self) -> None:
        self.queue: asyncio.Queue[Chunk | None] = asyncio.Queue(maxsize=2 * CONSUMERS)
        self.written = self.failed = 0
        self.sidecar = AsyncSidecar(
            config=SETTINGS.sidecar_config,
            choose_persona=self.choose_appropriate_character,
            embed=embed,
        )

    async def run(self, wanted: int | None) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._producer(wanted))
            for _ in range(CONSUMERS):
                tasks.create_task(self._llm_consumer())
        log.info("%d questions written, %d chunks failed", self.written, self.failed)

    async def _producer(self, wanted: int | None) -> None:
        count = 0
        async for chunk in read_chunks(self.store):
            await self.queue.put(chunk)
            count += 1
            if count - self.failed == wanted:
                await self.queue.join()  # the next chunks make good for those that failed
            if self.written == wanted:
                break
        for _ in range(CONSUMERS):
            await self.queue.put(None)

    async def choose_appropriate_character(self, chunk_text: str) -> dict[str, Any] | None:
        """The character whose description is nearest to the chunk."""
        vector = (await embed([chunk_text], "query"))[0]
        found = await self.store.query_points(CHARACTERS, query=vector, limit=1)
        return found.points[0].payload if found.points else None

    async def _llm_consumer(self) -> None:
        while (chunk := await self.queue.get()) is not None:
            try:
                question = await self._question(chunk)
                self.written += 1
                log.info("%s: %s", chunk.title, question)
            except Exception as error:
                self.failed += 1
                log.warning("%s: no question: %s", chunk.title, error)
            self.queue.task_done()

    async def _question(self, chunk: Chunk) -> str:
        answer = await self.sidecar.generate(chunk_text=chunk.text, chunk_id=chunk.id, save=True)
        if answer["query"] is None:
            raise ValueError(answer["rejected_reason"])
        return answer["query"]


async def main(wanted: int | None) -> None:
    generator = QuestionGenerator()
    async with generator.sidecar as sidecar:
        generator.store = sidecar.async_qdrant()
        await generator.run(wanted)
        await generator.store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, help="stop when so many are written")
    set_up_logging()
    asyncio.run(main(parser.parse_args().questions))
