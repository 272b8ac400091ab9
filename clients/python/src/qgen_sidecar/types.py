"""The shapes of parameters and results, as TypedDicts: plain dicts at run time.

`…Params` are a method's keyword arguments, `…Result` what it returns. The
names are the wire's own; docs/reference.md explains each field. A parameter
that is absent or None is not sent; only `program` and `baseline` tell None
(the unoptimised program) from absent (`files.program` if it exists).
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired, Required

StrPath = str | os.PathLike[str]
ChunkId = int | str | uuid.UUID


class Usage(TypedDict):
    """What a call cost: `calls` were sent to a model, `cached` were not."""

    calls: int
    cached: int
    prompt_tokens: int
    completion_tokens: int
    usd: float | None


class Progress(TypedDict):
    """One event of a long call; the last one has done == total."""

    token: int | str
    stage: str
    done: int
    total: int
    message: NotRequired[str]
    usage: NotRequired[Usage]


# --- the hooks: what the sidecar may ask of the host ---

Hook = Callable[..., Any]


class EmbedModel(TypedDict):
    """Told with the embed hook, so that vectors of two models are never mixed."""

    model: str
    dimension: int


EmbedHook = Hook | tuple[Hook, EmbedModel]
ProgressHook = Callable[[Progress], object]
AsyncProgressHook = Callable[[Progress], object] | Callable[[Progress], Awaitable[object]]


# --- initialize and status ---


class Collection(TypedDict):
    name: str
    points: int


class Share(TypedDict):
    """Where the folder is served over Qdrant's own gRPC API. `status` leaves the key out."""

    host: str
    grpc_port: int
    api_key: NotRequired[str]


class Store(TypedDict):
    mode: Literal["folder", "shared", "server"]
    path: NotRequired[str]
    url: NotRequired[str]
    collections: list[Collection]
    share: NotRequired[Share]
    warnings: NotRequired[list[str]]


class Name(TypedDict):
    name: str
    version: str


class Methods(TypedDict):
    methods: list[str]


class Limits(TypedDict):
    max_in_flight: int
    max_message_bytes: int


class Door(TypedDict):
    """The dispatcher's OpenAI-compatible door."""

    base_url: str
    api_key: str


class InitializeResult(TypedDict):
    protocol_version: str
    server_info: Name
    capabilities: Methods
    limits: Limits
    files: dict[str, str]
    store: Store | None
    dispatcher: NotRequired[Door]


class Endpoint(TypedDict):
    name: str
    state: Literal["ready", "cooling", "dead"]
    in_flight: int
    queued: int
    rpm_used: int
    rpm_limit: int
    tpm_used: int
    tpm_limit: int
    ok: int
    failed: int
    rate_limited: int
    p50_ms: float
    p95_ms: float
    last_error: NotRequired[str]


class Job(TypedDict):
    id: int | str
    method: str
    done: int
    total: int


class Waiting(TypedDict):
    job: str
    priority: Literal["interactive", "suggesting", "batch"]
    calls: int
    oldest_s: float
    why: str


class StatusResult(TypedDict):
    uptime_s: float
    store: Store | None
    endpoints: list[Endpoint]
    jobs: list[Job]
    queue: NotRequired[list[Waiting]]  # the model calls that wait


# --- parameters that many methods share ---


class Wait(TypedDict, total=False):
    """Of the client alone: seconds after which it gives the call up (CallTimeout)."""

    timeout: float | None


class ModelCall(Wait, total=False):
    timeout_s: float | None  # the same on the sidecar's side: it answers with an error
    fresh: bool | None  # ask again although the reply is in the cache
    trace: str | None  # echoed in logs and callbacks


class Budget(TypedDict, total=False):
    max_calls: int
    max_tokens: int
    max_usd: float


class JudgeMetric(TypedDict, total=False):
    judge: Literal[True, "judge", "host"]
    gates: Sequence[str]


Metric = Literal["judge", "host"] | JudgeMetric


class ProgramUsed(TypedDict):
    program: str | None
    program_hash: str


# --- the methods, in the order of the road ---


class LmCompleteParams(ModelCall, total=False):
    prompt: str | None
    messages: Sequence[Mapping[str, Any]] | None
    role: Literal["task", "teacher", "judge"] | None
    model: str | None
    max_tokens: int | None
    temperature: float | None
    response_format: Mapping[str, Any] | None


class LmCompleteResult(TypedDict):
    text: str
    endpoint: str
    model: str
    finish_reason: str
    usage: Usage


class FetchParams(Wait, total=False):
    collection: str | None
    count: int | None
    seed: int | None
    min_chars: int | None
    filter: Mapping[str, Any] | None
    fields: Sequence[str] | None
    output: StrPath | None


class FetchResult(TypedDict):
    collection: str
    total: int
    count: int
    without_text: int
    seed: int
    output: str | None
    chunks: NotRequired[list[dict[str, Any]]]


class ChoosePersonaParams(ModelCall, total=False):
    chunk_text: Required[str]
    chunk_id: ChunkId | None


