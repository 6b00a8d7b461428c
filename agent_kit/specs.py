"""Policies by a text, as the command line and `agents.toml` name them: `module:name` or `file.py:name`."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from agent_kit.policy import Agent


def load(spec: str) -> Any:
    """The policy that `module:name` or `file.py:name` names. Raises ValueError or ImportError."""
    where, _, name = spec.rpartition(":")
    if not where:
        raise ValueError(f"expected module:name or file.py:name, got {spec!r}")
    module = _file(Path(where)) if where.endswith(".py") else _module(where)
    try:
        found = getattr(module, name)
    except AttributeError:
        raise ValueError(f"{where} has no {name!r}") from None
    return found() if isinstance(found, type) and issubclass(found, Agent) else found


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
