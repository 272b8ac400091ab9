"""The shapes of parameters and results, as TypedDicts: plain dicts at run time.

Generated from openrpc.json by tools/generate.py (`make reference`); do not edit.

`…Params` are a method's keyword arguments, `…Result` what it returns, `…Hook` what the host
may offer. The names are the wire's own. A parameter that is absent or None is not sent; only
`program` and `baseline` tell None (the unoptimised program) from absent. Every type can be
evaluated at run time: typing.get_type_hints, pydantic, FastAPI's response models.
"""

import os
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    try:  # before 3.12 pydantic takes only these, and brings them itself
        from typing_extensions import TypedDict
    except ImportError:
        from typing import TypedDict

StrPath = str | os.PathLike[str]
ChunkId = int | str | uuid.UUID
ClauseName = Literal[
    "clarity",
    "specificity",
    "relevance",
]
EndpointState = Literal[
    "ready",
    "cooling",
    "dead",
]
Gate = Literal[
    "standalone",
    "leak",
    "language",
    "round-trip",
    "duplicate",
    "answerable",
]
MetricGate = Literal[
    "standalone",
    "leak",
    "language",
    "answerable",
]
MetricName = Literal[
    "judge",
    "host",
]
OptimizerName = Literal[
    "labeled-few-shot",
    "bootstrap-few-shot",
    "bootstrap-few-shot-random-search",
    "reflective",
    "reflective+bootstrap",
]
PersonaSource = Literal[
    "host",
    "file",
    "collection",
    "none",
]
PredictorName = Literal[
    "analyzer",
    "generator",
]
Priority = Literal[
    "interactive",
    "suggesting",
    "batch",
]
Purpose = Literal[
    "query",
    "passage",
]
Role = Literal[
    "task",
    "teacher",
    "judge",
]
SplitPart = Literal[
    "test",
    "dev",
    "train",
    "all",
]
StoreMode = Literal[
    "folder",
    "server",
    "shared",
]
VerdictCode = Literal[
    "better",
    "worse",
    "none",
]


# --- results and what they are made of ---


class Name(TypedDict):
    name: str
    """name of the program"""
    version: str
    """its version"""


class Methods(TypedDict):
    methods: list[str]
    """names of the methods"""


class Limits(TypedDict):
    max_in_flight: int
    """calls in flight at once; further ones are -32001"""
    max_message_bytes: int
    """bytes of one message; a longer one is -32600"""


class Files(TypedDict):
    raw_chunks: str
    """sample of chunks to annotate"""
    gold: str
    """the gold set"""
    program: str
    """the optimised program"""


class Collection(TypedDict):
    name: str
    """its name"""
    points: int
    """points in it; about, on a server"""


class _ShareRequired(TypedDict):
    host: str
    """loopback address"""
    grpc_port: int
    """port of its gRPC"""


class Share(_ShareRequired, total=False):
    api_key: str
    """key that clients need"""


class _StoreRequired(TypedDict):
    mode: StoreMode
    """folder, server or shared (the share of another sidecar)"""
    collections: list[Collection]
    """the collections that can be read"""


class Store(_StoreRequired, total=False):
    path: str
    """the folder"""
    url: str
    """the server"""
    share: Share
    """where the folder is shared; absent: it is not"""
    warnings: list[str]
    """what cannot be read"""


class Door(TypedDict):
    base_url: str
    """base URL for OpenAI's clients"""
    api_key: str
    """key that they need"""


class _InitializeResultRequired(TypedDict):
    protocol_version: str
    """the version that is spoken"""
    server_info: Name
    """the sidecar"""
    capabilities: Methods
    """what the sidecar serves"""
    limits: Limits
    """what a host may send"""
    files: Files
    """absolute paths of the files"""
    store: Store | None
    """the store; None: none is configured, or it is opened later"""


class InitializeResult(_InitializeResultRequired, total=False):
    dispatcher: Door
    """address and key of the OpenAI-compatible door; absent: dispatcher.listen is not set"""


class _EndpointRequired(TypedDict):
    name: str
    """name of the endpoint"""
    state: EndpointState
    """ready, cooling (it failed often and is asked again soon) or dead (its key was refused)"""
    in_flight: int
    """calls that it works on"""
    queued: int
    """calls that wait and may go to it"""
    rpm_used: int
    """requests of the last minute"""
    rpm_limit: int
    """requests a minute, configured or found; 0: not known"""
    tpm_used: int
    """tokens of the last minute"""
    tpm_limit: int
    """tokens a minute, configured or found; 0: not known"""
    ok: int
    """calls that it answered"""
    failed: int
    """calls that failed there"""
    rate_limited: int
    """calls that it refused for its limits"""
    p50_ms: float
    """milliseconds of a call, half took less"""
    p95_ms: float
    """milliseconds of a call, 95 in 100 took less"""


class Endpoint(_EndpointRequired, total=False):
    last_error: str
    """its last fault"""


class Job(TypedDict):
    id: str | int
    """id of the call, as the caller sent it"""
    method: str
    """name of the method"""
    done: int
    """units of work that are done"""
    total: int
    """units of work in all, as far as is known"""


class Waiting(TypedDict):
    job: str
    """the call that they belong to"""
    priority: Priority
    """class in which they wait"""
    calls: int
    """model calls that wait"""
    oldest_s: float
    """seconds that the oldest has waited"""
    why: str
    """what they wait for"""


class _StatusResultRequired(TypedDict):
    uptime_s: float
    """seconds since the process started"""
    store: Store | None
    """the store; None: none is configured, or it is not open yet"""
    endpoints: list[Endpoint]
    """each endpoint, as it stands"""
    jobs: list[Job]
    """the long calls in flight"""


class StatusResult(_StatusResultRequired, total=False):
    queue: list[Waiting]
    """the model calls that wait, by job; absent when none does"""


