"""What people are told who play a seat: each legal action has a name of its own, and its cells are where it happens."""

import random

import pytest

from arena.games import Environment, load_catalogue
from arena.wire.board import Board, Cards, Choice, Grid, Guide

CATALOGUE = load_catalogue()
PLIES = 12
PLACED = (
    *("tictactoe", "connect_four", "go_9x9", "chess", "amazons", "banqi", "breakthrough", "checkers", "clobber"),
    *("gomoku", "havannah", "hex", "lines_of_action", "othello", "shogi", "xiangqi", "y"),
)
NAMED = ("rock_paper_scissors", "texas_holdem", "texas_holdem_no_limit", "hanabi", "backgammon", "bridge", "taxi")


def grid(board: Board | None) -> Grid:
    assert board is not None
    return next(part for part in board.parts if isinstance(part, Grid))


def chosen(environment: Environment, seat: int, chance: random.Random) -> tuple[Guide, Choice]:
    guide = environment.guide(seat)
    legal = environment.view(seat).legal
    names = [choice.name for choice in guide.choices]
    assert all(names)
    assert len(set(names)) == len(names)
    actions = {choice.action for choice in guide.choices}
    assert legal is None or actions <= set(legal)
    return guide, chance.choice(guide.choices)


@pytest.mark.parametrize("game", sorted({*PLACED} & CATALOGUE.keys()))
def test_an_action_changes_the_cell_that_is_pressed_last(game: str) -> None:
    environment, chance = CATALOGUE[game].make(), random.Random(game)
    environment.reset(7)
    for _ in range(PLIES):
        (seat,) = environment.to_act
        _, choice = chosen(environment, seat, chance)
        before = grid(environment.board()).cells
        environment.step({seat: choice.action})
        if choice.cells:  # go's pass, and men from the hand, have none or one
            row, column = choice.cells[-1]
            assert before[row][column] != grid(environment.board()).cells[row][column], choice
        if environment.over:
            break
    environment.close()


@pytest.mark.parametrize("game", sorted({*NAMED} & CATALOGUE.keys()))
def test_legal_actions_have_names(game: str) -> None:
    environment, chance = CATALOGUE[game].make(), random.Random(game)
    environment.reset(7)
    for _ in range(PLIES):
        environment.step({seat: chosen(environment, seat, chance)[1].action for seat in environment.to_act})
        if environment.over:
            break
    environment.close()


def test_chess_says_which_man_goes_where() -> None:
    environment = CATALOGUE["chess"].make()
    environment.reset(0)
    for name, cells in (("e4", [(6, 4), (4, 4)]), ("Nf6", [(0, 6), (2, 5)])):
        (seat,) = environment.to_act
        choice = next(one for one in environment.guide(seat).choices if one.name == name)
        assert choice.cells == cells
        environment.step({seat: choice.action})


def test_others_hands_stay_closed() -> None:
    environment = CATALOGUE["texas_holdem"].make()
    environment.reset(3)
    (seat,) = environment.to_act
    board, whole = environment.guide(seat).board, environment.board()
    assert board is not None
    assert whole is not None
    for part, open_ in zip(board.parts, whole.parts, strict=True):
        assert isinstance(part, Cards)
        assert isinstance(open_, Cards)
        assert part.cards == (["?", "?"] if part.seat == 1 - seat else open_.cards)


def test_of_its_own_hand_a_hanabi_player_sees_what_it_was_told() -> None:
    environment = CATALOGUE["hanabi"].make()
    environment.reset(3)
    told = []
    for name in ("Reveal player +1 rank 1", "Reveal player +1 color R"):
        (seat,) = environment.to_act
        choices = {choice.name: choice.action for choice in environment.guide(seat).choices}
        environment.step({seat: choices.get(name, next(iter(choices.values())))})
        board = environment.guide(environment.to_act[0]).board
        assert board is not None
        told += [
            card for part in board.parts if isinstance(part, Cards) and part.label == "to act" for card in part.cards
        ]
    assert "?" in told
    assert all("?" in card for card in told)
