"""Fills the store: the docstrings of this Python's standard library, and the characters.

Modules, classes and functions of the installed library are read from their source, without
importing anything. A docstring becomes one chunk of 300 to 1,200 characters, or several,
split between paragraphs; shorter ones are left out. Written by Python's own qdrant-client.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import sysconfig
import uuid
from collections.abc import Iterator
from pathlib import Path

from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams

from common import CHARACTERS, CHUNKS, HERE, SETTINGS, embed_now, progress, set_up_logging

SHORTEST, LONGEST = 300, 1200  # characters of a chunk; --longest lowers the latter
BATCH = 32  # texts an embedding request
LEFT_OUT = {"test", "tests", "idlelib", "lib2to3", "turtledemo", "pydoc_data", "site-packages"}


def docstrings(library: Path) -> Iterator[tuple[str, str]]:
    """(qualified name, docstring), in the order of the files' names."""
    for path in sorted(library.rglob("*.py")):
        parts = path.relative_to(library).with_suffix("").parts
        if LEFT_OUT & set(parts) or any(part.startswith("_") for part in parts[:-1]):
            continue
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        yield from _documented(tree, ".".join(part for part in parts if part != "__init__"))


def _documented(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        text = ast.get_docstring(node)
        if text:
            yield name, text
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _documented(child, f"{name}.{child.name}")


def split(text: str, longest: int) -> Iterator[str]:
    """Pieces within the bounds, cut between paragraphs, or lines where one is too long."""
    piece = ""
    for part in _parts(text, longest):
        if piece and len(piece) + len(part) > longest:
            yield piece.strip()
            piece = ""
        piece += part
    if piece.strip():
        yield piece.strip()


def _parts(text: str, longest: int) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        if len(paragraph) + 2 <= longest:
            yield paragraph + "\n\n"
        else:
            yield from (line[: longest - 1] + "\n" for line in paragraph.split("\n"))


def chunks(limit: int | None, longest: int) -> list[dict[str, str]]:
    """Payloads. With a limit: a sample with a fixed seed, so from many modules."""
    seen: set[str] = set()
    found = []
    for name, text in docstrings(Path(sysconfig.get_path("stdlib"))):
        for number, piece in enumerate(split(text, longest), 1):
            if len(piece) >= SHORTEST and piece not in seen:
                seen.add(piece)
                title = name if number == 1 else f"{name} ({number})"
                found.append({"text": piece, "title": title, "module": name.split(".")[0]})
    if limit is None or limit >= len(found):
        return found
    picked = random.Random(0).sample(range(len(found)), limit)
    return [found[index] for index in sorted(picked)]


def load(store: QdrantClient, collection: str, payloads: list[dict[str, str]], field: str) -> None:
    """Embed one field of every payload and write all of them, anew."""
    if store.collection_exists(collection):
        store.delete_collection(collection)
    with progress(collection) as show:
        for start in range(0, len(payloads), BATCH):
            batch = payloads[start : start + BATCH]
            vectors = embed_now([payload[field] for payload in batch], "passage")
            if start == 0:
                shape = VectorParams(size=len(vectors[0]), distance=Distance.COSINE)
                store.create_collection(collection, vectors_config=shape)
            points = [
                PointStruct(id=_id(payload), vector=vector, payload=payload)
                for payload, vector in zip(batch, vectors, strict=True)
            ]
            store.upsert(collection, points)
            show(start + len(batch), len(payloads), "")


def _id(payload: dict[str, str]) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(payload, sort_keys=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="chunks to load; default: all")
    parser.add_argument("--longest", type=int, default=LONGEST, help="characters of a chunk")
    args = parser.parse_args()
    set_up_logging()
    SETTINGS.work.mkdir(parents=True, exist_ok=True)
    characters = json.loads((HERE / "characters.json").read_text(encoding="utf-8"))
    store = QdrantClient(path=SETTINGS.folder)
    try:
        load(store, CHARACTERS, characters, "description")
        load(store, CHUNKS, chunks(args.limit, args.longest), "text")
    finally:
        store.close()


if __name__ == "__main__":
    main()