class Usage(TypedDict):
    calls: int
    """requests sent to models, retries too"""
    cached: int
    """answers that came from the cache"""
    prompt_tokens: int
    """prompt tokens of these requests"""
    completion_tokens: int
    """completion tokens of these requests"""
    usd: float | None
    """US dollars; None: a price is not configured"""


class LmCompleteResult(TypedDict):
    text: str
    """the reply"""
    endpoint: str
    """name of the endpoint that answered"""
    model: str
    """the model that answered"""
    finish_reason: str
    """why the reply ends, in the endpoint's word"""
    usage: Usage
    """what the call took"""


class Chunk(TypedDict):
    chunk_id: str | int
    """id of the chunk's point"""
    chunk_text: str
    """the chunk's text"""


class _FetchResultRequired(TypedDict):
    collection: str
    """the collection"""
    total: int
    """points that match the filter"""
    count: int
    """chunks in the sample"""
    without_text: int
    """points that others replaced: no text, or less than min_chars"""
    seed: int
    """the seed, given or drawn"""
    output: str | None
    """path of the file; None: the chunks are here"""


class FetchResult(_FetchResultRequired, total=False):
    chunks: list[Chunk]
    """the sample: chunk_id, chunk_text and the fields asked for; absent with output"""


class _ChoosePersonaResultRequired(TypedDict):
    persona_description: str | None
    """who asks; None: the source has nobody for this chunk"""
    source: PersonaSource
    """host, file, collection or none"""


class ChoosePersonaResult(_ChoosePersonaResultRequired, total=False):
    name: str
    """name of the persona"""
    score: float
    """how well it fits: the cosine of its description and the chunk; absent: not measured"""


class Suggestion(TypedDict):
    question: str
    """the question"""
    query_type: str
    """what kind of answer is asked for"""
    query_format: str
    """how the question is put"""
    warnings: list[str]
    """faults of the question; none: an empty list"""


class AnnotateSuggestResult(TypedDict):
    persona_description: str | None
    """who asks; None: the host skipped the chunk"""
    suggestions: list[Suggestion]
    """the questions, no two alike; none when the chunk was skipped"""
    usage: Usage
    """what the suggestions took"""


class GoldAddResult(TypedDict):
    count: int
    """entries in the gold set now"""


class _GoldEntryRequired(TypedDict):
    chunk_text: str
    """the chunk's text"""
    persona_description: str
    """who asks"""
    gold_question: str
    """the question that a person picked"""


class GoldEntry(_GoldEntryRequired, total=False):
    query_type: str
    """what kind of answer is asked for"""
    query_format: str
    """how the question is put"""
    chunk_id: str | int
    """id of the chunk's point"""


class GoldSampleResult(TypedDict):
    total: int
    """entries in the gold set"""
    entries: list[GoldEntry]
    """the drawn entries, whole, unknown keys too"""


class Message(TypedDict):
    role: str
    """system, user or assistant"""
    content: str
    """the text"""


class PredictorPrompt(TypedDict):
    name: PredictorName
    """analyzer or generator"""
    messages: list[Message]
    """what the step sends, with the inputs' names in braces"""


class PromptsResult(TypedDict):
    program: str | None
    """path of the program; None: the unoptimised one"""
    program_hash: str
    """SHA-256 of the program as a run uses it, in hex"""
    predictors: list[PredictorPrompt]
    """each step of the program"""


class Score(TypedDict):
    score: float | None
    """percent of successes on the dev part; None: nothing was scored"""


class Best(TypedDict):
    candidate: int
    """number of the candidate, as in candidates"""
    score: float | None
    """percent of successes on the dev part; None: nothing was scored"""


class Demonstration(TypedDict, total=False):
    augmented: bool
    """a teacher made it"""
    chunk_text: str
    """the chunk's text"""
    persona_description: str
    """who asks"""
    query_type: str
    """what kind of answer is asked for"""
    query_format: str
    """how the question is put"""
    query: str
    """the question"""


class CandidateDemos(TypedDict):
    analyzer: list[Demonstration]
    """of the first step"""
    generator: list[Demonstration]
    """of the second step"""


class CandidateEntries(TypedDict):
    analyzer: list[int]
    """of the first step"""
    generator: list[int]
    """of the second step"""


class Batch(TypedDict):
    n: int
    """runs that were scored"""
    successes: int
    """successes among them"""
    mean: float
    """mean score, 1 to 5"""


class _ProposalRequired(TypedDict):
    parent: int
    """the candidate whose instruction it replaces"""
    predictor: PredictorName
    """the step whose instruction it is"""
    instruction: str
    """the instruction; empty: the teacher gave none"""
    entries: list[int]
    """gold entries that the teacher was shown, from 0"""
    accepted: bool
    """it was better on these entries, and was scored on the dev part"""
    outcome: str
    """what became of it, in words"""


class Proposal(_ProposalRequired, total=False):
    merged_with: int
    """the candidate that the instruction was taken from; absent: the teacher wrote it"""
    before: Batch
    """the parent on these entries"""
    after: Batch
    """the new program on these entries; absent: it was not tried"""


class _CandidateRequired(TypedDict):
    candidate: int
    """its number: -3 without demonstrations, -2 labelled, -1 bootstrapped, 0 and up drawn or
    proposed
    """
    score: float | None
    """percent of successes on the dev part; None: not scored to the end"""
    n: int
    """examples that were scored"""
    demos: CandidateDemos
    """its demonstrations"""
    demo_entries: CandidateEntries
    """the gold entries that they are of, from 0"""


class Candidate(_CandidateRequired, total=False):
    errors: int
    """runs that failed"""
    pruned: bool
    """it was given up because it could not win any more"""
    proposal: Proposal
    """how its instruction came to be"""


class SplitCounts(TypedDict):
    train: int
    """entries that the program may learn from"""
    dev: int
    """entries by which candidates are compared"""
    test: int
    """entries that are kept back for evaluate"""


