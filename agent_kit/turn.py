"""What a policy is given, and what comes of it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

from agent_kit.voice import Voice
from arena.wire.play import Over
from arena.wire.play import Turn as WireTurn
from arena.wire.said import Kind

try:
    import numpy
except ImportError:  # the base install has no NumPy: arrays are nested lists then
    numpy = None  # type: ignore[assignment]

NO_ACTIONS = range(0)
_ARRAY = {"dtype", "shape", "data"}
_FORMATS = {
    "bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I",
    "int64": "q", "uint64": "Q", "float32": "f", "float64": "d",
}  # fmt: skip


class Past(NamedTuple):
    """An earlier move of yours: what you saw, what you did, and what you had got since the move before it."""

    ply: int
    observation: Any
    action: Any
    reward: float


class Turn:
    """Your move in one match.

    match, game: str; seat: int, 0-based; ply: int, steps of the environment so far; observation: an element of the
    game's observation space, arrays as NumPy arrays where NumPy is installed and nested lists otherwise; legal: list
    of legal actions, or None where the game has no action mask; actions: range, all actions of a discrete action
    space, empty for any other; reward: float, what you got since your last turn; left_ms: int, your clock when this was
    sent; lag_ms: float, your last round trip beyond thinking; strikes: int, your faults so far; history: tuple of Past,
    your moves before this one, oldest first, for stateless agents in games that hide things; else empty; cancelled:
    bool, true once the match is over without your answer: stop thinking (an async policy is cancelled as any task).

    While you think, you may say what: `think`, `comment` and `progress`, from any thread. Spectators see it live.
    """

    def __init__(self, wire: WireTurn, speaks: Callable[[WireTurn], Voice] | None = None) -> None:
        self._wire = wire
        self._speaks = speaks
        self._voice: Voice | None = None
        self.actions = range(wire.actions[0], sum(wire.actions)) if wire.actions else NO_ACTIONS
        self.match = wire.match
        self.game = wire.game
        self.seat = wire.seat
        self.ply = wire.ply
        self.legal = wire.legal
        self.reward = wire.reward
        self.left_ms = wire.left_ms
        self.lag_ms = wire.lag_ms
        self.strikes = wire.strikes
        self.cancelled = False

    def __reduce__(self) -> tuple[type["Turn"], tuple[WireTurn]]:
        return Turn, (self._wire,)  # to another process as it came

    @cached_property
    def observation(self) -> Any:
        """What this seat sees."""
        return _arrays(self._wire.observation)

    @cached_property
    def history(self) -> tuple[Past, ...]:
        """What this seat saw, did and got before; the oldest moves are left out where all would be too much."""
        return tuple(
            Past(past.ply, _arrays(past.observation), _arrays(past.action), past.reward) for past in self._wire.history
        )

    @cached_property
    def mask(self) -> Any:
        """The action mask: 0/1 for each action, a NumPy int8 array (a list without NumPy); None where there is none."""
        if self.legal is None:
            return None
        actions = self.actions or range(max(self.legal, default=-1) + 1)
        mask = [0] * len(actions) if numpy is None else numpy.zeros(len(actions), "int8")
        for action in self.legal:
            mask[actions.index(action)] = 1
        return mask

    def think(self, text: str) -> None:
        """Add to your thoughts on this move. Your owner sees them live, everybody once the match is over."""
        self._say("thinking", text)

    def comment(self, text: str) -> None:
        """Add to your remarks on this move, for everybody."""
        self._say("commentary", text)

    def progress(self, share: float | None = None, text: str = "") -> None:
        """Say how far you are: share, 0 to 1, and words. Where the game's clock allows it, that earns more time."""
        self._say("progress", text, share)

    def _say(self, kind: Kind, text: str, share: float | None = None) -> None:
        if self._speaks is None:  # nobody hears it: offline, or in another process
            return
        self._voice = self._voice or self._speaks(self._wire)
        self._voice.say(kind, text, share)

    def _fall_silent(self, *, done: bool) -> None:
        """The turn is answered (`done`), or nobody waits for it any more."""
        if self._voice is not None:
            self._voice.end(done=done)
        self._speaks = None

    def __repr__(self) -> str:
        return f"Turn(game={self.game!r}, match={self.match!r}, seat={self.seat}, ply={self.ply})"


def _arrays(value: Any) -> Any:
    """Arrays in msgpack's form as arrays, everything else as it is."""
    if isinstance(value, dict):
        if value.keys() == _ARRAY and isinstance(value["data"], bytes):
            return _array(value["dtype"], value["shape"], value["data"])
        return {key: _arrays(item) for key, item in value.items()}
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return [_arrays(item) for item in value]
    return value


def _array(dtype: str, shape: list[int], data: bytes) -> Any:
    if numpy is not None:
        return numpy.frombuffer(bytearray(data), numpy.dtype(dtype)).reshape(shape)
    if 0 in shape:
        return []
    return memoryview(data).cast("B").cast(_FORMATS[dtype], shape).tolist()


__all__ = ["Over", "Past", "Turn"]
