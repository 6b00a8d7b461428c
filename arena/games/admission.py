"""Admission of a game: may it be played here, and will its matches survive the death of a runner?

Two child processes with different PYTHONHASHSEED and different global random states each run the same examination:

1. PettingZoo's `api_test` or `parallel_api_test`, or Gymnasium's `check_env`; `arena.games.conformance` for games of
   words, which PettingZoo's test does not take;
2. whole episodes for several seeds, on two instances that take turns, each with a digest chain over every view, action
   and reward (PettingZoo's own seed tests compare single steps);
3. what is no action, or not a legal one, is refused, and leaves the game as it was;
4. the time of a step with its view, and the size of the largest turn.

A game is deterministic if all chains of a seed are equal.  One that is not may still be played, but its matches are
voided, not resumed, when a runner dies.
"""

import contextlib
import io
import os
import random
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Sequence
from typing import Any

import msgspec

from arena.core import digest
from arena.games.catalogue import Game
from arena.games.environment import Environment, Illegal, Malformed, View
from arena.games.info import describe
from arena.games.replay import link
from arena.games.report import Kept, Report
from arena.wire import codec

SEEDS = (0, 1, 2**31 - 1, *range(2, 19))
SEEDS_MIN = 3
PLIES_ENOUGH = 300  # after SEEDS_MIN episodes; short games play more of them
PLIES_MAX = 5_000  # an episode of random actions that is longer is not played to its end
TURN_BYTES_MAX = 1_000_000  # what NATS carries in one message by default, less the envelope
API_CYCLES = 100  # rounds of PettingZoo's own tests
CHILD_TIMEOUT_S = 600.0
NO_ACTIONS: tuple[Any, ...] = (None, "north", float("nan"), [[[]]], {"dtype": "i8"}, 2**70)  # of no game whatsoever


class Examination(msgspec.Struct, kw_only=True):
    """What one child process found. Empty texts mean that nothing was wrong."""

    error: str = ""  # it could not be played at all
    api: str = ""  # what the library's own test said
    warnings: list[str] = []
    chains: list[list[str]] = []  # by seed, of each instance
    plies: list[int] = []  # by seed
    unended: bool = False  # an episode reached PLIES_MAX
    refusal: str = ""  # an action that should have been refused
    step_us: float = 0.0  # one step and all its views, median in microseconds
    turn_bytes: int = 0  # the largest observation with its legal actions, as JSON


def admit(game: Game) -> Report:
    """Examine one game in two child processes."""
    return admit_all([game])[0]


def admit_all(games: Sequence[Game]) -> list[Report]:
    """Examine games in the same two child processes, one after the other; reports in the same order."""
    children = [_start(games, hash_seed) for hash_seed in ("1", "2")]
    first, second = (_finish(child, len(games)) for child in children)
    return [_report(game, *pair) for game, pair in zip(games, zip(first, second, strict=True), strict=True)]


def kept(game: Game, report: Report) -> Kept:
    """The report with the game's spaces, to be kept. Raises Unplayable."""
    info = describe(game)
    return Kept(
        report=report,
        at_ms=time.time_ns() // 1_000_000,
        observation_space=info.observation_space,
        action_space=info.action_space,
        spaces=info.spaces,
    )


def examine(game: Game, *, api: bool = True) -> Examination:
    """Examine a game in this process."""
    found = Examination()
    try:
        with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("always")
            if api:
                found.api = _api(game)
            _play(game, found)
            found.refusal = _refusal(game)
        found.warnings = sorted(
            {str(warning.message) for warning in caught if warning.category is not DeprecationWarning}
        )
    except Exception as error:  # noqa: BLE001 - a game is somebody else's code
        found.error = f"{type(error).__name__}: {error}"
    return found


