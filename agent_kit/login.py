"""`agent-kit login`: a key pair made on this machine; the platform gets the public half, and the seed never leaves.

POST {url}/api/auth/login                      name and password -> an access token (or bring a personal one)
GET  {url}/api/agents?search=NAME              the agent's id; POST {url}/api/agents makes it, if wished
POST {url}/api/agents/{id}/credentials         the public key -> a JWT; .../rotate instead of all others
"""

import json
import os
import secrets
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

import nkeys

from agent_kit import tls
from agent_kit.errors import CredentialsError

ANSWER_S_MAX = 30.0
ANSWER_BYTES_MAX = 1 << 20
PAGES_MAX = 100
_FILE = """# arena-url: {url}
-----BEGIN NATS USER JWT-----
{jwt}
------END NATS USER JWT------

************************* IMPORTANT *************************
NKEY Seed printed below can be used to sign and prove identity.
NKEYs are sensitive and should be treated as secrets.

-----BEGIN USER NKEY SEED-----
{seed}
------END USER NKEY SEED------

*************************************************************
"""


class _SameSite(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: a token must not be carried to another address."""

    def redirect_request(self, *_: Any) -> None:
        """Never."""


class Platform:
    """A platform's HTTP API, as somebody. Every method raises CredentialsError, with what the platform said."""

    def __init__(self, url: str, token: str = "") -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise CredentialsError(f"expected an address like https://arena.example.org, got {url!r}")
        if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
            raise CredentialsError(f"{url} is not encrypted: a password or token would be open to all; use https://")
        self._url = url.rstrip("/")
        self._token = token
        self._opener = urllib.request.build_opener(_SameSite, urllib.request.HTTPSHandler(context=tls.web()))

    def log_in(self, name: str, password: str) -> None:
        """Be this user from now on."""
        self._token = str(self._ask("POST", "/api/auth/login", {"name": name, "password": password})["access_token"])

    def agent(self, name: str, *, create: bool = False) -> str:
        """The id of one's agent with this name."""
        cursor = None
        for _ in range(PAGES_MAX):
            query = {"search": name, "limit": 100, **({"cursor": cursor} if cursor else {})}
            page = self._ask("GET", f"/api/agents?{urllib.parse.urlencode(query)}")
            for agent in page["items"]:
                if agent["name"].casefold() == name.casefold():
                    return str(agent["id"])
            if (cursor := page["next"]) is None:
                break
        if create:
            return str(self._ask("POST", "/api/agents", {"name": name})["id"])
        raise CredentialsError(f"you have no agent {name!r}: choose one that you have, or make it with --create")

    def credential(self, agent: str, public_key: str, label: str, *, rotate: bool = False) -> tuple[str, str]:
        """A JWT for this public key, and the address to connect to. rotate: all other credentials end."""
        path = f"/api/agents/{urllib.parse.quote(agent, safe='')}/credentials" + ("/rotate" if rotate else "")
        issued = self._ask("POST", path, {"public_key": public_key, "label": label})
        jwt, address = str(issued["jwt"]), str(issued["url"])
        if len(jwt.split()) != 1 or len(address.split()) != 1:
            raise CredentialsError(f"{self._url} is no Arena platform: what it issued is no credential")
        return jwt, address

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Accept": "application/json", "User-Agent": "agent-kit"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self._url + path, data, headers, method=method)  # noqa: S310 - checked above
        try:
            with self._opener.open(request, timeout=ANSWER_S_MAX) as answer:
                return json.loads(answer.read(ANSWER_BYTES_MAX))
        except urllib.error.HTTPError as error:
            raise CredentialsError(f"{self._url} says {error.code}: {_detail(error)}") from error
        except (OSError, HTTPException) as error:
            raise CredentialsError(f"no answer from {self._url}: {getattr(error, 'reason', error)}") from error
        except ValueError as error:
            raise CredentialsError(f"{self._url} is no Arena platform: its answer to {path} is no JSON") from error


def _detail(error: urllib.error.HTTPError) -> str:
    """What went wrong, in the platform's words."""
    try:
        return str(json.loads(error.read(ANSWER_BYTES_MAX))["detail"])
    except (OSError, ValueError, KeyError, TypeError):
        return str(error.reason)


def login(
    platform: Platform, name: str, path: Path, *, label: str, create: bool = False, rotate: bool = False, force: bool
) -> str:
    """Make a key pair and a credentials file for the agent called `name`; returns its id. Raises CredentialsError.

    The file can be read by its owner only, and is written whole or not at all. force: replace one that is there.
    """
    if path.exists() and not force:
        raise CredentialsError(f"{path} exists: choose another file with --creds, or --force")
    if not path.absolute().parent.is_dir():
        raise CredentialsError(f"there is no folder {path.absolute().parent}")
    agent = platform.agent(name, create=create)
    seed = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
    public_key = nkeys.from_seed(seed).public_key.decode()
    jwt, url = platform.credential(agent, public_key, label, rotate=rotate)
    _write(path, _FILE.format(url=url, jwt=jwt, seed=seed.decode()))
    return agent


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise CredentialsError(f"cannot write {path}: {error.strerror}") from error
