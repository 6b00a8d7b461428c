"""Policies by a text, as the command line and `agents.toml` name them.

module:name, file.py:name   a function turn -> action, or an Agent class, of your own
sb3:model.zip               what agent_kit.mounts mounts: the scheme names the module, the rest is `mount`'s first
uci:stockfish               argument, and what else it takes is given by name
"""

import contextlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import msgspec

from agent_kit.policy import Agent

SCHEMES = ("gtp", "lines", "llm", "openspiel", "sb3", "torch", "uci")


def load(spec: str, arguments: Mapping[str, Any] | None = None) -> Any:
    """The policy that a text names. `arguments` are a mount's, by name; text is read as JSON where no text is wanted.

    Raises ValueError or ImportError for what does not exist, and MountFailed for a mount that cannot play.
    """
    scheme, _, what = spec.partition(":")
    if scheme in SCHEMES and what:
        mount = importlib.import_module(f"agent_kit.mounts.{scheme}").mount
        return mount(what, **_converted(scheme, mount, arguments or {}))
    if arguments:
        raise ValueError(f"{spec!r} takes no arguments; those are for {', '.join(SCHEMES)}")
    where, _, name = spec.rpartition(":")
    if not where:
        mounts = ", ".join(f"{scheme}:..." for scheme in SCHEMES)
        raise ValueError(f"expected module:name or file.py:name (or {mounts}), got {spec!r}")
    module = _file(Path(where)) if where.endswith(".py") else _module(where)
    try:
        found = getattr(module, name)
    except AttributeError:
        raise ValueError(f"{where} has no {name!r}") from None
    return found() if isinstance(found, type) and issubclass(found, Agent) else found


def _converted(scheme: str, mount: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments in the types that `mount` wants. Raises ValueError."""
    hints = get_type_hints(mount)
    parameters = inspect.signature(mount).parameters.values()
    known = [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    converted = {}
    for name, value in arguments.items():
        if name not in known:
            raise ValueError(f"{scheme} has no argument {name!r}; known: {', '.join(known)}")
        converted[name] = _value(value, hints[name], f"{scheme}'s {name}")
    return converted


def _value(value: Any, kind: Any, what: str) -> Any:
    if isinstance(value, str) and kind is not str:
        with contextlib.suppress(msgspec.DecodeError):  # it is text after all: what is wanted may be text or nothing
            value = msgspec.json.decode(value)
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"{what}: {error}") from error
    except TypeError as error:
        raise ValueError(f"{what} can only be given in Python") from error


def _module(name: str) -> ModuleType:
    sys.path.insert(0, str(Path.cwd()))
    return importlib.import_module(name)


def _file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.exists():
        raise ValueError(f"cannot read {path}")
    sys.path.insert(0, str(path.parent.absolute()))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
