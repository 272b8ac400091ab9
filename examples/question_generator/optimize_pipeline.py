"""The road from chunks to an optimised program: fetch, annotate, compile, evaluate.

Runs beside the application as well as without it: its sidecar finds the application's and
shares the store. Annotating is a person's work, in the terminal; each decision is saved, and
running this again goes on from there. With --auto, for demonstrations, the gold questions are
chosen by a rule instead:

    of the suggestions without warnings that end in a question mark or begin with a question
    word, the one of whose words of five letters and more the largest part stands in the
    chunk; the shorter one among equals. A chunk that has none gives no gold question.

Where a small model gives fewer than four that way, the best of the other suggestions, and at last
questions made of the chunks' titles, fill up to four: without them there is nothing to compile
with. That is said, as such a gold set shows nothing but that the road holds.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from qdrant_client import QdrantClient
from qgen_sidecar import RpcError, Sidecar, find_binary
from qgen_sidecar.types import AnnotateSuggestResult, Progress, Suggestion

from common import CHARACTERS, SETTINGS, embed_now, progress, set_up_logging

log = logging.getLogger("optimize_pipeline")

QUESTION_WORDS = {"how", "what", "when", "where", "which", "who", "whose", "why"}
AT_ONCE = 2  # chunks for which suggestions are made at the same time
LEAST_GOLD = 4  # train, dev and test have one each at least


Offer = tuple[dict[str, str], AnnotateSuggestResult | None]
Rule = Callable[[list[Suggestion], dict[str, str]], Suggestion | None]


@contextmanager
def events(title: str) -> Iterator[Callable[[Progress], None]]:
    """A callback for the sidecar's progress events, shown."""
    with progress(title) as show:
        yield lambda event: show(event["done"], event["total"], event.get("message", ""))


class Pipeline:
    def __init__(self, args: argparse.Namespace, config: str) -> None:
        self.args, self.config = args, config
        self.sidecar = Sidecar(
            config=config, choose_persona=self.choose_appropriate_character, embed=embed_now
        )
        self.store: QdrantClient

    def run(self) -> None:
        with self.sidecar:
            self.store = self.sidecar.qdrant()
            self.fetch()
            if self.annotate() >= self.args.gold or self.args.auto:
                self.compile()
                self.evaluate()
            else:
                log.info("the rest follows at %d; run this again to go on", self.args.gold)
            self.store.close()

    def choose_appropriate_character(self, chunk_text: str) -> dict[str, object] | None:
        """As the application chooses: the character nearest to the chunk."""
        vector = embed_now([chunk_text], "query")[0]
        found = self.store.query_points(CHARACTERS, query=vector, limit=1)
        return found.points[0].payload if found.points else None

    def fetch(self) -> None:
        output = self.sidecar.info["files"]["raw_chunks"]
        done = self.sidecar.fetch(
            count=self.args.fetch, seed=self.args.seed, fields=["title"], output=output
        )
        log.info("fetched %(count)d of %(total)d chunks, seed %(seed)d, into %(output)s", done)

    def annotate(self) -> int:
        """The size of the gold set after it."""
        if self.args.auto:
            self._annotate_by_rule()
        else:
            command = [find_binary(), "annotate", "--config", self.config]
            command += ["--target", str(self.args.gold)]
            log.info("starting %s", " ".join(command))
            subprocess.run(command, check=True)
        total = self.sidecar.gold_sample(count=1)["total"]
        log.info("the gold set has %d entries", total)
        return total

    def _annotate_by_rule(self) -> None:
        lines = Path(self.sidecar.info["files"]["raw_chunks"]).read_text(encoding="utf-8")
        chunks = [json.loads(line) for line in lines.split("\n") if line]
        gold = self.sidecar.gold_sample(count=1)["total"]
        if gold >= self.args.gold:
            return
        passed_over = []
        with progress("gold questions") as show, ThreadPoolExecutor(AT_ONCE) as pool:
            for chunk, offered in zip(chunks, pool.map(self._suggest, chunks), strict=True):
                if (added := self._add(chunk, offered, clean)) is None:
                    passed_over.append((chunk, offered))
                gold = added or gold
                show(gold, self.args.gold, "")
                if gold >= self.args.gold:
                    pool.shutdown(cancel_futures=True)
                    break
        self._fill_up(gold, passed_over)

    def _fill_up(self, gold: int, passed_over: list[Offer]) -> None:
        """Up to LEAST_GOLD, with what the rule had passed over, then with titles."""
        ways: list[tuple[str, Rule]] = [
            ("suggestions with warnings", anything),
            ("questions made of the chunks' titles", of_the_title),
        ]
        wanted = min(LEAST_GOLD, self.args.gold)
        for what, rule in ways:
            before = gold
            for offer in list(passed_over):
                if gold < wanted and (added := self._add(*offer, rule)) is not None:
                    gold = added
                    passed_over.remove(offer)
            if gold > before:
                log.warning("%d of the gold questions are %s", gold - before, what)

    def _suggest(self, chunk: dict[str, str]) -> AnnotateSuggestResult | None:
        try:
            return self.sidecar.annotate_suggest(
                chunk_text=chunk["chunk_text"], chunk_id=chunk["chunk_id"]
            )
        except RpcError as error:  # one chunk that a small model cannot do is no reason to stop
            log.warning("%s: %s", chunk["chunk_id"], error)
            return None

    def _add(
        self, chunk: dict[str, str], offered: AnnotateSuggestResult | None, rule: Rule
    ) -> int | None:
        """The new size of the gold set; None where the chunk gave no question."""
        suggestions = offered["suggestions"] if offered else []
        best = rule(suggestions, chunk)
        if best is None:
            return None
        persona = offered["persona_description"] if offered else None
        added = self.sidecar.gold_add(
            chunk_text=chunk["chunk_text"],
            chunk_id=chunk["chunk_id"],
            persona_description=persona or "",
            gold_question=best["question"],
            query_type=best["query_type"],
            query_format=best["query_format"],
        )
        return added["count"]

    def compile(self) -> None:
        with events("compile") as show:
            done = self.sidecar.compile(
                split=self.args.split,
                optimizer={
                    "name": self.args.optimizer,
                    "max_bootstrapped_demos": self.args.bootstrapped,
                    "max_labeled_demos": self.args.labeled,
                    "num_candidate_programs": self.args.candidates,
                },
                progress=show,
            )
        best, baseline = done["best"], done["baseline"]
        log.info("best is candidate %s: %s %%", best["candidate"], best["score"])
        log.info("the unoptimised program: %s %%; saved in %s", baseline["score"], done["output"])

    def evaluate(self) -> None:
        report = SETTINGS.work / "report.html"
        with events("evaluate") as show:
            done = self.sidecar.evaluate(report=report, examples=5, progress=show)
        for example in done["examples"]:
            log.info("before: %s", example["unoptimized"]["query"])
            log.info("after:  %s", example["optimized"]["query"])
        log.info("%s (report: %s)", done["difference"]["verdict"], report)
        for warning in done["warnings"]:
            log.warning("%s", warning)


