"""Answer what `export-batch` wrote, with Ray Data: on one machine, or on a cluster.

    qgen-sidecar export-batch --output questions.jsonl --batch round-1
    python answer_batch.py --requests round-1-*.jsonl --results results-1 \\
        --base-url http://127.0.0.1:8000/v1
    qgen-sidecar import-batch --results results-1/*.jsonl

and again for round-2, until export-batch has nothing left to export. Ray brings what a
million requests need: it reads files as they are needed, spreads the work over actors on all
machines of the cluster, holds readers back when answering is slower, and repeats what a lost
machine had begun. An answer that cannot be had becomes a line with its error, so that one bad
request costs no other; `export-batch` exports it again.

--base-url is any OpenAI-compatible server, such as vLLM on the machines themselves. A key, where
one is needed, comes from the variable that --key-env names.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
from typing import Any

import httpx
import ray
from ray.data.datasource import BlockBasedFileDatasink

log = logging.getLogger("answer_batch")

TRIES = 4


class Answer:
    """An actor with connections of its own, which it keeps between batches."""

    def __init__(self, base_url: str, key_env: str, in_flight: int) -> None:
        self.url = base_url.removesuffix("/") + "/chat/completions"
        key = os.environ.get(key_env, "")
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.in_flight = in_flight

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
        return {"text": asyncio.run(self._all(list(batch["text"])))}

    async def _all(self, lines: list[str]) -> list[str]:
        limits = httpx.Limits(max_connections=self.in_flight)
        async with httpx.AsyncClient(headers=self.headers, limits=limits, timeout=120) as client:
            return await asyncio.gather(*(self._answer(client, line) for line in lines))

    async def _answer(self, client: httpx.AsyncClient, line: str) -> str:
        request = json.loads(line)
        response = error = None
        for attempt in range(TRIES):
            try:
                reply = await client.post(self.url, json=request["body"])
                response = {"status_code": reply.status_code, "body": reply.json()}
                if reply.status_code not in {408, 429} and reply.status_code < 500:
                    break
            except (httpx.HTTPError, ValueError) as lost:
                error = {"code": type(lost).__name__, "message": str(lost)}
            await asyncio.sleep(2**attempt)
        answered = response is not None
        return json.dumps(
            {
                "id": f"ray-{request['custom_id'][:16]}",
                "custom_id": request["custom_id"],
                "response": response,
                "error": None if answered else error,
            }
        )


class Lines(BlockBasedFileDatasink):
    """Rows as lines of text: a JSON writer would give every object the keys of all."""

    def write_block_to_file(self, block: Any, file: Any) -> None:
        for line in block.to_arrow()["text"].to_pylist():
            file.write(line.encode() + b"\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", required=True, nargs="+", help="files of export-batch")
    parser.add_argument("--results", required=True, help="folder for the results; made if missing")
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--key-env", default="OPENAI_API_KEY")
    parser.add_argument("--actors", type=int, default=1, help="at once, over all machines")
    parser.add_argument("--in-flight", type=int, default=64, help="requests of an actor at once")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    ray.init(ignore_reinit_error=True, log_to_driver=False, include_dashboard=False)
    answered = ray.data.read_text(args.requests).map_batches(
        Answer,
        fn_constructor_args=(args.base_url, args.key_env, args.in_flight),
        batch_size=4 * args.in_flight,
        concurrency=args.actors,
    )
    answered.write_datasink(Lines(args.results, file_format="jsonl"))
    log.info("the results of %d files are in %s", len(args.requests), args.results)


if __name__ == "__main__":
    main()
