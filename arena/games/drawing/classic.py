"""Positions of PettingZoo's classic games. They read what PettingZoo's own renderers read."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from arena.games.drawing import BLUE, DARK, FAINT, LIGHT, RED, YELLOW, chess_pieces, crosses, stones
from arena.wire.board import Board, Cards, Grid, Lines, Piece

_SUITS = {"S": "♠", "H": "♥", "D": "♦", "C": "♣"}
COLUMNS_GO = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # without I, as players write it


def tictactoe(env: Any) -> Board:
    """Player_1 has X. Empty squares show their actions, which count down the columns."""
    squares = ["XO"[mark - 1] if mark else str(number) for number, mark in enumerate(env.board.squares)]
    free = {str(number): Piece(shape="glyph", colour=FAINT, glyph=str(number)) for number in range(9)}
    return Board(parts=[Grid(cells=[squares[row::3] for row in range(3)], pieces=free | crosses(X=RED, O=BLUE))])


def connect_four(env: Any) -> Board:
    """Six rows over the column numbers; player_0 has X."""
    cells = [["" if not mark else "XO"[mark - 1] for mark in env.board[row : row + 7]] for row in range(0, 42, 7)]
    return Board(parts=[Grid(cells=cells, columns=list("0123456"), pieces=stones(X=RED, O=YELLOW))])


def rock_paper_scissors(env: Any) -> Board:
    """The last five rounds, newest first."""
    names = [name.lower() for name in env._moves]
    shown = min(env.num_moves, 5)
    rounds = [
        f"{env.num_moves - back:3d}  {names[env.history[2 * back]]:<9} {names[env.history[2 * back + 1]]}"
        for back in range(shown)
    ]
    head = [f"round {env.num_moves} of {env.max_cycles}", "     player_0  player_1"]
    return Board(parts=[Lines(lines=[*head, *rounds])])


def poker(env: Any) -> Board:
    """Hands, chips in the pot and the board, for RLCard's hold'em games."""
    game = env.env.game
    public = getattr(game, "public_cards", None)
    if public is None:
        public = [game.public_card] if game.public_card else []
    parts = [Cards(label="board", cards=_cards(public))]
    for seat, player in enumerate(game.players):
        hand = player.hand if isinstance(player.hand, list) else [player.hand]
        folded = str(getattr(player.status, "name", player.status)).lower() == "folded"
        chips = f"{int(player.in_chips):3d} in the pot"
        parts.append(
            Cards(
                label=f"player_{seat}",
                cards=_cards(hand),
                seat=seat,
                active=seat == game.game_pointer and not env.env.is_over(),
                note=f"{chips}  folded" if folded else chips,
            )
        )
    return Board(parts=[*parts])


def hanabi(env: Any) -> Board:
    """Tokens, fireworks, hands and discards, from OpenSpiel's own text."""
    return hanabi_table(str(env.hanabi_env.game_state))


def hanabi_table(state: str) -> Board:
    """OpenSpiel's text of a position as a table; the hand of who is to act comes first.

    Of a card that is not seen, what its holder was told: ?2, or R?.
    """
    head, _, rest = state.partition("Hands:\n")
    hands, _, tail = rest.partition("Deck size:")
    shown = [
        Cards(
            label="to act" if "Cur player" in hand else "other",
            cards=[
                told.replace("XX", "?").replace("X", "?") if card == "XX" else card
                for card, told in re.findall(r"^(\w\d|XX) \|\| (\w\w)", hand, re.MULTILINE)
            ],
        )
        for hand in hands.split("-----")
    ]
    top = "  ".join(head.split("\n")).strip()
    return Board(parts=[Lines(lines=[top]), *shown, Lines(lines=["deck: " + " ".join(tail.split())])])


def go(env: Any) -> Board:
    """The board with coordinates; black has X. The note says whose turn it is."""
    position = env._go
    size = len(position.board)
    cells = [[{1: "X", -1: "O"}.get(int(mark), "") for mark in row] for row in position.board]
    turn = "X (black)" if position.to_play == 1 else "O (white)"
    last = position.recent[-1].move if position.recent else None
    played = f"{COLUMNS_GO[last[1]]}{size - last[0]}" if last else "pass" if position.recent else "none"
    return Board(
        parts=[
            Grid(
                cells=cells,
                kind="points",
                pieces=stones(X=DARK, O=LIGHT),
                rows=[str(size - number) for number in range(size)],
                columns=list(COLUMNS_GO[:size]),
                marked=[(int(last[0]), int(last[1]))] if last else [],
                note=f"move {position.n}, last {played}, {turn} to play, captures {position.caps}",
            )
        ]
    )


def chess(env: Any) -> Board:
    """The board from white's side with coordinates, and its FEN."""
    cells = [["" if mark == "." else mark for mark in row.split()] for row in str(env.board).split("\n")]
    moves = env.board.move_stack
    last = moves[-1].uci() if moves else "none"
    squares = (moves[-1].from_square, moves[-1].to_square) if moves else ()
    return Board(
        parts=[
            Grid(
                cells=cells,
                kind="checkered",
                pieces=chess_pieces(),
                rows=list("87654321"),
                columns=list("abcdefgh"),
                marked=[(7 - square // 8, square % 8) for square in squares],
                note=f"last {last}; {env.board.fen()}",
            )
        ]
    )


def lowest_unique(env: Any) -> Board:
    """The last picks and the points of every agent."""
    return Board(parts=[Lines(lines=env.render().splitlines())])


def _cards(cards: Iterable[Any]) -> list[str]:
    return [_card(card.get_index()) for card in cards]


def _card(index: Sequence[str]) -> str:
    """RLCard writes suit and rank, as "ST" for the ten of spades."""
    return f"{index[1].replace('T', '10')}{_SUITS.get(index[0], index[0])}"
