"""What AEC, Parallel and Gymnasium environments have in common behind `Environment`.

An adapter for one kind says how to begin (`_begin`), what a seat sees (`_seen`) and how to advance (`_advance`); views,
masks, checks, substitutes and scores are the same for all of them.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
from gymnasium import spaces

from arena.games.canonical import canonical
from arena.games.drawing import text
from arena.games.environment import People, View
from arena.games.spaces import check, check_legal, choose
from arena.wire.board import CHOICES_MAX, Board, Guide

SEED_MASK = 0x7FFF_FFFF  # environments in C++ (OpenSpiel) take no more than 31 bits
_MASKED = {"observation", "action_mask"}

CHARACTERS_MAX = 110  # of a line of what a seat sees, where a game has no text of its own


class Adapter(ABC):
    """One match of one environment. Implements `arena.games.Environment`."""

    def __init__(self, env: Any, agents: Sequence[str], plies_max: int, people: People) -> None:
        self.seats = len(agents)
        self.over = False
        self.scores = [0.0] * self.seats
        self.to_act: tuple[int, ...] = ()
        self._env = env
        self._agents = list(agents)
        self._plies_max = plies_max
        self._plies = 0
        self._people = people
        self._views: dict[int, View] = {}
        self.observation_spaces: list[spaces.Space[Any]] = [self._spaces(agent)[0] for agent in agents]
        self.action_spaces: list[spaces.Space[Any]] = [self._spaces(agent)[1] for agent in agents]

    @abstractmethod
    def _spaces(self, agent: str) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
        """Observation and action space of an agent."""

    @abstractmethod
    def _begin(self, seed: int) -> None:
        """Reset the environment and set `over` and `to_act`."""

    @abstractmethod
    def _seen(self, seat: int) -> tuple[Any, Mapping[str, Any]]:
        """A seat's observation and info as the environment gives them."""

    @abstractmethod
    def _advance(self, actions: Mapping[int, Any]) -> list[float]:
        """Step the environment and set `over` and `to_act`; rewards by seat."""

    def reset(self, seed: int) -> None:
        """Begin anew. Of the seed, 31 bits count."""
        seed &= SEED_MASK
        self.scores = [0.0] * self.seats
        self._plies = 0
        self._views.clear()
        for number, space in enumerate(self.action_spaces):  # some environments draw from their own action spaces
            space.seed(seed + number)
        self._begin(seed)

    def view(self, seat: int) -> View:
        """What a seat of `to_act` sees."""
        view = self._views.get(seat)
        if view is None:
            observation, info = self._seen(seat)
            view = self._views[seat] = self._view(seat, observation, info)
        return view

    def check(self, seat: int, action: Any) -> Any:
        """The action as an element of the seat's action space. Raises Malformed or Illegal."""
        legal = self.view(seat).legal
        if legal is None:
            return check(self.action_spaces[seat], action)
        if type(action) is int and action in legal:
            return action
        return check_legal(check(self.action_spaces[seat], action), legal)

    def substitute(self, seat: int, salt: bytes) -> Any:
        """A legal action chosen by the salt: one that the environment suggests, if it does."""
        suggest = getattr(self._env.unwrapped, "suggest", None)
        if suggest is not None:
            return suggest(self._agents[seat], random.Random(salt))
        return choose(self.action_spaces[seat], self.view(seat).legal, salt)

    def step(self, actions: Mapping[int, Any]) -> list[float]:
        """Advance by one action of each seat of `to_act`; rewards of this step by seat."""
        rewards = self._advance(actions)
        self._views.clear()
        if not all(map(isfinite, rewards)):  # JSON has no such numbers: it would make the log unreadable
            raise ValueError(f"the environment gave the rewards {rewards}; expected finite numbers")
        scores = self.scores
        for seat, reward in enumerate(rewards):
            scores[seat] += reward
        self._plies += 1
        if self._plies == self._plies_max:
            self.over, self.to_act = True, ()
        return rewards

    def board(self) -> Board | None:
        """The position as data by the row's renderer; None where it names none."""
        draw = self._people.draw
        return draw(self._env.unwrapped) if draw is not None else None

    def guide(self, seat: int) -> Guide:
        """What a person is told who plays a seat of `to_act`, by the row's guide."""
        space, guide = self.action_spaces[seat], self._people.guide
        if guide is None or not isinstance(space, spaces.Discrete):
            return Guide()
        legal = self.view(seat).legal
        if legal is None:
            legal = list(range(int(space.start), int(space.start + space.n)))
        return guide(self._env.unwrapped, seat, legal if len(legal) <= CHOICES_MAX else [])

    def render(self) -> str:
        """The position as text: of its board, or the environment's own, or what the seats see."""
        if (board := self.board()) is not None:
            return text(board)
        if getattr(self._env, "render_mode", None) == "ansi":
            return str(self._env.render())
        seen = [" ".join(f"{self._agents[seat]}: {self.view(seat).observation}".split()) for seat in self.to_act]
        return "\n".join([*(line[:CHARACTERS_MAX] for line in seen), f"scores: {self.scores}"])

    def picture(self) -> Any:
        """The position in pixels, height x width x 3, where the environment was made with `rgb_array`; else None."""
        return self._env.render() if getattr(self._env, "render_mode", None) == "rgb_array" else None

    def close(self) -> None:
        """Free what the environment holds."""
        self._env.close()

    def _view(self, seat: int, seen: Any, info: Mapping[str, Any]) -> View:
        """Take the action mask out of the observation, or else of the info."""
        space = self.action_spaces[seat]
        if not isinstance(
            space, spaces.Discrete
        ):  # other masks have no list of legal actions: they stay where they are
            return View(seen, None, canonical(seen))
        if isinstance(seen, dict) and "action_mask" in seen:
            mask = seen["action_mask"]
            if seen.keys() == _MASKED:
                seen = seen["observation"]
            else:
                seen = {key: item for key, item in seen.items() if key != "action_mask"}
        else:
            mask = info.get("action_mask")
        if mask is None:
            return View(seen, None, canonical(seen))
        mask = np.asarray(mask)
        legal: list[int] = mask.nonzero()[0].tolist()
        if space.start:
            legal = [action + int(space.start) for action in legal]
        # Where nothing is legal, Gymnasium's `sample(mask)` takes the first action; so do we.
        return View(seen, legal or [int(space.start)], canonical(seen) + canonical(mask))
