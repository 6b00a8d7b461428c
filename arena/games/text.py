"""Positions of the shipped games as text, for people: all hands are open.

Each function takes the unwrapped environment. They read what PettingZoo's own renderers read.
"""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

_SUITS = {"S": "♠", "H": "♥", "D": "♦", "C": "♣"}
_COLUMNS_GO = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # without I, as players write it


def tictactoe(env: Any) -> str:
    """Three rows; player_1 has X. Empty squares show their actions, which count down the columns."""
    squares = [".XO"[mark] if mark else str(number) for number, mark in enumerate(env.board.squares)]
    return "\n".join(" ".join(squares[row::3]) for row in range(3))


def connect_four(env: Any) -> str:
    """Six rows over the column numbers; player_0 has X."""
    rows = [" ".join(".XO"[mark] for mark in env.board[start : start + 7]) for start in range(0, 42, 7)]
    return "\n".join([*rows, " ".join("0123456")])


def rock_paper_scissors(env: Any) -> str:
    """The last five rounds, newest first."""
    names = [name.lower() for name in env._moves]
    shown = min(env.num_moves, 5)
    rounds = [
        f"{env.num_moves - back:3d}  {names[env.history[2 * back]]:<9} {names[env.history[2 * back + 1]]}"
        for back in range(shown)
    ]
    return "\n".join([f"round {env.num_moves} of {env.max_cycles}", "     player_0  player_1", *rounds])


def poker(env: Any) -> str:
    """Hands, chips in the pot and the board, for RLCard's hold'em games."""
    game = env.env.game
    public = getattr(game, "public_cards", None)
    if public is None:
        public = [game.public_card] if game.public_card else []
    rows = [f"board: {_cards(public) or '-'}"]
    for seat, player in enumerate(game.players):
        hand = player.hand if isinstance(player.hand, list) else [player.hand]
        folded = str(getattr(player.status, "name", player.status)).lower() == "folded"
        turn = " <- to act" if seat == game.game_pointer and not env.env.is_over() else ""
        chips = f"{int(player.in_chips):3d} in the pot"
        rows.append(f"player_{seat}: {_cards(hand)}  {chips}{'  folded' if folded else ''}{turn}")
    return "\n".join(rows)


def hanabi(env: Any) -> str:
    """Tokens, fireworks, hands (the one to act first) and discards, from OpenSpiel's own text."""
    state = str(env.hanabi_env.game_state)
    head, _, rest = state.partition("Hands:\n")
    hands, _, tail = rest.partition("Deck size:")
    shown = [
        ("to act: " if "Cur player" in hand else "other:  ") + " ".join(re.findall(r"^(\w\d) \|\|", hand, re.MULTILINE))
        for hand in hands.split("-----")
    ]
    return "\n".join(["  ".join(head.split("\n")).strip(), *shown, "deck: " + " ".join(tail.split())])


def go(env: Any) -> str:
    """The board with coordinates; black has X. The last line says whose turn it is."""
    position = env._go
    size = len(position.board)
    letters = "   " + " ".join(_COLUMNS_GO[:size])
    rows = [
        f"{size - number:2d} " + " ".join({1: "X", -1: "O"}.get(int(mark), ".") for mark in row)
        for number, row in enumerate(position.board)
    ]
    turn = "X (black)" if position.to_play == 1 else "O (white)"
    last = position.recent[-1].move if position.recent else None
    played = f"{_COLUMNS_GO[last[1]]}{size - last[0]}" if last else "pass" if position.recent else "none"
    return "\n".join([letters, *rows, f"move {position.n}, last {played}, {turn} to play, captures {position.caps}"])


def chess(env: Any) -> str:
    """The board from white's side with coordinates, and its FEN."""
    rows = [f"{8 - number} {row}" for number, row in enumerate(str(env.board).split("\n"))]
    last = env.board.move_stack[-1].uci() if env.board.move_stack else "none"
    return "\n".join([*rows, "  a b c d e f g h", f"last {last}; {env.board.fen()}"])


def cartpole(env: Any) -> str:
    """Where the cart is on its rail and how far the pole leans."""
    if env.state is None:
        return "not begun"
    x, speed, angle, spin = (float(number) for number in env.state)
    place = min(max(round((x + 2.4) / 4.8 * 40), 0), 40)
    pole = "|" if abs(angle) < 0.03 else "/" if angle > 0 else "\\"
    rail = "-" * place + "#" + "-" * (40 - place)
    figures = f"x {x:+.2f} m ({speed:+.2f} m/s), angle {math.degrees(angle):+.1f} deg ({math.degrees(spin):+.1f}/s)"
    return f"{' ' * place}{pole}\n{rail}\n{figures}"


def taxi(env: Any) -> str:
    """The map with the taxi as T; where the passenger waits and wants to go."""
    row, column, passenger, destination = env.decode(env.s)
    grid = [[cell.decode() for cell in line] for line in env.desc]
    grid[row + 1][2 * column + 1] = "T"
    waits = "in the taxi" if passenger == 4 else f"at {'RGYB'[passenger]}"
    return "\n".join([*map("".join, grid), f"passenger {waits}, wants to {'RGYB'[destination]}"])


def _cards(cards: Iterable[Any]) -> str:
    return " ".join(_card(card.get_index()) for card in cards)


def _card(index: Sequence[str]) -> str:
    """RLCard writes suit and rank, as "ST" for the ten of spades."""
    return f"{index[1].replace('T', '10')}{_SUITS.get(index[0], index[0])}"
