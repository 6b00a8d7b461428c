"""What turns of real games are read as, at every ply of whole random matches."""

import random
import re
from collections.abc import Iterator

import chess
import pytest

from agent_kit import Turn
from agent_kit.readings import chess as chess_readings
from agent_kit.readings import go, read
from arena.games import Environment, load_catalogue
from arena.wire import codec, play

CATALOGUE = load_catalogue()
ROW = re.compile(r"^ *\d (.*)$", re.MULTILINE)  # of a go board


def turns(game: str, seed: int, plies_max: int = 400) -> Iterator[tuple[Turn, Environment, list[int]]]:
    """A match: each turn as an agent gets it, the environment, and a list that the caller puts the actions into."""
    row = CATALOGUE[game]
    environment, info, chosen = row.make(), row.info(), []
    encoding = codec.MSGPACK if seed % 2 else codec.JSON
    environment.reset(seed)
    for ply in range(plies_max):
        if environment.over:
            break
        actions = {}
        for seat in environment.to_act:
            view = environment.view(seat)
            discrete = (info.first_action, info.actions) if info.actions else None
            wire = play.Turn(
                match="m", game=game, seat=seat, ply=ply, observation=view.observation, legal=view.legal,
                left_ms=1000, actions=discrete,
            )  # fmt: skip
            yield Turn(encoding.turn(encoding.encode(wire))), environment, chosen
            actions[seat] = environment.check(seat, chosen[-1])
        environment.step(actions)
    environment.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_chess_turn_is_the_position_and_its_moves(seed: int) -> None:
    rng, board = random.Random(seed), chess.Board()
    for turn, _, chosen in turns("chess", seed, 120):
        seen = chess_readings.see(turn)
        assert chess_readings.fits(turn)
        assert seen.board_fen() == board.board_fen()
        assert (seen.turn, seen.castling_rights, seen.ep_square) == (board.turn, board.castling_rights, board.ep_square)
        assert 0 <= board.halfmove_clock - seen.halfmove_clock <= 1
        moves = chess_readings.actions(turn, seen)
        assert sorted(moves.values()) == turn.legal
        assert set(moves) == set(board.legal_moves)
        assert read(turn).moves == {move.uci(): action for move, action in moves.items()}
        assert seen.fen() in read(turn).text
        move = rng.choice(sorted(moves, key=str))
        board.push(move)
        chosen.append(moves[move])
    assert len(board.move_stack) > 20


@pytest.mark.parametrize("seed", [1, 2])
def test_a_go_turn_is_the_board_and_the_last_moves(seed: int) -> None:
    rng = random.Random(seed)
    for turn, environment, chosen in turns("go_9x9", seed):
        position, reading = go.see(turn), read(turn)
        assert go.fits(turn)
        shown = chosen[-7:] if turn.ply >= go.BOARDS else chosen
        assert position.moves == [((turn.ply - len(shown) + n) % 2, move) for n, move in enumerate(shown)]
        assert [row.split() for row in ROW.findall(reading.text)] == [
            row.split() for row in ROW.findall(environment.render())
        ]
        assert all(go.action_of(name, 9) == action for name, action in reading.moves.items())
        assert sorted(reading.moves.values()) == turn.legal
        passes = rng.random() < 0.1 and chosen[-1:] != [81]  # two in a row end it
        chosen.append(81 if passes else rng.choice((turn.legal or [])[:-1] or [81]))
    assert len(chosen) > 60


@pytest.mark.parametrize("name", ["I5", "K1", "A0", "A10"])
def test_what_is_no_point_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"'{name}' is no point of a 9x9 board"):
        go.action_of(name, 9)


def test_boards_show_own_marks_by_seat() -> None:
    texts = []
    for turn, _, chosen in turns("tictactoe", 1, 3):
        texts.append(read(turn).text)
        chosen.append([4, 0, 8][turn.ply])
    assert texts[1] == "0 1 2\n3 X 5\n6 7 8\nYou play O."
    assert texts[2] == "O 1 2\n3 X 5\n6 7 8\nYou play X."
    for turn, _, chosen in turns("connect_four", 2, 3):
        texts.append(read(turn).text)
        chosen.append([3, 3, 2][turn.ply])
    assert texts[-1].splitlines()[4:] == [". . . O . . .", ". . . X . . .", "0 1 2 3 4 5 6", "You play X."]


@pytest.mark.parametrize(
    ("game", "said", "move"),
    [
        ("leduc_holdem", "your card: ", "raise"),
        ("texas_holdem", "cards you see (your two and the board): ", "raise"),
        ("texas_holdem_no_limit", "cards you see (your two and the board): ", "all in"),
        ("rock_paper_scissors", "the other's last throw: nothing yet", "paper"),
        ("taxi", "", "0"),
        ("hanabi", "[0.0,", "5"),
    ],
)
def test_every_game_can_be_read_and_its_actions_have_names(game: str, said: str, move: str) -> None:
    rng = random.Random(1)
    for number, (turn, _, chosen) in enumerate(turns(game, 1, 30)):
        reading = read(turn)
        assert set(reading.moves.values()) == set(turn.actions if turn.legal is None else turn.legal)
        if number == 0:
            assert reading.text.startswith(said)
            assert move in reading.moves
        chosen.append(rng.choice(list(reading.moves.values())))
    assert chosen
