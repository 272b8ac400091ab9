"""The asynchronous client against a sidecar that answers by rule."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from qgen_sidecar import AsyncSidecar, errors


def run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(main, 60))


def test_calls_run_side_by_side(fake: str) -> None:
    async def main() -> None:
        async with AsyncSidecar(binary=fake) as client:
            results = await asyncio.gather(*(client.fetch(count=i) for i in range(200)))
        assert [result["count"] for result in results] == list(range(200))

    run(main())


def test_hooks_of_both_kinds(fake: str) -> None:
    async def main() -> None:
        threads = []

        async def on_loop(chunk_text: str, chunk_id: object = None) -> dict[str, Any]:
            threads.append(threading.get_ident())
            return {"description": f"{chunk_text} {chunk_id}", "name": "n", "other": 1}

        def in_thread(chunk: str) -> str:
            threads.append(threading.get_ident())
            return chunk

        for hook in (on_loop, in_thread):
            async with AsyncSidecar(binary=fake, choose_persona=hook) as client:
                answer = await client.generate(chunk_text="t", chunk_id=3)
            expected = "t 3" if hook is on_loop else "t"
            assert answer["persona_description"] == expected
        assert (threads[0], threads[1] != threads[0]) == (threading.get_ident(), True)

    run(main())


def test_hooks_that_call_the_sidecar_never_deadlock(fake: str) -> None:
    async def main() -> None:
        async def choose(chunk_text: str) -> str:
            depth = int(chunk_text)
            if depth == 0:
                return "end"
            return (await client.generate(chunk_text=str(depth - 1)))["persona_description"] or ""

        async with AsyncSidecar({"limit": 4}, binary=fake, choose_persona=choose) as client:
            calls = (client.generate(chunk_text="3") for _ in range(64))
            answers = await asyncio.gather(*calls)
        assert {answer["persona_description"] for answer in answers} == {"end"}

    run(main())


def test_plain_hooks_that_wait_for_the_loop_never_deadlock(fake: str) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()

        def choose(chunk_text: str) -> str:
            depth = int(chunk_text)
            if depth == 0:
                return "end"
            inner = client.generate(chunk_text=str(depth - 1))
            return asyncio.run_coroutine_threadsafe(inner, loop).result()["persona_description"]

        async with AsyncSidecar({"limit": 4}, binary=fake, choose_persona=choose) as client:
            calls = (client.generate(chunk_text="2") for _ in range(64))
            answers = await asyncio.gather(*calls)
        assert {answer["persona_description"] for answer in answers} == {"end"}

    run(main())


def test_cancelling_the_task_cancels_in_the_sidecar(fake: str) -> None:
    async def main() -> None:
        async with AsyncSidecar(binary=fake) as client:
            task = asyncio.create_task(client.prompts())
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with pytest.raises(errors.CallTimeout):
                await client.prompts(timeout=0.05)
            while (await client.gold_sample())["total"] < 2:
                await asyncio.sleep(0.01)

    run(main())


def test_progress_by_function_and_by_coroutine(fake: str) -> None:
    async def main() -> None:
        seen = []

        async def later(event: Any) -> None:
            await asyncio.sleep(0)
            seen.append(event["done"])

        async with AsyncSidecar(binary=fake) as client:
            await client.compile(progress=later)
            await client.compile(progress=lambda event: seen.append(event["done"]))
        assert seen == [1, 2, 3, 1, 2, 3]

    run(main())


def test_death_fails_calls_and_restart_begins_anew(fake: str) -> None:
    async def main() -> None:
        async with AsyncSidecar(binary=fake, restart=True) as client:
            hanging = asyncio.create_task(client.prompts())
            await asyncio.sleep(0.1)
            with pytest.raises(errors.SidecarDied):
                await client.status()
            with pytest.raises(errors.SidecarDied):
                await hanging
            assert await client.fetch(count=1) == {"count": 1}

    run(main())


def test_a_call_during_the_start_waits_for_it(fake: str) -> None:
    async def main() -> None:
        client = AsyncSidecar({"delay": 0.5}, binary=fake)
        first = asyncio.create_task(client.fetch(count=1))
        await asyncio.sleep(0.2)
        assert await client.fetch(count=2, timeout=10) == {"count": 2}
        assert await first == {"count": 1}
        await client.close()

    run(main())


def test_a_cancelled_start_can_be_made_again(fake: str) -> None:
    async def main() -> None:
        client = AsyncSidecar(binary=fake)
        start = asyncio.create_task(client.start())
        await asyncio.sleep(0)
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
        await asyncio.sleep(0.3)  # the process is there by now
        assert await client.fetch(count=1, timeout=10) == {"count": 1}
        await client.close()

    run(main())


def test_failed_start(fake: str) -> None:
    async def main() -> None:
        with pytest.raises(errors.StoreLocked):
            async with AsyncSidecar({"locked": True}, binary=fake):
                pass

    run(main())