def clean(suggestions: list[Suggestion], chunk: dict[str, str]) -> Suggestion | None:
    """The rule of --auto."""
    without = [s for s in suggestions if not s["warnings"] and _asks(s["question"])]
    return _nearest(without, chunk["chunk_text"])


def anything(suggestions: list[Suggestion], chunk: dict[str, str]) -> Suggestion | None:
    """The same among all suggestions."""
    return _nearest(suggestions, chunk["chunk_text"])


def of_the_title(_: list[Suggestion], chunk: dict[str, str]) -> Suggestion | None:
    """A question that any chunk has."""
    title = chunk.get("title") or chunk["chunk_text"].split(".")[0]
    question = f"What is {title} for?"
    plan = {"query_type": "factual", "query_format": "question"}
    return {"question": question, "warnings": [], **plan}


def _nearest(suggestions: list[Suggestion], chunk_text: str) -> Suggestion | None:
    known = set(_long_words(chunk_text))

    def about_the_chunk(suggestion: Suggestion) -> tuple[float, int]:
        words = _long_words(suggestion["question"])
        share = sum(word in known for word in words) / max(1, len(words))
        return share, -len(suggestion["question"])

    return max(suggestions, key=about_the_chunk, default=None)


def _asks(text: str) -> bool:
    return text.endswith("?") or text.split()[0].lower() in QUESTION_WORDS


def _long_words(text: str) -> list[str]:
    return re.findall(r"\w{5,}", text.lower())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--auto", action="store_true", help="choose gold questions by the rule")
    parser.add_argument("--fetch", type=int, default=200, help="chunks to sample")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--gold", type=int, default=100, help="gold questions wanted")
    parser.add_argument("--split", default="40/30/30", help="train/dev/test or train/dev")
    search = "bootstrap-few-shot-random-search"
    parser.add_argument("--optimizer", default=search, help="or reflective+bootstrap, …")
    parser.add_argument("--bootstrapped", type=int, default=2, help="demonstrations by the teacher")
    parser.add_argument("--labeled", type=int, default=16, help="demonstrations from the gold set")
    parser.add_argument("--candidates", type=int, default=5, help="programs to try")
    set_up_logging()
    Pipeline(parser.parse_args(), SETTINGS.sidecar_config).run()


if __name__ == "__main__":
    main()
