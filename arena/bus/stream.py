"""Asking JetStream: one call of its API, an append, one stored message, a stream's state. The leader answers."""

import asyncio
import time
from datetime import datetime
from typing import Any

import msgspec

from arena.bus.connection import Bus, BusError, NobodyListens

PAUSE_S = 0.1
ELECTION_S = 10.0  # a stream whose leader's server died has another one after 4 to 9 s


class ApiError(BusError):
    """JetStream refused. `code` is its err_code (10058: the name is in use; 10059: no such stream; ...)."""

    def __init__(self, api: str, code: int, description: str) -> None:
        super().__init__(f"{api}: {description} ({code})")
        self.code = code


class _Error(msgspec.Struct, frozen=True):
    err_code: int = 0
    description: str = ""


class _Answer(msgspec.Struct, frozen=True):
    seq: int = 0
    error: _Error | None = None


class Stored(msgspec.Struct, frozen=True, rename={"headers": "hdrs"}):
    """One message of a stream."""

    subject: str
    seq: int
    time: str  # RFC 3339, when it was stored
    data: bytes = b""
    headers: bytes = b""  # as on the wire

    @property
    def at_ms(self) -> int:
        """When it was stored, ms since the epoch."""
        return milliseconds(self.time)


class _Got(msgspec.Struct, frozen=True):
    message: Stored | None = None


class State(msgspec.Struct, frozen=True):
    """What a stream holds. first_seq is last_seq + 1 when it is empty."""

    messages: int
    bytes: int
    first_seq: int
    last_seq: int


class Replica(msgspec.Struct, frozen=True):
    """One server that follows a stream's leader."""

    name: str
    current: bool = False  # it has all that is acknowledged
    offline: bool = False
    lag: int = 0  # entries behind


class Replication(msgspec.Struct, frozen=True):
    """Which servers have a stream. Without a cluster: no leader, no replicas."""

    leader: str = ""  # name of a server; empty while one is elected
    replicas: list[Replica] = []


class _Place(msgspec.Struct, frozen=True):
    stream_seq: int = 0


class ConsumerState(msgspec.Struct, frozen=True):
    """How far a durable consumer is."""

    num_pending: int  # messages not delivered yet
    num_ack_pending: int  # delivered, and not acknowledged
    num_redelivered: int = 0
    num_waiting: int = 0  # requests for messages that wait for some
    ack_floor: _Place = _Place()

    @property
    def acknowledged(self) -> int:
        """Everything up to this sequence of the stream is done with."""
        return self.ack_floor.stream_seq


class _Info(msgspec.Struct, frozen=True):
    state: State
    cluster: Replication = Replication()


_NOT_FOUND = 10037


async def call(bus: Bus, api: str, request: dict[str, Any] | None = None, timeout_s: float = 5.0) -> bytes:
    """Ask `$JS.API.{api}`; returns the JSON answer. Raises ApiError, and Unanswered."""
    payload = msgspec.json.encode(request) if request is not None else b""
    answer = await bus.request(f"$JS.API.{api}", payload, timeout_s=timeout_s)
    if error := msgspec.json.decode(answer.data, type=_Answer).error:
        raise ApiError(api, error.err_code, error.description)
    return answer.data


async def append(
    bus: Bus, subject: str, payload: bytes, headers: dict[str, str] | None = None, timeout_s: float = ELECTION_S
) -> int:
    """Store a message, once, and return its sequence. Raises ApiError, and Unanswered: then it may be stored or not.

    For what is written rarely; the log's own writer, which never gives up, is arena.bus.journal. A stream that nobody
    serves for a moment (its leader died) is waited for.
    """
    deadline_s = time.monotonic() + timeout_s
    while True:
        try:
            found = await bus.request(subject, payload, max(deadline_s - time.monotonic(), PAUSE_S), headers)
            break
        except NobodyListens:
            if time.monotonic() + PAUSE_S >= deadline_s:
                raise
            await asyncio.sleep(PAUSE_S)
    answer = msgspec.json.decode(found.data, type=_Answer)
    if answer.error:
        raise ApiError(subject, answer.error.err_code, answer.error.description)
    return answer.seq


async def stored(bus: Bus, stream: str, *, seq: int = 0, last_by: str = "", timeout_s: float = 5.0) -> Stored | None:
    """The message with this sequence, or the last one on a subject (wildcards allowed); None if there is none.

    Raises ApiError and Unanswered.
    """
    request: dict[str, Any] = {"last_by_subj": last_by} if last_by else {"seq": seq}
    try:
        answer = await call(bus, f"STREAM.MSG.GET.{stream}", request, timeout_s)
    except ApiError as error:
        if error.code == _NOT_FOUND:
            return None
        raise
    return msgspec.json.decode(answer, type=_Got).message


async def state(bus: Bus, stream: str) -> State:
    """First and last sequence, and how much there is. Raises ApiError and Unanswered."""
    return msgspec.json.decode(await call(bus, f"STREAM.INFO.{stream}"), type=_Info).state


async def consumer(bus: Bus, stream: str, name: str) -> ConsumerState:
    """How far it is. Raises ApiError (10014: there is no such consumer) and Unanswered."""
    return msgspec.json.decode(await call(bus, f"CONSUMER.INFO.{stream}.{name}"), type=ConsumerState)


async def replication(bus: Bus, stream: str) -> Replication:
    """Who leads it and who follows. Raises ApiError and Unanswered."""
    return msgspec.json.decode(await call(bus, f"STREAM.INFO.{stream}"), type=_Info).cluster


def milliseconds(stamp: str) -> int:
    """RFC 3339 with up to nine decimals, in UTC, as the server writes it; cut, not rounded."""
    seconds, _, fraction = stamp.rstrip("Z").partition(".")
    return int(datetime.fromisoformat(seconds + "+00:00").timestamp()) * 1000 + int(fraction.ljust(3, "0")[:3])
