"""The store beside Python's local mode and Qdrant's embedded engine, in one run.

    python tests/bench/store.py [--sizes 5000 20000 100000] [--work .bench] [--rounds 5]
                                [--binary .build/qgen-sidecar] [--picture FILE.svg]

The same points (384 dimensions, 1 kB of text, ten kinds) lie in a folder of Python's
client and in a shard of qdrant-edge-py; folder and shard are made once and kept in the
work folder. Each side runs in processes of its own:

    in process   qdrant/go-client inside the sidecar's process (BenchmarkStore)
    share        qdrant-client on the sidecar's share, over loopback
    local mode   qdrant-client on the folder itself
    edge         qdrant-edge-py

Prints a Markdown table, one row a measurement and size, with the goals, and draws the
growth with n as a picture. The status is 0 whatever the figures say.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DIMENSION, SAMPLE, BATCH = 384, 200, 256
MEASURES = {
    "sample": "process start to 200 sampled chunks written",
    "sample_mb": "… memory at its peak, MB",
    "top10": "top 10",
    "filtered": "top 10 with a payload filter",
    "scroll": "scroll of all ids",
    "upsert": "upsert of 256, durable",
}
FEWER = "of the scroll half as many; of local mode at most 3, its sample once"
GOALS = {"sample": 100, "sample_mb": 50, "top10": 10, "filtered": 20, "scroll": 60, "upsert": 25}
SIDES = ["in process", "share", "local mode", "edge"]
Figures = dict[str, float]  # ms, or MB, by measure

log = logging.getLogger("bench")


def vector(rng: random.Random) -> list[float]:
    return [rng.gauss(0, 1) for _ in range(DIMENSION)]


def payload(n: int) -> dict[str, Any]:
    return {
        "text": f"Rule {n}. " + "The keeper of the lamp writes it down. " * 26,
        "kind": f"k{n % 10}",
    }


def repeated(call: Callable[[], Any], rounds: int, warm: bool = True) -> float:
    """Milliseconds, the median; the first call, which may load something, does not count."""
    took = []
    for n in range(rounds + warm):
        begun = time.perf_counter()
        call()
        if n >= warm:
            took.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(took)


# --- the data, made once -------------------------------------------------------------


def make_folder(path: Path, n: int, binary: str) -> None:
    """Through the share: Python's own client commits every point by itself, for an hour."""
    from qdrant_client import models
    from qgen_sidecar import Sidecar

    path.mkdir(parents=True)
    (path / "meta.json").write_text('{"collections": {}, "aliases": {}}', encoding="utf-8")
    config = {"store": {"path": str(path), "collection": "chunks", "share": "127.0.0.1:0"}}
    rng = random.Random(n)
    with Sidecar(config, binary=binary) as sidecar:
        client = sidecar.qdrant(timeout=60)
        shape = models.VectorParams(size=DIMENSION, distance=models.Distance.COSINE)
        client.create_collection("chunks", vectors_config=shape)
        for start in range(0, n, BATCH):
            client.upsert(
                "chunks",
                [
                    models.PointStruct(id=i, vector=vector(rng), payload=payload(i))
                    for i in range(start, min(start + BATCH, n))
                ],
            )
        client.close()


def make_shard(path: Path, n: int) -> None:
    import qdrant_edge as edge

    config = edge.EdgeConfig(vectors=edge.EdgeVectorParams(DIMENSION, edge.Distance.Cosine))
    shard = edge.EdgeShard.create(str(path), config)
    rng = random.Random(n)
    for start in range(0, n, BATCH):
        shard.update(
            edge.UpdateOperation.upsert_points(
                [
                    edge.Point(i, vector(rng), payload(i))
                    for i in range(start, min(start + BATCH, n))
                ]
            )
        )
    shard.flush()
    shard.close()


# --- the sides, each in a process of its own -----------------------------------------


