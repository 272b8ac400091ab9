"""The host's hooks: which it offers, how each is called, what its answer means.

A hook may take fewer parameters than the sidecar sends, or name them its own
way, so that a function the host already has will do: `choose_persona` may be
`def choose_appropriate_character(chunk)`. The rule: parameters named as in the
protocol are given by name; where a required one is not, they are given in the
protocol's order.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .types import AsyncEmbedHook, EmbedHook, Hook

# Wire method → the parameters it may carry, in the order in which a hook gets them.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "choose-persona": ("chunk_text", "chunk_id", "trace"),
    "score": ("chunk_text", "persona_description", "gold_question", "query"),
    "complete": (
        "messages",
        "role",
        "model",
        "max_tokens",
        "temperature",
        "response_format",
        "call_id",
    ),
    "embed": ("texts", "purpose"),
}


class Hooks:
    """Those that were given, by wire method."""

    def __init__(
        self,
        choose_persona: Hook | None = None,
        score: Hook | None = None,
        complete: Hook | None = None,
        embed: EmbedHook | AsyncEmbedHook | None = None,
    ) -> None:
        self.capabilities: dict[str, Any] = {}
        self._hooks: dict[str, Hook] = {}
        self._offer("choose_persona", choose_persona)
        self._offer("score", score)
        self._offer("complete", complete)
        self._offer("embed", *embed if isinstance(embed, tuple) else (embed,))

    def _offer(self, name: str, hook: Hook | None, details: Any = True) -> None:
        if hook is None:
            return
        if not callable(hook):
            raise TypeError(f"{name} must be a function, not {type(hook).__name__}")
        self.capabilities[name] = details
        self._hooks[name.replace("_", "-")] = hook

    def asynchronous(self) -> list[str]:
        """The wire methods whose hook is a coroutine function."""
        return [method for method, hook in self._hooks.items() if is_async(hook)]

    def bind(self, method: str, params: Mapping[str, Any]) -> Callable[[], Any] | None:
        """The call that answers, ready to be made; None when it was not offered."""
        hook = self._hooks.get(method)
        if hook is None:
            return None
        given = {name: params.get(name) for name in PARAMETERS[method]}
        args, kwargs = arguments(hook, given)
        return functools.partial(hook, *args, **kwargs)


def arguments(hook: Hook, given: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """What of `given` to call `hook` with, as positional and keyword arguments."""
    try:
        parameters = inspect.signature(hook).parameters.values()
    except (TypeError, ValueError):  # some built-ins have no signature
        return [next(iter(given.values()))], {}
    required = [p for p in parameters if p.kind in _POSITIONAL and p.default is p.empty]
    by_name = all(p.name in given and p.kind is not p.POSITIONAL_ONLY for p in required)
    args = [] if by_name else list(given.values())[: len(required)]
    taken = list(given)[: len(args)]
    rest = {name: value for name, value in given.items() if name not in taken}
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return args, rest
    named = {p.name for p in parameters if p.kind in _BY_NAME}
    if args:  # names already filled by position
        named -= {p.name for p in required}
    return args, {name: value for name, value in rest.items() if name in named}


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def is_async(hook: Hook) -> bool:
    """Is it a coroutine function, or an object whose call is one?"""
    while isinstance(hook, functools.partial):
        hook = hook.func
    return inspect.iscoroutinefunction(hook) or inspect.iscoroutinefunction(
        getattr(hook, "__call__", None)  # noqa: B004
    )


def answer(method: str, value: Any) -> dict[str, Any]:
    """The wire's object for what a hook returned; TypeError when it cannot be one."""
    return _ANSWERS[method](value)


def _persona(value: Any) -> dict[str, Any]:
    if value is None or isinstance(value, str):
        return {"persona_description": value}
    if not isinstance(value, Mapping):
        raise TypeError(_expected("choose_persona", "a description, a dict or None", value))
    fields = dict(value)
    if "persona_description" not in fields and "description" in fields:
        fields["persona_description"] = fields.pop("description")
    if "persona_description" not in fields:
        raise TypeError(_expected("choose_persona", "a dict with persona_description", value))
    return {key: fields[key] for key in ("persona_description", "name", "score") if key in fields}


def _score(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple) and len(value) == 2:
        return {"score": value[0], "reason": value[1]}
    if isinstance(value, int | float):
        return {"score": value}
    raise TypeError(_expected("score", "a number from 1 to 5, (number, reason) or a dict", value))


def _completion(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(_expected("complete", "the reply's text or a dict with text", value))


def _vectors(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    if value is None or isinstance(value, str):
        raise TypeError(_expected("embed", "one vector for each text", value))
    return {"vectors": value if hasattr(value, "tolist") else list(value)}


def _expected(hook: str, expected: str, found: object) -> str:
    return f"the {hook} hook must return {expected}, not {type(found).__name__}: {found!r:.80}"


_ANSWERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "choose-persona": _persona,
    "score": _score,
    "complete": _completion,
    "embed": _vectors,
}
