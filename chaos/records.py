"""What agents saw and did, in their own words: one file of JSON lines per agent process.

Every line is flushed before the agent goes on, so that it outlives the agent's own death; only the last line of a
process that was killed may be torn.
"""

import time
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import msgspec

from arena.wire.play import Over

What = Literal["turn", "answer", "over", "notice", "hello", "bye", "misdeed", "stall"]


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that an agent saw (turn, over, notice) or did (answer, hello, bye, misdeed, stall)."""

    at_ms: int  # milliseconds since the epoch, by the agent's clock
    agent: str  # id
    instance: str
    what: What
    match: str = ""
    seat: int = -1
    ply: int = -1
    action: Any = None
    think_ms: float = 0.0  # of an answer: from the turn's arrival, as the agent measured it; of a stall: until now
    misdeed: str = ""  # what kind of
    code: str = ""  # of a notice
    over: Over | None = None


class Witness:
    """Writes the records of one agent process. Close it, or use it in a `with`."""

    def __init__(self, folder: Path, name: str, agent: str, instance: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.agent = agent
        self.instance = instance or name
        path = folder / f"{name}.jsonl"
        _mend(path)
        self._file = path.open("ab")

    def note(self, what: What, **more: Any) -> None:
        """Append a record, now. more: other fields of Record; `instance` where it is not this process' own."""
        more.setdefault("instance", self.instance)
        record = Record(at_ms=time.time_ns() // 1_000_000, agent=self.agent, what=what, **more)
        self._file.write(_encode(record) + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays as JSON has them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"cannot write down {type(value).__name__}")


_encode = msgspec.json.Encoder(enc_hook=_plain).encode
_decode = msgspec.json.Decoder(Record).decode


def read(folder: Path) -> list[Record]:
    """All records of a folder; each file's in their order. Raises msgspec.DecodeError for a torn line but the last."""
    return [record for path in sorted(folder.glob("*.jsonl")) for record in _read(path)]


def _read(path: Path) -> list[Record]:
    *whole, torn = path.read_bytes().split(b"\n")
    found = [_decode(line) for line in whole]
    try:
        return [*found, _decode(torn)] if torn else found
    except msgspec.DecodeError:
        return found


def _mend(path: Path) -> None:
    """Cut off the line that the process before was killed in."""
    if path.exists() and (content := path.read_bytes()):
        with path.open("r+b") as file:
            file.truncate(content.rfind(b"\n") + 1)