class _CompileResultRequired(TypedDict):
    program: str | None
    """path of the program; None: the unoptimised one"""
    program_hash: str
    """SHA-256 of the program as a run uses it, in hex"""
    output: str
    """path of the program that was written"""
    baseline: Score
    """the start on the dev part"""
    best: Best
    """the best candidate on the dev part"""
    candidates: list[Candidate]
    """every candidate with its score and demonstrations"""
    split: SplitCounts
    """entries in each part"""
    usage: Usage
    """what the compile took"""
    elapsed_s: float
    """seconds that the compile took"""


class CompileResult(_CompileResultRequired, total=False):
    warnings: list[str]
    """what should be known before the program is used"""


class CallRange(TypedDict):
    at_least: int
    """calls that are made for certain"""
    at_most: int
    """calls that are made at the most"""


class DryRun(TypedDict):
    calls: CallRange
    """model calls"""
    tokens: list[int] | None
    """tokens, [at least, at most]; None: not known"""
    usd: list[float] | None
    """US dollars, [at least, at most]; None: a price is not configured"""
    minutes: list[float] | None
    """minutes, [at least, at most]; None: an endpoint has no rate limit"""


class Summary(TypedDict):
    score: float | None
    """percent of successes; None: nothing was scored"""
    ci95: list[float] | None
    """its 95 % interval, in percent (Wilson's); None: nothing was scored"""
    mean: float | None
    """mean score, 1 to 5; None: nothing was scored"""
    errors: int
    """entries without a score, in no average"""


class Difference(TypedDict):
    points: float | None
    """percentage points of success; None: no pair was scored"""
    ci95: list[float] | None
    """its 95 % interval, in points (Tango's)"""
    p_value: float | None
    """exact McNemar's test, two-sided"""
    p_mean: float | None
    """permutation test of the mean score"""
    verdict_code: VerdictCode
    """better, worse or none (no difference was shown)"""
    verdict: str
    """what may be concluded, in a sentence"""


class Clause(TypedDict):
    name: ClauseName
    """clarity, specificity or relevance"""
    n: int
    """outputs on which a person or the judge named it"""
    gap: float
    """mean distance of the two scores on these, in points"""


class _AgreementRequired(TypedDict):
    n: int
    """outputs that both scored"""
    kappa: float
    """quadratically weighted κ, -1 to 1"""
    ci95: list[float]
    """its 95 % interval"""
    constant_agreement: float
    """share of people's commonest score: what a judge that always gives it would agree"""
    agreement: float
    """share of equal scores"""


class Agreement(_AgreementRequired, total=False):
    unanswered: int
    """outputs that the judge gave no score"""
    clause: Clause
    """what the judge and people disagree on most"""


class _JudgeRequired(TypedDict):
    model: str
    """the model that judged, or host"""


class Judge(_JudgeRequired, total=False):
    kappa: float
    """quadratically weighted κ of the judge with people; absent: nobody scored outputs"""
    flip_rate: float
    """share of answers whose repeated judgements disagree on success; absent without repeats"""
    warning: str
    """what speaks against the judge"""
    agreement: Agreement
    """the judge held against people, who scored outputs with annotate --judge"""


class GoldOverlap(TypedDict):
    baseline: float | None
    """mean similarity of its questions to the gold questions, 0 to 1 (Jaccard of character
    5-grams); None: it wrote none
    """
    optimized: float | None
    """the same of the program"""


class _ScoredOutputRequired(TypedDict):
    query: str | None
    """the question; None: none was written"""
    score: float | None
    """1 to 5, the mean of repeats; None: the call failed"""
    reason: str
    """the judge's reason"""


class ScoredOutput(_ScoredOutputRequired, total=False):
    error: str
    """what failed"""


class EvaluateExample(TypedDict):
    chunk_text: str
    """the chunk's text"""
    persona_description: str
    """who asks"""
    gold_question: str
    """the question that a person picked"""
    unoptimized: ScoredOutput
    """the baseline's question"""
    optimized: ScoredOutput
    """the program's question"""


class _EvaluateResultRequired(TypedDict):
    program: str | None
    """path of the program; None: the unoptimised one"""
    program_hash: str
    """SHA-256 of the program as a run uses it, in hex"""
    n: int
    """gold entries that were evaluated"""
    split: SplitPart
    """the part that they are of"""
    baseline: Summary
    """the baseline's scores"""
    optimized: Summary
    """the program's scores"""
    difference: Difference
    """program against baseline, and what may be concluded"""
    wins: int
    """entries on which the program scored higher"""
    ties: int
    """entries with equal scores"""
    losses: int
    """entries on which the baseline scored higher"""
    judge: Judge
    """who scored, and how far that can be trusted"""
    gold_overlap: GoldOverlap
    """how like the gold questions the written ones are"""
    warnings: list[str]
    """what should be known before the figures are believed"""
    examples: list[EvaluateExample]
    """the examples worth reading"""
    usage: Usage
    """what the evaluation took"""


class EvaluateResult(_EvaluateResultRequired, total=False):
    report: str
    """path of the page that was written"""


class _GenerateResultRequired(TypedDict):
    program: str | None
    """path of the program; None: the unoptimised one"""
    program_hash: str
    """SHA-256 of the program as a run uses it, in hex"""
    query: str | None
    """the question; None: none passed the gates"""
    query_type: str
    """what kind of answer is asked for"""
    query_format: str
    """how the question is put"""
    persona_description: str | None
    """who asks; None: nobody was chosen"""
    warnings: list[str]
    """faults of the text that no gate was asked about"""
    model: str
    """the model that wrote it"""
    usage: Usage
    """what the question took"""
    elapsed_ms: float
    """milliseconds that the call took"""


