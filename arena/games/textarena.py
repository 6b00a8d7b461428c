"""TextArena's games as PettingZoo environments: seats talk, and some of what they say are moves.

TextArena's games draw from Python's global generator, so that two matches in one process would disturb each other: here
each match has a state of it that is put in place while the game works.  The observation of a seat is all it has been
told and has said since the beginning, so that one turn says all; the action is what it says.  What a move looks like,
the game's own first message explains.

Of what the game does not understand it says so, and asks again.  TextArena would eliminate who is not understood twice,
and some games never end when all are eliminated so: here, after MISTAKES_MAX messages in a row that were not
understood, something valid is said instead, drawn by chance.

(L. Guertler et al.: TextArena, 2025, arXiv:2504.11442.)
"""

import importlib
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from gymnasium import spaces
from pettingzoo import AECEnv

from arena.games.phrases import PHRASES
from arena.games.spaces import Utterance

SAID_CHARS_MAX = 2_000  # of one message
SEEN_CHARS_MAX = 200_000  # of what a seat has been told; of more, the middle is left out
MISTAKES_MAX = 3
TRIES_MAX = 20  # to say something valid instead; a game that understands nothing ends as it stands
_GAP = "\n...\n"
_NOBODY = -1  # who speaks when the game does


def env(game: str, players: int, **arguments: Any) -> "Talk":
    """The environment. Arguments: the folder's name below `textarena.envs`, seats, and the game's own arguments."""
    return Talk(game, players, arguments)


class Talk(AECEnv):  # type: ignore[misc]
    """One game of TextArena. `transcript` is what was said, by whom and to whom, for people."""

    metadata = {"name": "textarena_v0", "is_parallelizable": False, "render_modes": ["ansi"]}  # noqa: RUF012

    def __init__(self, game: str, players: int, arguments: dict[str, Any]) -> None:
        super().__init__()
        self.render_mode = "ansi"
        self.possible_agents = [f"player_{seat}" for seat in range(players)]
        self.transcript: list[tuple[int, tuple[int, ...], str]] = []  # from (-1: the game), to (none: everybody), what
        self._phrase = PHRASES[game]
        self._game = getattr(importlib.import_module(f"textarena.envs.{game}.env"), f"{game}Env")(**arguments)
        self._chance = random.Random().getstate()
        self._seen = [""] * players
        self.observation_spaces = {agent: Utterance(SEEN_CHARS_MAX, min_length=0) for agent in self.possible_agents}
        self.action_spaces = {agent: Utterance(SAID_CHARS_MAX) for agent in self.possible_agents}

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """Text."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """Text."""
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin anew."""
        self._chance = random.Random(seed).getstate()
        self.agents = self.possible_agents[:]
        self.rewards: dict[str, float] = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards: dict[str, float] = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, dict[str, Any]] = {agent: {} for agent in self.agents}
        self._seen = [""] * len(self.agents)
        self.transcript = []
        with self._own_chance():
            self._game.reset(num_players=len(self.agents))
            self._game.state.error_allowance = TRIES_MAX * MISTAKES_MAX
        self._hear()

    def observe(self, agent: str) -> str:
        """All the agent has been told and has said."""
        return self._seen[self.possible_agents.index(agent)]

    def step(self, action: str) -> None:
        """Say something."""
        agent = self.agent_selection
        if self.terminations[agent]:
            self._was_dead_step(None)
            return
        self._cumulative_rewards[agent] = 0.0
        with self._own_chance():
            over, _ = self._game.step(action)
            for _ in range(TRIES_MAX):
                if over or self._game.state.error_count < MISTAKES_MAX:
                    break
                self._hear()
                over, _ = self._game.step(self.suggest(self.agent_selection, random.Random(random.getrandbits(32))))
        if over or self._game.state.error_count >= MISTAKES_MAX:
            gained, _ = self._game.close()
            found = {seat: float(reward) for seat, reward in (gained or {}).items()}
            self.rewards = {name: found.get(seat, 0.0) for seat, name in enumerate(self.possible_agents)}
            self.terminations = dict.fromkeys(self.agents, True)
        self._hear()
        self._accumulate_rewards()

    def suggest(self, agent: str, chance: random.Random) -> str:
        """Something that the game understands, whether or not it is clever."""
        return self._phrase(chance, self.observe(agent))

    def render(self) -> str:
        """What was said last."""
        return "\n".join(f"{who}: {what}" for who, _, what in self.transcript[-1:])

    def close(self) -> None:
        """Nothing is held."""

    def _hear(self) -> None:
        """Give every seat what is new to it, and the word to whose turn it is."""
        state = self._game.state
        said: dict[tuple[int, str], list[int]] = {}
        for seat, messages in state.observations.items():
            for speaker, text, _ in messages:
                clean = _printable(text)
                name = "GAME" if speaker == _NOBODY else state.role_mapping.get(speaker, f"Player {speaker}")
                self._seen[seat] = _cut(f"{self._seen[seat]}\n[{name}] {clean}".lstrip())
                said.setdefault((speaker, clean), []).append(seat)
            messages.clear()
        spoken = {(speaker, _printable(text)): number for number, (speaker, text) in enumerate(state.logs)}
        for (speaker, text), seats in sorted(said.items(), key=lambda one: spoken.get(one[0], len(spoken))):
            others = tuple(seat for seat in range(len(self.possible_agents)) if seat != speaker)
            heard = tuple(seat for seat in seats if seat != speaker)
            self.transcript.append((speaker, () if heard == others else heard, text))
        self.agent_selection = self.possible_agents[state.current_player_id]

    @contextmanager
    def _own_chance(self) -> Iterator[None]:
        """Python's global generator is this match's until the end of the block. What the game prints is not shown."""
        others = random.getstate()
        random.setstate(self._chance)
        try:
            with redirect_stdout(io.StringIO()):
                yield
        finally:
            self._chance = random.getstate()
            random.setstate(others)


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text).strip()


def _cut(text: str) -> str:
    """The beginning, which has the rules, and the end."""
    if len(text) <= SEEN_CHARS_MAX:
        return text
    half = (SEEN_CHARS_MAX - len(_GAP)) // 2
    return text[:half] + _GAP + text[-half:]
