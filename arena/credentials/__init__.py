"""Identity in NATS operator mode: keys, roles, credentials, revocation. The only package that makes NATS JWTs.

`roles` says what each role may do; `keyring` holds the keys; `issue` makes credentials; `account` tells the server.
"""

from arena.credentials.account import AccountError, push_account, push_system, revoked_now, write_identity
from arena.credentials.authority import ensure_tls
from arena.credentials.claims import ClaimsError
from arena.credentials.issue import (
    AGENT_EXPIRES_S_MAX,
    Issued,
    creds_claims,
    creds_text,
    issue_agent,
    issue_service,
    issue_system,
)
from arena.credentials.keyring import Keyring, KeyringError, write_secret

__all__ = [
    "AGENT_EXPIRES_S_MAX",
    "AccountError",
    "ClaimsError",
    "Issued",
    "Keyring",
    "KeyringError",
    "creds_claims",
    "creds_text",
    "ensure_tls",
    "issue_agent",
    "issue_service",
    "issue_system",
    "push_account",
    "push_system",
    "revoked_now",
    "write_identity",
    "write_secret",
]
