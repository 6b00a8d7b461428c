"""JSON Schemas (2020-12) of every message and event, with the comment beside a field as its description."""

import inspect
import tokenize
from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec

from arena.wire import subjects

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def message_types() -> list[type]:
    """Every type that travels on a subject of the table, in the table's order."""
    return list(dict.fromkeys(type_ for row in subjects.TABLE for type_ in (*row.payload, *row.reply)))


def components(ref_template: str) -> dict[str, dict[str, Any]]:
    """The schemas of all message types and of what they consist of, by name."""
    types = message_types()
    found = msgspec.json.schema_components(types, ref_template=ref_template)[1]
    documented = {type_.__name__: type_ for type_ in _reachable(types)}
    for name, schema in found.items():
        for field, comment in _field_comments(documented.get(name)).items():
            if field in schema.get("properties", {}):
                schema["properties"][field]["description"] = comment
    return found


def files() -> dict[str, dict[str, Any]]:
    """One self-contained schema by file name, for each message type."""
    everything = components("#/$defs/{name}")
    return {f"{type_.__name__}.json": _standalone(type_.__name__, everything) for type_ in message_types()}


def _standalone(name: str, everything: dict[str, dict[str, Any]]) -> dict[str, Any]:
    schema: dict[str, Any] = {"$schema": DIALECT, **everything[name]}
    needed = sorted(_references(everything[name], everything))
    if needed:
        schema["$defs"] = {reference: everything[reference] for reference in needed}
    return schema


def _references(schema: Any, everything: dict[str, dict[str, Any]]) -> set[str]:
    """Names of all schemas that `schema` refers to, directly or not."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            waiting += part.values()
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                waiting.append(everything[name])
    return found


def _reachable(types: list[type]) -> Iterator[type]:
    """The types and the structs and enums in the types' fields."""
    seen: set[type] = set()
    waiting: list[Any] = [*msgspec.inspect.multi_type_info(types)]
    while waiting:
        info = waiting.pop()
        waiting += [part for part in (getattr(info, "item_type", None), *getattr(info, "types", ())) if part]
        cls = getattr(info, "cls", None)
        if isinstance(cls, type) and cls not in seen:
            seen.add(cls)
            waiting += [field.type for field in getattr(info, "fields", ())]
            yield cls


def _field_comments(type_: type | None) -> dict[str, str]:
    """The comment at the end of each field's line, by field."""
    comments: dict[str, str] = {}
    for cls in reversed(type_.__mro__ if type_ else ()):
        if issubclass(cls, msgspec.Struct) and cls is not msgspec.Struct:
            lines = iter(inspect.getsource(cls).splitlines(keepends=True))
            field = ""
            for token in tokenize.generate_tokens(partial(next, lines, "")):
                if token.type == tokenize.NAME and token.start[1] == 4:
                    field = token.string
                elif token.type == tokenize.COMMENT and field:
                    comments[field] = token.string.removeprefix("#").strip()
    return comments
