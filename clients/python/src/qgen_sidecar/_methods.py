"""The one table of RPC methods, from which both clients make their requests.

A client's method is its wire method with other separators, its keyword
arguments are the fields of one TypedDict in `types`. So a method's body is one
line in each client, and what is done to parameters is done here.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from . import types

# Python name → (wire method, its parameters)
METHODS: dict[str, tuple[str, type]] = {
    "status": ("status", types.Wait),
    "discover": ("rpc.discover", types.Wait),
    "lm_complete": ("lm-complete", types.LmCompleteParams),
    "fetch": ("fetch", types.FetchParams),
    "choose_persona": ("choose-persona", types.ChoosePersonaParams),
    "annotate_suggest": ("annotate-suggest", types.AnnotateSuggestParams),
    "gold_add": ("gold-add", types.GoldAddParams),
    "gold_sample": ("gold-sample", types.GoldSampleParams),
    "prompts": ("prompts", types.PromptsParams),
    "compile": ("compile", types.CompileParams),
    "evaluate": ("evaluate", types.EvaluateParams),
    "compare": ("compare", types.CompareParams),
    "generate": ("generate", types.GenerateParams),
    "save_question": ("save-question", types.SaveQuestionParams),
    "generate_all": ("generate-all", types.GenerateAllParams),
    "export_batch": ("export-batch", types.ExportBatchParams),
    "import_batch": ("import-batch", types.ImportBatchParams),
    "check_questions": ("check-questions", types.CheckQuestionsParams),
}

NULL_MEANS_SOMETHING = frozenset({"program", "baseline"})
CLIENT_ONLY = frozenset({"timeout"})


def request(name: str, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any], float | None]:
    """(wire method, params, timeout) of a call; TypeError for an argument it does not have."""
    method, shape = METHODS[name]
    unknown = arguments.keys() - _fields(shape)
    if unknown:
        raise TypeError(f"{name}() got an unexpected keyword argument {sorted(unknown)[0]!r}")
    params = {
        key: value
        for key, value in arguments.items()
        if key not in CLIENT_ONLY and (value is not None or key in NULL_MEANS_SOMETHING)
    }
    return method, params, arguments.get("timeout")


def document(client: type) -> type:
    """Class decorator: help() and editors see each method's real keyword arguments."""
    for name, (_, shape) in METHODS.items():
        method = vars(client)[name]
        own = list(inspect.signature(method).parameters.values())
        own = [p for p in own if p.kind is not p.VAR_KEYWORD]
        method.__signature__ = inspect.Signature([*own, *_keywords(shape)])
    return client


def _keywords(shape: type) -> list[inspect.Parameter]:
    parameters = []
    for name, annotation in _fields(shape).items():
        text = str(getattr(annotation, "__forward_arg__", annotation))
        needed = text.startswith("Required[")
        text = text.removeprefix("Required[").removesuffix("]") if needed else text
        default = inspect.Parameter.empty if needed else ...
        parameters.append(
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=text
            )
        )
    return sorted(parameters, key=lambda parameter: parameter.default is not parameter.empty)


def _fields(shape: type) -> dict[str, Any]:
    """A TypedDict's fields, inherited ones too: it keeps them all in its own annotations."""
    return dict(shape.__annotations__)
