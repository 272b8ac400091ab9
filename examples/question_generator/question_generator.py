"""Writes a search question for every chunk of the store. BEFORE: two model calls a chunk.

A producer reads the chunks, a few consumers ask the model: first which type and format
of question suits the chunk and the character who would ask it, then for the question.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import uuid
from typing import Any

from openai import AsyncOpenAI, OpenAIError
from qdrant_client import AsyncQdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams

from common import CHARACTERS, QUESTIONS, SETTINGS, Chunk, embed, read_chunks, set_up_logging
from llm_dispatcher import Client, LLMDispatcher

log = logging.getLogger("question_generator")

CONSUMERS = 4
ATTEMPTS = 3

ANALYZE = "Given a text chunk and a persona, determine the most relevant query type and format."
GENERATE = "Given a chunk, persona, query type, and format, generate the final question."


class QuestionGenerator:
    def __init__(self, store: AsyncQdrantClient) -> None:
        self.store = store
        self.queue: asyncio.Queue[Chunk | None] = asyncio.Queue(maxsize=2 * CONSUMERS)
        self.written = self.failed = 0
        api = AsyncOpenAI(base_url=SETTINGS.base_url, api_key=SETTINGS.api_key, max_retries=0)
        self.dispatcher = LLMDispatcher([Client("main", api, per_minute=500)])

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
        character = await self.choose_appropriate_character(chunk.text) or {}
        given = {"chunk_text": chunk.text, "persona_description": character.get("description", "")}
        plan = await self._ask(ANALYZE, given, "query_type", "query_format")
        answer = await self._ask(GENERATE, {**given, **plan}, "query")
        await self._save(chunk, answer["query"])
        return answer["query"]

    async def _ask(self, instructions: str, given: dict[str, str], *wanted: str) -> dict[str, str]:
        """One structured model call: the fields `wanted`, from the fields given."""
        fields = "\n\n".join(f"{name}:\n{value}" for name, value in given.items())
        messages = [
            {"role": "system", "content": instructions},
            {"role": "user", "content": fields},
        ]
        for attempt in range(1, ATTEMPTS + 1):
            client = await self.dispatcher.get_available_client()
            try:
                reply = await client.api.chat.completions.create(
                    model=SETTINGS.model,
                    messages=messages,
                    max_tokens=200,
                    response_format=_json_with(wanted),
                )
                self.dispatcher.release_client_on_success(client)
                return json.loads(reply.choices[0].message.content)
            except (OpenAIError, ValueError) as error:
                if isinstance(error, OpenAIError):
                    self.dispatcher.release_client_on_failure(client, error)
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    async def _save(self, chunk: Chunk, question: str) -> None:
        vector = (await embed([question], "query"))[0]
        if not await self.store.collection_exists(QUESTIONS):
            shape = VectorParams(size=len(vector), distance=Distance.COSINE)
            await self.store.create_collection(QUESTIONS, vectors_config=shape)
        payload = {
            "question": question,
            "chunk_id": chunk.id,
            "title": chunk.title,
            "source": "question_generator",
        }
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{chunk.id}\n{question}"))
        await self.store.upsert(QUESTIONS, [PointStruct(id=id, vector=vector, payload=payload)])


def _json_with(fields: tuple[str, ...]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {field: {"type": "string"} for field in fields},
        "required": list(fields),
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


async def main(wanted: int | None) -> None:
    store = AsyncQdrantClient(path=SETTINGS.folder)
    try:
        await QuestionGenerator(store).run(wanted)
    finally:
        await store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, help="stop when so many are written")
    set_up_logging()
    asyncio.run(main(parser.parse_args().questions))
