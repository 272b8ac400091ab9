"""JSON-RPC 2.0 messages as lines of JSON: bytes out of messages, messages out of bytes.

Knows no process and no thread. One message is one line; the sidecar answers in
the framing of the first byte it reads, so ours decides for both sides.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ProtocolError, RpcError, from_wire

PROTOCOL_VERSION = "1.0"
PARSE_EXCERPT = 200  # bytes of a bad line that an error quotes


@dataclass(frozen=True, slots=True)
class Reply:
    """The sidecar's answer to a call of ours."""

    id: int
    result: Any
    error: RpcError | None


@dataclass(frozen=True, slots=True)
class Call:
    """The sidecar calls a hook of the host."""

    id: int | str
    method: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification: $/progress, $/cancelRequest, or one that we do not know."""

    method: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stray:
    """An error with id null: the sidecar could not read something that we sent."""

    error: RpcError


Message = Reply | Call | Notice | Stray


def request(id: int, method: str, params: Mapping[str, Any]) -> bytes:
    return _line({"jsonrpc": "2.0", "id": id, "method": method, "params": params})


def notification(method: str, params: Mapping[str, Any] | None = None) -> bytes:
    message: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
    if params is not None:
        message["params"] = params
    return _line(message)


def result(id: int | str, value: Any) -> bytes:
    return _line({"jsonrpc": "2.0", "id": id, "result": value})


def failure(id: int | str, code: int, message: str) -> bytes:
    return _line({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})


def parse(line: bytes) -> Message:
    """One line of the sidecar's stdout; ProtocolError when it is no message."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"the sidecar sent no JSON ({error}): {_excerpt(line)}") from None
    if not isinstance(message, dict):
        raise ProtocolError(f"the sidecar sent no JSON-RPC message: {_excerpt(line)}")
    return _classify(message, line)


def _classify(message: dict[str, Any], line: bytes) -> Message:
    id, method = message.get("id"), message.get("method")
    params = message.get("params")
    params = params if isinstance(params, dict) else {}
    if isinstance(method, str):
        return (
            Notice(method, params) if "id" not in message else Call(_id(id, line), method, params)
        )
    if "error" in message:
        error = from_wire(message["error"])
        return Reply(id, None, error) if isinstance(id, int) else Stray(error)
    if isinstance(id, int) and "result" in message:
        return Reply(id, message["result"], None)
    raise ProtocolError(f"neither request nor response: {_excerpt(line)}")


def _id(id: object, line: bytes) -> int | str:
    if isinstance(id, int | str):
        return id
    raise ProtocolError(f"a request's id must be a number or a string: {_excerpt(line)}")


def _excerpt(line: bytes) -> str:
    return repr(line[:PARSE_EXCERPT].decode("utf-8", "replace"))


def _line(message: Mapping[str, Any]) -> bytes:
    """Raises TypeError or ValueError, before anything is sent, for what JSON cannot say."""
    text = json.dumps(
        message, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
    )
    return text.encode() + b"\n"


def _plain(value: object) -> Any:
    """What hosts pass besides JSON's own types: paths, UUIDs, arrays, dates."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    for name in ("tolist", "isoformat"):  # numpy arrays and scalars; dates
        convert = getattr(value, name, None)
        if callable(convert):
            return convert()
    if isinstance(value, set | frozenset):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not something JSON can carry: {value!r:.80}")
