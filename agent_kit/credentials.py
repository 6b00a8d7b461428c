"""What a .creds file says: who the agent is, and where the platform is."""

import base64
import json
import os
import re
from pathlib import Path
from typing import NamedTuple

from agent_kit.errors import CredentialsError
from arena.wire.ids import is_id

DEFAULT_URL = "nats://127.0.0.1:4222"
_JWT = re.compile(r"-----BEGIN NATS USER JWT-----\s+(\S+)\s+------END NATS USER JWT------")
_URL = re.compile(r"^# arena-url: (\S+)$", re.MULTILINE)


class Identity(NamedTuple):
    """Who connects, and where."""

    agent: str  # the agent's id
    url: str
    path: Path


def read(path: str | os.PathLike[str] | None = None, url: str | None = None) -> Identity:
    """Read a credentials file. Raises CredentialsError.

    path: default is the environment variable ARENA_CREDS. url: default is ARENA_NATS_URL, else what the platform wrote
    into the file, else the local server.
    """
    named = path or os.environ.get("ARENA_CREDS")
    if not named:
        raise CredentialsError("no credentials: pass creds='my-bot.creds' or set ARENA_CREDS")
    file = Path(named).expanduser()
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialsError(f"cannot read credentials {file}: {error}") from error
    found = _JWT.search(text)
    if found is None:
        raise CredentialsError(f"{file} is no NATS credentials file (no user JWT in it)")
    try:
        claims = found[1].split(".")[1]
        agent = str(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["name"])
    except (IndexError, ValueError, KeyError, TypeError) as error:
        raise CredentialsError(f"the user JWT in {file} cannot be read") from error
    if not is_id(agent):
        raise CredentialsError(f"{file} is for {agent!r}, not for an agent of an Arena platform")
    noted = _URL.search(text)
    return Identity(agent, url or os.environ.get("ARENA_NATS_URL") or (noted[1] if noted else DEFAULT_URL), file)
