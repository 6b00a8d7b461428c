import pytest

from arena.games import Environment, Game, load_catalogue

CATALOGUE = load_catalogue()


def played(name: str, *actions: int) -> Environment:
    environment = CATALOGUE[name].make()
    environment.reset(1)
    for action in actions:
        environment.step({seat: environment.check(seat, action) for seat in environment.to_act})
    return environment


@pytest.mark.parametrize("row", CATALOGUE.values(), ids=CATALOGUE.keys())
def test_every_position_can_be_read(row: Game) -> None:
    environment = row.make()
    environment.reset(3)
    shown = [environment.render()]
    while not environment.over:
        environment.step({seat: environment.substitute(seat, str(len(shown)).encode()) for seat in environment.to_act})
        shown.append(environment.render())
    assert all(text.strip() and len(text.splitlines()) <= 12 for text in shown)
    assert all(len(line) <= 120 for text in shown for line in text.splitlines())
    assert len(set(shown)) > 1


def test_tictactoe() -> None:
    assert played("tictactoe", 0, 4, 5).render() == "X 3 6\n1 O 7\n2 X 8"


def test_connect_four() -> None:
    rows = played("connect_four", 3, 3, 0).render().splitlines()
    assert rows[4:] == [". . . O . . .", "X . . X . . .", "0 1 2 3 4 5 6"]


def test_rock_paper_scissors() -> None:
    environment = played("rock_paper_scissors", 0)
    environment.step({0: 1, 1: 2})
    assert environment.render().splitlines()[2:] == ["  2  paper     scissors", "  1  rock      rock"]


def test_poker_shows_hands_board_and_chips() -> None:
    text = played("texas_holdem", 0, 3).render()
    board, first, second = text.splitlines()
    assert len(board.removeprefix("board: ").split()) == 3
    assert sum(text.count(suit) for suit in "♠♥♦♣") == 7
    assert "2 in the pot" in first
    assert "2 in the pot" in second
    assert text.count("<- to act") == 1
    assert "folded" in played("texas_holdem_4", 2).render()
    assert played("leduc_holdem").render().startswith("board: -\nplayer_0: ")


def test_hanabi() -> None:
    lines = played("hanabi").render().splitlines()
    assert lines[0] == "Life tokens: 3  Info tokens: 8  Fireworks: R0 Y0 G0 W0 B0"
    assert len(lines[1].removeprefix("to act: ").split()) == 5
    assert lines[3].startswith("deck: 40")


def test_go() -> None:
    lines = played("go_9x9", 0, 81, 8).render().splitlines()
    assert lines[1] == " 9 X . . . . . . . X"
    assert lines[-1] == "move 3, last J9, O (white) to play, captures (0, 0)"


def test_chess() -> None:
    lines = played("chess", (4 * 8 + 1) * 73 + 12).render().splitlines()
    assert lines[4] == "4 . . . . P . . ."
    assert lines[-1].startswith("last e2e4; rnbqkbnr/pppppppp")


def test_lowest_unique() -> None:
    environment = played("lowest_unique")
    environment.step({0: 1, 1: 1, 2: 2, 3: 6})
    assert environment.render().splitlines()[3].split()[:3] == ["player_2", "2", "1"]


def test_taxi_and_cartpole() -> None:
    assert "T" in played("taxi").render()
    assert "wants to" in played("taxi").render()
    assert "angle" in played("cartpole", 1).render()
