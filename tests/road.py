"""What the tests talk about: chunks, characters, the model server, a config as TOML."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qdrant_client import QdrantClient

TOPICS = ["deposits", "heating", "bicycles", "quiet hours", "parking", "keys", "pets", "gardens"]
CHUNKS = [
    f"House rule {n} concerns {TOPICS[n % 8]}. Residents who moved in during year {1990 + n} "
    f"must register {TOPICS[n % 8]} with the caretaker within {n + 2} days, in writing, and keep "
    f"a copy. The fee is {10 + n} euros; exceptions need the signature of both neighbours."
    for n in range(40)
]
CHARACTERS = [
    {"name": "Tenant", "description": "A tenant who has just moved in and knows no rules."},
    {"name": "Caretaker", "description": "The caretaker, who must apply the rules every day."},
]


@dataclass
class ModelServer:
    """The deterministic server: answers what is asked for, the same way every time."""

    base_url: str

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(
            self.base_url.removesuffix("/v1") + "/stats", timeout=10
        ) as got:
            return json.load(got)

    def embed(self, texts: Sequence[str], purpose: str = "passage") -> list[list[float]]:
        body = json.dumps({"model": "embedder", "input": list(texts)}).encode()
        request = urllib.request.Request(
            self.base_url + "/embeddings", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as got:
            return [row["embedding"] for row in json.load(got)["data"]]


def points_of(folder: Path, collection: str) -> list[Any]:
    """Every point of a collection, through Python's client, with vectors."""
    client = QdrantClient(path=str(folder))
    try:
        return client.scroll(collection, limit=10_000, with_vectors=True)[0]
    finally:
        client.close()


def chunk_id(n: int) -> int | str:
    """Integers and UUIDs in turn: a folder may hold both."""
    return n if n % 2 else str(uuid.UUID(int=n + 1))


def as_toml(config: dict[str, Any], under: str = "") -> str:
    """The same configuration as a file: enough TOML for what `config` above holds."""
    lines = [f"[{under}]"] if under else []
    lines += [
        f"{key} = {json.dumps(value)}" for key, value in config.items() if not _is_table(value)
    ]
    for key, value in config.items():
        name = f"{under}.{key}" if under else key
        if isinstance(value, dict):
            lines.append(as_toml(value, name))
        elif _is_table(value):
            lines += [f"[[{name}]]\n{as_toml(entry)}" for entry in value]
    return "\n".join(lines) + "\n"


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and isinstance(value[0], dict))
