"""Every exception of this package.

    SidecarError
     ├─ BinaryNotFound            no qgen-sidecar on this machine; says where it looked
     ├─ SidecarDied               the process ended; exit status and last log lines
     ├─ SidecarClosed             a call after close()
     ├─ CallTimeout               `timeout` passed (also a TimeoutError)
     ├─ ProtocolError             something on the wire is no JSON-RPC message
     └─ RpcError                  the sidecar answered with an error: code, message, data
         ├─ ParseError            -32700
         ├─ InvalidRequest        -32600
         ├─ MethodNotFound        -32601
         ├─ InvalidParams         -32602  names the parameter and what was expected
         ├─ InternalError         -32603
         ├─ NotInitialized        -32002
         ├─ Cancelled             -32800
         ├─ Overloaded            -32001
         ├─ StoreLocked           -32010  data: path, holder_pid?
         ├─ StoreUnavailable      -32011  data: path|url, collection?, reason
         ├─ NoEndpoint            -32012  data: endpoints
         ├─ BadFile               -32013  data: path, line?, reason
         ├─ BadReply              -32014  data: role, reply, reason
         ├─ BudgetSpent           -32015  data: usage, budget, partial_output?
         └─ CallbackFailed        -32016  data: callback, reason

`except SidecarError` catches all of them. The numbers never change; `data` is
what a program can act on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from . import types as t


class SidecarError(Exception):
    """Base of everything this package raises."""


class BinaryNotFound(SidecarError):
    """No qgen-sidecar binary was found. `looked_at` lists every place, in order."""

    def __init__(self, looked_at: Sequence[str]) -> None:
        self.looked_at: list[str] = list(looked_at)
        places = "\n".join(f"  {place}" for place in self.looked_at)
        super().__init__(
            f"the qgen-sidecar binary was not found; looked at\n{places}\n"
            "install the package's wheel, or name the binary in QGEN_SIDECAR_BINARY"
        )


class SidecarDied(SidecarError):
    """The process ended while it was needed; every call in flight raises this.

    `status` is the exit status (negative: the signal, None: not known),
    `stderr` the last lines it logged.
    """

    def __init__(self, status: int | None, stderr: Sequence[str], reason: str = "") -> None:
        self.status: int | None = status
        self.stderr: list[str] = list(stderr)
        self._reason: str = reason
        how = reason or "the sidecar ended"
        how += f" (exit status {'unknown' if status is None else status})"
        if self.stderr:
            how += "; its last lines:\n" + "\n".join(f"  {line}" for line in self.stderr)
        super().__init__(how)

    def __reduce__(self) -> tuple[Any, ...]:  # process pools send exceptions by pickle
        return type(self), (self.status, self.stderr, self._reason)


class SidecarClosed(SidecarError):
    """A call was made, or was still waiting, when close() was called."""


class CallTimeout(SidecarError, TimeoutError):
    """The call's `timeout` passed. The sidecar was told to give the call up."""


class ProtocolError(SidecarError):
    """What came over the pipe is no JSON-RPC message. The process is ended."""


class RpcError(SidecarError):
    """The sidecar answered with an error.

    `code` is JSON-RPC's number, `message` says what was expected, what was
    found and what to do, `data` carries the same for programs.
    """

    codes: ClassVar[tuple[int, ...]] = ()

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        self.code: int = code
        self.message: str = message
        self.data: Any = {} if data is None else data
        super().__init__(f"{message} ({code})")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.message, self.data)


class ParseError(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32700,)


class InvalidRequest(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32600,)


class MethodNotFound(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32601,)


class InvalidParams(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32602,)
    data: t.ParamData | t.ConfigData | t.VersionData


class InternalError(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32603,)


class NotInitialized(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32002,)


class Cancelled(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32800,)


class Overloaded(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32001,)


class StoreLocked(RpcError):
    """Another process holds the store's folder: `data["path"]`, `data.get("holder_pid")`."""

    codes: ClassVar[tuple[int, ...]] = (-32010,)
    data: t.LockedData


class StoreUnavailable(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32011,)
    data: t.StoreData


class NoEndpoint(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32012,)
    data: t.EndpointsData


class BadFile(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32013,)
    data: t.FileData


class BadReply(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32014,)
    data: t.ReplyData


class BudgetSpent(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32015,)
    data: t.BudgetData


class CallbackFailed(RpcError):
    codes: ClassVar[tuple[int, ...]] = (-32016,)
    data: t.CallbackData


_BY_CODE: dict[int, type[RpcError]] = {
    code: kind for kind in RpcError.__subclasses__() for code in kind.codes
}


def from_wire(error: object) -> RpcError:
    """The exception for the `error` member of a response."""
    if not isinstance(error, Mapping):
        return InternalError(-32603, f"the sidecar sent an error that is no object: {error!r}")
    code = error.get("code")
    code = code if isinstance(code, int) else -32603
    kind = _BY_CODE.get(code, RpcError)
    return kind(code, str(error.get("message", "no message")), error.get("data"))
