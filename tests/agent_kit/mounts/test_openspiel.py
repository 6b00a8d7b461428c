"""Bots of OpenSpiel: in ranked matches, and whether the positions they are asked about are those of the match."""

import logging
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyspiel
import pytest

from agent_kit import MountFailed, Turn
from agent_kit.mounts import openspiel, positions
from agent_kit.specs import load
from arena.games import load_catalogue
from arena.wire import codec, play
from tests.agent_kit.mounts.conftest import House
from tests.agent_kit.readings.test_readings import turns


class Chance:
    """A bot that notes the states it is asked about, and plays by chance."""

    def __init__(self, seat: int) -> None:
        self.seat = seat
        self.states: list[Any] = []
        self._random = random.Random(seat)

    def step(self, state: Any) -> int:
        self.states.append(state)
        choice: int = self._random.choice(state.legal_actions(self.seat))
        return choice


class Table:
    """A match of OpenSpiel as the platform plays it: chance is thrown, and each seat gets its turns."""

    def __init__(self, game: str, seed: int) -> None:
        self.game = pyspiel.load_game(game)
        self.state = self.game.new_initial_state()
        self.ply = 0
        self._dice = random.Random(seed)
        self._throw()

    def turns(self) -> Iterator[Turn]:
        """Of the seats that are to act."""
        state = self.state
        seats = range(self.game.num_players()) if state.is_simultaneous_node() else [state.current_player()]
        for seat in seats:
            seen = np.asarray(self.seen(seat), "float32")
            wire = play.Turn(
                match="m", game="spiel", seat=seat, ply=self.ply, observation=seen,
                legal=state.legal_actions(seat), left_ms=60_000, actions=(0, self.game.num_distinct_actions()),
            )  # fmt: skip
            yield Turn(codec.MSGPACK.turn(codec.MSGPACK.encode(wire)))

    def seen(self, seat: int, state: Any = None) -> list[float]:
        state, kind = state or self.state, self.game.get_type()
        hidden = kind.information != type(kind).Information.PERFECT_INFORMATION
        tensor: list[float] = state.information_state_tensor(seat) if hidden else state.observation_tensor(seat)
        return tensor

    def move(self, actions: list[int]) -> None:
        if self.state.is_simultaneous_node():
            self.state.apply_actions(actions)
        else:
            self.state.apply_action(actions[0])
        self.ply += 1
        self._throw()

    def _throw(self) -> None:
        while self.state.is_chance_node():
            outcomes, chances = zip(*self.state.chance_outcomes(), strict=True)
            self.state.apply_action(self._dice.choices(outcomes, chances)[0])


async def test_a_search_of_openspiel_beats_a_house_bot(house: House) -> None:
    policy = load("openspiel:mcts", {"simulations": "1000", "seed": "1"})
    played = await house.meet(policy, game="connect_four", games=["connect_four"], matches=2, slots=2)
    assert played.placements == [1, 1]
    assert played.faults == []


@pytest.mark.parametrize(
    ("bot", "game"), [("mcts", "breakthrough"), ("ismcts", "kuhn_poker"), ("uniform_random", "oshi_zumo")]
)
async def test_bots_play_ranked_matches_of_openspiels_games(house: House, bot: str, game: str) -> None:
    played = await house.meet(openspiel.mount(bot, simulations=20), game=game, games=[game])
    assert played.faults == []


@pytest.mark.parametrize("game", ["othello", "breakthrough", "pig", "banqi", "tic_tac_toe"])
def test_where_all_is_seen_a_bot_is_asked_about_the_very_position(game: str) -> None:
    table, bots = Table(game, 1), {}

    def make(_: Any, seat: int) -> Chance:
        bots[seat] = Chance(seat)
        return bots[seat]

    agents = [openspiel.mount(make, game=game, seed=1) for _ in range(table.game.num_players())]
    while not table.state.is_terminal() and table.ply < 30:
        (turn,) = table.turns()
        action = agents[turn.seat].turn(turn)
        assert str(bots[turn.seat].states[-1]) == str(table.state)
        table.move([action])
    assert table.ply >= 5


