"""Write types.py and the methods of both clients from openrpc.json.

    python clients/python/tools/generate.py           write them
    python clients/python/tools/generate.py --check   exit 1 if one of them is stale

openrpc.json is the sidecar's own answer to rpc.discover; `make reference` writes it from
the Go types, then runs this. Needs the standard library alone. What Go and Python call
differently, and what the client takes besides, stands in the tables below.
"""

from __future__ import annotations

import argparse
import json
import keyword
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
PACKAGE = HERE / "src" / "qgen_sidecar"
sys.path.insert(0, str(PACKAGE.parent))

from qgen_sidecar._hooks import PARAMETERS as HOOK_PARAMETERS  # noqa: E402

WIDTH = 100
NOTICE = "Generated from openrpc.json by tools/generate.py (`make reference`); do not edit."

Schema = dict[str, Any]

# Go's name → the name that this package has given the type since its first version.
RENAMED = {
    "BestScore": "Best",
    "ClauseAgreement": "Clause",
    "CollectionInfo": "Collection",
    "DryRunResult": "DryRun",
    "EndpointStatus": "Endpoint",
    "JudgeAgreement": "Agreement",
    "JudgeInfo": "Judge",
    "LMCompleteResult": "LmCompleteResult",
    "OptimizerParams": "Optimizer",
    "PersonaResult": "ChoosePersonaResult",
    "QuestionToCheck": "Question",
    "ServerInfo": "Name",
    "ServerLimits": "Limits",
    "ServerOffers": "Methods",
    "StartScore": "Score",
    "StoreInfo": "Store",
}
# The client itself calls these; `discover` answers a document.
HANDSHAKE = ("initialize", "shutdown")
PYTHON_METHOD = {"rpc.discover": "discover"}
# What a hook may return besides the object of the protocol (see _hooks.py).
HOOK_RETURNS = {
    "choose-persona": "str | None",
    "score": "float | tuple[float, str]",
    "complete": "str",
    "embed": "Iterable[Iterable[float]] | SupportsToList",
}
HOOK_NAMES = {
    "choose-persona": "ChoosePersonaHook",
    "score": "ScoreHook",
    "complete": "CompleteHook",
    "embed": "EmbedFunction",
}
NULL: Schema = {"type": "null"}
# Groups of parameters that are types of their own, for hosts that pass them on.
SHARED = {
    "ModelCall": ("lm-complete", "choose-persona"),
    "Judging": ("evaluate", "compare"),
}
TIMEOUT = "seconds after which the client gives the call up and raises CallTimeout; None: never"
PROGRESS = {
    "sync": "is called with each Progress, in the caller's own thread",
    "async": "is called with each Progress, on the loop; a coroutine function is awaited",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--check", action="store_true", help="only say whether a file is stale")
    check = parser.parse_args().check
    stale = []
    for path, text in generated(json.loads((HERE / "openrpc.json").read_text("utf-8"))).items():
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(path.name)
        if not check:
            path.write_text(text, "utf-8")
    if check and stale:
        sys.stderr.write(f"stale: {', '.join(stale)}; run make reference\n")
    return int(check and bool(stale))


def generated(document: dict[str, Any]) -> dict[Path, str]:
    """The text of each generated file."""
    return {
        PACKAGE / "types.py": Types(document).text(),
        PACKAGE / "_sync_methods.py": methods_module(document, "sync"),
        PACKAGE / "_async_methods.py": methods_module(document, "async"),
    }


# --- types in Python's words ---


def python_name(title: str) -> str:
    return RENAMED.get(title, title)


def annotation(schema: Schema, given: bool, prefix: str = "") -> str:
    """The type of a value; `given` says that the host gives it, so that more will do."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    none = ["None"] if "null" in kinds or None in schema.get("enum", ()) else []
    return " | ".join(dict.fromkeys([*_union(schema, kinds, given, prefix), *none]))


def _union(schema: Schema, kinds: list[str], given: bool, prefix: str) -> list[str]:
    title = schema.get("title", "")
    options = schema.get("oneOf") or schema.get("anyOf")
    if options:
        some = [annotation(option, given, prefix) for option in options if option != NULL]
        null = ["None"] if NULL in options else []
        return [*([prefix + python_name(title)] if title else some), *null]
    if title == "ProgramRef":
        return [f"{prefix}StrPath"]
    if title == "ChunkID" and given:
        return [prefix + "ChunkId"]
    if "enum" in schema:
        words = ", ".join(repr(v).replace("'", '"') for v in schema["enum"] if v is not None)
        return [prefix + title] if title else [f"Literal[{words}]"]
    if title and "properties" in schema:
        return [prefix + python_name(title)]
    return [_plain(schema, kind, given, prefix) for kind in kinds if kind != "null"] or ["Any"]


def _plain(schema: Schema, kind: str, given: bool, prefix: str) -> str:
    if kind == "array":
        inner = annotation(schema["items"], given, prefix)
        return f"Sequence[{inner}]" if given else f"list[{inner}]"
    if kind == "object":
        values = schema.get("additionalProperties")
        inner = annotation(values, given, prefix) if isinstance(values, dict) else "Any"
        return f"Mapping[str, {inner}]" if given else f"dict[str, {inner}]"
    if kind == "string" and schema.get("format") == "path" and given:
        return prefix + "StrPath"
    return {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}[kind]


def without_null(schema: Schema) -> Schema:
    """As schema, but for the null that is only another way of leaving a member out."""
    kinds = schema.get("type")
    out = dict(schema)
    if isinstance(kinds, list):
        out["type"] = [kind for kind in kinds if kind != "null"]
    if "enum" in schema:
        out["enum"] = [value for value in schema["enum"] if value is not None]
    if "oneOf" in schema:
        out["oneOf"] = [option for option in schema["oneOf"] if option != {"type": "null"}]
    return out


def sentence(text: str) -> str:
    """A sentence of the reference in Python's words."""
    for json_word, word in (("null", "None"), ("true", "True"), ("false", "False")):
        text = re.sub(rf"\b{json_word}\b", word, text)
    return text


def docstring(text: str, indent: str) -> list[str]:
    """A docstring of one paragraph."""
    text = sentence(text)
    one = f'{indent}"""{text}"""'
    if len(one) <= WIDTH:
        return [one]
    lines = textwrap.wrap(text, WIDTH - len(indent) - 3)
    return [f'{indent}"""{lines[0]}', *(indent + line for line in lines[1:]), f'{indent}"""']


# --- types.py ---

TYPES_HEAD = f'''"""The shapes of parameters and results, as TypedDicts: plain dicts at run time.

{NOTICE}

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
'''

HOOKS_HEAD = '''

# --- the hooks: what the sidecar may ask of the host ---

Hook = Callable[..., Any]


class SupportsToList(Protocol):
    """An array: of numpy, torch and their like."""

    def tolist(self) -> Any: ...
'''

HOOKS_TAIL = '''

EmbedHook = EmbedFunction | tuple[EmbedFunction, EmbedModel]
AsyncEmbedHook = AsyncEmbedFunction | tuple[AsyncEmbedFunction, EmbedModel]
ProgressHook = Callable[[Progress], object]
AsyncProgressHook = Callable[[Progress], object] | Callable[[Progress], Awaitable[object]]
'''


class Types:
    """Writes types.py: each class after those that it is made of."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.lines: list[str] = []
        self.done: set[str] = set()
        self.open: list[str] = []

    def text(self) -> str:
        self._words()
        self.lines += ["", "", "# --- results and what they are made of ---"]
        for method in served(self.document, handshake=True):
            self._needs(method["result"]["schema"], given=False)
        self._fields("ProgramUsed", shared_result(self.document), "What a program had a part in.")
        for note in self.document["x-notifications"]:
            self._fields("Progress", note["params"], note["summary"], given=False)
        self.lines += ["", "", "# --- what errors carry ---"]
        for error in self.document["components"]["errors"].values():
            self._needs(error.get("data", {}), given=False)
        self._params()
        self._hooks()
        self._opened()
        return TYPES_HEAD + "\n".join(self.lines) + "\n"

    def _words(self) -> None:
        for name, schema in self.document["components"]["schemas"].items():
            words = [f'    "{word}",' for word in schema["enum"]]
            self.lines += [f"{name} = Literal[", *words, "]"]

    def _needs(self, schema: Schema, given: bool) -> None:
        """Write the objects that a schema names, inner ones first."""
        for option in [*schema.get("oneOf", []), *schema.get("anyOf", [])]:
            self._needs(option, given)
        for inner in (schema.get("items"), schema.get("additionalProperties")):
            if isinstance(inner, dict):
                self._needs(inner, given)
        for inner in schema.get("properties", {}).values():
            self._needs(inner, given)
        title = python_name(schema.get("title", ""))
        if "oneOf" in schema and title and title not in self.done:
            self.done.add(title)
            union = " | ".join(annotation(o, given) for o in schema["oneOf"] if o != NULL)
            self.lines += ["", f"{title} = {union}"]
        if not title or "properties" not in schema or title in self.done:
            return
        required = schema.get("required", [])
        fields = [
            {"name": name, "required": name in required, "schema": s, **_described(s)}
            for name, s in schema["properties"].items()
        ]
        self._fields(title, fields, "", given)
        if schema.get("additionalProperties") is True:
            self.open.append(title)

    def _fields(self, name: str, fields: list[Schema], doc: str, given: bool = False) -> None:
        """One TypedDict: what is always there in a base, the rest in its heir."""
        self.done.add(name)
        required = [f for f in fields if f["required"]]
        optional = [f for f in fields if not f["required"]]
        if required and optional:
            self._class(f"_{name}Required", "TypedDict", required, "", given)
            self._class(name, f"_{name}Required, total=False", optional, doc, given)
        elif optional or not fields:
            self._class(name, "TypedDict, total=False", optional, doc, given)
        else:
            self._class(name, "TypedDict", required, doc, given)

    def _class(self, name: str, bases: str, fields: list[Schema], doc: str, given: bool) -> None:
        self.lines += ["", "", f"class {name}({bases}):"]
        self.lines += [*docstring(doc, "    "), ""] if doc else []
        for field in fields:
            schema = field["schema"]
            if not (field["required"] or field.get("argument") or "null:" in _sentence(field)):
                schema = without_null(schema)
            self.lines.append(f"    {field['name']}: {annotation(schema, given)}")
            self.lines += docstring(_sentence(field), "    ")
        if not fields and not doc:
            self.lines.append("    pass")

    def _params(self) -> None:
        self.lines += ["", "", "# --- parameters: the keyword arguments of the methods ---"]
        for method in served(self.document):
            for parameter in method["params"]:
                self._needs(without_null(parameter["schema"]), given=True)
        self._fields("Wait", [timeout_field()], "Of the client alone.", given=True)
        for name, between in SHARED.items():
            fields = common(self.document, between)
            self._fields(name, [timeout_field(), *fields], "Parameters of several methods.", True)
        for method in served(self.document):
            if method["params"]:
                name = camel(method["name"]) + "Params"
                doc = f"Keyword arguments of `{PYTHON_METHOD.get(method['name'], method['name'])}`."
                self._fields(name, [*arguments(method), timeout_field()], doc, given=True)

    def _hooks(self) -> None:
        self.lines += HOOKS_HEAD.split("\n")[:-1]
        for callback in self.document["x-callbacks"]:
            self._needs(callback["result"]["schema"], given=False)
        self._needs(embed_model(self.document), given=True)
        for callback in self.document["x-callbacks"]:
            self._hook(callback, "")
            self._hook(callback, "Async")
        self.lines += HOOKS_TAIL.split("\n")[:-1]

    def _hook(self, callback: Schema, kind: str) -> None:
        """Any parameters will do: a hook may take fewer, or name them its own way."""
        method = callback["name"]
        answer = python_name(callback["result"]["schema"]["title"])
        value = f"{HOOK_RETURNS[method]} | {answer} | Mapping[str, object]"
        alias = f"{answer}Like"
        if not kind:
            self.lines += ["", "", f"{alias} = {value}"]
            self.lines += [f"Async{alias} = {alias} | Awaitable[{alias}]"]
        returns = kind + alias
        given = ", ".join(HOOK_PARAMETERS[method])
        self.lines += ["", "", f"class {kind}{HOOK_NAMES[method]}(Protocol):"]
        self.lines += docstring(f"{callback['summary']} It is given {given}.", "    ")
        self.lines += ["", f"    def __call__(self, *args: Any, **kwargs: Any) -> {returns}: ..."]

    def _opened(self) -> None:
        names = ", ".join(self.open)
        self.lines += ["", f"for _open in ({names}):  # pydantic keeps their further keys"]
        config = '"__pydantic_config__", {"extra": "allow"}'
        self.lines += [f"    setattr(_open, {config})  # noqa: B010"]


def _sentence(field: Schema) -> str:
    return str(field.get("description", ""))


def _described(schema: Schema) -> Schema:
    return {"description": schema.get("description", "")}


def served(document: dict[str, Any], handshake: bool = False) -> Iterator[Schema]:
    """The methods that the clients have; with those of the handshake, if asked."""
    for method in document["methods"]:
        if handshake or method["name"] not in HANDSHAKE:
            yield method


def arguments(method: Schema) -> list[Schema]:
    """A method's parameters as keyword arguments, but for what the client adds itself."""
    return [{**p, "argument": True} for p in method["params"] if p["name"] != "progress_token"]


def timeout_field() -> Schema:
    schema = {"type": ["number", "null"]}
    return {
        "name": "timeout",
        "required": False,
        "schema": schema,
        "description": TIMEOUT,
        "argument": True,
    }


def common(document: dict[str, Any], names: Iterable[str]) -> list[Schema]:
    """The parameters that all of these methods take."""
    methods = [method for method in document["methods"] if method["name"] in names]
    first, *others = [arguments(method) for method in methods]
    return [f for f in first if all(f["name"] in {o["name"] for o in other} for other in others)]


def shared_result(document: dict[str, Any]) -> list[Schema]:
    """The fields of every result that a program had a part in."""
    [schema] = [m["result"]["schema"] for m in document["methods"] if m["name"] == "prompts"]
    return [
        {"name": name, "required": True, "schema": s, **_described(s)}
        for name, s in schema["properties"].items()
        if name.startswith("program")
    ]


def embed_model(document: dict[str, Any]) -> Schema:
    """What the embed hook may say of its model, out of initialize's capabilities."""
    [params] = [m["params"] for m in document["methods"] if m["name"] == "initialize"]
    [offers] = [p["schema"] for p in params if p["name"] == "capabilities"]
    options = offers["properties"]["embed"]["oneOf"]
    [found] = [option for option in options if option.get("title") == "EmbedModel"]
    return dict(found)


def camel(method: str) -> str:
    return "".join(word.capitalize() for word in re.split(r"[.-]", method))


# --- the methods of both clients ---

METHODS_HEAD = '''"""{first}

{notice}
"""

from __future__ import annotations

from typing import Any{typing}

from ._params import ABSENT, given

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from . import types as t
    from ._params import Absent


class {name}:
    """One method for each of the sidecar's; keyword arguments only."""

    {a}def _call(
        self,
        method: str,
        params: dict[str, Any],
        timeout: float | None,
        progress: t.{hook} | None = None,
    ) -> Any:
        raise NotImplementedError
'''


def methods_module(document: dict[str, Any], kind: str) -> str:
    name = {"sync": "SyncMethods", "async": "AsyncMethods"}[kind]
    hook = {"sync": "ProgressHook", "async": "AsyncProgressHook"}[kind]
    writer = Methods(kind, hook)
    body = [line for method in served(document) for line in writer.method(method)]
    first = {"sync": "The methods of Sidecar.", "async": "The methods of AsyncSidecar."}[kind]
    typing = ", ".join(["", "Literal", "overload"])
    head = METHODS_HEAD.format(
        first=first,
        notice=NOTICE,
        typing=typing,
        name=name,
        hook=hook,
        a="async " if kind == "async" else "",
    )
    head = head.replace("import Any, Literal", "import TYPE_CHECKING, Any, Literal")
    return head + "\n".join(body) + "\n"


class Methods:
    """Writes one method: signature, docstring, and the call."""

    def __init__(self, kind: str, hook: str) -> None:
        self.kind, self.hook = kind, hook

    def method(self, method: Schema) -> list[str]:
        name = PYTHON_METHOD.get(method["name"], method["name"].replace("-", "_"))
        options = method["result"]["schema"].get("oneOf")
        schema = options[0] if options else method["result"]["schema"]
        result = annotation(schema, False, "t.")
        lines: list[str] = []
        if options:
            dry = annotation(options[1], False, "t.")
            result_of = {"Literal[True]": dry, "Literal[False] | None = None": result}
            result = f"{result} | {dry}"
            for dry_run, returns in {**result_of, "bool | None": result}.items():
                lines += ["", "    @overload", *self._signature(method, name, returns, dry_run)]
                lines[-1] += " ..."
        return [*lines, "", *self._signature(method, name, result), *self._body(method, result)]

    def _signature(
        self, method: Schema, name: str, returns: str, dry_run: str = ""
    ) -> list[str]:
        a = "async " if self.kind == "async" else ""
        lines = [f"    {a}def {name}(", "        self,", "        *,"]
        for field in self._ordered(method):
            lines.append(f"        {self._parameter(field, dry_run)},")
        return [*lines, f"    ) -> {returns}:"]

    def _ordered(self, method: Schema) -> list[Schema]:
        fields = arguments(method)
        fields = [f for f in fields if f["required"]] + [f for f in fields if not f["required"]]
        fields.append(timeout_field())
        if any(p["name"] == "progress_token" for p in method["params"]):
            doc = PROGRESS[self.kind]
            fields.append({"name": "progress", "required": False, "schema": {}, "description": doc})
        for field in fields:
            if keyword.iskeyword(field["name"]):
                raise ValueError(f"{method['name']}.{field['name']} is a keyword of Python")
        return fields

    def _parameter(self, field: Schema, dry_run: str) -> str:
        name, schema = field["name"], field["schema"]
        if name == "progress":
            return f"progress: t.{self.hook} | None = None"
        if name == "dry_run" and dry_run:
            return f"dry_run: {dry_run}"
        kind = annotation(schema, True, "t.")
        if field["required"]:
            return f"{name}: {kind}"
        if schema.get("title") == "ProgramRef":
            return f"{name}: {kind.removesuffix(' | None')} | Absent | None = ABSENT"
        return f"{name}: {kind} = None"

    def _body(self, method: Schema, result: str) -> list[str]:
        lines = self._docstring(method)
        names = [f["name"] for f in arguments(method)]
        pairs = [f"                {name}={name}," for name in names]
        params = ["            given(", *pairs, "            ),"] if names else ["            {},"]
        long = any(p["name"] == "progress_token" for p in method["params"])
        wait = "await " if self.kind == "async" else ""
        lines += [f"        result: {result} = {wait}self._call("]
        lines += [f'            "{method["name"]}",', *params, "            timeout,"]
        lines += ["            progress,"] if long else []
        return [*lines, "        )", "        return result"]

    def _docstring(self, method: Schema) -> list[str]:
        summary = textwrap.wrap(sentence(method["summary"]), WIDTH - 11)
        lines = [f'        """{summary[0]}', *(f"        {line}" for line in summary[1:])]
        lines += ["", "        Args:"]
        for field in self._ordered(method):
            text = f"{field['name']}: {sentence(field['description'])}"
            lines += textwrap.wrap(
                text, WIDTH, initial_indent=" " * 12, subsequent_indent=" " * 16
            )
        return [*lines, '        """']


if __name__ == "__main__":
    sys.exit(main())
