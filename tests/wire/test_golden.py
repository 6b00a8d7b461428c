"""What was published once decodes to the same value for ever."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from arena.wire import codec, events, play, registry
from tools import golden, schemas
from tools.samples import MSGPACK_ONLY, SAMPLES

FILES = sorted(golden.FOLDER.iterdir())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_golden_file_decodes_to_its_sample(path: Path) -> None:
    sample = SAMPLES[path.stem]
    format_ = {".json": msgspec.json, ".msgpack": msgspec.msgpack}[path.suffix]
    assert format_.decode(path.read_bytes(), type=type(sample)) == sample


@pytest.mark.parametrize("name", [name for name, sample in SAMPLES.items() if isinstance(sample, events.Event)])
def test_the_logs_decoder_knows_every_golden_event(name: str) -> None:
    event = codec.decode_event((golden.FOLDER / f"{name}.json").read_bytes())
    assert event == SAMPLES[name]
    assert event.__struct_config__.tag in events.KINDS


def test_an_array_is_still_encoded_as_it_was() -> None:
    sample = SAMPLES["turn-array"]
    assert isinstance(sample, play.Turn)
    turn = msgspec.structs.replace(sample, observation=np.zeros((3, 3, 2), np.int8))
    assert codec.encode(turn, "msgpack") == (golden.FOLDER / "turn-array.msgpack").read_bytes()


def test_samples_and_files_are_the_same_set() -> None:
    assert not golden.missing(), "write them: python -m tools.golden"
    wanted = {f"{name}.{encoding}" for name in SAMPLES for encoding in golden.ENCODERS}
    assert {path.name for path in FILES} == wanted - {f"{name}.json" for name in MSGPACK_ONLY}


def test_every_type_that_travels_has_a_golden_file() -> None:
    shared = {
        value for value in vars(registry).values() if isinstance(value, type) and issubclass(value, msgspec.Struct)
    }
    travels = {*schemas.message_types(), *shared}
    assert {type(sample) for sample in SAMPLES.values()} == travels


@pytest.mark.parametrize("type_", schemas.message_types(), ids=lambda type_: type_.__name__)
def test_every_field_stands_in_some_golden_file(type_: type[msgspec.Struct]) -> None:
    seen = {
        field
        for name, sample in SAMPLES.items()
        if type(sample) is type_ and name not in MSGPACK_ONLY
        for field in msgspec.json.decode((golden.FOLDER / f"{name}.json").read_bytes())
    }
    fields = {field.encode_name for field in msgspec.structs.fields(type_)}
    assert fields - seen <= {"protocol"}  # there is one protocol version so far, and it is the default


def test_regenerating_touches_no_existing_file(tmp_path: Path) -> None:
    (tmp_path / "hello.json").write_bytes(b"as it was published")
    missing = golden.missing(tmp_path)
    assert tmp_path / "hello.json" not in missing
    assert tmp_path / "hello.msgpack" in missing
