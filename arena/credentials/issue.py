"""Credentials: a user's JWT and seed in one `.creds` file, the standard format that every NATS client takes."""

import time
from typing import Any

import msgspec

from arena.credentials import claims
from arena.credentials.keyring import Keyring
from arena.wire import ids
from arena.wire.subjects import AGENT, Role

AGENT_EXPIRES_S_MAX = 30 * 24 * 3600  # bounds the list of revocations: older ones are expired anyway
URL_COMMENT = "# arena-url: "  # one line before the standard ones, so that an agent needs the file only
SYSTEM = "system"

_SYSTEM_PERMISSIONS: dict[str, Any] = {
    "pub": {"allow": ["$SYS.REQ.CLAIMS.UPDATE", "$SYS.REQ.SERVER.PING.>", "$SYS.REQ.SERVER.*.KICK"]},
    "sub": {"allow": [f"_INBOX.{SYSTEM}.>"]},
    "subs": -1,
    "data": -1,
    "payload": -1,
}


class Issued(msgspec.Struct, frozen=True):
    """A new credential. `creds` is None when the user kept the seed; it is shown once and never stored."""

    public_key: str
    jwt: str
    creds: str | None
    expires_at: int  # unix seconds


def issue_agent(
    keyring: Keyring,
    agent_id: str,
    *,
    public_key: str | None = None,
    expires_s: int = AGENT_EXPIRES_S_MAX,
    url: str,
) -> Issued:
    """A credential of an agent, by its platform-made id.

    public_key: the user's own nkey (U...), whose seed stays with the user; None makes a pair. url: where the agent
    connects, written into the file. Raises ValueError, saying what was expected.
    """
    if not ids.is_id(agent_id):  # permission templates put it into subjects: `*` would open all of them
        raise ValueError(f"expected an agent's id (26 characters of [0-9a-z], made by the platform), got {agent_id!r}")
    if not 1 <= expires_s <= AGENT_EXPIRES_S_MAX:
        raise ValueError(f"expected a validity of 1 to {AGENT_EXPIRES_S_MAX} seconds, got {expires_s}")
    if public_key is not None and not claims.is_public(public_key, claims.USER):
        raise ValueError("expected the public key of a user nkey (56 characters, beginning with U)")
    pair = None if public_key is not None else claims.new_key(claims.USER)
    key = claims.public(pair) if public_key is None else public_key
    expires_at = int(time.time()) + expires_s
    token = claims.sign(_user(agent_id, key, keyring.account, {"exp": expires_at}), keyring.signer(AGENT))
    return Issued(key, token, creds_text(token, claims.seed(pair), url) if pair else None, expires_at)


def issue_service(keyring: Keyring, role: Role) -> str:
    """The creds text of a service: its user is called like its role, and does not expire."""
    if role is AGENT:
        raise ValueError("an agent's credential is made for one agent: use issue_agent")
    pair = claims.new_key(claims.USER)
    token = claims.sign(_user(role, claims.public(pair), keyring.account, {}), keyring.signer(role))
    return creds_text(token, claims.seed(pair))


def issue_system(keyring: Keyring) -> str:
    """The creds text of the system account's user, who pushes accounts and finds and kicks flooders."""
    pair = claims.new_key(claims.USER)
    user = _user(SYSTEM, claims.public(pair), None, {})
    user["nats"] |= _SYSTEM_PERMISSIONS
    return creds_text(claims.sign(user, keyring.system_key), claims.seed(pair))


def creds_text(token: str, seed: str, url: str = "") -> str:
    """The standard `.creds` format, after a comment with the server's address if there is one."""
    head = f"{URL_COMMENT}{url}\n" if url else ""
    return (
        f"{head}-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
        "************************* IMPORTANT *************************\n"
        "NKEY Seed printed below can be used to sign and prove identity.\n"
        "NKEYs are sensitive and should be treated as secrets.\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n\n"
        "*************************************************************\n"
    )


def creds_claims(text: str) -> dict[str, Any]:
    """The claims in a creds file's text, for looking at (name, exp). Raises ClaimsError."""
    _, found, rest = text.partition("-----BEGIN NATS USER JWT-----\n")
    if not found:
        raise claims.ClaimsError("no NATS user JWT in it; expected a .creds file")
    return claims.read(rest.partition("\n")[0].strip())


def _user(name: str, key: str, account: str | None, more: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "user", "version": 2}
    if account:  # signed by a signing key of it; a scoped one, so no permission may stand here
        body["issuer_account"] = account
    return {"iat": int(time.time()), "name": name, "sub": key, "nats": body} | more
