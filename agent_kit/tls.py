"""How an agent speaks TLS: always verified. And what is wrong, where trying again cannot help."""

import os
import ssl
from pathlib import Path
from typing import Any

from agent_kit.credentials import Identity
from agent_kit.errors import ConnectionFailed, CredentialsError

CA = "ca.pem"
_NO_TLS = {"WRONG_VERSION_NUMBER", "UNEXPECTED_MESSAGE", "HTTP_REQUEST"}  # OpenSSL's words for bytes that are no TLS


def options(identity: Identity) -> dict[str, Any]:
    """For nats-py: verified by ARENA_CA, or `ca.pem` beside the .creds file, or the system's CAs.

    With tls:// it begins at once: nobody between can leave out of the server's INFO that TLS is required.
    Raises ConnectionFailed when the CA's certificate cannot be read.
    """
    named = os.environ.get("ARENA_CA")
    ca = Path(named) if named else identity.path.with_name(CA)
    known = bool(named) or ca.exists()
    if not any(one.startswith(("tls://", "wss://")) for one in identity.url.split(",")) and not known:
        return {}  # a server that wants TLS all the same gets it, verified by the system's CAs
    try:
        context = ssl.create_default_context(cafile=ca if known else None)
    except OSError as error:
        raise ConnectionFailed(f"cannot read the CA's certificate {ca} (ARENA_CA): {error}") from error
    return {"tls": context, "tls_handshake_first": "tls://" in identity.url}


def web() -> ssl.SSLContext:
    """For the platform's HTTP API: verified by ARENA_CA, or the system's CAs. Raises CredentialsError."""
    ca = os.environ.get("ARENA_CA")
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise CredentialsError(f"cannot read the CA's certificate {ca} (ARENA_CA): {error}") from error


def mistake(error: Exception) -> str:
    """What somebody has to mend before a connection can come about; empty if the next try may succeed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the server's certificate is not trusted here ({error.verify_message}): set ARENA_CA to the certificate "
            f"of the CA that vouches for it, or put that beside the .creds file as {CA}"
        )
    if isinstance(error, ssl.SSLError) and error.reason in _NO_TLS:
        return (
            "the server does not speak TLS, or not from the first byte on: if it is meant to be in the clear its "
            "address is nats://..., else switch TLS on there (`handshake_first` in nats.conf)"
        )
    return ""
