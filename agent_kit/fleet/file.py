"""agents.toml: what it may say.

processes = true                # each agent in a process of its own (default), or all in one
logs = "logs"                   # a file for each agent is written there
api = "https://arena.example"   # whose ratings are shown; none are without it
url = "nats://..."              # of all agents that do not say another (default: as noted in their credentials)

[[agent]]
name = "first"                  # in the table and of its log
policy = "my_agent.py:policy"   # as `agent-kit run` takes it: sb3:model.zip, uci:stockfish, ...
creds = "first.creds"
games = ["connect_four"]        # default: what the policy is made for, else all
slots = 4                       # matches at once, of each instance
instances = 1                   # how many of it
with = { seconds = 0.5 }        # arguments of a mount

Paths are relative to the file.
"""

import re
import tomllib
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from agent_kit.errors import AgentKitError
from arena.wire.lobby import GAMES_MAX, SLOTS_MAX, Encoding, Token, TokenOrAll

INSTANCES_MAX = 64  # of one agent; the lobby takes no more
_FIELD = re.compile(r"(?P<problem>.*) - at `\$\.?(?P<field>[^`]+)`", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>.*)`")


class FleetError(AgentKitError):
    """The file cannot be used. The message says which key of it, and what was expected."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One agent."""

    name: Token
    policy: Annotated[str, msgspec.Meta(min_length=1)]
    creds: Annotated[str, msgspec.Meta(min_length=1)]
    games: Annotated[list[TokenOrAll], msgspec.Meta(min_length=1, max_length=GAMES_MAX)] | None = None
    slots: Annotated[int, msgspec.Meta(ge=1, le=SLOTS_MAX)] = 1
    instances: Annotated[int, msgspec.Meta(ge=1, le=INSTANCES_MAX)] = 1
    matches: Annotated[int, msgspec.Meta(ge=0)] = 0  # of each instance, which then leaves; 0: it stays
    url: str | None = None
    encoding: Encoding = "msgpack"
    same_owner: bool = False
    stateless: bool = False
    ladder: bool = True
    opponents: dict[str, float] = {}
    unrated: bool = True
    patient: bool = True
    arguments: dict[str, Any] = msgspec.field(default_factory=dict, name="with")


class Fleet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the file says."""

    agents: list[Entry]
    processes: bool = True
    logs: str = "logs"
    api: str | None = None
    url: str | None = None


def read_file(path: Path) -> Fleet:
    """The file's agents. Raises FleetError."""
    try:
        content = tomllib.loads(path.read_text())
    except OSError as error:
        raise FleetError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FleetError(f"{path}: not valid TOML: {error}") from error
    rows = content.pop("agent", None)
    if not isinstance(rows, list) or not rows:
        raise FleetError(f"{path}: expected at least one table [[agent]] with name, policy and creds")
    entries = [_converted(row, Entry, f"{path}: {_called(row, number)}") for number, row in enumerate(rows, 1)]
    names = [entry.name for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise FleetError(f"{path}: agent {name!r}: name: expected each name once, it is there {names.count(name)}x")
    fleet: Fleet = _converted({**content, "agents": []}, Fleet, str(path))
    if fleet.api is not None and urllib.parse.urlsplit(fleet.api).scheme not in {"http", "https"}:
        raise FleetError(f"{path}: api: expected an address like https://arena.example.org, got {fleet.api!r}")
    return msgspec.structs.replace(
        fleet, agents=[msgspec.structs.replace(entry, url=entry.url or fleet.url) for entry in entries]
    )


def _called(row: Any, number: int) -> str:
    name = row.get("name") if isinstance(row, Mapping) else None
    return f"agent {name!r}" if isinstance(name, str) else f"agent {number}"


def _converted(row: Any, kind: Any, where: str) -> Any:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError as error:
        text = str(error)
        if unknown := _UNKNOWN.match(text):
            known = ", ".join(sorted({*kind.__struct_encode_fields__} - {"agents"}))
            raise FleetError(f"{where}: {unknown['field']}: there is no such key; expected one of {known}") from error
        found = _FIELD.match(text)
        raise FleetError(f"{where}: {found['field']}: {found['problem']}" if found else f"{where}: {text}") from error
