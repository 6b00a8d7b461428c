"""Every service answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS` (ADR-32), so that anybody can see what is running."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec
from nats.micro.request import Request
from nats.micro.service import EndpointConfig, ServiceConfig
from nats.micro.service import Service as Micro

from arena.bus.connection import Bus, Msg

Figures = Callable[[], Mapping[str, float]]
Kind = TypeVar("Kind")


class Answer(msgspec.Struct, frozen=True):
    """One service's answer to `$SRV.PING`."""

    name: str
    id: str
    version: str
    metadata: dict[str, str] = {}


class Endpoint(msgspec.Struct, frozen=True):
    """One endpoint of a service's answer to `$SRV.STATS`."""

    name: str
    data: dict[str, float] | None = None


class Stats(msgspec.Struct, frozen=True):
    """One service's answer to `$SRV.STATS`."""

    name: str
    id: str
    version: str
    started: str  # RFC 3339
    metadata: dict[str, str] = {}
    endpoints: list[Endpoint] | None = None

    @property
    def figures(self) -> dict[str, float]:
        """What it says of itself: metrics, by name and labels."""
        return next((one.data for one in self.endpoints or [] if one.data), {})


async def announce(
    bus: Bus,
    name: str,
    version: str,
    metadata: dict[str, str],
    figures: Figures,
    drain: Callable[[], None] | None = None,
) -> Micro:
    """Make this process findable as service `name`. Its figures stand in STATS, and answer the endpoint `figures`.

    drain: called when somebody whose role may publish on `$SRV` asks this process to hand over what it does.
    """

    async def answer(request: Request) -> None:
        # Nothing may be raised here: nats.micro would send repr(exception) to whoever asked.
        await request.respond(msgspec.json.encode(figures()))

    micro = Micro(
        bus.client,
        ServiceConfig(name=name, version=version, metadata=metadata, stats_handler=lambda _: dict(figures())),
    )
    await micro.start()
    await micro.add_endpoint(
        EndpointConfig(name="figures", handler=answer, subject=f"$SRV.FIGURES.{name}.{micro.id}", metadata={})
    )
    if drain is not None:

        async def obey(request: Request) -> None:
            drain()
            await request.respond(b"{}")

        await micro.add_endpoint(
            EndpointConfig(
                name="drain", handler=obey, subject=_drain(name, micro.id), metadata={}, queue_group=micro.id
            )
        )
    await bus.barrier()
    return micro


async def drain(bus: Bus, name: str, identity: str, timeout_s: float = 2.0) -> None:
    """Ask one service to hand over. Raises NobodyListens: there is none of this id, or it cannot; and Unanswered."""
    await bus.request(_drain(name, identity), timeout_s=timeout_s)


def _drain(name: str, identity: str) -> str:
    return f"$SRV.DRAIN.{name}.{identity}"


async def services(bus: Bus, name: str = "", timeout_s: float = 0.5) -> list[Answer]:
    """Who answers `$SRV.PING` (of service `name`) within `timeout_s`."""
    return await _answers(bus, f"$SRV.PING.{name}" if name else "$SRV.PING", Answer, timeout_s)


async def stats(bus: Bus, timeout_s: float = 0.5) -> list[Stats]:
    """Who answers `$SRV.STATS` within `timeout_s`."""
    return await _answers(bus, "$SRV.STATS", Stats, timeout_s)


async def _answers(bus: Bus, subject: str, kind: type[Kind], timeout_s: float) -> list[Kind]:
    found: list[Kind] = []
    decode = msgspec.json.Decoder(kind).decode

    def collect(message: Msg) -> None:
        if message.data:  # nothing in it: nobody listens
            found.append(decode(message.data))

    inbox = bus.new_inbox()
    subscription = await bus.subscribe(inbox, collect)
    try:
        await bus.publish(subject, b"", reply=inbox)
        await asyncio.sleep(timeout_s)
    finally:
        await subscription.unsubscribe()
    return found
