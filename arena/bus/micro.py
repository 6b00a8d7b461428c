"""Every service answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS` (ADR-32), so that anybody can see what is running."""

import asyncio
from collections.abc import Callable, Mapping

import msgspec
from nats.micro.request import Request
from nats.micro.service import EndpointConfig, ServiceConfig
from nats.micro.service import Service as Micro

from arena.bus.connection import Bus, Msg

Figures = Callable[[], Mapping[str, float]]


class Answer(msgspec.Struct, frozen=True):
    """One service's answer to `$SRV.PING`."""

    name: str
    id: str
    version: str
    metadata: dict[str, str] = {}


async def announce(bus: Bus, name: str, version: str, metadata: dict[str, str], figures: Figures) -> Micro:
    """Make this process findable as service `name`. Its figures stand in STATS, and answer the endpoint `figures`."""

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
    await bus.barrier()
    return micro


async def services(bus: Bus, name: str = "", timeout_s: float = 0.5) -> list[Answer]:
    """Who answers `$SRV.PING` (of service `name`) within `timeout_s`."""
    found: list[Answer] = []
    decode = msgspec.json.Decoder(Answer).decode

    def collect(message: Msg) -> None:
        if message.data:  # nothing in it: nobody listens
            found.append(decode(message.data))

    inbox = bus.new_inbox()
    subscription = await bus.subscribe(inbox, collect)
    try:
        await bus.publish(f"$SRV.PING.{name}" if name else "$SRV.PING", b"", reply=inbox)
        await asyncio.sleep(timeout_s)
    finally:
        await subscription.unsubscribe()
    return found
