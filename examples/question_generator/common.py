"""What all scripts of this application share: settings, embeddings, its chunks.

Everything comes from the environment, so that the same code runs against a hosted
API and against a local model:

    OPENAI_API_KEY                     the key (any text for a local server)
    QGEN_BASE_URL or OPENAI_BASE_URL   where chat completions are asked
    QGEN_MODEL                         which model
    QGEN_EMBED_BASE_URL, _EMBED_MODEL  the same for embeddings
    QGEN_WORK                          folder of the store and of all files; default: here
    QGEN_CONFIG                        another qgen.toml than the one beside this file
"""

from __future__ import annotations

import functools
import json
import logging
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI, OpenAI
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

HERE = Path(__file__).parent
CHUNKS, CHARACTERS, QUESTIONS = "chunks", "characters", "questions"
PAGE = 64  # points a scroll
SAY_EVERY_S = 10.0  # progress where there is no terminal


@dataclass(frozen=True)
class Settings:
    base_url: str
    model: str
    embed_base_url: str
    embed_model: str
    api_key: str
    work: Path
    template: Path

    @classmethod
    def from_environment(cls) -> Settings:
        get = os.environ.get
        base = get("QGEN_BASE_URL") or get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
        return cls(
            base_url=base,
            model=get("QGEN_MODEL", "gpt-4o-mini"),
            embed_base_url=get("QGEN_EMBED_BASE_URL", base),
            embed_model=get("QGEN_EMBED_MODEL", "text-embedding-3-small"),
            api_key=get("OPENAI_API_KEY", "none"),
            work=Path(get("QGEN_WORK", ".")).absolute(),
            template=Path(get("QGEN_CONFIG", HERE / "qgen.toml")),
        )

    @property
    def folder(self) -> str:
        """The local Qdrant folder."""
        return str(self.work / "qdrant_db")

    @property
    def sidecar_config(self) -> str:
        """qgen.toml with this environment's addresses, written into the work folder."""
        text = self.template.read_text(encoding="utf-8")
        text = text.replace('"https://api.openai.com/v1"', json.dumps(self.base_url))
        text = text.replace('"gpt-4o-mini"', json.dumps(self.model))
        text = text.replace('"text-embedding-3-small"', json.dumps(self.embed_model))
        if self.embed_base_url != self.base_url:
            text = _with_embeddings_elsewhere(text, self.embed_base_url)
        path = self.work / "qgen.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)


def _with_embeddings_elsewhere(text: str, url: str) -> str:
    """A second endpoint for [lm.embed]; the other roles stay with the first."""
    endpoint = f'[[endpoint]]\nname = "embeddings"\nbase_url = {json.dumps(url)}\n\n[lm.task]'
    text = text.replace("[lm.task]", endpoint)
    text = re.sub(r"(\[lm\.(task|teacher|judge)\][^\n]*\n)", r'\1endpoints = ["main"]\n', text)
    return re.sub(r"(\[lm\.embed\][^\n]*\n)", r'\1endpoints = ["embeddings"]\n', text)


SETTINGS = Settings.from_environment()


@dataclass(frozen=True)
class Chunk:
    id: int | str
    text: str
    title: str


async def read_chunks(store: Any) -> AsyncIterator[Chunk]:
    """Every chunk of the collection, page by page. `store` is an AsyncQdrantClient."""
    offset = None
    while True:
        points, offset = await store.scroll(CHUNKS, limit=PAGE, offset=offset)
        for point in points:
            yield Chunk(point.id, point.payload["text"], point.payload.get("title", ""))
        if offset is None:
            return


async def embed(texts: Sequence[str], purpose: str = "passage") -> list[list[float]]:
    """One vector for each text. `purpose` is "query" or "passage", for models that care."""
    reply = await _client(AsyncOpenAI).embeddings.create(**_embedding_request(texts, purpose))
    return [row.embedding for row in reply.data]


def embed_now(texts: Sequence[str], purpose: str = "passage") -> list[list[float]]:
    """As `embed`, for scripts without an event loop."""
    reply = _client(OpenAI).embeddings.create(**_embedding_request(texts, purpose))
    return [row.embedding for row in reply.data]


@functools.cache
def _client(kind: type[Any]) -> Any:
    return kind(base_url=SETTINGS.embed_base_url, api_key=SETTINGS.api_key)


def _embedding_request(texts: Sequence[str], purpose: str) -> dict[str, Any]:
    request = {"model": SETTINGS.embed_model, "input": list(texts), "encoding_format": "float"}
    if "e5" in SETTINGS.embed_model:  # these models embed questions and passages differently
        request["extra_body"] = {"input_type": purpose}
    return request


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show (done, total, note): a bar with an estimate on a terminal, else a line now and then."""
    if sys.stderr.isatty():
        shape = "{desc} {bar:30} {n}/{total} {elapsed}<{remaining} {postfix}"
        with logging_redirect_tqdm(), tqdm(desc=f"   {title}", bar_format=shape) as bar:

            def draw(done: int, total: int, note: str) -> None:
                bar.n, bar.total = done, total
                bar.set_postfix_str(note)

            yield draw
        return
    log = logging.getLogger(title)
    started = said = time.monotonic()

    def tell(done: int, total: int, note: str) -> None:
        nonlocal said
        now = time.monotonic()
        if done == total or now - said >= SAY_EVERY_S:
            said = now
            left = (now - started) / max(done, 1) * (total - done)
            estimate = f", about {left:.0f} s left" if done > 2 else ""
            log.info("%d/%d%s %s", done, total, estimate, note)

    yield tell


def set_up_logging() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    for chatty in ("httpx", "openai"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
