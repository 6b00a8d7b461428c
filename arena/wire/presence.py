"""Who is here: what the server and the matchmaker say of agents' instances to those whose matches wait for them.

server     -> arena.server.connected, .disconnected  ClientEvent  of every connection of the platform's account
matchmaker -> arena.presence.{agent}.silent          Silent       not heard for three beats: it hangs
matchmaker -> arena.presence.{agent}.successor       Successor    another instance may take over the first one's seats

The server's events come from its system account, which exports them; ours imports them under these subjects.
"""

import base64
import binascii

import msgspec

from arena.wire.lobby import Encoding, Token


class Client(msgspec.Struct, frozen=True):
    """One connection, as the server knows it."""

    id: int = 0
    name: str = ""
    jwt: str = ""  # the user JWT with which it connected; its `name` is the agent's id, or the service's role


class ClientEvent(msgspec.Struct, frozen=True):
    """A connection began or ended (io.nats.server.advisory.v1.client_connect and client_disconnect)."""

    client: Client
    reason: str = ""  # why it ended: "Client Closed", "Stale Connection", ...


class Claims(msgspec.Struct, frozen=True):
    """What a user JWT says of its user."""

    name: str = ""  # an agent's id or a service's role
    sub: str = ""  # public key


def claims(event: ClientEvent) -> Claims:
    """Whose connection it is, and by which credential; empty where the server does not say.

    The signature is not checked: the server did, and only it can publish these events.
    """
    _, _, rest = event.client.jwt.partition(".")
    body = rest.partition(".")[0]
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=Claims)
    except (binascii.Error, msgspec.DecodeError):
        return Claims()


def user(event: ClientEvent) -> str:
    """Whose connection it is: an agent's id or a service's role; empty where the server does not say."""
    return claims(event).name


class Silent(msgspec.Struct, frozen=True, kw_only=True):
    """An instance was not heard for `silent_ms`. Unless it is heard again, its seats are gone after the grace time."""

    instance: Token
    silent_ms: int


class Successor(msgspec.Struct, frozen=True, kw_only=True):
    """Instance `instance` is gone, and `by` may play its seats on: both said that they are stateless."""

    instance: Token
    by: Token
    encoding: Encoding
