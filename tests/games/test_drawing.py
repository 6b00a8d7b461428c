from arena.games import Environment, load_catalogue
from arena.games.drawing import fen_cells, text
from arena.wire.board import Board, Cards, Grid, Lines

CATALOGUE = load_catalogue()


def played(name: str, *actions: int) -> Environment:
    environment = CATALOGUE[name].make()
    environment.reset(1)
    for action in actions:
        environment.step({seat: environment.check(seat, action) for seat in environment.to_act})
    return environment


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
    assert lines[0] == "9 X . . . . . . . X"
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


def grid(name: str, *actions: int) -> Grid:
    board = played(name, *actions).board()
    assert board is not None
    (part,) = board.parts
    assert isinstance(part, Grid)
    return part


def test_a_board_names_its_pieces_and_what_changed() -> None:
    chess = grid("chess", (4 * 8 + 1) * 73 + 12)
    assert chess.kind == "checkered"
    assert chess.cells[0] == list("rnbqkbnr")
    assert chess.pieces["K"].glyph == "♔"
    assert chess.marked == [(6, 4), (4, 4)]
    assert grid("go_9x9", 0).marked == [(0, 0)]


def test_boards_are_read_from_openspiels_text() -> None:
    assert grid("hex").shifts[:3] == [0.0, 0.5, 1.0]
    assert [len(row) for row in grid("hex", 10, 109, 120).cells] == [11] * 11
    assert grid("hex", 10, 120).cells[0][10] == "x"
    assert grid("havannah").shifts == [abs(7 - row) / 2 for row in range(15)]
    pentago = grid("pentago").pieces
    assert pentago["O"].colour != pentago["@"].colour
    assert {piece.shape for piece in grid("xiangqi").pieces.values()} == {"disc"}
    assert grid("y").cells[-1] == [""]
    assert [len(row) for row in grid("chinese_checkers_3").cells] == [
        1,
        2,
        3,
        4,
        13,
        12,
        11,
        10,
        9,
        10,
        11,
        12,
        13,
        4,
        3,
        2,
        1,
    ]
    assert grid("breakthrough").cells[0] == ["b"] * 8
    assert grid("breakthrough").columns == list("abcdefgh")
    assert grid("pentago").rows == list("123456")
    assert [len(row) for row in grid("ultimate_tictactoe").cells] == [9] * 9
    assert grid("einstein").pieces


def test_maps_of_gymnasium() -> None:
    lake = grid("frozen_lake").cells
    assert (lake[0][0], lake[-1][-1], sum(row.count("H") for row in lake)) == ("P", "G", 4)
    assert grid("cliff_walking").cells[-1] == ["P", *"C" * 10, "G"]


def test_hands_around_a_table() -> None:
    board = played("bridge").board()
    assert board is not None
    hands = {part.label: part.cards for part in board.parts if isinstance(part, Cards)}
    assert {name: len(cards) for name, cards in hands.items()} == {"North": 13, "West": 13, "East": 13, "South": 13}
    assert len({card for cards in hands.values() for card in cards}) == 52


def test_positions_in_forsyth_edwards_notation() -> None:
    assert fen_cells("r1k/3/+P1K w - - 0 1") == [["r", "", "k"], ["", "", ""], ["+P", "", "K"]]
    assert fen_cells("9/10[Qq] b") == [[""] * 9, [""] * 10]


def test_what_is_said_is_a_conversation() -> None:
    environment = CATALOGUE["mafia"].make()
    environment.reset(1)
    shown = environment.render().splitlines()
    assert shown[0].endswith("messages before)")
    assert "Night has fallen" in shown[-1]
    assert "to player_" in shown[-1]


def test_text_of_a_board() -> None:
    parts = [
        Grid(cells=[["x", ""], ["", "10"]], rows=["2", "1"], columns=["a", "b"], note="x to play"),
        Cards(label="player_0", cards=[], active=True, note="folded"),
        Lines(lines=["end"]),
    ]
    expected = ["2  x  .", "1  . 10", "   a  b", "x to play", "player_0: -  folded <- to act", "end"]
    assert text(Board(parts=parts)).splitlines() == expected
