"""How hooks are called and what their answers become."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from qgen_sidecar._hooks import Hooks, answer, arguments, is_async

SENT = {"chunk_text": "t", "chunk_id": 3, "trace": None}


def all_named(chunk_text: str, chunk_id: Any = None, trace: Any = None) -> Any:
    return chunk_text, chunk_id, trace


def other_order(chunk_id: Any, chunk_text: str) -> Any:
    return chunk_text, chunk_id


def own_name(chunk: str) -> Any:
    return chunk


def own_name_and_option(chunk: str, *, chunk_id: Any = None, limit: int = 5) -> Any:
    return chunk, chunk_id, limit


def everything(**params: Any) -> Any:
    return params


def own_name_first(text: str, **rest: Any) -> Any:
    return text, rest


@pytest.mark.parametrize(
    ("hook", "seen"),
    [
        (all_named, ("t", 3, None)),
        (other_order, ("t", 3)),
        (own_name, "t"),
        (own_name_and_option, ("t", 3, 5)),
        (everything, SENT),
        (own_name_first, ("t", {"chunk_id": 3, "trace": None})),
        (functools.partial(own_name_and_option, limit=9), ("t", 3, 9)),
        (str.upper, "T"),
    ],
)
def test_a_hook_takes_what_it_wants(hook: Callable[..., Any], seen: Any) -> None:
    args, kwargs = arguments(hook, SENT)
    assert hook(*args, **kwargs) == seen


@pytest.mark.parametrize(
    ("method", "value", "wire"),
    [
        ("choose-persona", "p", {"persona_description": "p"}),
        ("choose-persona", None, {"persona_description": None}),
        (
            "choose-persona",
            {"name": "n", "description": "d", "id": 1},
            {"persona_description": "d", "name": "n"},
        ),
        ("score", 4, {"score": 4}),
        ("score", (2, "dull"), {"score": 2, "reason": "dull"}),
        ("complete", "text", {"text": "text"}),
        ("complete", {"retry_after_s": 3}, {"retry_after_s": 3}),
        ("embed", [[0.5]], {"vectors": [[0.5]]}),
    ],
)
def test_answers(method: str, value: Any, wire: Any) -> None:
    assert answer(method, value) == wire


@pytest.mark.parametrize(
    ("method", "value"),
    [("choose-persona", 7), ("choose-persona", {}), ("score", "good"), ("embed", None)],
)
def test_an_answer_that_cannot_be_one_names_the_hook(method: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"the {method.replace('-', '_')} hook must return"):
        answer(method, value)


def test_capabilities() -> None:
    about = {"model": "e5", "dimension": 384}
    hooks = Hooks(choose_persona=own_name, embed=(own_name, about))  # type: ignore[arg-type]
    assert hooks.capabilities == {"choose_persona": True, "embed": about}
    assert hooks.bind("score", {}) is None


def test_async_is_seen_through_wrappers() -> None:
    class Chooser:
        async def __call__(self, chunk_text: str) -> str:
            return chunk_text

    assert is_async(Chooser())
    assert is_async(functools.partial(Chooser()))
    assert not is_async(own_name)
