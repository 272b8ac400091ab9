"""AsyncSidecar on the real binary: many calls at once, hooks of its own, the shared folder."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest
from qgen_sidecar import AsyncSidecar, Sidecar

from road import CHARACTERS, CHUNKS, ModelServer, chunk_id


def run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(main, 100))


def test_many_calls_with_hooks_that_query_the_share(
    config: dict[str, Any], models: ModelServer, read_back: Callable[[str], list[Any]]
) -> None:
    """Each of 120 generate calls waits for two hooks, one of which searches the folder."""
    config["personas"] = {"source": "host"}
    results = []

    async def main() -> None:
        async def embed(texts: Sequence[str], purpose: str) -> list[list[float]]:
            return await asyncio.to_thread(models.embed, texts, purpose)

        async def choose(chunk_text: str, chunk_id: Any = None) -> dict[str, Any] | None:
            vector = (await embed([chunk_text], "query"))[0]
            found = await store.query_points("characters", query=vector, limit=1)
            return found.points[0].payload

        async with AsyncSidecar(config, choose_persona=choose, embed=embed) as sidecar:
            store = sidecar.async_qdrant()
            calls = [
                sidecar.generate(
                    chunk_text=CHUNKS[n], chunk_id=chunk_id(n), rollout=draw, save=True
                )
                for n in range(40)
                for draw in range(3)
            ]
            results.extend(await asyncio.gather(*calls))
            await store.close()

    run(main())
    described = {character["description"] for character in CHARACTERS}
    assert {result["persona_description"] for result in results} <= described
    assert {point.id for point in read_back("questions")} == {r["point_id"] for r in results}


def test_plain_hooks_and_hooks_that_call_the_sidecar(
    config: dict[str, Any], models: ModelServer
) -> None:
    """The host chooses with the help of the sidecar that is waiting for its choice."""
    config["personas"] = {"source": "host"}

    async def main() -> None:
        async def choose(chunk_text: str) -> str:
            answer = await sidecar.lm_complete(prompt=f"Who asks about this? {chunk_text}")
            return answer["text"]

        async with AsyncSidecar(config, choose_persona=choose, embed=models.embed) as sidecar:
            calls = [sidecar.generate(chunk_text=text) for text in CHUNKS]
            for result in await asyncio.gather(*calls):
                assert result["persona_description"].startswith("You said: Who asks")

    run(main())


def test_cancelled_compile_goes_on_where_it_stopped(
    config: dict[str, Any], gold: Any, start_models: Callable[..., ModelServer]
) -> None:
    """Cancelled when the first reply was paid for; a compile reports before it asks, too."""
    slow = start_models("-latency", "300ms")
    for endpoint in config["endpoint"]:
        endpoint["base_url"] = slow.base_url

    async def main() -> None:
        async with AsyncSidecar(config) as sidecar:
            answered = asyncio.Event()

            def watch(event: dict[str, Any]) -> None:
                if event["done"] > 0:
                    answered.set()

            compiling = asyncio.create_task(sidecar.compile(progress=watch))
            await asyncio.wait_for(answered.wait(), 30)
            compiling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await compiling
            paid = slow.stats()["requests"]
            result = await sidecar.compile()
            assert result["usage"]["cached"] > 0
            assert paid > 0

    run(main())


def test_qdrant_clients_say_nothing(config: dict[str, Any]) -> None:
    async def main(sidecar: Sidecar) -> None:
        client = sidecar.async_qdrant()
        assert (await client.count("chunks")).count == 41
        await client.close()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Sidecar(config) as sidecar:
            client = sidecar.qdrant()
            assert client.count("chunks").count == 41
            client.close()
            run(main(sidecar))