class GenerateResult(_GenerateResultRequired, total=False):
    rejected_reason: str
    """gate and reason, when query is None"""
    point_id: str | int
    """id of the saved question"""


class SaveQuestionResult(TypedDict):
    point_id: str | int
    """id of the saved question"""


class _TypeShareRequired(TypedDict):
    type: str
    """the type, in small letters"""
    n: int
    """questions of it"""
    share: float
    """its share of all questions, 0 to 1"""


class TypeShare(_TypeShareRequired, total=False):
    wanted: float
    """its share by quality.type_mix; absent without a mix"""


class GateCount(TypedDict):
    gate: Gate
    """the gate's name"""
    asked: int
    """questions that it was asked about, those asked again too, and chunks that it refused before
    any question
    """
    refused: int
    """of these, how many it refused"""
    usage: Usage
    """what it took; an embedding is counted at the first gate that needed it"""


class Failure(TypedDict):
    chunk_id: str | int
    """id of the chunk"""
    error: str
    """what failed"""


class _GenerateAllResultRequired(TypedDict):
    program: str | None
    """path of the program; None: the unoptimised one"""
    program_hash: str
    """SHA-256 of the program as a run uses it, in hex"""
    done: int
    """questions that were accepted by this call"""
    skipped: int
    """questions that earlier calls finished, and those of chunks without a text"""
    rejected: int
    """questions that a gate refused"""
    failed: int
    """questions that a fault left open; the same call tries them again"""
    written: int
    """accepted questions, saved or in the output"""
    stale: int
    """saved questions of the collection's chunks that are marked stale: the chunk is gone or has
    another text; counted with save
    """
    usage: Usage
    """what the call took"""
    types: list[TypeShare]
    """types of all accepted questions, earlier calls' too, the commonest first"""
    gates: list[GateCount]
    """each gate, counted and priced apart, in the order in which they are asked"""
    failures: list[Failure]
    """the failed ones, at most 1,000 of them"""
    warnings: list[str]
    """what was mended or left out"""


class GenerateAllResult(_GenerateAllResultRequired, total=False):
    type_divergence: float
    """divergence of the types from quality.type_mix, 0 to 1 bit (Jensen-Shannon); absent without a
    mix
    """


class ExportBatchResult(TypedDict):
    program: str | None
    """path of the program; None: the unoptimised one"""
    program_hash: str
    """SHA-256 of the program as a run uses it, in hex"""
    requests: int
    """different requests that were written"""
    files: list[str]
    """the files, in order; none when nothing is missing"""
    waiting: int
    """questions that need the replies of these requests, and perhaps of further rounds"""
    ready: int
    """questions whose replies are all known: generate-all finishes them without asking"""
    done: int
    """questions that generate-all had finished before"""
    failed: int
    """questions that could not be prepared"""
    failures: list[Failure]
    """the failed ones, at most 1,000 of them"""
    warnings: list[str]
    """what should be known before the batch is paid for"""
    usage: Usage
    """what choosing personas took"""


class _BatchFailureRequired(TypedDict):
    file: str
    """path of the file"""
    line: int
    """number of the line, from 1"""
    error: str
    """why its reply cannot be used"""


class BatchFailure(_BatchFailureRequired, total=False):
    custom_id: str
    """the id that the line names"""


class ImportBatchResult(TypedDict):
    imported: int
    """replies that were kept"""
    failed: int
    """lines that brought no usable reply; export-batch writes their requests again"""
    failures: list[BatchFailure]
    """the failed lines, at most 1,000 of them"""
    prompt_tokens: int
    """prompt tokens of the imported replies"""
    completion_tokens: int
    """completion tokens of the imported replies"""


class RoundTrip(TypedDict):
    at_1: float
    """share of questions whose chunk is the first hit, 0 to 1"""
    at_5: float
    """share whose chunk is among the first 5"""
    at_10: float
    """share whose chunk is among the first 10"""
    mrr: float
    """mean reciprocal rank of the chunk within the first 10, 0 to 1"""


class DiversityFigures(TypedDict):
    n: int
    """questions"""
    distinct_1: float
    """different words per word, 0 to 1"""
    distinct_2: float
    """different word pairs per pair, 0 to 1"""
    distinct_3: float
    """different word triples per triple, 0 to 1"""
    ngd: float
    """n-gram diversity: the sum of these and of fours, 0 to 4"""
    mean_similarity: float
    """mean similarity of two questions in their characters, 0 to 1"""
    compared: int
    """questions that this mean is over"""
    mean_words: float
    """mean length in words"""
    sd_words: float
    """standard deviation of the length, in words"""
    opening: str
    """the commonest first two words; empty: no question has two"""
    opening_share: float
    """share of questions that open so, 0 to 1"""


class BesideGold(TypedDict):
    n: int
    """questions of each"""
    questions: DiversityFigures
    """of the set"""
    gold: DiversityFigures
    """of the gold set"""


class _DiversityRequired(TypedDict):
    n: int
    """questions"""
    distinct_1: float
    """different words per word, 0 to 1"""
    distinct_2: float
    """different word pairs per pair, 0 to 1"""
    distinct_3: float
    """different word triples per triple, 0 to 1"""
    ngd: float
    """n-gram diversity: the sum of these and of fours, 0 to 4"""
    mean_similarity: float
    """mean similarity of two questions in their characters, 0 to 1"""
    compared: int
    """questions that this mean is over"""
    mean_words: float
    """mean length in words"""
    sd_words: float
    """standard deviation of the length, in words"""
    opening: str
    """the commonest first two words; empty: no question has two"""
    opening_share: float
    """share of questions that open so, 0 to 1"""


