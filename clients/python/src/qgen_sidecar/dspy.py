"""DSPy on the dispatcher: all your endpoints, their limits and the reply cache, as one LM.

    import dspy
    from qgen_sidecar.dspy import DispatcherLM

    dspy.configure(lm=DispatcherLM(sidecar))                      # [lm.task]
    teacher = DispatcherLM(sidecar, "teacher")                    # [lm.teacher]
    other = DispatcherLM(sidecar, "gpt-4o-mini", temperature=1.0) # any model

Needs the dispatcher's door, `[dispatcher] listen = "127.0.0.1:0"`, and DSPy
(`pip install 'qgen-sidecar[dspy]'`), which only this module imports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._face import Face
from .errors import SidecarError

if TYPE_CHECKING:

    class _LM:
        """dspy.LM for type checkers. DSPy carries no types: to them an instance is Any, and
        goes wherever DSPy wants an LM.
        """

        def __new__(cls, sidecar: Face, model: str = "task", **options: Any) -> Any: ...

        def __init__(self, model: str, **options: Any) -> None: ...

else:
    from dspy import LM as _LM

RETRIES: int = 0  # the dispatcher retries, on other endpoints too


class DispatcherLM(_LM):
    """A dspy.LM whose calls go through a sidecar's dispatcher.

    `sidecar` is a started Sidecar or AsyncSidecar. `model` is a role of the config
    (`task`, `teacher`, `judge`: its model, endpoints and settings, which options
    overrule) or a model's name; the rest as for dspy.LM. DSPy's own cache is off
    unless asked for: the dispatcher keeps every reply already.
    """

    def __init__(self, sidecar: Face, model: str = "task", **options: Any) -> None:
        door = sidecar.dispatcher
        if door is None:
            raise SidecarError(
                'the dispatcher has no door: set [dispatcher] listen = "127.0.0.1:0"'
            )
        options.setdefault("cache", False)
        options.setdefault("num_retries", RETRIES)
        super().__init__(
            f"openai/{model}", api_base=door["base_url"], api_key=door["api_key"], **options
        )
