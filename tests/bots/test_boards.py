"""Bots that read a board from an observation read the board that there is, and see what a beginner sees."""

import random
from types import SimpleNamespace
from typing import Any

import chess
import numpy as np
import pytest

from agent_kit.readings import chess as chess_readings
from arena.bots import POLICIES, connect_four, hanabi, holdem, lowest_unique, taxi, tictactoe
from arena.bots import chess as chess_bot
from arena.bots import go as go_bot
from arena.bots.policy import MATCHES_MAX, Memory
from arena.games import Environment, load_catalogue

CATALOGUE = load_catalogue()


def unwrapped(environment: Environment) -> Any:
    return environment._env.unwrapped


def answer(game: str, bot: str, environment: Environment) -> int:
    (seat,) = environment.to_act
    view = environment.view(seat)
    turn = SimpleNamespace(observation=view.observation, legal=view.legal, match="m", ply=0, seat=seat)
    return int(environment.check(seat, POLICIES[game][bot](1)(turn)))


def after(game: str, *actions: int) -> Environment:
    environment = CATALOGUE[game].make()
    environment.reset(0)
    for action in actions:
        environment.step({environment.to_act[0]: environment.check(environment.to_act[0], action)})
    return environment


def test_chess_boards_and_moves_are_read_as_they_are() -> None:
    rng = random.Random(1)
    environment = CATALOGUE["chess"].make()
    checked = passing = 0
    for seed in range(4):
        environment.reset(seed)
        while not environment.over and checked < 400:
            view = environment.view(environment.to_act[0])
            board = unwrapped(environment).board
            expected = board if board.turn else board.mirror()
            read = chess_readings.upwards(view.observation)
            assert read.board_fen() == expected.board_fen()
            assert read.castling_rights == expected.castling_rights
            assert set(read.legal_moves) == set(expected.legal_moves)
            assert sorted(map(chess_readings.encode, read.legal_moves)) == view.legal
            passing += read.has_legal_en_passant()
            checked += 1
            environment.step({environment.to_act[0]: rng.choice(view.legal or [])})
    assert checked > 300
    assert passing > 0


@pytest.mark.parametrize(
    ("fen", "move"),
    [
        ("6k1/5ppp/8/8/8/8/8/R6K w - - 0 1", "a1a8"),  # mate
        ("4k3/8/8/3q4/4P3/8/8/4K3 w - - 0 1", "e4d5"),  # a queen for nothing
        ("4k3/P7/8/8/8/8/8/4K3 w - - 0 1", "a7a8q"),
    ],
)
def test_chess_sees_what_is_there_to_take(fen: str, move: str) -> None:
    board = chess.Board(fen)
    assert chess_bot.best(board, list(board.legal_moves), set(), random.Random(1)).uci() == move
    assert board.fen() == fen


def test_connect_four_wins_and_blocks() -> None:
    assert answer("connect_four", "minimax", after("connect_four", 0, 1, 0, 1, 0, 1)) == 0
    assert answer("connect_four", "minimax", after("connect_four", 0, 1, 0, 1, 0)) == 0
    assert answer("connect_four", "minimax", after("connect_four", 2, 2, 3, 3, 6)) in {0, 1, 2, 3, 4, 5, 6}


def test_connect_four_boards() -> None:
    environment = after("connect_four", 3, 3, 4, 0, 6)
    mine, stones = connect_four.board(environment.view(1).observation)
    assert mine == 1 << 22 | 1 << 0
    assert stones == mine | 1 << 21 | 1 << 28 | 1 << 42
    assert connect_four.play(mine, stones, 0) == (stones ^ mine, stones | 1 << 1)


def test_connect_four_lines_and_threats() -> None:
    for line in ([0, 1, 2, 3], [0, 7, 14, 21], [0, 8, 16, 24], [21, 15, 9, 3]):
        board = sum(1 << place for place in line)
        assert connect_four.won(board)
        assert connect_four.won(board << 7)
        for missing in line if line != [0, 1, 2, 3] else [3]:  # upwards, only the top can be missing
            three = board & ~(1 << missing)
            assert not connect_four.won(three)
            assert connect_four.threats(three, three) >= 3
    assert not connect_four.won(0b111 << 3 | 1 << 7)  # no line goes around the edge


def test_tictactoe_is_a_draw() -> None:
    assert tictactoe.value(0, 0) == 0
    assert answer("tictactoe", "perfect", after("tictactoe", 0, 3, 1, 4)) == 2
    assert answer("tictactoe", "perfect", after("tictactoe", 0, 3, 1)) == 2