class Diversity(_DiversityRequired, total=False):
    vendi: float
    """effective number of different questions by their vectors (Vendi score); absent without
    vectors
    """
    vendi_share: float
    """the same as a share of the questions, 0 to 1"""
    types: list[TypeShare]
    """types of the questions, the commonest first; absent: not known"""
    type_divergence: float
    """divergence of the types from quality.type_mix, 0 to 1 bit (Jensen-Shannon); absent without a
    mix
    """
    beside_gold: BesideGold
    """beside the gold set, equally many of each; absent without a gold set"""


class Flag(TypedDict):
    index: int
    """place of the question, from 0"""
    reasons: list[str]
    """each as check: reason"""


class _CheckQuestionsResultRequired(TypedDict):
    n: int
    """questions measured"""
    round_trip: RoundTrip | None
    """how well the questions find their chunks; None: there is nothing to search in or to embed
    with
    """
    duplicates: int
    """questions that are nearly an earlier one, in wording or in meaning"""
    leaks: int
    """questions that repeat the chunk's wording"""
    not_standalone: int
    """questions that make sense only beside their chunk"""
    other_language: int
    """questions in another language than their chunk"""
    languages: dict[str, int]
    """questions by language (ISO 639 code; und: not known)"""
    diversity: Diversity
    """how different the questions are, beside the gold set"""
    flagged: list[Flag]
    """questions with a fault, in order"""
    dark_chunks: list[str | int]
    """ids of chunks that none of their questions finds"""
    warnings: list[str]
    """what could not be measured, and why"""
    usage: Usage
    """what the embeddings took"""


class CheckQuestionsResult(_CheckQuestionsResultRequired, total=False):
    report: str
    """path of the page that was written"""


class ProgramUsed(TypedDict):
    """What a program had a part in."""

    program: str | None
    """path of the program; None: the unoptimised one"""
    program_hash: str
    """SHA-256 of the program as a run uses it, in hex"""


class Progress(TypedDict):
    """How far a call is that carried a progress_token."""

    token: str | int
    """the call's progress_token"""
    stage: str
    """what is being done"""
    done: int
    """units of work that are done"""
    total: int
    """units of work in all, as far as is known"""
    message: str
    """what more there is to say; mostly empty"""
    usage: Usage | None
    """what the call took so far; None: not counted"""


# --- what errors carry ---


class ParamData(TypedDict):
    expected: str
    """what was expected"""
    found: str
    """what was found"""
    param: str
    """name of the parameter, with its place: optimizer.name"""


class _ConfigDataRequired(TypedDict):
    param: str
    """config"""


class ConfigData(_ConfigDataRequired, total=False):
    key: str
    """the key: store.path"""
    line: int
    """line of the file, from 1"""
    path: str
    """the file; absent: the config came as JSON"""
    reason: str
    """what is wrong"""


class VersionData(TypedDict):
    param: str
    """protocol_version"""
    supported: list[str]
    """the versions that are spoken"""


class TimeoutData(TypedDict):
    reason: str
    """timeout"""


class LockedData(TypedDict, total=False):
    holder_pid: int
    """process that holds the lock; absent: not known"""
    path: str
    """the folder"""


class StoreData(TypedDict, total=False):
    collection: str
    """the collection, where it is about one"""
    path: str
    """the folder"""
    reason: str
    """why it cannot be used"""
    url: str
    """the server"""


class EndpointFailure(TypedDict):
    name: str
    """name of the endpoint"""
    state: EndpointState
    """ready, cooling or dead"""
    last_error: str
    """what it answered last"""
    retry_in_s: float | None
    """seconds until it is asked again; None: not by itself, e.g. its key was refused"""


class EndpointsData(TypedDict):
    endpoints: list[EndpointFailure]
    """each endpoint that was or could have been asked; none: none is configured"""


class FileData(TypedDict, total=False):
    line: int
    """line of the file, from 1; absent: not about one line"""
    path: str
    """the file"""
    reason: str
    """what is wrong"""


class ReplyData(TypedDict):
    reason: str
    """why it cannot be used"""
    reply: str
    """the last reply"""
    role: str
    """role of the model"""


class Budget(TypedDict, total=False):
    max_calls: int
    """model calls; 0 or absent: no limit"""
    max_tokens: int
    """tokens of prompts and completions; 0 or absent: no limit"""
    max_usd: float
    """US dollars; 0 or absent: no limit"""


class _BudgetDataRequired(TypedDict):
    budget: Budget
    """the limits"""
    usage: Usage
    """what was spent"""


class BudgetData(_BudgetDataRequired, total=False):
    partial_output: str
    """path of what was saved; absent: nothing was"""


class CallbackData(TypedDict):
    callback: str
    """name of the call to the host"""
    reason: str
    """what failed"""


# --- parameters: the keyword arguments of the methods ---


class Optimizer(TypedDict, total=False):
    name: OptimizerName
    """labeled-few-shot, bootstrap-few-shot, bootstrap-few-shot-random-search (default), reflective
    or reflective+bootstrap
    """
    max_bootstrapped_demos: int
    """demonstrations of runs that the metric accepted, at most; default 2"""
    max_labeled_demos: int
    """demonstrations from gold entries, at most; default 16"""
    num_candidate_programs: int
    """candidates of the random search; default 5"""
    max_rounds: int
    """how often a training example is tried while demonstrations are sought; default 1"""
    num_proposals: int
    """instructions that the teacher writes; default 12; reflective optimisers"""
    minibatch_size: int
    """training examples that each instruction is tried on first; default 3; reflective optimisers
    """
    seed: int
    """seed of the reflective optimisers' draws; default 0"""
    prune: bool
    """stop asking for a candidate that cannot win any more; default True"""
    concurrency: int
    """examples in work at once, 1 to 1000; default: as many as calls may be in flight, and a few
    more
    """


class Split(TypedDict, total=False):
    dev: float
    """share of the dev part, 0 to 1; left out: 0 once another is given"""
    seed: int | None
    """fixes who is in which part; default 0; None: the file's order"""
    test: float
    """share of the test part, 0 to 1; left out: 0 once another is given"""
    train: float
    """share of the train part, 0 to 1; left out: 0 once another is given"""


