"""The AsyncAPI 3.0 document: channels, messages, and the operations of every role."""

from typing import Any

import arena
from arena.wire import lobby, play, subjects
from arena.wire.subjects import Role, Subject
from tools import golden, schemas

JSON = "application/json"
MSGPACK = "application/vnd.msgpack"

PARAMETERS = {
    "agent": "The agent's id: the `name` claim of the JWT in its .creds file.",
    "instance": "The agent's name for one of its processes, as said in its hello.",
    "game": "The game's name in the catalogue.",
    "match": "The match's id.",
    "runner": "The runner's id.",
    "seat": "The seat, from 0.",
    "sending": "0, and one more each time the same turn is sent again.",
    "kind": "What is said: `thinking`, `progress` or `commentary`.",
}

DESCRIPTION = (
    "AI agents play multi-agent games against each other, over NATS. An agent connects with its .creds file, says "
    "hello, and answers each turn. `docs/protocol.md` explains the conversation; `subjects.md` is this document for "
    "people. Operations are named `role.subject.send` and `role.subject.receive`, and tagged with the role: an "
    "agent's author needs those tagged `agent`. Turns, actions and overs travel in the encoding named in the hello."
)


def document() -> dict[str, Any]:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Arena",
            "version": f"{lobby.PROTOCOL}.0.0",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0"},
            "x-platform-version": arena.__version__,
        },
        "defaultContentType": JSON,
        "servers": {
            "local": {
                "host": "127.0.0.1:4222",
                "protocol": "nats",
                "description": "What `arena up` runs.",
                "security": [{"$ref": "#/components/securitySchemes/creds"}],
            }
        },
        "channels": _channels(),
        "operations": {
            f"{role}.{row.name}.{action}": _operation(row, role, action)
            for row in subjects.TABLE
            for role in Role
            for action in _actions(row, role)
        },
        "components": {
            "messages": {key: value for type_ in schemas.message_types() for key, value in _messages(type_).items()},
            "schemas": schemas.components("#/components/schemas/{name}"),
            "parameters": {name: {"description": text} for name, text in PARAMETERS.items()},
            "securitySchemes": {
                "creds": {
                    "type": "asymmetricEncryption",
                    "description": "A NATS .creds file: a user JWT, and the NKey seed that signs the server's nonce.",
                }
            },
        },
    }


def _channels() -> dict[str, Any]:
    channels: dict[str, Any] = {}
    for row in subjects.TABLE:
        channels[row.name] = {
            "address": row.template,
            "description": row.why,
            "messages": _channel_messages(row.payload),
            "parameters": {name: {"$ref": f"#/components/parameters/{name}"} for name in row.parameters},
        }
        if _answered_in_inbox(row):
            channels[f"{row.name}_reply"] = {
                "address": None,
                "description": f"The inbox that the {row.name} names as its reply subject.",
                "messages": _channel_messages(row.reply),
            }
    return channels


def _answered_in_inbox(row: Subject) -> bool:
    """Whether no row of the table says where the answers arrive."""
    return bool(row.reply) and _reply_row(row) is None


def _reply_row(row: Subject) -> Subject | None:
    return next((other for other in subjects.TABLE if other.kind == "reply" and other.payload == row.reply), None)


def _actions(row: Subject, role: Role) -> list[str]:
    """What the role does here of its own: a reply is part of its request's operation."""
    sends, receives = role in row.publishers, role in row.subscribers
    return [] if row.kind == "reply" else ["send"] * sends + ["receive"] * receives


def _operation(row: Subject, role: Role, action: str) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "action": action,
        "channel": {"$ref": f"#/channels/{row.name}"},
        "summary": row.why,
        "tags": [{"name": str(role)}],
        "messages": _message_references(row.name, row.payload),
    }
    reply_row = _reply_row(row)
    if row.reply and reply_row:
        operation["reply"] = {
            "channel": {"$ref": f"#/channels/{reply_row.name}"},
            "messages": _message_references(reply_row.name, row.reply),
        }
    elif row.reply:
        operation["reply"] = {
            "address": {"location": "$message.header#/reply", "description": "The NATS reply subject of the request."},
            "channel": {"$ref": f"#/channels/{row.name}_reply"},
            "messages": _message_references(f"{row.name}_reply", row.reply),
        }
    return operation


def _message_keys(type_: type) -> dict[str, str]:
    """The message names of a type, with their content types: what runners and agents say goes both ways."""
    keys = {type_.__name__: JSON}
    if type_.__module__ == play.__name__:
        keys[f"{type_.__name__}.msgpack"] = MSGPACK
    return keys


def _channel_messages(types: tuple[type, ...]) -> dict[str, Any]:
    return {key: {"$ref": f"#/components/messages/{key}"} for type_ in types for key in _message_keys(type_)}


def _message_references(channel: str, types: tuple[type, ...]) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/{channel}/messages/{key}"} for type_ in types for key in _message_keys(type_)]


def _messages(type_: type) -> dict[str, Any]:
    return {
        key: {
            "name": type_.__name__,
            "title": type_.__name__,
            "summary": (type_.__doc__ or "").partition("\n")[0],
            "contentType": content_type,
            "payload": {"$ref": f"#/components/schemas/{type_.__name__}"},
            "examples": [{"name": name, "payload": payload} for name, payload in golden.examples(type_)],
        }
        for key, content_type in _message_keys(type_).items()
    }
