import json
from typing import Any

import jsonschema
import pytest

from tools import golden, schemas

FILES = schemas.files()
EXAMPLES = [(type_, name, value) for type_ in schemas.message_types() for name, value in golden.examples(type_)]


@pytest.mark.parametrize("name", FILES)
def test_a_schema_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(FILES[name])


@pytest.mark.parametrize(("type_", "name", "value"), EXAMPLES, ids=lambda part: part if isinstance(part, str) else "")
def test_golden_messages_fit_their_schemas(type_: type, name: str, value: Any) -> None:
    jsonschema.validate(value, FILES[f"{type_.__name__}.json"], jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    ("file", "value"),
    [
        ("Hello.json", {"instance": "a b", "games": ["chess"]}),
        ("Hello.json", {"instance": "a\n", "games": ["chess"]}),
        ("Hello.json", {"instance": "a", "games": []}),
        ("Hello.json", {"games": ["chess"]}),
        ("Action.json", {"action": 3}),
        ("Action.json", {"ply": 1, "action": 3, "think_ms": -1}),
        ("Moved.json", {"kind": "ended", "at_ms": 1, "ply": 0, "moves": [], "rewards": [], "digest": ""}),
    ],
)
def test_wrong_messages_do_not(file: str, value: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, FILES[file], jsonschema.Draft202012Validator)


def test_comments_beside_fields_become_descriptions() -> None:
    assert FILES["Turn.json"]["properties"]["seat"]["description"] == "0-based"
    assert "by the writer's clock" in FILES["Moved.json"]["properties"]["at_ms"]["description"]
    assert FILES["Moved.json"]["$defs"]["Move"]["properties"]["think_ms"]["description"] == "charged to the clock"


def test_a_file_refers_to_nothing_outside_itself() -> None:
    for name, schema in FILES.items():
        text = json.dumps(schema)
        assert text.count('"$ref"') == text.count('"$ref": "#/$defs/'), name