class JudgeMetric(TypedDict, total=False):
    gates: Sequence[MetricGate]
    """gates that a success must pass besides"""
    judge: Literal[True, "judge", "host"]
    """who scores; True: judge; default judge"""

Metric = MetricName | JudgeMetric


class Slice(TypedDict):
    index: int
    """which part, from 0"""
    total: int
    """how many parts there are"""


class _QuestionRequired(TypedDict):
    chunk_text: str
    """the chunk's text, for checks that compare with it"""
    query: str
    """the question"""


class Question(_QuestionRequired, total=False):
    chunk_id: ChunkId
    """id of the chunk's point, for the round trip"""


class Wait(TypedDict, total=False):
    """Of the client alone."""

    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class ModelCall(TypedDict, total=False):
    """Parameters of several methods."""

    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""
    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""


class Judging(TypedDict, total=False):
    """Parameters of several methods."""

    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""
    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""
    gold: StrPath | None
    """path of the gold set; default files.gold"""
    split: SplitPart | None
    """the part to evaluate on: test (default), dev, train or all"""
    metric: Metric | None
    """who scores: judge, host, or {judge, gates}, where a success must also pass those gates;
    default judge
    """
    threshold: float | None
    """score from which an answer is a success, 1 to 5; default 4"""
    examples: int | None
    """examples in the result; default 5"""
    repeats: int | None
    """how often each answer is judged, 1 to 25; default 1"""
    report: StrPath | None
    """path of an HTML page to write; its .json and .md are written beside it"""
    budget: Budget | None
    """limits of what the call may spend; absent: none"""


class LmCompleteParams(TypedDict, total=False):
    """Keyword arguments of `lm-complete`."""

    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""
    prompt: str | None
    """the prompt; exactly one of prompt and messages"""
    messages: Sequence[Message] | None
    """the messages; exactly one of prompt and messages"""
    role: Role | None
    """whose model and settings: task (default), teacher or judge"""
    model: str | None
    """another model than the role's"""
    max_tokens: int | None
    """tokens of the reply at the most; default the role's"""
    temperature: float | None
    """0 to 2; default the role's"""
    response_format: Mapping[str, Any] | None
    """OpenAI's response_format, sent as it is"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class FetchParams(TypedDict, total=False):
    """Keyword arguments of `fetch`."""

    collection: str | None
    """collection of the chunks; default store.collection"""
    count: int | None
    """how many chunks; default 200"""
    seed: int | None
    """fixes which chunks and in what order; absent: drawn"""
    min_chars: int | None
    """characters that a text must have; default 0"""
    filter: Mapping[str, Any] | None
    """which chunks: a Qdrant filter in REST's JSON shape; absent: all"""
    fields: Sequence[str] | None
    """payload keys that each chunk is to have as well, or dotted paths to them"""
    output: StrPath | None
    """path of a JSONL file to write the chunks to; absent: they are in the result"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class _ChoosePersonaParamsRequired(TypedDict):
    chunk_text: str
    """the chunk's text"""


class ChoosePersonaParams(_ChoosePersonaParamsRequired, total=False):
    """Keyword arguments of `choose-persona`."""

    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""
    chunk_id: ChunkId | None
    """id of the chunk's point, for the host's own choice"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class _AnnotateSuggestParamsRequired(TypedDict):
    chunk_text: str
    """the text to ask about"""


class AnnotateSuggestParams(_AnnotateSuggestParamsRequired, total=False):
    """Keyword arguments of `annotate-suggest`."""

    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""
    chunk_id: ChunkId | None
    """id of the chunk's point: suggestions that do not find it are marked"""
    persona_description: str | None
    """who asks; absent: chosen from the configured source"""
    count: int | None
    """how many, 3 to 5; default annotate.suggestions"""
    avoid: Sequence[str] | None
    """questions that are not wanted again"""
    like: str | None
    """a question: others of its kind, tone and length are wanted"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class _GoldAddParamsRequired(TypedDict):
    chunk_text: str
    """the chunk's text"""
    persona_description: str
    """who asks; may be empty"""
    gold_question: str
    """the question that a person picked"""