def qdrant_client(client: Any, n: int, rounds: int) -> Figures:
    """Local mode and the share, by the same code."""
    from qdrant_client import models

    rng = random.Random(1)
    query = vector(rng)
    kind = models.Filter(
        must=[models.FieldCondition(key="kind", match=models.MatchValue(value="k3"))]
    )
    fresh = [
        models.PointStruct(id=n + i, vector=vector(rng), payload=payload(i)) for i in range(BATCH)
    ]

    def scroll() -> None:
        page, _ = client.scroll("chunks", limit=n, with_payload=False)
        assert len(page) == n

    seen = {
        "top10": repeated(lambda: client.query_points("chunks", query=query, limit=10), rounds),
        "filtered": repeated(
            lambda: client.query_points("chunks", query=query, query_filter=kind, limit=10), rounds
        ),
        "scroll": repeated(scroll, max(1, rounds // 2), warm=False),
    }
    seen["upsert"] = repeated(lambda: client.upsert("chunks", fresh), rounds)
    client.delete("chunks", points_selector=[p.id for p in fresh])
    return seen


def side_local(path: str, n: int, rounds: int) -> Figures:
    from qdrant_client import QdrantClient

    client = QdrantClient(path=path)
    seen = qdrant_client(client, n, min(rounds, 3))
    client.close()
    return seen


def side_share(path: str, n: int, rounds: int, binary: str) -> Figures:
    from qgen_sidecar import Sidecar

    config = {"store": {"path": path, "collection": "chunks", "share": "127.0.0.1:0"}}
    with Sidecar(config, binary=binary) as sidecar:
        return qdrant_client(sidecar.qdrant(timeout=60), n, rounds)


def side_edge(path: str, n: int, rounds: int) -> Figures:
    import qdrant_edge as edge

    shard = edge.EdgeShard.load(path)
    rng = random.Random(1)
    nearest = edge.Query.Nearest(vector(rng))
    kind = edge.Filter(must=[edge.FieldCondition(key="kind", match=edge.MatchValue("k3"))])
    exact = edge.SearchParams(exact=True)
    fresh = [edge.Point(n + i, vector(rng), payload(i)) for i in range(BATCH)]

    def top(filter: Any) -> None:
        shard.query(
            edge.QueryRequest(10, query=nearest, filter=filter, with_payload=True, params=exact)
        )

    def scroll() -> None:
        page, _ = shard.scroll(edge.ScrollRequest(limit=n, with_payload=False, with_vector=False))
        assert len(page) == n

    def upsert() -> None:
        shard.update(edge.UpdateOperation.upsert_points(fresh))
        shard.flush()

    seen = {
        "top10": repeated(lambda: top(None), rounds),
        "filtered": repeated(lambda: top(kind), rounds),
        "scroll": repeated(scroll, max(1, rounds // 2), warm=False),
        "upsert": repeated(upsert, rounds),
    }
    shard.update(edge.UpdateOperation.delete_points([p.id for p in fresh]))
    shard.flush()
    shard.close()
    return seen


def sample_local(path: str, n: int, output: str) -> None:
    from qdrant_client import QdrantClient

    client = QdrantClient(path=path)
    found = client.retrieve("chunks", random.sample(range(n), SAMPLE))
    write(output, [(p.id, p.payload["text"]) for p in found if p.payload])
    client.close()


def sample_edge(path: str, n: int, output: str) -> None:
    import qdrant_edge as edge

    shard = edge.EdgeShard.load(path)
    found = shard.retrieve(random.sample(range(n), SAMPLE), with_payload=True, with_vector=False)
    write(output, [(p.id, p.payload["text"]) for p in found])


def write(output: str, chunks: list[tuple[Any, str]]) -> None:
    assert len(chunks) == SAMPLE
    with Path(output).open("w", encoding="utf-8") as file:
        for id, text in chunks:
            file.write(json.dumps({"chunk_id": id, "chunk_text": text}) + "\n")


# --- the driver ----------------------------------------------------------------------


def in_process(path: Path, n: int) -> Figures:
    """qdrant/go-client over the folder, in one process: Go's benchmark."""
    command = ["go", "test", "./qdrantlock/serve", "-run", "^$", "-bench", "^BenchmarkStore$"]
    env = {**os.environ, "QGEN_BENCH_FOLDER": str(path), "QGEN_BENCH_POINTS": str(n)}
    ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    found = re.findall(r"BenchmarkStore/(\w+)\S*\s+\d+\s+(\d+) ns/op", ran.stdout)
    return {name: int(ns) / 1e6 for name, ns in found}


def in_own_process(options: argparse.Namespace, side: str, path: Path, n: int) -> Figures:
    command = [sys.executable, __file__, "--side", side, "--path", str(path), "--points", str(n)]
    command += ["--rounds", str(options.rounds), "--binary", options.binary]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: Figures = json.loads(ran.stdout)
    return figures


LAUNCHER = """
import os, sys, time
begun = time.perf_counter()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
assert status == 0, status
print((time.perf_counter() - begun) * 1e3, usage.ru_maxrss * 1024 / 1e6)
"""


def started(command: list[str], rounds: int) -> Figures:
    """Milliseconds of a whole process, and the most memory that it held.

    By way of a small launcher: a process inherits the peak of the one that it was forked from.
    """
    took, held = [], []
    launcher = [sys.executable, "-I", "-S", "-c", LAUNCHER]
    for _ in range(rounds):
        ran = subprocess.run([*launcher, *command], capture_output=True, text=True, check=True)
        ms, mb = ran.stdout.split()[-2:]
        took.append(float(ms))
        held.append(float(mb))
    return {"sample": statistics.median(took), "sample_mb": statistics.median(held)}


def measure(options: argparse.Namespace, n: int) -> dict[str, Figures]:
    work = Path(options.work).absolute()
    folder, shard = work / f"folder-{n}", work / f"shard-{n}"
    for path, make in (
        (folder, lambda p: make_folder(p, n, options.binary)),
        (shard, lambda p: make_shard(p, n)),
    ):
        if not path.exists():
            log.info("making %s", path.name)
            making = path.with_name(path.name + ".making")
            shutil.rmtree(making, ignore_errors=True)
            make(making)
            making.rename(path)
    output = str(work / "sample.jsonl")
    config = work / f"{n}.toml"
    config.write_text(
        f'[store]\npath = "{folder}"\ncollection = "chunks"\n[cache]\npath = ""\n', encoding="utf-8"
    )
    fetch = [
        options.binary,
        "--config",
        str(config),
        "fetch",
        "--count",
        str(SAMPLE),
        "--output",
        output,
    ]
    sampling = [sys.executable, __file__, "--points", str(n), "--output", output]
    log.info("%d points: the sidecar", n)
    seen = {
        "in process": in_process(folder, n),
        "share": in_own_process(options, "share", folder, n),
    }
    seen["in process"].update(started(fetch, options.rounds))
    log.info("%d points: edge", n)
    seen["edge"] = in_own_process(options, "edge", shard, n)
    seen["edge"].update(
        started([*sampling, "--side", "sample-edge", "--path", str(shard)], options.rounds)
    )
    log.info("%d points: local mode", n)
    seen["local mode"] = in_own_process(options, "local", folder, n)
    seen["local mode"].update(
        started([*sampling, "--side", "sample-local", "--path", str(folder)], 1)
    )
    return seen


def table(seen: dict[int, dict[str, Figures]]) -> list[str]:
    lines = [f"| ms | n | {' | '.join(SIDES)} | goal at 100,000 |", "|---" * (len(SIDES) + 3) + "|"]
    for name, title in MEASURES.items():
        for n, sides in seen.items():
            cells = [number(sides[side].get(name)) for side in SIDES]
            lines.append(f"| {title} | {n:,} | {' | '.join(cells)} | {GOALS[name]} |")
    return lines


def draw(seen: dict[int, dict[str, Figures]], output: str) -> None:
    """The growth of each measure with n, one small picture a measure."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 3, figsize=(12, 7), layout="constrained")
    for axis, (name, title) in zip(axes.flat, MEASURES.items(), strict=True):
        for side, mark, colour in zip(SIDES, "o^sD", ("C0", "C1", "C2", "C3"), strict=True):
            at = [(n, sides[side][name]) for n, sides in seen.items() if name in sides[side]]
            if at:
                axis.plot(*zip(*at, strict=True), marker=mark, color=colour, label=side)
        axis.axhline(GOALS[name], color="grey", linestyle=":", linewidth=1)
        axis.set(xscale="log", yscale="log", title=title, xlabel="points")
        axis.set_ylabel("MB" if name.endswith("_mb") else "ms")
        axis.legend(fontsize="small")
    figure.suptitle(
        "The store, by number of points (384 dimensions, 1 kB of text; dotted: the goal)"
    )
    figure.savefig(output, metadata={"Date": None})


def number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 20_000, 100_000])
    parser.add_argument("--work", default=str(ROOT / ".bench"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--binary", default=str(ROOT / ".build" / "qgen-sidecar"))
    parser.add_argument("--picture", default="")
    parser.add_argument("--side", default="", help=argparse.SUPPRESS)
    for hidden in ("--path", "--output", "--points"):
        parser.add_argument(hidden, default="0", help=argparse.SUPPRESS)
    options = parser.parse_args()
    n, path = int(options.points), options.path
    if options.side.startswith("sample-"):
        {"sample-local": sample_local, "sample-edge": sample_edge}[options.side](
            path, n, options.output
        )
        return
    if options.side:
        sides: dict[str, Callable[[], Figures]] = {
            "local": lambda: side_local(path, n, options.rounds),
            "share": lambda: side_share(path, n, options.rounds, options.binary),
            "edge": lambda: side_edge(path, n, options.rounds),
        }
        json.dump(sides[options.side](), sys.stdout)
        return
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    seen = {size: measure(options, size) for size in options.sizes}
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    log.info("\n%s; medians of %d rounds; %s\n", machine, options.rounds, FEWER)
    for line in table(seen):
        log.info("%s", line)
    if options.picture:
        draw(seen, options.picture)


if __name__ == "__main__":
    main()
