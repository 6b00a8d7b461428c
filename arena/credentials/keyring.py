"""The platform's own keys, in {home}/keys: operator, system account, ARENA account, one signing key per role.

    keys/operator.nk        signs the accounts                  keys/role-<role>.nk   signs the users of one role
    keys/system.nk          identity of the system account      keys/account.nk       identity of the ARENA account

Who can read this folder can make any credential: it is 0700, its files 0600, and only the API, the registrar's
commands and `arena init` need it.
"""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import nkeys

from arena.credentials import claims, roles
from arena.wire.subjects import CONNECTED, DISCONNECTED, Role, Subject

FOLDER = "keys"
LOCK_WAIT_S = 10.0
_KINDS = {"operator": claims.OPERATOR, "system": claims.ACCOUNT, "account": claims.ACCOUNT} | {
    f"role-{role}": claims.ACCOUNT for role in Role
}
_PRESENCE = ((CONNECTED, "CONNECT"), (DISCONNECTED, "DISCONNECT"))
_UNLIMITED = -1
_LIMITS = dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), _UNLIMITED)
_STREAM_LIMITS = dict.fromkeys(("mem_storage", "disk_storage", "streams", "consumer"), _UNLIMITED)


class KeyringError(Exception):
    """The keys are missing, incomplete, unreadable or open to others. The message says what to do."""


class Keyring:
    """All keys. `create` makes them, `load` reads them; both raise KeyringError."""

    def __init__(self, home: Path, keys: Mapping[str, nkeys.KeyPair]) -> None:
        self.home = home
        self._keys = dict(keys)

    @classmethod
    def create(cls, home: Path) -> "Keyring":
        """Make the keys of a new platform. Raises KeyringError if there are some already."""
        folder = home / FOLDER
        if folder.exists() and any(folder.glob("*.nk")):
            raise KeyringError(f"{folder} holds keys already; without them every credential ever issued is void")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        keys = {name: claims.new_key(kind) for name, kind in _KINDS.items()}
        for name, key in keys.items():
            write_secret(folder / f"{name}.nk", claims.seed(key) + "\n")
        return cls(home, keys)

    @classmethod
    def load(cls, home: Path) -> "Keyring":
        """Read the keys of an existing platform."""
        folder = home / FOLDER
        if not folder.is_dir():
            raise KeyringError(f"no keys in {folder}: run `arena init` (or set ARENA_HOME to the folder of an arena)")
        _refuse_open(folder)
        return cls(home, {name: _read(folder / f"{name}.nk", kind) for name, kind in _KINDS.items()})

    @classmethod
    def ensure(cls, home: Path) -> "Keyring":
        """Read the keys, or make them if there are none yet."""
        return cls.load(home) if any((home / FOLDER).glob("*.nk")) else cls.create(home)

    @property
    def operator(self) -> nkeys.KeyPair:
        """The operator's key."""
        return self._keys["operator"]

    @property
    def system_key(self) -> nkeys.KeyPair:
        """Identity of the system account; signs its users."""
        return self._keys["system"]

    @property
    def system(self) -> str:
        """Public key of the system account."""
        return claims.public(self.system_key)

    @property
    def account(self) -> str:
        """Public key of the ARENA account."""
        return claims.public(self._keys["account"])

    def signer(self, role: Role) -> nkeys.KeyPair:
        """The key that signs this role's users."""
        return self._keys[f"role-{role}"]

    def operator_jwt(self) -> str:
        """The operator, as the server's configuration names it."""
        body = {"type": "operator", "version": 2, "system_account": self.system}
        return claims.sign(self._named("arena", claims.public(self.operator), body), self.operator)

    def system_jwt(self) -> str:
        """The system account: the server's own events and requests."""
        body = {
            "type": "account",
            "version": 2,
            "limits": _LIMITS | {"wildcards": True},
            "exports": [
                {
                    "name": "connections",
                    "subject": "$SYS.ACCOUNT.*.>",
                    "type": "stream",
                    "account_token_position": 3,  # to each account only what concerns it
                }
            ],
        }
        return claims.sign(self._named("SYS", self.system, body), self.operator)

    def account_jwt(self, revoked: Mapping[str, int]) -> str:
        """The ARENA account: limits, every role's permissions, and who is revoked ({user's public key: unix s})."""
        signing = [
            {"kind": "user_scope", "key": claims.public(self.signer(role)), "role": role, "template": template}
            for role, template in ((role, roles.template(role)) for role in Role)
        ]
        body: dict[str, Any] = {
            "type": "account",
            "version": 2,
            "limits": _LIMITS | {"wildcards": True} | _STREAM_LIMITS,
            "signing_keys": signing,
            "imports": [self._presence(row, what) for row, what in _PRESENCE],
            "default_permissions": {"pub": {"deny": [">"]}, "sub": {"deny": [">"]}},
        }
        if revoked:
            body["revocations"] = dict(revoked)
        return claims.sign(self._named("ARENA", self.account, body), self.operator)

    def _presence(self, row: Subject, what: str) -> dict[str, Any]:
        """The server's word on our connections, under a subject of our table."""
        return {
            "name": row.name,
            "subject": f"$SYS.ACCOUNT.{self.account}.{what}",
            "account": self.system,
            "local_subject": row.at(),
            "type": "stream",
        }

    @contextmanager
    def locked_now(self) -> Iterator[None]:
        """Keep every other process of this platform from changing the account. Raises KeyringError if one is at it."""
        with (self.home / FOLDER / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise KeyringError("another process is changing the account now: try again") from error
            yield

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """The same, waiting its turn. Raises KeyringError after ten seconds."""
        deadline = time.monotonic() + LOCK_WAIT_S
        with ExitStack() as stack:
            while True:  # flock has no asynchronous form, and a thread that waits in it cannot be cancelled
                try:
                    stack.enter_context(self.locked_now())
                    break
                except KeyringError:
                    if time.monotonic() > deadline:
                        raise
                await asyncio.sleep(0.01)
            yield

    @staticmethod
    def _named(name: str, subject: str, body: dict[str, Any]) -> dict[str, Any]:
        return {"iat": int(time.time()), "name": name, "sub": subject, "nats": body}


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _refuse_open(path: Path) -> None:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        wanted = "700" if path.is_dir() else "600"
        raise KeyringError(f"{path} is open to other users (mode {mode:o}): run `chmod {wanted} {path}`")


def _read(path: Path, kind: int) -> nkeys.KeyPair:
    try:
        text = path.read_text().strip()
    except FileNotFoundError as error:
        raise KeyringError(f"{path} is missing: restore it from a backup, or begin a new platform elsewhere") from error
    except OSError as error:
        raise KeyringError(f"cannot read {path}: {error.strerror}") from error
    _refuse_open(path)
    try:
        key = nkeys.from_seed(text.encode())
        if not claims.is_public(claims.public(key), kind):
            raise KeyringError(f"{path} holds a key of another kind")
    except (nkeys.NkeysError, ValueError) as error:
        raise KeyringError(f"{path} holds no nkey seed: restore it from a backup") from error
    return key


def revocations(account_jwt: str) -> dict[str, int]:
    """Who is revoked in an account's JWT. Raises ClaimsError."""
    found = claims.read(account_jwt)["nats"].get("revocations", {})
    return msgspec.convert(found, dict[str, int])
