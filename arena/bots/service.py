"""The house bots' process: every agent of the house, mounted by agent_kit like anybody's."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from agent_kit import AgentKitError, play
from arena.bots import POLICIES, Factory
from arena.bots.guest import anything
from arena.games import Game, load_catalogue
from arena.service import Service
from arena.wire.lobby import GAMES_MAX
from arena.wire.registry import EVERY_GAME, HouseBot

INDEX = "bots/index.json"
SLOTS = 16  # matches one bot plays at once
AGAIN_S = 5.0


async def run(service: Service) -> None:
    """Play until told to stop. Bots that cannot play are logged and tried again; the others go on."""
    bots = await asyncio.to_thread(_index, service.settings.home / INDEX)
    unmanned = {name: game for name, game in _catalogue(service).items() if name not in POLICIES}
    guests = await asyncio.to_thread(_guests, service, unmanned)
    service.log.info("house bots", bots=len(bots), games=len(POLICIES) + len(guests.games))
    await asyncio.gather(*(_mount(service, bot, guests) for bot in bots))


class Guests(msgspec.Struct, frozen=True):
    """What guests play, and how."""

    games: list[str]
    factory: Factory


def _guests(service: Service, games: Mapping[str, Game]) -> Guests:
    """Games whose spaces are known; setting one up of which nothing is kept takes a while."""
    able: dict[str, Game] = {}
    for name, game in games.items():
        try:
            game.info()
        except Exception as error:  # noqa: BLE001 - one game must not keep the house away from the others
            service.log.warning("no guests for a game that cannot be set up", game=name, error=str(error))
        else:
            able[name] = game
    return Guests(list(able)[:GAMES_MAX], anything(able))


def _catalogue(service: Service) -> Mapping[str, Game]:
    return load_catalogue(service.settings.games_file)


def _index(path: Path) -> list[HouseBot]:
    if not path.exists():
        raise FileNotFoundError(f"{path}: there are no house bots; `arena up` makes them")
    return msgspec.json.decode(path.read_bytes(), type=list[HouseBot])


async def _mount(service: Service, bot: HouseBot, guests: Guests) -> None:
    everywhere = bot.game == EVERY_GAME
    factory = guests.factory if everywhere else POLICIES.get(bot.game, {}).get(bot.bot)
    games = guests.games if everywhere else [bot.game]
    if factory is None or not games:
        service.log.warning("this bot is not part of this version", game=bot.game, bot=bot.bot)
        return
    creds = service.settings.home / "bots" / bot.creds
    while not service.stop.is_set():
        try:
            await play(
                factory(None),
                creds=creds,
                url=service.settings.nats,
                games=games,
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