class ChoosePersonaResult(TypedDict):
    persona_description: str | None
    name: NotRequired[str]
    score: NotRequired[float]
    source: str


class AnnotateSuggestParams(ModelCall, total=False):
    chunk_text: Required[str]
    chunk_id: ChunkId | None
    persona_description: str | None
    count: int | None
    avoid: Sequence[str] | None
    like: str | None


class Suggestion(TypedDict):
    question: str
    query_type: str
    query_format: str
    warnings: list[str]


class AnnotateSuggestResult(TypedDict):
    persona_description: str | None
    suggestions: list[Suggestion]
    usage: Usage


class GoldAddParams(Wait, total=False):
    chunk_text: Required[str]
    persona_description: Required[str]
    gold_question: Required[str]
    query_type: str | None
    query_format: str | None
    chunk_id: ChunkId | None


class GoldAddResult(TypedDict):
    count: int


class GoldSampleParams(Wait, total=False):
    count: int | None
    seed: int | None


class GoldSampleResult(TypedDict):
    total: int
    entries: list[dict[str, Any]]


class PromptsParams(Wait, total=False):
    program: StrPath | None


class PredictorPrompt(TypedDict):
    name: str
    messages: list[dict[str, Any]]


class PromptsResult(ProgramUsed):
    predictors: list[PredictorPrompt]


class Optimizer(TypedDict, total=False):
    name: str
    max_bootstrapped_demos: int
    max_labeled_demos: int
    num_candidate_programs: int
    max_rounds: int
    num_proposals: int
    minibatch_size: int
    seed: int
    prune: bool
    concurrency: int


class Split(TypedDict, total=False):
    """Parts left out are 0; seed None keeps the file's order."""

    train: float
    dev: float
    test: float
    seed: int | None


class CompileParams(ModelCall, total=False):
    gold: StrPath | None
    output: StrPath | None
    program: StrPath | None
    optimizer: Optimizer | None
    split: Split | str | None
    metric: Metric | None
    threshold: float | None
    budget: Budget | None
    dry_run: bool | None


class Score(TypedDict):
    score: float | None


class Best(TypedDict):
    candidate: int
    score: float | None


class Batch(TypedDict):
    """How a program did on a few training examples."""

    n: int
    successes: int
    mean: float


class Proposal(TypedDict):
    """How a candidate of a reflective optimiser came to be, and what became of it."""

    parent: int
    merged_with: NotRequired[int]
    predictor: str
    instruction: str
    entries: list[int]
    before: NotRequired[Batch]
    after: NotRequired[Batch]
    accepted: bool
    outcome: str


class Candidate(TypedDict):
    """`candidate` is the number DSPy gives it; a pruned one has score None.

    `demos` are its demonstrations by predictor, as DSPy saves them; `demo_entries` the same
    as indices in the gold file.
    """

    candidate: int
    score: float | None
    n: int
    demos: dict[str, list[dict[str, Any]]]
    demo_entries: dict[str, list[int]]
    pruned: NotRequired[bool]
    proposal: NotRequired[Proposal]


class SplitCounts(TypedDict):
    train: int
    dev: int
    test: int


class CallRange(TypedDict):
    at_least: int
    at_most: int


class DryRun(TypedDict, total=False):
    """What `dry_run=True` gives instead: ranges, None where it cannot be told."""

    calls: CallRange
    tokens: list[int] | None
    usd: list[float] | None
    minutes: list[float] | None


class CompileResult(DryRun, ProgramUsed):
    output: str
    baseline: Score
    best: Best
    candidates: list[Candidate]
    split: SplitCounts
    usage: Usage
    elapsed_s: float
    warnings: NotRequired[list[str]]


class Judging(ModelCall, total=False):
    gold: StrPath | None
    split: Literal["test", "dev", "train", "all"] | None
    metric: Metric | None
    threshold: float | None
    examples: int | None
    repeats: int | None
    report: StrPath | None
    budget: Budget | None


class EvaluateParams(Judging, total=False):
    program: StrPath | None
    baseline: StrPath | None


class CompareParams(Judging, total=False):
    programs: Required[Sequence[StrPath | None]]
    models: Sequence[str] | None


class Summary(TypedDict):
    """`score` and `ci95` are percent of successes, `mean` is 1-5."""

    score: float | None
    ci95: list[float] | None
    mean: float | None
    errors: int


class Difference(TypedDict):
    """`points` is optimized minus baseline; `p_value` exact McNemar, `p_mean` sign-flip."""

    points: float | None
    ci95: list[float] | None
    p_value: float | None
    p_mean: float | None
    verdict_code: Literal["better", "worse", "none"]
    verdict: str


class Clause(TypedDict):
    """The part of the judge's question on which people and the judge are furthest apart."""

    name: Literal["clarity", "specificity", "relevance"]
    n: int
    gap: float