def _start(games: Sequence[Game], hash_seed: str) -> subprocess.Popen[bytes]:
    environ = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = subprocess.Popen(  # noqa: S603 - this interpreter and this module
        [sys.executable, "-m", "arena.games.admission", hash_seed],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdin is not None  # noqa: S101 - it is a pipe
    child.stdin.write(msgspec.json.encode(games))
    child.stdin.close()
    child.stdin = None
    return child


def _finish(child: subprocess.Popen[bytes], games: int) -> list[Examination]:
    """One examination per game; those that a crash or a hanging game cost say so."""
    try:
        out, err = child.communicate(timeout=CHILD_TIMEOUT_S)
        end = f"exit status {child.returncode}: {err.decode(errors='replace').strip()[-300:]}"
    except subprocess.TimeoutExpired:
        child.kill()
        out, err = child.communicate()
        end = f"no end within {CHILD_TIMEOUT_S:.0f} s"
    found = [msgspec.json.decode(line, type=Examination) for line in out.splitlines()]
    if len(found) < games:
        found.append(Examination(error=f"the process died: {end}"))
    return found + [Examination(error="not examined: an earlier game ended the process")] * (games - len(found))


def _report(game: Game, first: Examination, second: Examination) -> Report:
    chains = [set(one + other) for one, other in zip(first.chains, second.chains, strict=False)]
    deterministic = bool(chains) and first.plies == second.plies and all(len(chain) == 1 for chain in chains)
    problems = [text for text in (first.error or second.error, first.api, first.refusal) if text]
    if not deterministic and not problems:
        differ = [str(seed) for seed, chain in zip(SEEDS, chains, strict=False) if len(chain) > 1]
        problems.append(f"not deterministic: episodes differ for seeds {', '.join(differ)}")
    if first.unended:
        problems.append(f"an episode of random actions has no end within {PLIES_MAX} steps; set plies_max")
    if first.turn_bytes > TURN_BYTES_MAX:
        problems.append(f"a turn takes {first.turn_bytes} bytes, NATS carries {TURN_BYTES_MAX}")
    return Report(
        game=game.name,
        version=game.version,
        admitted=not problems,
        deterministic=deterministic,
        problems=problems,
        warnings=first.warnings,
        plies_mean=sum(first.plies) / max(len(first.plies), 1),
        step_us=round(min(first.step_us, second.step_us), 1),
        turn_bytes=first.turn_bytes,
    )


def _api(game: Game) -> str:
    """What the library's own test says."""
    from gymnasium.utils.env_checker import check_env
    from pettingzoo.test import api_test, parallel_api_test

    from arena.games.conformance import speaks, talk_test

    environment = game.bare()
    try:
        match game.kind:
            case "aec" if speaks(environment):
                talk_test(environment)
            case "aec":
                api_test(environment, num_cycles=API_CYCLES)
            case "parallel":
                parallel_api_test(environment, num_cycles=API_CYCLES)
            case "gymnasium":
                check_env(environment.unwrapped, skip_render_check=True)
    except Exception as error:  # noqa: BLE001 - a game is somebody else's code
        return f"{game.kind} API: {type(error).__name__}: {error}"
    finally:
        environment.close()
    return ""


class _Episode:
    """One episode of actions chosen by the digest chain, with the times its steps took."""

    def __init__(self, game: Game, environment: Environment, seed: int) -> None:
        self.environment = environment
        self.plies = 0
        self.times_s: list[float] = []
        self.turn_bytes = 0
        environment.reset(seed)
        self.chain = digest.first(game.name, game.version, seed, game.seats)
        self._views = {seat: environment.view(seat) for seat in environment.to_act}

    def step(self) -> None:
        """One step with a legal action for every seat; the views of the next one."""
        environment, views = self.environment, self._views
        actions = {seat: environment.substitute(seat, self.chain + seat.to_bytes(2)) for seat in views}
        written = {seat: codec.encode_json(action) for seat, action in actions.items()}
        # As a replay does, from JSON: what an action becomes on its way through the log must be the same action.
        actions = {seat: environment.check(seat, msgspec.json.decode(text)) for seat, text in written.items()}
        begun_s = time.perf_counter()
        rewards = environment.step(actions)
        self._views = {seat: environment.view(seat) for seat in environment.to_act}
        self.times_s.append(time.perf_counter() - begun_s)
        self.chain = link(self.chain, self.plies, views, written, rewards)
        self.turn_bytes = max(self.turn_bytes, *(_size(view) for view in views.values()))
        self.plies += 1


def _size(view: View) -> int:
    return len(codec.encode_json((view.observation, view.legal)))


def _play(game: Game, found: Examination) -> None:
    """Whole episodes on two instances that take turns, so that state they share (or a global generator) shows."""
    one, other = game.make(), game.make()
    times_s: list[float] = []
    for seed in SEEDS:
        pair = (_Episode(game, one, seed), _Episode(game, other, seed))
        while not (one.over and other.over) and max(episode.plies for episode in pair) < PLIES_MAX:
            for episode in pair:
                if not episode.environment.over:
                    episode.step()
        found.unended |= not one.over
        found.chains.append([episode.chain.hex() for episode in pair])
        found.plies.append(pair[0].plies)
        found.turn_bytes = max(found.turn_bytes, pair[0].turn_bytes)
        for episode in pair:
            times_s += episode.times_s
        if len(found.plies) >= SEEDS_MIN and sum(found.plies) >= PLIES_ENOUGH:
            break
    found.step_us = statistics.median(times_s) * 1e6 if times_s else 0.0
    one.close()
    other.close()


def _refusal(game: Game) -> str:
    """The first wrong action that was not refused, or that changed what the seat sees."""
    from gymnasium import spaces

    environment: Any = game.make()
    environment.reset(0)
    for seat in environment.to_act:
        view = environment.view(seat)
        wrong: list[Any] = [*NO_ACTIONS]
        if isinstance(space := environment.action_spaces[seat], spaces.Text):
            wrong = [action for action in wrong if not isinstance(action, str)] + [
                "",
                "\0",
                "x" * (space.max_length + 1),
            ]
        if view.legal is not None:
            wrong += sorted(set(range(max(view.legal) + 1)) - set(view.legal))[:3]
        for action in wrong:
            try:
                environment.check(seat, action)
            except (Illegal, Malformed):
                continue
            return f"the action {action!r} of seat {seat} should have been refused"
        if environment.view(seat).raw != view.raw:
            return f"refused actions changed what seat {seat} sees"
    environment.close()
    return ""


def _main(hash_seed: str) -> None:
    """The child: games as JSON on standard input, one examination a line on standard output."""
    games = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Game])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a game prints, from C++ too, must not get among the results
    random.seed(int(hash_seed))  # a game that uses the global generators must differ between the two processes
    with contextlib.suppress(ImportError):
        import numpy as np

        np.random.seed(int(hash_seed))
    for game in games:
        out.write(msgspec.json.encode(examine(game, api=hash_seed == "1")) + b"\n")
        out.flush()


if __name__ == "__main__":
    _main(sys.argv[1])
