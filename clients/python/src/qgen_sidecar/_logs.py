"""The sidecar's log lines, re-emitted through `logging`.

The sidecar writes go-hclog's JSON lines to stderr: @level, @message,
@timestamp, @module and the line's own fields. Each becomes a record of the
logger `qgen_sidecar`, or a child of it named after the module, with the fields
behind the message and, whole, in `record.sidecar`. A line that is no JSON (a
panic's stack) is an error record as it stands.
"""

from __future__ import annotations

import json
import logging
from typing import Any

ROOT = "qgen_sidecar"
logger = logging.getLogger(ROOT)
logger.addHandler(logging.NullHandler())

_LEVELS = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}


def relay(line: str) -> str:
    """Emit one line of stderr; returns it as a person would like to read it."""
    fields = _parse(line)
    if fields is None:
        logger.error("%s", line)
        return line
    level = _LEVELS.get(str(fields.get("@level")), logging.INFO)
    text = _text(fields)
    logging.getLogger(_name(fields)).log(level, "%s", text, extra={"sidecar": fields})
    return f"[{logging.getLevelName(level)}] {text}"


def _parse(line: str) -> dict[str, Any] | None:
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) and "@message" in fields else None


def _name(fields: dict[str, Any]) -> str:
    """qgen-sidecar.dispatcher → qgen_sidecar.dispatcher; rpc → qgen_sidecar.rpc."""
    module = str(fields.get("@module", "")).replace("qgen-sidecar", "").strip(".")
    return f"{ROOT}.{module}" if module else ROOT


def _text(fields: dict[str, Any]) -> str:
    rest = " ".join(f"{key}={value}" for key, value in fields.items() if not key.startswith("@"))
    message = str(fields["@message"])
    return f"{message}: {rest}" if rest else message
