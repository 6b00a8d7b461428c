from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from arena.wire import subjects
from arena.wire.subjects import Role
from tools import asyncapi

DOCUMENT = asyncapi.document()

REFERENCE = {"type": "object", "required": ["$ref"], "properties": {"$ref": {"type": "string"}}, "maxProperties": 1}
REFERENCES = {"type": "array", "minItems": 1, "items": REFERENCE}
# The parts of the AsyncAPI 3.0.0 specification that the document uses. (The whole official schema accepts it, too.)
STRUCTURE = {
    "type": "object",
    "required": ["asyncapi", "info", "channels", "operations", "components"],
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "info": {"type": "object", "required": ["title", "version"]},
        "servers": {"additionalProperties": {"type": "object", "required": ["host", "protocol"]}},
        "channels": {
            "additionalProperties": {
                "type": "object",
                "required": ["address", "messages"],
                "additionalProperties": False,
                "properties": {
                    "address": {"type": ["string", "null"]},
                    "description": {"type": "string"},
                    "messages": {"type": "object", "minProperties": 1, "additionalProperties": REFERENCE},
                    "parameters": {"type": "object", "additionalProperties": REFERENCE},
                },
            }
        },
        "operations": {
            "additionalProperties": {
                "type": "object",
                "required": ["action", "channel"],
                "properties": {
                    "action": {"enum": ["send", "receive"]},
                    "channel": REFERENCE,
                    "messages": REFERENCES,
                    "reply": {
                        "type": "object",
                        "properties": {
                            "address": {"type": "object", "required": ["location"]},
                            "channel": REFERENCE,
                            "messages": REFERENCES,
                        },
                    },
                },
            }
        },
        "components": {
            "properties": {
                "messages": {
                    "propertyNames": {"pattern": r"^[\w.-]+$"},
                    "additionalProperties": {
                        "type": "object",
                        "required": ["name", "contentType", "payload", "examples"],
                    },
                },
                "parameters": {"additionalProperties": {"type": "object", "required": ["description"]}},
            }
        },
    },
}


def references(part: Any) -> Iterator[str]:
    """Every `$ref` of the document."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def resolve(reference: str) -> Any:
    part: Any = DOCUMENT
    for key in reference.removeprefix("#/").split("/"):
        part = part[key]
    return part


def test_the_document_has_the_structure_of_asyncapi() -> None:
    jsonschema.validate(DOCUMENT, STRUCTURE)


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > 30
    for reference in found:
        assert resolve(reference), reference


def test_every_row_is_a_channel_with_all_its_parameters() -> None:
    for row in subjects.TABLE:
        channel = DOCUMENT["channels"][row.name]
        assert channel["address"] == row.template
        assert tuple(channel["parameters"]) == row.parameters


def test_a_role_has_the_operations_that_the_table_gives_it() -> None:
    operations = DOCUMENT["operations"]
    for row in subjects.TABLE:
        for role in Role:
            told = row.kind != "reply"
            assert (f"{role}.{row.name}.send" in operations) == (told and role in row.publishers)
            assert (f"{role}.{row.name}.receive" in operations) == (told and role in row.subscribers)


def test_an_operations_messages_belong_to_its_channel() -> None:
    for name, operation in DOCUMENT["operations"].items():
        for part in (operation, operation.get("reply")):
            if part:
                prefix = f"{part['channel']['$ref']}/messages/"
                assert all(message["$ref"].startswith(prefix) for message in part["messages"]), name


def test_an_agent_answers_turns_on_the_runners_reply_subject() -> None:
    reply = DOCUMENT["operations"]["agent.turn.receive"]["reply"]
    assert resolve(reply["channel"]["$ref"])["address"] == subjects.MOVE.template


def test_a_hello_is_answered_in_the_agents_inbox() -> None:
    reply = DOCUMENT["operations"]["agent.hello.send"]["reply"]
    assert resolve(reply["channel"]["$ref"])["address"] is None
    assert [message["$ref"].rpartition("/")[2] for message in reply["messages"]] == ["Welcome", "Refusal"]


@pytest.mark.parametrize("name", ["Turn", "Action", "Over"])
def test_what_runners_and_agents_say_has_two_encodings(name: str) -> None:
    messages = DOCUMENT["components"]["messages"]
    assert messages[name]["contentType"] == asyncapi.JSON
    assert messages[f"{name}.msgpack"]["contentType"] == asyncapi.MSGPACK


def test_every_message_has_an_example() -> None:
    assert all(message["examples"] for message in DOCUMENT["components"]["messages"].values())