class GoldAddParams(_GoldAddParamsRequired, total=False):
    """Keyword arguments of `gold-add`."""

    query_type: str | None
    """what kind of answer is asked for"""
    query_format: str | None
    """how the question is put"""
    chunk_id: ChunkId | None
    """id of the chunk's point"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class GoldSampleParams(TypedDict, total=False):
    """Keyword arguments of `gold-sample`."""

    count: int | None
    """how many entries; default 5"""
    seed: int | None
    """fixes which entries and in what order; absent: drawn"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class PromptsParams(TypedDict, total=False):
    """Keyword arguments of `prompts`."""

    program: StrPath | None
    """the program; absent: files.program if it exists"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class CompileParams(TypedDict, total=False):
    """Keyword arguments of `compile`."""

    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""
    gold: StrPath | None
    """path of the gold set; default files.gold"""
    output: StrPath | None
    """path of the program to write; default files.program"""
    program: StrPath | None
    """the program to start from; absent: the unoptimised one"""
    optimizer: Optimizer | None
    """the optimiser and its settings"""
    split: str | Split | None
    """how the gold set is divided: {train, dev, test, seed} or a text such as 40/30/30; default
    40/30/30 with seed 0
    """
    metric: Metric | None
    """who scores: judge, host, or {judge, gates}, where a success must also pass those gates;
    default judge
    """
    threshold: float | None
    """score from which an answer is a success, 1 to 5; default 4"""
    budget: Budget | None
    """limits of what the call may spend; absent: none"""
    dry_run: bool | None
    """only estimate what it would take; default False"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class EvaluateParams(TypedDict, total=False):
    """Keyword arguments of `evaluate`."""

    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""
    gold: StrPath | None
    """path of the gold set; default files.gold"""
    program: StrPath | None
    """the program to evaluate; absent: files.program if it exists"""
    baseline: StrPath | None
    """a program, None, or a .jsonl file of {chunk_text, query}; absent: the unoptimised program"""
    split: SplitPart | None
    """the part to evaluate on: test (default), dev, train or all"""
    metric: Metric | None
    """who scores: judge, host, or {judge, gates}, where a success must also pass those gates;
    default judge
    """
    threshold: float | None
    """score from which an answer is a success, 1 to 5; default 4"""
    examples: int | None
    """examples in the result; default 5"""
    repeats: int | None
    """how often each answer is judged, 1 to 25; default 1"""
    report: StrPath | None
    """path of an HTML page to write; its .json and .md are written beside it"""
    budget: Budget | None
    """limits of what the call may spend; absent: none"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class _CompareParamsRequired(TypedDict):
    programs: Sequence[StrPath | None]
    """two programs: the first is the baseline, the second is compared with it"""


class CompareParams(_CompareParamsRequired, total=False):
    """Keyword arguments of `compare`."""

    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""
    models: Sequence[str] | None
    """two task models, one for each program; absent: lm.task.model"""
    gold: StrPath | None
    """path of the gold set; default files.gold"""
    split: SplitPart | None
    """the part to compare on: test (default), dev, train or all"""
    metric: Metric | None
    """who scores: judge, host, or {judge, gates}, where a success must also pass those gates;
    default judge
    """
    threshold: float | None
    """score from which an answer is a success, 1 to 5; default 4"""
    examples: int | None
    """examples in the result; default 5"""
    repeats: int | None
    """how often each answer is judged, 1 to 25; default 1"""
    report: StrPath | None
    """path of an HTML page to write; its .json and .md are written beside it"""
    budget: Budget | None
    """limits of what the call may spend; absent: none"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class _GenerateParamsRequired(TypedDict):
    chunk_text: str
    """the text to ask about"""


class GenerateParams(_GenerateParamsRequired, total=False):
    """Keyword arguments of `generate`."""

    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""
    chunk_id: ChunkId | None
    """id of the chunk's point; needed to save and for the gate round-trip"""
    persona_description: str | None
    """who asks; absent: chosen from the configured source"""
    program: StrPath | None
    """the program that writes the question; absent: files.program if it exists"""
    rollout: int | None
    """number of the draw: another number is another draw; default 0"""
    candidates: int | None
    """draws to choose from, 1 to 20; default 1"""
    gates: Sequence[Gate] | None
    """what may refuse the question: standalone, leak, language, round-trip, duplicate, answerable;
    default none
    """
    save: bool | None
    """save the question in store.questions.collection; default False"""
    payload: Mapping[str, Any] | None
    """further payload of the saved question"""
    vector: Sequence[float] | None
    """the question's vector, to save it with; absent: embedded"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class _SaveQuestionParamsRequired(TypedDict):
    query: str
    """the question"""
    chunk_id: ChunkId
    """id of the chunk's point"""


class SaveQuestionParams(_SaveQuestionParamsRequired, total=False):
    """Keyword arguments of `save-question`."""

    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""
    persona_description: str | None
    """who asks"""
    query_type: str | None
    """what kind of answer is asked for"""
    query_format: str | None
    """how the question is put"""
    payload: Mapping[str, Any] | None
    """further payload of the saved question"""
    vector: Sequence[float] | None
    """the question's vector; absent: embedded"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class GenerateAllParams(TypedDict, total=False):
    """Keyword arguments of `generate-all`."""

    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""
    collection: str | None
    """collection of the chunks; default store.collection"""
    filter: Mapping[str, Any] | None
    """which chunks: a Qdrant filter in REST's JSON shape; absent: all"""
    limit: int | None
    """chunks to look at, in id order; absent: all"""
    per_chunk: int | None
    """questions of each chunk, 1 to 20; default 1"""
    program: StrPath | None
    """the program that writes the questions; absent: files.program if it exists"""
    gates: Sequence[Gate] | None
    """what may refuse a question: standalone, leak, language, round-trip, duplicate, answerable;
    default none
    """
    output: StrPath | None
    """path of a JSONL file to append the questions to"""
    save: bool | None
    """save the questions in store.questions.collection; default False"""
    resume: bool | None
    """go on after what earlier calls finished; default True"""
    slice: Slice | None
    """only a part of the chunks, by their ids: for several processes or machines"""
    budget: Budget | None
    """limits of what the call may spend; absent: none"""
    dry_run: bool | None
    """only estimate what it would take; default False"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class _ExportBatchParamsRequired(TypedDict):
    batch: StrPath
    """where to write: BATCH-00001.jsonl, BATCH-00002.jsonl, …"""


class ExportBatchParams(_ExportBatchParamsRequired, total=False):
    """Keyword arguments of `export-batch`."""

    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""
    collection: str | None
    """collection of the chunks; default store.collection"""
    filter: Mapping[str, Any] | None
    """which chunks: a Qdrant filter in REST's JSON shape; absent: all"""
    limit: int | None
    """chunks to look at, in id order; absent: all"""
    per_chunk: int | None
    """questions of each chunk, 1 to 20; default 1"""
    program: StrPath | None
    """the program that writes the questions; absent: files.program if it exists"""
    gates: Sequence[Gate] | None
    """what may refuse a question: standalone, leak, language, round-trip, duplicate, answerable;
    default none
    """
    output: StrPath | None
    """path of a JSONL file to append the questions to"""
    save: bool | None
    """save the questions in store.questions.collection; default False"""
    resume: bool | None
    """go on after what earlier calls finished; default True"""
    slice: Slice | None
    """only a part of the chunks, by their ids: for several processes or machines"""
    budget: Budget | None
    """limits of what the call may spend; absent: none"""
    dry_run: bool | None
    """only estimate what it would take; default False"""
    endpoint: str | None
    """the endpoint whose model names and parameters the requests have; default the role's first"""
    max_requests: int | None
    """requests in one file at the most; default 50000"""
    max_mb: int | None
    """megabytes of one file at the most; default 190"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class _ImportBatchParamsRequired(TypedDict):
    results: Sequence[StrPath]
    """files as OpenAI's Batch API and vllm run-batch write them"""


