"""Packages that only some agents need: imported when they are used, named with their extra where they are missing."""

import importlib
from typing import Any

from agent_kit.errors import MountFailed


def need(module: str, extra: str) -> Any:
    """The module. Raises MountFailed, saying what to install."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != module.partition(".")[0]:
            raise  # it is there, and lacks something itself
        raise MountFailed(f"this needs the package {module}: pip install 'arena-platform[{extra}]'") from error
