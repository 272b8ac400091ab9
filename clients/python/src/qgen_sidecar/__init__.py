"""The client of qgen-sidecar: one process beside your application that writes its questions.

    from qgen_sidecar import Sidecar

    with Sidecar(config="qgen.toml") as sidecar:
        question = sidecar.generate(chunk_text="…", chunk_id=7, save=True)

`Sidecar` is for threads, `AsyncSidecar` for asyncio; both start the sidecar that the
wheel carries, speak JSON-RPC with it over its stdin and stdout, and end it. Errors are
in `qgen_sidecar.errors`, the shapes of parameters and results in `qgen_sidecar.types`,
an LM for DSPy in `qgen_sidecar.dspy`. The sidecar's log comes out of `logging` under
"qgen_sidecar". The package has no dependencies and prints nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._aio import AsyncSidecar
from ._client import Sidecar
from ._find import find_binary
from ._version import VERSION as __version__
from .errors import (
    BadFile,
    BadReply,
    BinaryNotFound,
    BudgetSpent,
    CallbackFailed,
    CallTimeout,
    Cancelled,
    InternalError,
    InvalidParams,
    InvalidRequest,
    MethodNotFound,
    NoEndpoint,
    NotInitialized,
    Overloaded,
    ParseError,
    ProtocolError,
    RpcError,
    SidecarClosed,
    SidecarDied,
    SidecarError,
    StoreLocked,
    StoreUnavailable,
)

if TYPE_CHECKING:
    from types import ModuleType

    from . import types as types

__all__ = [
    "AsyncSidecar",
    "BadFile",
    "BadReply",
    "BinaryNotFound",
    "BudgetSpent",
    "CallTimeout",
    "CallbackFailed",
    "Cancelled",
    "InternalError",
    "InvalidParams",
    "InvalidRequest",
    "MethodNotFound",
    "NoEndpoint",
    "NotInitialized",
    "Overloaded",
    "ParseError",
    "ProtocolError",
    "RpcError",
    "Sidecar",
    "SidecarClosed",
    "SidecarDied",
    "SidecarError",
    "StoreLocked",
    "StoreUnavailable",
    "__version__",
    "find_binary",
    "types",
]


def __getattr__(name: str) -> ModuleType:
    """`types` is imported when it is used: nothing here needs it at run time."""
    if name == "types":
        import importlib

        return importlib.import_module(".types", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