class Agreement(TypedDict):
    """The judge beside people who scored the same outputs (`annotate --judge`)."""

    n: int
    kappa: float
    ci95: tuple[float, float]
    constant_agreement: float
    agreement: float
    unanswered: NotRequired[int]
    clause: NotRequired[Clause]


class Judge(TypedDict):
    model: str
    kappa: NotRequired[float]
    flip_rate: NotRequired[float]
    warning: NotRequired[str]
    agreement: NotRequired[Agreement]


class ScoredOutput(TypedDict):
    """`score` None: the call failed, see `error`."""

    query: str | None
    score: float | None
    reason: str
    error: NotRequired[str]


class EvaluateExample(TypedDict):
    chunk_text: str
    persona_description: str
    gold_question: str
    unoptimized: ScoredOutput
    optimized: ScoredOutput


class GoldOverlap(TypedDict):
    baseline: float | None
    optimized: float | None


class EvaluateResult(ProgramUsed):
    n: int
    split: str
    baseline: Summary
    optimized: Summary
    difference: Difference
    wins: int
    ties: int
    losses: int
    judge: Judge
    gold_overlap: GoldOverlap
    warnings: list[str]
    examples: list[EvaluateExample]
    report: NotRequired[str]
    usage: Usage


class GenerateParams(ModelCall, total=False):
    chunk_text: Required[str]
    chunk_id: ChunkId | None
    persona_description: str | None
    program: StrPath | None
    rollout: int | None
    candidates: int | None
    gates: Sequence[str] | None
    save: bool | None
    payload: Mapping[str, Any] | None
    vector: Sequence[float] | None


class GenerateResult(ProgramUsed):
    query: str | None
    query_type: str
    query_format: str
    persona_description: str | None
    warnings: list[str]
    rejected_reason: NotRequired[str]
    point_id: NotRequired[int | str]
    model: str
    usage: Usage
    elapsed_ms: float


class SaveQuestionParams(ModelCall, total=False):
    query: Required[str]
    chunk_id: Required[ChunkId]
    persona_description: str | None
    query_type: str | None
    query_format: str | None
    payload: Mapping[str, Any] | None
    vector: Sequence[float] | None


class SaveQuestionResult(TypedDict):
    point_id: int | str


class Slice(TypedDict):
    """Part `index` (from 0) of `total` equal parts: workers on several machines."""

    index: int
    total: int


class GenerateAllParams(ModelCall, total=False):
    collection: str | None
    filter: Mapping[str, Any] | None
    limit: int | None
    per_chunk: int | None
    program: StrPath | None
    gates: Sequence[str] | None
    output: StrPath | None
    save: bool | None
    resume: bool | None
    slice: Slice | None
    budget: Budget | None
    dry_run: bool | None


class Failure(TypedDict):
    chunk_id: int | str
    error: str


class GateCount(TypedDict):
    gate: str
    asked: int
    refused: int
    usage: Usage


class TypeShare(TypedDict):
    """How many questions are of a type; `wanted` with quality.type_mix."""

    type: str
    n: int
    share: float
    wanted: NotRequired[float]


class GenerateAllResult(DryRun, ProgramUsed):
    done: int
    skipped: int
    rejected: int
    failed: int
    written: int
    stale: int
    usage: Usage
    types: list[TypeShare]
    type_divergence: NotRequired[float]
    gates: list[GateCount]
    failures: list[Failure]
    warnings: list[str]


class ExportBatchParams(GenerateAllParams, total=False):
    batch: Required[StrPath]
    endpoint: str | None
    max_requests: int | None
    max_mb: int | None


class ExportBatchResult(ProgramUsed):
    """`waiting` questions need further rounds; generate-all finishes `ready` ones unasked."""

    requests: int
    files: list[str]
    waiting: int
    ready: int
    done: int
    failed: int
    failures: list[Failure]
    warnings: list[str]
    usage: Usage


class ImportBatchParams(Wait, total=False):
    results: Required[Sequence[StrPath]]


class BatchFailure(TypedDict):
    file: str
    line: int
    custom_id: NotRequired[str]
    error: str


class ImportBatchResult(TypedDict):
    imported: int
    failed: int
    failures: list[BatchFailure]
    prompt_tokens: int
    completion_tokens: int


class Question(TypedDict):
    chunk_text: str
    chunk_id: NotRequired[ChunkId]
    query: str


class CheckQuestionsParams(ModelCall, total=False):
    questions: Sequence[Question] | None
    collection: str | None
    report: StrPath | None


class RoundTrip(TypedDict):
    at_1: float
    at_5: float
    at_10: float
    mrr: float


class Flag(TypedDict):
    index: int
    reasons: list[str]


class CheckQuestionsResult(TypedDict):
    n: int
    round_trip: RoundTrip | None
    duplicates: int
    leaks: int
    not_standalone: int
    other_language: int
    languages: dict[str, int]
    diversity: dict[str, Any]
    flagged: list[Flag]
    dark_chunks: list[ChunkId]
    warnings: NotRequired[list[str]]
    report: NotRequired[str]
    usage: NotRequired[Usage]