@pytest.mark.parametrize(
    "game",
    [
        "kuhn_poker",
        "kuhn_poker(players=3)",
        "leduc_poker",
        "liars_dice",
        "phantom_ttt",
        "goofspiel(players=2,num_cards=5)",
    ],
)
def test_where_things_are_hidden_it_is_one_that_looks_the_same(game: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "agent_kit")
    for seed in range(5):
        table, bots = Table(game, seed), {}

        def make(_: Any, seat: int, bots: dict[int, Chance] = bots) -> Chance:
            bots[seat] = Chance(seat)
            return bots[seat]

        agents = [openspiel.mount(make, game=game, seed=seed) for _ in range(table.game.num_players())]
        while not table.state.is_terminal():
            asked = list(table.turns())
            actions = [agents[turn.seat].turn(turn) for turn in asked]
            for turn in asked:
                assert table.seen(turn.seat, bots[turn.seat].states[-1]) == table.seen(turn.seat)
            table.move(actions)
    assert caplog.text == ""


def test_a_turn_that_comes_again_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table("tic_tac_toe", 1)
    agent = openspiel.mount(lambda _, seat: Chance(seat), game="tic_tac_toe")
    (turn,) = table.turns()
    agent.turn(turn)
    table.move([agent.turn(turn)])
    (other,) = table.turns()
    table.move([other.legal[0] if other.legal else 0])
    (turn,) = table.turns()
    assert agent.turn(turn) in (turn.legal or ())


def test_where_it_loses_track_chance_moves(caplog: pytest.LogCaptureFixture) -> None:
    agent = openspiel.mount("uniform_random")
    first, later = turns("tictactoe", 1), None
    for turn, _, chosen in first:
        if turn.ply == 2:
            later = turn
            break
        chosen.append(agent.turn(turn) if turn.seat == 0 else turn.legal[-1] if turn.legal else 0)
    assert later is not None
    later.observation[:] = 0  # a board that cannot be
    assert agent.turn(later) in (later.legal or ())
    assert "lost track at Turn(game='tictactoe'" in caplog.text


def test_what_cannot_be_followed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        MountFailed, match=r"unknown bot 'genius'; known: mcts, ismcts, .*uniform_random.*, or a function"
    ):
        openspiel.mount("genius")
    with pytest.raises(MountFailed, match=r"OpenSpiel has no game 'chess960': give game="):
        openspiel.mount("mcts", game="chess960")
    turn, _, _ = next(turns("taxi", 1))
    with pytest.raises(MountFailed, match=r"OpenSpiel has no game 'taxi': give game="):
        openspiel.mount("mcts").turn(turn)
    with pytest.raises(MountFailed, match=r"no position of OpenSpiel's hex\(.*\) fits Turn\(game='taxi'"):
        openspiel.mount("mcts", game="hex").turn(turn)
    monkeypatch.setattr(positions, "TRIED_MAX", 500)
    (dealt,) = Table("euchre", 1).turns()
    with pytest.raises(MountFailed, match=r"spiel cannot be followed: more positions are possible at .* than the 501"):
        openspiel.mount("mcts", game="euchre").turn(dealt)


def test_the_platforms_games_have_their_names_there() -> None:
    rows = [row for row in load_catalogue().values() if row.environment.startswith("arena.games.openspiel:")]
    assert len(rows) >= 25
    for row in rows:
        parameters = {name: value for name, value in row.arguments.items() if name not in {"game", "view"}}
        meant = pyspiel.load_game(row.arguments["game"], parameters)
        found = pyspiel.load_game(openspiel.NAMES.get(row.name, row.name))
        assert (str(found.get_type().short_name), found.get_parameters() | parameters) == (
            row.arguments["game"], found.get_parameters()
        ), row.name  # fmt: skip
        assert found.num_players() == meant.num_players() == row.seats


def test_a_search_that_knows_what_is_hidden_plays_legally() -> None:
    table = Table("kuhn_poker", 3)
    agents = [openspiel.mount("ismcts", game="kuhn_poker", simulations=50, seed=1) for _ in range(2)]
    while not table.state.is_terminal():
        (turn,) = table.turns()
        table.move([agents[turn.seat].turn(turn)])
    assert sum(table.state.returns()) == 0
