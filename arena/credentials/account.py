"""The server's view of the platform's identity: what its configuration includes, and pushing changes to it.

`write_identity` makes {home}/nats/identity.conf and the account's JWT; `push_account` tells running servers. The file
is written first and never forgets a revocation that may still matter, so a restart cannot let anybody in again.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from arena.credentials import claims
from arena.credentials.issue import AGENT_EXPIRES_S_MAX, issue_service, issue_system
from arena.credentials.keyring import Keyring, revocations, write_secret
from arena.wire.subjects import REGISTRAR, SERVICES

FOLDER = "nats"
IDENTITY = "identity.conf"
REVOKED_MAX = 10_000  # about 96 bytes each: more do not fit into one update (max_payload 1 MB)
_UPDATE = "$SYS.REQ.CLAIMS.UPDATE"


class AccountError(Exception):
    """The account was not changed, or the server did not take it. The message says why; the push can be repeated."""


class Answer(Protocol):
    """What a request returns."""

    data: bytes


class SystemBus(Protocol):
    """A connection with the system account's credentials ({home}/creds/system.creds): an arena.bus.Bus is one."""

    async def request(self, subject: str, payload: bytes = b"", timeout_s: float = 5.0) -> Answer:
        """Ask and wait for one answer."""
        ...


def write_identity(keyring: Keyring) -> bool:
    """Make what the server's configuration includes, and the services' credentials. True if the account changed.

    Doing it again changes nothing, unless the platform's version knows other roles or permissions. Revocations stay.
    """
    folder = keyring.home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with keyring.locked_now():
        path = folder / f"{keyring.account}.jwt"
        known = path.read_text().strip() if path.exists() else ""
        revoked = revocations(known) if known else {}
        token = keyring.account_jwt(revoked)
        changed = not known or _body(token) != _body(known)
        if changed:
            _write_account(keyring, token)
        _write_creds(keyring)
    return changed


def revoked_now(keyring: Keyring) -> dict[str, int]:
    """Who is revoked, as the newest account on disk has it: {user's public key: unix seconds}."""
    path = keyring.home / FOLDER / f"{keyring.account}.jwt"
    return revocations(path.read_text().strip()) if path.exists() else {}


async def push_account(bus: SystemBus, keyring: Keyring, revoked: Mapping[str, int]) -> None:
    """Tell the servers who is revoked; connections of these users are dropped at once. Raises AccountError.

    revoked: {user's public key: unix seconds}; credentials of that user issued until then are refused. Entries pushed
    earlier stay until they are older than any credential can be, so two processes may push at the same time, each with
    the list it knows.
    """
    now = int(time.time())
    async with keyring.locked():
        kept = {key: at for key, at in revoked_now(keyring).items() if at > now - AGENT_EXPIRES_S_MAX}
        merged = {key: max(at, kept.get(key, 0)) for key, at in (kept | dict(revoked)).items()}
        if len(merged) > REVOKED_MAX:
            raise AccountError(f"{len(merged)} revocations in 30 days; at most {REVOKED_MAX} fit into one account")
        token = keyring.account_jwt(merged)
        _write_account(keyring, token)
        answer = await bus.request(_UPDATE, token.encode())
    _check(answer.data)


async def push_system(bus: SystemBus, keyring: Keyring) -> None:
    """Tell the servers what the system account exports, as this version wants it. Raises AccountError.

    Before `push_account`: an account that imports what is not exported yet does not get it.
    """
    _check((await bus.request(_UPDATE, keyring.system_jwt().encode())).data)


def _check(answer: bytes) -> None:
    try:
        found = msgspec.json.decode(answer, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise AccountError(f"the server's answer to a new account is no JSON: {answer[:200]!r}") from error
    if "error" in found or found.get("data", {}).get("code") != 200:
        reason = found.get("error", found).get("description", found)
        raise AccountError(f"the server refused the account: {reason}. Does it run with this platform's identity.conf?")


def _write_account(keyring: Keyring, token: str) -> None:
    folder = keyring.home / FOLDER
    write_secret(folder / f"{keyring.account}.jwt", token + "\n")
    write_secret(folder / IDENTITY, identity_conf(keyring, token))


def identity_conf(keyring: Keyring, account_jwt: str) -> str:
    """The part of the server's configuration that says who is who."""
    return (
        "# Made by `arena init`. Public keys and signed claims only, no secret; do not edit.\n"
        f"operator: {keyring.operator_jwt()}\n"
        f"system_account: {keyring.system}\n"
        "resolver_preload: {\n"
        f"  {keyring.system}: {keyring.system_jwt()}\n"
        f"  {keyring.account}: {account_jwt}\n"
        "}\n"
    )


def _write_creds(keyring: Keyring) -> None:
    folder = keyring.home / "creds"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = {str(role): role for role in (*SERVICES, REGISTRAR)}
    for name, role in wanted.items():
        _write_once(folder / f"{name}.creds", lambda role=role: issue_service(keyring, role))
    _write_once(folder / "system.creds", lambda: issue_system(keyring))


def _write_once(path: Path, make: Any) -> None:
    if not path.exists():
        write_secret(path, make())


def _body(token: str) -> Any:
    """What an account says, apart from when it was signed."""
    return claims.read(token)["nats"]
