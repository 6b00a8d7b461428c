"""The house bots' process: every agent of the house, mounted by agent_kit like anybody's."""

import asyncio
import contextlib
from pathlib import Path

import msgspec

from agent_kit import AgentKitError, play
from arena.bots import POLICIES
from arena.service import Service
from arena.wire.registry import HouseBot

INDEX = "bots/index.json"
SLOTS = 16  # matches one bot plays at once
AGAIN_S = 5.0


async def run(service: Service) -> None:
    """Play until told to stop. Bots that cannot play are logged and tried again; the others go on."""
    bots = await asyncio.to_thread(_index, service.settings.home / INDEX)
    service.log.info("house bots", bots=len(bots))
    await asyncio.gather(*(_mount(service, bot) for bot in bots))


def _index(path: Path) -> list[HouseBot]:
    if not path.exists():
        raise FileNotFoundError(f"{path}: there are no house bots; `arena up` makes them")
    return msgspec.json.decode(path.read_bytes(), type=list[HouseBot])


async def _mount(service: Service, bot: HouseBot) -> None:
    factory = POLICIES.get(bot.game, {}).get(bot.bot)
    if factory is None:
        service.log.warning("this bot is not part of this version", game=bot.game, bot=bot.bot)
        return
    creds = service.settings.home / "bots" / bot.creds
    while not service.stop.is_set():
        try:
            await play(
                factory(None),
                creds=creds,
                url=service.settings.nats,
                games=[bot.game],
                slots=SLOTS,
                instance="house",
                same_owner=True,
                stop=service.stop,
            )
        except AgentKitError as error:
            service.log.error("a house bot stopped", game=bot.game, bot=bot.bot, error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S):
                    await service.stop.wait()
