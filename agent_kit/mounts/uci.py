"""A UCI chess engine: `run(uci.mount("stockfish"))`, or `agent-kit run uci:stockfish`."""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from agent_kit.errors import MountFailed
from agent_kit.extras import need
from agent_kit.mounts.engines import Broken, Engines, command_of
from agent_kit.policy import Agent
from agent_kit.turn import Over, Turn

GAMES = ("chess",)
SHARE = 0.5  # of what is left on the clock, at most, for one move
START_S = 30.0


def mount(
    command: str | Sequence[str],
    *,
    seconds: float = 1.0,
    settings: Mapping[str, str | int | bool] | None = None,
    processes: int = 0,
) -> Agent:
    """An agent that plays chess by a UCI engine.

    command: the engine's program with its arguments. seconds: for one move, less where the clock leaves less.
    settings: the engine's own, as {"Skill Level": 5, "Hash": 64}. processes: how many think at once (0: one for each
    core), for as many `slots`.  Raises MountFailed where there is no such program, or python-chess is not installed.
    """
    need("numpy", "uci")
    engine = need("chess.engine", "uci")
    start = partial(_start, engine, command_of(command), dict(settings or {}))
    start().close()  # what is wrong with it is said now, not in a match
    return Uci(Engines(start, processes or os.cpu_count() or 1), seconds, engine)


class Uci(Agent):
    """Follows each match, so that the engine knows its moves; where it came late, it begins with the position."""

    games = GAMES

    def __init__(self, engines: Engines[Any], seconds: float, library: Any) -> None:
        from agent_kit.readings import chess

        self._engines = engines
        self._seconds = seconds
        self._library = library
        self._readings = chess
        self._boards: dict[str, Any] = {}  # by match: as our last move left it

    async def turn(self, turn: Turn) -> Any:
        """The engine's move."""
        if not self._readings.fits(turn):
            raise MountFailed(f"a UCI engine plays chess, not {turn.game}: mount it with games={list(GAMES)}")
        return await self._engines.ask(turn, partial(self._think, turn))

    def over(self, over: Over) -> None:
        """Forget the match."""
        self._boards.pop(over.match, None)

    def close(self) -> None:
        """End the engines."""
        self._engines.close()

    def _think(self, turn: Turn, engine: Any, left_s: float) -> Any:
        board, actions = self._follow(turn), self._readings.actions(turn, self._readings.see(turn))
        limit = self._library.Limit(time=min(self._seconds, left_s * SHARE))
        engine.timeout = max(left_s - limit.time, 0.0)
        try:
            move = engine.play(board, limit, game=turn.match).move
        except self._library.EngineError as error:
            raise Broken(f"the engine broke off: {error}") from error
        if move not in actions:
            raise Broken(f"the engine played {move} in {board.fen()}, which is not legal")
        board.push(move)
        self._boards[turn.match] = board
        return actions[move]

    def _follow(self, turn: Turn) -> Any:
        """The board with the moves that led to it, as far as they are known."""
        now, before = self._readings.see(turn), self._boards.get(turn.match)
        if before is None:
            return now
        for move in before.legal_moves:
            after = before.copy()
            after.push(move)
            if after.board_fen() == now.board_fen():
                return after
        return now


def _start(library: Any, command: list[str], settings: dict[str, str | int | bool]) -> Any:
    """A running engine. Raises MountFailed."""
    try:
        engine = library.SimpleEngine.popen_uci(command, timeout=START_S)
    except TimeoutError as error:
        raise MountFailed(f"{command[0]} is no UCI engine: no answer to `uci` within {START_S:g} s") from error
    except (library.EngineError, OSError) as error:
        raise MountFailed(f"{command[0]} is no UCI engine: {error}") from error
    try:
        engine.configure(settings)
    except library.EngineError as error:
        engine.close()
        raise MountFailed(f"{command[0]} does not take these settings: {error}") from error
    return engine
