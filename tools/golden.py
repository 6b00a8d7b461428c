"""Golden files: one sample of every message, event and shared record, as it was first published.

`python -m tools.golden` writes the files that are missing under tests/golden/ and touches no other: what was published
once must decode to the same value for ever. For a new field, add a sample beside the old one.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from arena.wire import codec
from tools.samples import MSGPACK_ONLY, SAMPLES

FOLDER = Path(__file__).parent.parent / "tests" / "golden"
ENCODERS: dict[str, Callable[[Any], bytes]] = {"json": codec.encode_json, "msgpack": codec.encode_msgpack}


def examples(type_: type) -> Iterator[tuple[str, Any]]:
    """Names and JSON values of the committed samples of one type."""
    for name, sample in SAMPLES.items():
        if type(sample) is type_ and name not in MSGPACK_ONLY:
            yield name, msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())


def missing(folder: Path = FOLDER) -> dict[Path, bytes]:
    """The files that are not there yet, with what belongs into them."""
    wanted = {
        folder / f"{name}.{encoding}": encode(sample)
        for name, sample in SAMPLES.items()
        for encoding, encode in ENCODERS.items()
        if encoding == "msgpack" or name not in MSGPACK_ONLY
    }
    return {path: content for path, content in wanted.items() if not path.exists()}


def main() -> None:
    """Write what is missing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, content in missing().items():
        path.write_bytes(content)
        print(f"{path.name}  {len(content)} bytes  {hashlib.sha256(content).hexdigest()[:12]}")


if __name__ == "__main__":
    main()
