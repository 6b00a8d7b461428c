"""Ratings of a fleet's agents, from the platform's public HTTP API."""

import asyncio
import logging
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from typing import TYPE_CHECKING

import msgspec

from agent_kit import tls

if TYPE_CHECKING:
    from agent_kit.fleet.member import Member

EVERY_S = 5.0
ANSWER_S_MAX = 10.0
ANSWER_BYTES_MAX = 1 << 20

log = logging.getLogger("agent_kit")


class _Point(msgspec.Struct):
    mu: float
    sigma: float


class Ratings:
    """mu and sigma of agents in games, as of some seconds ago; of none where there is no `api`."""

    def __init__(self, api: str | None) -> None:
        self._api = api.rstrip("/") if api else None
        self._known: dict[tuple[str, str], tuple[float, float]] = {}
        self._failed = False

    def of(self, agent: str) -> dict[str, tuple[float, float]]:
        """By game: mu, sigma."""
        return {game: rating for (known, game), rating in self._known.items() if known == agent}

    async def follow(self, members: Sequence["Member"]) -> None:
        """Ask again and again, until cancelled."""
        while self._api:
            wanted = {(member.agent, game) for member in members for game in member.figures.games if member.agent}
            for agent, game in sorted(wanted):
                try:
                    points = await asyncio.to_thread(self._ask, agent, game)
                except (OSError, HTTPException, msgspec.MsgspecError) as error:
                    if not self._failed:  # said once: the agents play without it
                        log.warning("no ratings from %s: %s", self._api, error)
                    self._failed = True
                    break
                self._failed = False
                if points:
                    self._known[agent, game] = points[-1].mu, points[-1].sigma
            await asyncio.sleep(EVERY_S)

    def _ask(self, agent: str, game: str) -> list[_Point]:
        game, agent = (urllib.parse.quote(part, safe="") for part in (game, agent))
        address = f"{self._api}/api/games/{game}/ratings/{agent}?points=1"
        request = urllib.request.Request(address, headers={"User-Agent": "agent-kit"})  # noqa: S310 - checked in file
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S_MAX, context=tls.web()) as answer:  # noqa: S310
                return msgspec.json.decode(answer.read(ANSWER_BYTES_MAX), type=list[_Point])
        except urllib.error.HTTPError as error:
            if error.code == 404:  # not rated yet, or a game that the API does not know
                return []
            raise
