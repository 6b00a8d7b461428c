"""The streams, buckets and durable consumers: made by the registrar, so that services need no such right.

Doing it again changes nothing, and adds what is new (a game's consumer). Only the recorder makes its consumer again:
without it nothing would be recorded until somebody looks.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from arena.bus import stream as jetstream
from arena.bus.connection import Bus, BusError
from arena.wire import said, subjects

AT_ONCE = 16  # consumers made at once
RUNNER_ACKS_MAX = 100_000  # claims of one game at once, far above the matches in flight
FOLLOWERS_MAX = 20_000  # consumers of the log: one for each live page and service; the server's default is 1,000
DELIVERIES_MAX = 100  # of one claim, hand-overs and outages included; then it is a dead letter
SAID_MAX, SAID_AGE_S = 200_000, 30 * 24 * 3600  # not in bytes: the server would keep so much room free for it
SAID_OF_ONE_MATCH_MAX = 1_000  # of one agent and kind; then the oldest go
DEAD_LETTERS_MAX, DEAD_LETTERS_AGE_S = 100_000, 30 * 24 * 3600
API_S = 10.0  # a cluster places three replicas and elects a leader before it answers
_ALREADY_IN_USE = 10058
_NO_CONSUMER = 10014


class ProvisionError(BusError):
    """The server refused a stream or consumer. Is JetStream on, and are these the registrar's credentials?"""


async def provision(bus: Bus, games: Iterable[str], *, claim_lease_ms: int, replicas: int = 1) -> None:
    """Make everything that is not there yet, and update what differs. Raises ProvisionError."""
    for stream in (
        _events(replicas),
        _said(replicas),
        _dead(replicas),
        *(_bucket(name, replicas) for name in _BUCKETS),
    ):
        await _ensure(bus, f"STREAM.CREATE.{stream['name']}", f"STREAM.UPDATE.{stream['name']}", stream)
    await _consumer(bus, _recorder())
    wanted = list(games)
    for first in range(0, len(wanted), AT_ONCE):
        part = wanted[first : first + AT_ONCE]
        await asyncio.gather(*(_consumer(bus, _runner(game, claim_lease_ms)) for game in part))


async def ensure_recorder(bus: Bus) -> bool:
    """Make the recorder's consumer if there is none; returns whether it was missing. Raises BusError."""
    try:
        await jetstream.consumer(bus, subjects.EVENTS_STREAM, subjects.RECORDER_CONSUMER)
    except jetstream.ApiError as error:
        if error.code != _NO_CONSUMER:
            raise
        await _consumer(bus, _recorder())
        return True
    return False


_BUCKETS = (
    subjects.AGENTS_BUCKET,
    subjects.RATINGS_BUCKET,
    subjects.LEASES_BUCKET,
    subjects.QUARANTINE_BUCKET,
    subjects.REQUESTS_BUCKET,
)
STREAMS = (subjects.EVENTS_STREAM, subjects.SAID_STREAM, subjects.DEAD_STREAM, *(f"KV_{name}" for name in _BUCKETS))
# Watchers are told of an entry that expired.
_EXPIRING = {subjects.LEASES_BUCKET, subjects.QUARANTINE_BUCKET, subjects.REQUESTS_BUCKET}


def _events(replicas: int) -> dict[str, Any]:
    return {
        "name": subjects.EVENTS_STREAM,
        "subjects": [subjects.EVENTS_ALL],
        "storage": "file",
        "retention": "limits",
        "discard": "new",
        "num_replicas": replicas,
        "allow_direct": True,
        "deny_delete": True,
        "deny_purge": True,
        "max_consumers": FOLLOWERS_MAX,
        "duplicate_window": int(10e9),  # fencing makes repeats harmless; a long window only costs memory
        "compression": "none",
    }


def _said(replicas: int) -> dict[str, Any]:
    """Nobody's truth: it is bounded, and what is old goes."""
    return {
        "name": subjects.SAID_STREAM,
        "subjects": [subjects.SAID_ALL],
        "storage": "file",
        "discard": "old",
        "num_replicas": replicas,
        "max_msgs": SAID_MAX,
        "max_age": SAID_AGE_S * 1_000_000_000,
        "max_msgs_per_subject": SAID_OF_ONE_MATCH_MAX,
        "max_msg_size": said.SAID_BYTES_MAX,
        "allow_direct": True,
    }


def _dead(replicas: int) -> dict[str, Any]:
    """The server's own advisories, kept: a claim that was delivered too often never ends in silence."""
    return {
        "name": subjects.DEAD_STREAM,
        "subjects": [subjects.DEAD_ALL],
        "storage": "file",
        "num_replicas": replicas,
        "max_msgs": DEAD_LETTERS_MAX,
        "max_age": DEAD_LETTERS_AGE_S * 1_000_000_000,
        "allow_direct": True,
    }


def _bucket(name: str, replicas: int) -> dict[str, Any]:
    """ADR-8."""
    return {
        "name": f"KV_{name}",
        "subjects": [f"$KV.{name}.>"],
        "storage": "file",
        "max_msgs_per_subject": 1,
        "discard": "new",
        "num_replicas": replicas,
        "allow_rollup_hdrs": True,
        "allow_direct": True,
        "allow_msg_ttl": True,
        "deny_delete": True,
        "subject_delete_marker_ttl": int(60e9) if name in _EXPIRING else 0,
    }


def _recorder() -> dict[str, Any]:
    return {
        "durable_name": subjects.RECORDER_CONSUMER,
        "deliver_policy": "all",
        "ack_policy": "all",
        "ack_wait": int(30e9),
        "max_ack_pending": 50_000,
        "replay_policy": "instant",
    }


def _runner(game: str, claim_lease_ms: int) -> dict[str, Any]:
    return {
        "durable_name": subjects.runner_consumer(game),
        "deliver_policy": "all",
        "ack_policy": "explicit",
        "ack_wait": claim_lease_ms * 1_000_000,
        "max_deliver": DELIVERIES_MAX,
        "max_ack_pending": RUNNER_ACKS_MAX,
        "max_waiting": 2048,
        "filter_subject": subjects.CREATED.any(game=game),
        "replay_policy": "instant",
    }


async def _consumer(bus: Bus, config: dict[str, Any]) -> None:
    name = config["durable_name"]
    suffix = f".{config['filter_subject']}" if "filter_subject" in config else ""
    request = {"stream_name": subjects.EVENTS_STREAM, "config": config}
    await _call(bus, f"CONSUMER.CREATE.{subjects.EVENTS_STREAM}.{name}{suffix}", request)


async def _ensure(bus: Bus, create: str, update: str, config: dict[str, Any]) -> None:
    try:
        await jetstream.call(bus, create, config, API_S)
    except jetstream.ApiError as error:
        if error.code != _ALREADY_IN_USE:
            raise ProvisionError(str(error)) from error
        await _call(bus, update, config)


async def _call(bus: Bus, api: str, request: dict[str, Any]) -> None:
    try:
        await jetstream.call(bus, api, request, API_S)
    except jetstream.ApiError as error:
        raise ProvisionError(str(error)) from error