class ImportBatchParams(_ImportBatchParamsRequired, total=False):
    """Keyword arguments of `import-batch`."""

    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


class CheckQuestionsParams(TypedDict, total=False):
    """Keyword arguments of `check-questions`."""

    timeout_s: float | None
    """seconds after which the call is given up; absent: never"""
    fresh: bool | None
    """ask again although the reply is in the cache; default False"""
    trace: str | None
    """any text; repeated in logs and in calls to the host"""
    questions: Sequence[Question] | None
    """the questions to measure; absent: those saved in collection"""
    collection: str | None
    """collection of saved questions; default store.questions.collection"""
    report: StrPath | None
    """path of an HTML page to write; its .json and .md are written beside it"""
    timeout: float | None
    """seconds after which the client gives the call up and raises CallTimeout; None: never"""


# --- the hooks: what the sidecar may ask of the host ---

Hook = Callable[..., Any]


class SupportsToList(Protocol):
    """An array: of numpy, torch and their like."""

    def tolist(self) -> Any: ...


class _PersonaAnswerRequired(TypedDict):
    persona_description: str | None
    """who asks; None: skip this chunk"""


class PersonaAnswer(_PersonaAnswerRequired, total=False):
    name: str
    """name of the persona"""
    score: float
    """how well it fits; by any measure of the host"""


class _ScoreAnswerRequired(TypedDict):
    score: float
    """a whole number from 1 to 5"""


class ScoreAnswer(_ScoreAnswerRequired, total=False):
    reason: str
    """why"""


class TokenUsage(TypedDict, total=False):
    prompt_tokens: int
    """tokens of the prompt"""
    completion_tokens: int
    """tokens of the reply"""


class CompleteAnswer(TypedDict, total=False):
    text: str
    """the reply; needed unless retry_after_s is given"""
    usage: TokenUsage
    """what it took; absent: estimated"""
    finish_reason: str
    """why the reply ends: stop, or length when it was cut off"""
    retry_after_s: float
    """no reply now: seconds after which to ask again"""


class EmbedAnswer(TypedDict):
    vectors: list[list[float]]
    """one vector for each text, in their order"""


class EmbedModel(TypedDict, total=False):
    dimension: int
    """numbers in a vector"""
    model: str
    """name of the model, so that vectors of two are never mixed"""


PersonaAnswerLike = str | None | PersonaAnswer | Mapping[str, object]
AsyncPersonaAnswerLike = PersonaAnswerLike | Awaitable[PersonaAnswerLike]


class ChoosePersonaHook(Protocol):
    """Who would ask about a chunk. It is given chunk_text, chunk_id, trace."""

    def __call__(self, *args: Any, **kwargs: Any) -> PersonaAnswerLike: ...


class AsyncChoosePersonaHook(Protocol):
    """Who would ask about a chunk. It is given chunk_text, chunk_id, trace."""

    def __call__(self, *args: Any, **kwargs: Any) -> AsyncPersonaAnswerLike: ...


ScoreAnswerLike = float | tuple[float, str] | ScoreAnswer | Mapping[str, object]
AsyncScoreAnswerLike = ScoreAnswerLike | Awaitable[ScoreAnswerLike]


class ScoreHook(Protocol):
    """How good a question is: the metric host. It is given chunk_text, persona_description,
    gold_question, query.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> ScoreAnswerLike: ...


class AsyncScoreHook(Protocol):
    """How good a question is: the metric host. It is given chunk_text, persona_description,
    gold_question, query.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> AsyncScoreAnswerLike: ...


CompleteAnswerLike = str | CompleteAnswer | Mapping[str, object]
AsyncCompleteAnswerLike = CompleteAnswerLike | Awaitable[CompleteAnswerLike]


class CompleteHook(Protocol):
    """One chat completion by the host's own LLM function, one endpoint among the others. It is
    given messages, role, model, max_tokens, temperature, response_format, call_id.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> CompleteAnswerLike: ...


class AsyncCompleteHook(Protocol):
    """One chat completion by the host's own LLM function, one endpoint among the others. It is
    given messages, role, model, max_tokens, temperature, response_format, call_id.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> AsyncCompleteAnswerLike: ...


EmbedAnswerLike = Iterable[Iterable[float]] | SupportsToList | EmbedAnswer | Mapping[str, object]
AsyncEmbedAnswerLike = EmbedAnswerLike | Awaitable[EmbedAnswerLike]


class EmbedFunction(Protocol):
    """One vector for each text. It is given texts, purpose."""

    def __call__(self, *args: Any, **kwargs: Any) -> EmbedAnswerLike: ...


class AsyncEmbedFunction(Protocol):
    """One vector for each text. It is given texts, purpose."""

    def __call__(self, *args: Any, **kwargs: Any) -> AsyncEmbedAnswerLike: ...


EmbedHook = EmbedFunction | tuple[EmbedFunction, EmbedModel]
AsyncEmbedHook = AsyncEmbedFunction | tuple[AsyncEmbedFunction, EmbedModel]
ProgressHook = Callable[[Progress], object]
AsyncProgressHook = Callable[[Progress], object] | Callable[[Progress], Awaitable[object]]

for _open in (Chunk, GoldEntry, Demonstration):  # pydantic keeps their further keys
    setattr(_open, "__pydantic_config__", {"extra": "allow"})  # noqa: B010