def test_go_captures_and_passes_when_only_eyes_are_left() -> None:
    # Black at the corner has one liberty left: white takes it.
    assert answer("go_9x9", "shape", after("go_9x9", 0, 1)) != 81
    assert answer("go_9x9", "shape", after("go_9x9", 0, 1, 40)) == 9
    stones = [go_bot.MINE] * 9
    stones[0] = stones[8] = go_bot.EMPTY
    position = go_bot.Position(stones, 3)
    assert position.worth(0) < 0
    assert position.worth(8) < 0


HANDS = ["S2 S3 S4 S5 S6 H9 HK", "CA DA HA SA SK SQ SJ", "CA DA HA SK DK S2 S3", "SA S3 S5 S7 S9 HA DA",
         "SA H2 D3 C4 S5 H9 HK", "SA HA DA C4 S5 H9 HK", "SA HA DK CK S5 H5 HQ", "SA HA D3 C4 S6 H9 HK",
         "SA H3 D5 C7 S9 HJ HK"]  # fmt: skip


def cards(text: str) -> list[int]:
    return ["SHDC".index(card[0]) * 13 + "A23456789TJQK".index(card[1]) for card in text.split()]


def test_hands_are_ranked() -> None:
    strengths = [holdem.strength(cards(hand)) for hand in HANDS]
    assert [made[0] for made in strengths] == [8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert strengths[6] == (2, 13, 12, 11)  # the better two of three pairs, and the best card beside them
    assert holdem.strength(cards("SA HK DQ CJ ST H2 H3")) > holdem.strength(cards("SK HQ DJ CT S9 H2 H3"))
    assert holdem.strength(cards("SA S2 S3 S4 S5 SK H3")) == (8, 4)


def test_chances() -> None:
    rng = random.Random(1)
    assert holdem.chance(rng, cards("SA HA"), [], 1) > 0.7
    assert holdem.chance(rng, cards("S2 H7"), [], 1) < 0.5
    assert holdem.chance(rng, cards("SA SK"), cards("SQ SJ ST H2 D3"), 3) == 1.0


def test_the_hand_is_remembered_when_the_board_comes() -> None:
    hands: Memory[list[int]] = Memory(list)

    def seen(text: str) -> Any:
        observation = np.zeros(72)
        observation[cards(text)] = 1
        return SimpleNamespace(observation=observation, match="m")

    hand = holdem.cards(seen("HA C7"), hands)[0]
    assert sorted(hand) == sorted(cards("HA C7"))
    assert holdem.cards(seen("HA C7 S2 S3 S4"), hands) == (hand, cards("S2 S3 S4"))


def test_memory_is_bounded() -> None:
    memory: Memory[list[int]] = Memory(list)
    memory.of("first").append(1)
    assert memory.of("first") == [1]
    for number in range(MATCHES_MAX):
        memory.of(str(number))
    assert memory.of("first") == []


def test_hanabi_reads_the_table() -> None:
    environment = after("hanabi")
    lines = str(unwrapped(environment).hanabi_env.game_state).splitlines()
    hands = [line for line in lines if "||" in line]
    table = hanabi.Table(environment.view(0).observation)
    assert ["RYGWB"[card // 5] + "12345"[card % 5] for card in table.others] == [hand[:2] for hand in hands[5:]]
    assert table.built == [0] * 5
    assert table.fits == {0, 5, 10, 15, 20}
    assert table.useless == set()
    gone = np.zeros(50)
    gone[[0, 1, 2, 3]] = 1  # three ones and a two of the first colour
    assert hanabi.discarded(gone).tolist()[:3] == [3, 1, 0]


def test_hanabi_never_loses_a_life() -> None:
    environment = CATALOGUE["hanabi"].make()
    policy = POLICIES["hanabi"]["prover"](1)
    for seed in range(10):
        environment.reset(seed)
        while not environment.over:
            view = environment.view(environment.to_act[0])
            turn = SimpleNamespace(observation=view.observation, legal=view.legal, match="m", ply=0, seat=0)
            environment.step({environment.to_act[0]: policy(turn)})
        assert "Life tokens: 3" in environment.render()


def test_taxi_walks_around_walls() -> None:
    import gymnasium

    table = gymnasium.make("Taxi-v4", disable_env_checker=True).unwrapped.P  # type: ignore[attr-defined]
    for stand, goal in enumerate(taxi.STANDS):
        for place, action in taxi.towards(goal).items():
            state = ((place[0] * 5 + place[1]) * 5 + stand) * 4
            assert table[state][action][0][1] != state  # no move runs into a wall
        assert len(taxi.towards(goal)) == 24


def test_winning_chances_of_numbers() -> None:
    even = lowest_unique.winning(np.full((3, 6), 1 / 6))
    assert even[0] == pytest.approx((5 / 6) ** 3)
    assert even == sorted(even, reverse=True)
    ones = np.zeros((3, 6))
    ones[:, 0] = 1
    assert lowest_unique.winning(ones) == [0, 1, 1, 1, 1, 1]
