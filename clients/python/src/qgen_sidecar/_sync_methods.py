"""The methods of Sidecar.

Generated from openrpc.json by tools/generate.py (`make reference`); do not edit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from ._params import ABSENT, given

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from . import types as t
    from ._params import Absent


class SyncMethods:
    """One method for each of the sidecar's; keyword arguments only."""

    def _call(
        self,
        method: str,
        params: dict[str, Any],
        timeout: float | None,
        progress: t.ProgressHook | None = None,
    ) -> Any:
        raise NotImplementedError

    def status(
        self,
        *,
        timeout: float | None = None,
    ) -> t.StatusResult:
        """What the sidecar holds and does: store, endpoints, long calls.

        Args:
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
        """
        result: t.StatusResult = self._call(
            "status",
            {},
            timeout,
        )
        return result

    def discover(
        self,
        *,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """This service as an OpenRPC document.

        Args:
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
        """
        result: dict[str, Any] = self._call(
            "rpc.discover",
            {},
            timeout,
        )
        return result

    def lm_complete(
        self,
        *,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        prompt: str | None = None,
        messages: Sequence[t.Message] | None = None,
        role: t.Role | None = None,
        model: str | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        response_format: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> t.LmCompleteResult:
        """One chat completion over the endpoints of a role.

        Args:
            timeout_s: seconds after which the call is given up; absent: never
            fresh: ask again although the reply is in the cache; default False
            trace: any text; repeated in logs and in calls to the host
            prompt: the prompt; exactly one of prompt and messages
            messages: the messages; exactly one of prompt and messages
            role: whose model and settings: task (default), teacher or judge
            model: another model than the role's
            max_tokens: tokens of the reply at the most; default the role's
            temperature: 0 to 2; default the role's
            response_format: OpenAI's response_format, sent as it is
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
        """
        result: t.LmCompleteResult = self._call(
            "lm-complete",
            given(
                timeout_s=timeout_s,
                fresh=fresh,
                trace=trace,
                prompt=prompt,
                messages=messages,
                role=role,
                model=model,
                max_tokens=max_tokens,
                temperature=temperature,
                response_format=response_format,
            ),
            timeout,
        )
        return result

    def fetch(
        self,
        *,
        collection: str | None = None,
        count: int | None = None,
        seed: int | None = None,
        min_chars: int | None = None,
        filter: Mapping[str, Any] | None = None,
        fields: Sequence[str] | None = None,
        output: t.StrPath | None = None,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.FetchResult:
        """A uniform sample of chunks, without replacement; the same seed on the same data gives the
        same chunks.

        Args:
            collection: collection of the chunks; default store.collection
            count: how many chunks; default 200
            seed: fixes which chunks and in what order; absent: drawn
            min_chars: characters that a text must have; default 0
            filter: which chunks: a Qdrant filter in REST's JSON shape; absent: all
            fields: payload keys that each chunk is to have as well, or dotted paths to them
            output: path of a JSONL file to write the chunks to; absent: they are in the result
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
            progress: is called with each Progress, in the caller's own thread
        """
        result: t.FetchResult = self._call(
            "fetch",
            given(
                collection=collection,
                count=count,
                seed=seed,
                min_chars=min_chars,
                filter=filter,
                fields=fields,
                output=output,
            ),
            timeout,
            progress,
        )
        return result

    def choose_persona(
        self,
        *,
        chunk_text: str,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        chunk_id: t.ChunkId | None = None,
        timeout: float | None = None,
    ) -> t.ChoosePersonaResult:
        """The persona for a chunk, from the configured source.

        Args:
            chunk_text: the chunk's text
            timeout_s: seconds after which the call is given up; absent: never
            fresh: ask again although the reply is in the cache; default False
            trace: any text; repeated in logs and in calls to the host
            chunk_id: id of the chunk's point, for the host's own choice
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
        """
        result: t.ChoosePersonaResult = self._call(
            "choose-persona",
            given(
                timeout_s=timeout_s,
                fresh=fresh,
                trace=trace,
                chunk_text=chunk_text,
                chunk_id=chunk_id,
            ),
            timeout,
        )
        return result

    def annotate_suggest(
        self,
        *,
        chunk_text: str,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        chunk_id: t.ChunkId | None = None,
        persona_description: str | None = None,
        count: int | None = None,
        avoid: Sequence[str] | None = None,
        like: str | None = None,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.AnnotateSuggestResult:
        """Different questions for a chunk, for a person to choose from.

        Args:
            chunk_text: the text to ask about
            timeout_s: seconds after which the call is given up; absent: never
            fresh: ask again although the reply is in the cache; default False
            trace: any text; repeated in logs and in calls to the host
            chunk_id: id of the chunk's point: suggestions that do not find it are marked
            persona_description: who asks; absent: chosen from the configured source
            count: how many, 3 to 5; default annotate.suggestions
            avoid: questions that are not wanted again
            like: a question: others of its kind, tone and length are wanted
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
            progress: is called with each Progress, in the caller's own thread
        """
        result: t.AnnotateSuggestResult = self._call(
            "annotate-suggest",
            given(
                timeout_s=timeout_s,
                fresh=fresh,
                trace=trace,
                chunk_text=chunk_text,
                chunk_id=chunk_id,
                persona_description=persona_description,
                count=count,
                avoid=avoid,
                like=like,
            ),
            timeout,
            progress,
        )
        return result

    def gold_add(
        self,
        *,
        chunk_text: str,
        persona_description: str,
        gold_question: str,
        query_type: str | None = None,
        query_format: str | None = None,
        chunk_id: t.ChunkId | None = None,
        timeout: float | None = None,
    ) -> t.GoldAddResult:
        """Add a question that a person picked to the gold set; on disk before it answers.

        Args:
            chunk_text: the chunk's text
            persona_description: who asks; may be empty
            gold_question: the question that a person picked
            query_type: what kind of answer is asked for
            query_format: how the question is put
            chunk_id: id of the chunk's point
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
        """
        result: t.GoldAddResult = self._call(
            "gold-add",
            given(
                chunk_text=chunk_text,
                persona_description=persona_description,
                gold_question=gold_question,
                query_type=query_type,
                query_format=query_format,
                chunk_id=chunk_id,
            ),
            timeout,
        )
        return result

    def gold_sample(
        self,
        *,
        count: int | None = None,
        seed: int | None = None,
        timeout: float | None = None,
    ) -> t.GoldSampleResult:
        """Random entries of the gold set.

        Args:
            count: how many entries; default 5
            seed: fixes which entries and in what order; absent: drawn
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
        """
        result: t.GoldSampleResult = self._call(
            "gold-sample",
            given(
                count=count,
                seed=seed,
            ),
            timeout,
        )
        return result

    def prompts(
        self,
        *,
        program: t.StrPath | Absent | None = ABSENT,
        timeout: float | None = None,
    ) -> t.PromptsResult:
        """The exact messages that a program sends.

        Args:
            program: the program; absent: files.program if it exists
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
        """
        result: t.PromptsResult = self._call(
            "prompts",
            given(
                program=program,
            ),
            timeout,
        )
        return result

    @overload
    def compile(
        self,
        *,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        gold: t.StrPath | None = None,
        output: t.StrPath | None = None,
        program: t.StrPath | Absent | None = ABSENT,
        optimizer: t.Optimizer | None = None,
        split: str | t.Split | None = None,
        metric: t.Metric | None = None,
        threshold: float | None = None,
        budget: t.Budget | None = None,
        dry_run: Literal[True],
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.DryRun: ...

    @overload
    def compile(
        self,
        *,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        gold: t.StrPath | None = None,
        output: t.StrPath | None = None,
        program: t.StrPath | Absent | None = ABSENT,
        optimizer: t.Optimizer | None = None,
        split: str | t.Split | None = None,
        metric: t.Metric | None = None,
        threshold: float | None = None,
        budget: t.Budget | None = None,
        dry_run: Literal[False] | None = None,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.CompileResult: ...

    @overload
    def compile(
        self,
        *,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        gold: t.StrPath | None = None,
        output: t.StrPath | None = None,
        program: t.StrPath | Absent | None = ABSENT,
        optimizer: t.Optimizer | None = None,
        split: str | t.Split | None = None,
        metric: t.Metric | None = None,
        threshold: float | None = None,
        budget: t.Budget | None = None,
        dry_run: bool | None,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.CompileResult | t.DryRun: ...

    def compile(
        self,
        *,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        gold: t.StrPath | None = None,
        output: t.StrPath | None = None,
        program: t.StrPath | Absent | None = ABSENT,
        optimizer: t.Optimizer | None = None,
        split: str | t.Split | None = None,
        metric: t.Metric | None = None,
        threshold: float | None = None,
        budget: t.Budget | None = None,
        dry_run: bool | None = None,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.CompileResult | t.DryRun:
        """Learn a better program from the gold set.

        Args:
            timeout_s: seconds after which the call is given up; absent: never
            fresh: ask again although the reply is in the cache; default False
            trace: any text; repeated in logs and in calls to the host
            gold: path of the gold set; default files.gold
            output: path of the program to write; default files.program
            program: the program to start from; absent: the unoptimised one
            optimizer: the optimiser and its settings
            split: how the gold set is divided: {train, dev, test, seed} or a text such as 40/30/30;
                default 40/30/30 with seed 0
            metric: who scores: judge, host, or {judge, gates}, where a success must also pass those
                gates; default judge
            threshold: score from which an answer is a success, 1 to 5; default 4
            budget: limits of what the call may spend; absent: none
            dry_run: only estimate what it would take; default False
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
            progress: is called with each Progress, in the caller's own thread
        """
        result: t.CompileResult | t.DryRun = self._call(
            "compile",
            given(
                timeout_s=timeout_s,
                fresh=fresh,
                trace=trace,
                gold=gold,
                output=output,
                program=program,
                optimizer=optimizer,
                split=split,
                metric=metric,
                threshold=threshold,
                budget=budget,
                dry_run=dry_run,
            ),
            timeout,
            progress,
        )
        return result

    def evaluate(
        self,
        *,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        gold: t.StrPath | None = None,
        program: t.StrPath | Absent | None = ABSENT,
        baseline: t.StrPath | Absent | None = ABSENT,
        split: t.SplitPart | None = None,
        metric: t.Metric | None = None,
        threshold: float | None = None,
        examples: int | None = None,
        repeats: int | None = None,
        report: t.StrPath | None = None,
        budget: t.Budget | None = None,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.EvaluateResult:
        """Compare a program with a baseline on a part of the gold set.

        Args:
            timeout_s: seconds after which the call is given up; absent: never
            fresh: ask again although the reply is in the cache; default False
            trace: any text; repeated in logs and in calls to the host
            gold: path of the gold set; default files.gold
            program: the program to evaluate; absent: files.program if it exists
            baseline: a program, None, or a .jsonl file of {chunk_text, query}; absent: the
                unoptimised program
            split: the part to evaluate on: test (default), dev, train or all
            metric: who scores: judge, host, or {judge, gates}, where a success must also pass those
                gates; default judge
            threshold: score from which an answer is a success, 1 to 5; default 4
            examples: examples in the result; default 5
            repeats: how often each answer is judged, 1 to 25; default 1
            report: path of an HTML page to write; its .json and .md are written beside it
            budget: limits of what the call may spend; absent: none
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
            progress: is called with each Progress, in the caller's own thread
        """
        result: t.EvaluateResult = self._call(
            "evaluate",
            given(
                timeout_s=timeout_s,
                fresh=fresh,
                trace=trace,
                gold=gold,
                program=program,
                baseline=baseline,
                split=split,
                metric=metric,
                threshold=threshold,
                examples=examples,
                repeats=repeats,
                report=report,
                budget=budget,
            ),
            timeout,
            progress,
        )
        return result

    def compare(
        self,
        *,
        programs: Sequence[t.StrPath | None],
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        models: Sequence[str] | None = None,
        gold: t.StrPath | None = None,
        split: t.SplitPart | None = None,
        metric: t.Metric | None = None,
        threshold: float | None = None,
        examples: int | None = None,
        repeats: int | None = None,
        report: t.StrPath | None = None,
        budget: t.Budget | None = None,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.EvaluateResult:
        """Compare two programs, or models, with each other.

        Args:
            programs: two programs: the first is the baseline, the second is compared with it
            timeout_s: seconds after which the call is given up; absent: never
            fresh: ask again although the reply is in the cache; default False
            trace: any text; repeated in logs and in calls to the host
            models: two task models, one for each program; absent: lm.task.model
            gold: path of the gold set; default files.gold
            split: the part to compare on: test (default), dev, train or all
            metric: who scores: judge, host, or {judge, gates}, where a success must also pass those
                gates; default judge
            threshold: score from which an answer is a success, 1 to 5; default 4
            examples: examples in the result; default 5
            repeats: how often each answer is judged, 1 to 25; default 1
            report: path of an HTML page to write; its .json and .md are written beside it
            budget: limits of what the call may spend; absent: none
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
            progress: is called with each Progress, in the caller's own thread
        """
        result: t.EvaluateResult = self._call(
            "compare",
            given(
                timeout_s=timeout_s,
                fresh=fresh,
                trace=trace,
                programs=programs,
                models=models,
                gold=gold,
                split=split,
                metric=metric,
                threshold=threshold,
                examples=examples,
                repeats=repeats,
                report=report,
                budget=budget,
            ),
            timeout,
            progress,
        )
        return result

    def generate(
        self,
        *,
        chunk_text: str,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        chunk_id: t.ChunkId | None = None,
        persona_description: str | None = None,
        program: t.StrPath | Absent | None = ABSENT,
        rollout: int | None = None,
        candidates: int | None = None,
        gates: Sequence[t.Gate] | None = None,
        save: bool | None = None,
        payload: Mapping[str, Any] | None = None,
        vector: Sequence[float] | None = None,
        timeout: float | None = None,
    ) -> t.GenerateResult:
        """One question for one chunk.

        Args:
            chunk_text: the text to ask about
            timeout_s: seconds after which the call is given up; absent: never
            fresh: ask again although the reply is in the cache; default False
            trace: any text; repeated in logs and in calls to the host
            chunk_id: id of the chunk's point; needed to save and for the gate round-trip
            persona_description: who asks; absent: chosen from the configured source
            program: the program that writes the question; absent: files.program if it exists
            rollout: number of the draw: another number is another draw; default 0
            candidates: draws to choose from, 1 to 20; default 1
            gates: what may refuse the question: standalone, leak, language, round-trip, duplicate,
                answerable; default none
            save: save the question in store.questions.collection; default False
            payload: further payload of the saved question
            vector: the question's vector, to save it with; absent: embedded
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
        """
        result: t.GenerateResult = self._call(
            "generate",
            given(
                timeout_s=timeout_s,
                fresh=fresh,
                trace=trace,
                chunk_text=chunk_text,
                chunk_id=chunk_id,
                persona_description=persona_description,
                program=program,
                rollout=rollout,
                candidates=candidates,
                gates=gates,
                save=save,
                payload=payload,
                vector=vector,
            ),
            timeout,
        )
        return result

    def save_question(
        self,
        *,
        query: str,
        chunk_id: t.ChunkId,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        persona_description: str | None = None,
        query_type: str | None = None,
        query_format: str | None = None,
        payload: Mapping[str, Any] | None = None,
        vector: Sequence[float] | None = None,
        timeout: float | None = None,
    ) -> t.SaveQuestionResult:
        """Save a question into the questions collection.

        Args:
            query: the question
            chunk_id: id of the chunk's point
            timeout_s: seconds after which the call is given up; absent: never
            fresh: ask again although the reply is in the cache; default False
            trace: any text; repeated in logs and in calls to the host
            persona_description: who asks
            query_type: what kind of answer is asked for
            query_format: how the question is put
            payload: further payload of the saved question
            vector: the question's vector; absent: embedded
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
        """
        result: t.SaveQuestionResult = self._call(
            "save-question",
            given(
                timeout_s=timeout_s,
                fresh=fresh,
                trace=trace,
                query=query,
                chunk_id=chunk_id,
                persona_description=persona_description,
                query_type=query_type,
                query_format=query_format,
                payload=payload,
                vector=vector,
            ),
            timeout,
        )
        return result

    @overload
    def generate_all(
        self,
        *,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        collection: str | None = None,
        filter: Mapping[str, Any] | None = None,
        limit: int | None = None,
        per_chunk: int | None = None,
        program: t.StrPath | Absent | None = ABSENT,
        gates: Sequence[t.Gate] | None = None,
        output: t.StrPath | None = None,
        save: bool | None = None,
        resume: bool | None = None,
        slice: t.Slice | None = None,
        budget: t.Budget | None = None,
        dry_run: Literal[True],
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.DryRun: ...

    @overload
    def generate_all(
        self,
        *,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        collection: str | None = None,
        filter: Mapping[str, Any] | None = None,
        limit: int | None = None,
        per_chunk: int | None = None,
        program: t.StrPath | Absent | None = ABSENT,
        gates: Sequence[t.Gate] | None = None,
        output: t.StrPath | None = None,
        save: bool | None = None,
        resume: bool | None = None,
        slice: t.Slice | None = None,
        budget: t.Budget | None = None,
        dry_run: Literal[False] | None = None,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.GenerateAllResult: ...

    @overload
    def generate_all(
        self,
        *,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        collection: str | None = None,
        filter: Mapping[str, Any] | None = None,
        limit: int | None = None,
        per_chunk: int | None = None,
        program: t.StrPath | Absent | None = ABSENT,
        gates: Sequence[t.Gate] | None = None,
        output: t.StrPath | None = None,
        save: bool | None = None,
        resume: bool | None = None,
        slice: t.Slice | None = None,
        budget: t.Budget | None = None,
        dry_run: bool | None,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.GenerateAllResult | t.DryRun: ...

    def generate_all(
        self,
        *,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        collection: str | None = None,
        filter: Mapping[str, Any] | None = None,
        limit: int | None = None,
        per_chunk: int | None = None,
        program: t.StrPath | Absent | None = ABSENT,
        gates: Sequence[t.Gate] | None = None,
        output: t.StrPath | None = None,
        save: bool | None = None,
        resume: bool | None = None,
        slice: t.Slice | None = None,
        budget: t.Budget | None = None,
        dry_run: bool | None = None,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.GenerateAllResult | t.DryRun:
        """Questions for every chunk of a collection; can be continued.

        Args:
            timeout_s: seconds after which the call is given up; absent: never
            fresh: ask again although the reply is in the cache; default False
            trace: any text; repeated in logs and in calls to the host
            collection: collection of the chunks; default store.collection
            filter: which chunks: a Qdrant filter in REST's JSON shape; absent: all
            limit: chunks to look at, in id order; absent: all
            per_chunk: questions of each chunk, 1 to 20; default 1
            program: the program that writes the questions; absent: files.program if it exists
            gates: what may refuse a question: standalone, leak, language, round-trip, duplicate,
                answerable; default none
            output: path of a JSONL file to append the questions to
            save: save the questions in store.questions.collection; default False
            resume: go on after what earlier calls finished; default True
            slice: only a part of the chunks, by their ids: for several processes or machines
            budget: limits of what the call may spend; absent: none
            dry_run: only estimate what it would take; default False
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
            progress: is called with each Progress, in the caller's own thread
        """
        result: t.GenerateAllResult | t.DryRun = self._call(
            "generate-all",
            given(
                timeout_s=timeout_s,
                fresh=fresh,
                trace=trace,
                collection=collection,
                filter=filter,
                limit=limit,
                per_chunk=per_chunk,
                program=program,
                gates=gates,
                output=output,
                save=save,
                resume=resume,
                slice=slice,
                budget=budget,
                dry_run=dry_run,
            ),
            timeout,
            progress,
        )
        return result

    def export_batch(
        self,
        *,
        batch: t.StrPath,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        collection: str | None = None,
        filter: Mapping[str, Any] | None = None,
        limit: int | None = None,
        per_chunk: int | None = None,
        program: t.StrPath | Absent | None = ABSENT,
        gates: Sequence[t.Gate] | None = None,
        output: t.StrPath | None = None,
        save: bool | None = None,
        resume: bool | None = None,
        slice: t.Slice | None = None,
        budget: t.Budget | None = None,
        dry_run: bool | None = None,
        endpoint: str | None = None,
        max_requests: int | None = None,
        max_mb: int | None = None,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.ExportBatchResult:
        """Write what generate-all would ask as requests for a batch API.

        Args:
            batch: where to write: BATCH-00001.jsonl, BATCH-00002.jsonl, …
            timeout_s: seconds after which the call is given up; absent: never
            fresh: ask again although the reply is in the cache; default False
            trace: any text; repeated in logs and in calls to the host
            collection: collection of the chunks; default store.collection
            filter: which chunks: a Qdrant filter in REST's JSON shape; absent: all
            limit: chunks to look at, in id order; absent: all
            per_chunk: questions of each chunk, 1 to 20; default 1
            program: the program that writes the questions; absent: files.program if it exists
            gates: what may refuse a question: standalone, leak, language, round-trip, duplicate,
                answerable; default none
            output: path of a JSONL file to append the questions to
            save: save the questions in store.questions.collection; default False
            resume: go on after what earlier calls finished; default True
            slice: only a part of the chunks, by their ids: for several processes or machines
            budget: limits of what the call may spend; absent: none
            dry_run: only estimate what it would take; default False
            endpoint: the endpoint whose model names and parameters the requests have; default the
                role's first
            max_requests: requests in one file at the most; default 50000
            max_mb: megabytes of one file at the most; default 190
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
            progress: is called with each Progress, in the caller's own thread
        """
        result: t.ExportBatchResult = self._call(
            "export-batch",
            given(
                timeout_s=timeout_s,
                fresh=fresh,
                trace=trace,
                collection=collection,
                filter=filter,
                limit=limit,
                per_chunk=per_chunk,
                program=program,
                gates=gates,
                output=output,
                save=save,
                resume=resume,
                slice=slice,
                budget=budget,
                dry_run=dry_run,
                batch=batch,
                endpoint=endpoint,
                max_requests=max_requests,
                max_mb=max_mb,
            ),
            timeout,
            progress,
        )
        return result

    def import_batch(
        self,
        *,
        results: Sequence[t.StrPath],
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.ImportBatchResult:
        """Keep a batch's replies, so that generate-all finds them.

        Args:
            results: files as OpenAI's Batch API and vllm run-batch write them
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
            progress: is called with each Progress, in the caller's own thread
        """
        result: t.ImportBatchResult = self._call(
            "import-batch",
            given(
                results=results,
            ),
            timeout,
            progress,
        )
        return result

    def check_questions(
        self,
        *,
        timeout_s: float | None = None,
        fresh: bool | None = None,
        trace: str | None = None,
        questions: Sequence[t.Question] | None = None,
        collection: str | None = None,
        report: t.StrPath | None = None,
        timeout: float | None = None,
        progress: t.ProgressHook | None = None,
    ) -> t.CheckQuestionsResult:
        """Measure a set of questions: round trip, duplicates, leaks, languages, diversity.

        Args:
            timeout_s: seconds after which the call is given up; absent: never
            fresh: ask again although the reply is in the cache; default False
            trace: any text; repeated in logs and in calls to the host
            questions: the questions to measure; absent: those saved in collection
            collection: collection of saved questions; default store.questions.collection
            report: path of an HTML page to write; its .json and .md are written beside it
            timeout: seconds after which the client gives the call up and raises CallTimeout; None:
                never
            progress: is called with each Progress, in the caller's own thread
        """
        result: t.CheckQuestionsResult = self._call(
            "check-questions",
            given(
                timeout_s=timeout_s,
                fresh=fresh,
                trace=trace,
                questions=questions,
                collection=collection,
                report=report,
            ),
            timeout,
            progress,
        )
        return result
