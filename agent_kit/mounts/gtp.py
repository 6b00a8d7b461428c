"""A go engine that speaks GTP: `run(gtp.mount("gnugo --mode gtp"))`, or `agent-kit run "gtp:gnugo --mode gtp"`.

(G. Farnebaeck: Specification of the Go Text Protocol, version 2.)
"""

import os
import queue
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from agent_kit.errors import MountFailed
from agent_kit.mounts.engines import Broken, Engines, command_of
from agent_kit.mounts.program import Program
from agent_kit.policy import Agent
from agent_kit.readings import go
from agent_kit.turn import Turn

GAMES = ("go_9x9",)
KOMI = 7.5
START_S = 30.0
CLEANUP = (
    "kgs-genmove_cleanup"  # KGS's command: no pass before all dead stones are taken, since here all count as alive
)
_COLOURS = ("black", "white")  # by seat


def mount(command: str | Sequence[str], *, komi: float = KOMI, processes: int = 0) -> Agent:
    """An agent that plays Go by a GTP engine.

    command: the engine's program with its arguments; matches are scored by area, which GNU Go wants to be told
    (`--chinese-rules`). komi: of the game. processes: how many think at once (0: one for each core).
    Raises MountFailed where there is no such program, or it does not speak GTP.
    """
    start = partial(Gtp, command_of(command))
    start().close()  # what is wrong with it is said now, not in a match
    return Go(Engines(start, processes or os.cpu_count() or 1), komi)


class Gtp:
    """A running engine. `cleans_up`: it knows how to take dead stones before it passes."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it. Raises MountFailed."""
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._program = Program(command, self._lines.put)
        try:
            self.say("protocol_version", START_S)
            self.cleans_up = CLEANUP in self.say("list_commands", START_S).split()
        except (Broken, TimeoutError) as error:
            self.close()
            raise MountFailed(f"{command[0]} does not speak GTP: {error}") from error

    def say(self, command: str, wait_s: float) -> str:
        """The answer to a command. Raises Broken for a refusal or an engine that ended, and TimeoutError."""
        ends = time.monotonic() + wait_s
        try:
            self._program.send(command)
        except (OSError, ValueError) as error:
            raise Broken(f"the engine ended before `{command}`") from error
        answer: list[str] = []
        while True:
            line = self._line(command, ends)
            if line.strip():
                answer.append(line)
            elif answer:
                break  # an empty line ends an answer
        sign, text = answer[0][:1], " ".join([answer[0][1:], *answer[1:]]).strip()
        if sign != "=":
            raise Broken(f"the engine refused `{command}`: {text}")
        return text

    def close(self) -> None:
        """End it."""
        self._program.close()

    def _line(self, command: str, ends: float) -> str:
        try:
            line = self._lines.get(timeout=max(ends - time.monotonic(), 0.0))
        except queue.Empty:
            raise TimeoutError(f"no answer to `{command}` in time") from None
        if line is None:
            raise Broken(f"the engine ended at `{command}` with exit code {self._program.exit_code}")
        return line


class Go(Agent):
    """Sets up what each turn shows, the last moves as moves (for ko), and asks for the next one."""

    games = GAMES

    def __init__(self, engines: Engines[Gtp], komi: float) -> None:
        self._engines = engines
        self._komi = komi

    async def turn(self, turn: Turn) -> Any:
        """The engine's move."""
        if not go.fits(turn):
            raise MountFailed(f"a GTP engine plays Go, not {turn.game}: mount it with games={list(GAMES)}")
        return await self._engines.ask(turn, partial(self._think, turn))

    def close(self) -> None:
        """End the engines."""
        self._engines.close()

    def _think(self, turn: Turn, engine: Gtp, left_s: float) -> int:
        ends, position = time.monotonic() + left_s, go.see(turn)
        for command in _setup(position, self._komi):
            engine.say(command, ends - time.monotonic())
        said = engine.say(f"genmove {_COLOURS[turn.seat]}", ends - time.monotonic())
        if said.lower() == "pass" and engine.cleans_up:
            engine.say("undo", ends - time.monotonic())
            said = engine.say(f"{CLEANUP} {_COLOURS[turn.seat]}", ends - time.monotonic())
        pass_ = position.size**2
        if said.lower() == "resign":
            return pass_  # matches are played to their end
        try:
            action = go.action_of(said, position.size)
        except ValueError as error:
            raise Broken(f"the engine answered `genmove` with {said!r}") from error
        return action if action in (turn.legal or ()) else pass_  # it may know another rule of ko


def _setup(position: go.Position, komi: float) -> list[str]:
    size = position.size
    stones = [*position.before.items(), *((point, seat) for seat, point in position.moves)]
    return [
        f"boardsize {size}",
        "clear_board",
        f"komi {komi:g}",
        *(f"play {_COLOURS[seat]} {go.vertex(point, size)}" for point, seat in stones),
    ]
