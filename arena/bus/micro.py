"""Every service answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS` (ADR-32), so that anybody can see what is running."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, TypeVar

import msgspec
from nats.micro.request import Request
from nats.micro.service import EndpointConfig, ServiceConfig
from nats.micro.service import Service as Micro

from arena.bus.connection import Bus, Msg

Order = Literal["drain", "restart"]  # what may be asked of one process, by whose role may publish on `$SRV`
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
    orders: Mapping[Order, Callable[[], None]] | None = None,
) -> Micro:
    """Make this process findable as service `name`. Its figures stand in STATS, and answer the endpoint `figures`.

    orders: what is called when somebody asks this process to hand over what it does, or to end and be started again.
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
    for order, carry_out in (orders or {}).items():
        subject = _order(order, name, micro.id)
        await micro.add_endpoint(
            EndpointConfig(name=order, handler=_obey(carry_out), subject=subject, metadata={}, queue_group=micro.id)
        )
    await bus.barrier()
    return micro


def _obey(carry_out: Callable[[], None]) -> Callable[[Request], Awaitable[None]]:
    async def obey(request: Request) -> None:
        carry_out()
        await request.respond(b"{}")

    return obey


async def tell(bus: Bus, order: Order, name: str, identity: str, timeout_s: float = 2.0) -> None:
    """Give one service an order. Raises NobodyListens: there is none of this id, or it cannot; and Unanswered."""
    await bus.request(_order(order, name, identity), timeout_s=timeout_s)


def _order(order: Order, name: str, identity: str) -> str:
    return f"$SRV.{order.upper()}.{name}.{identity}"


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
