"""Chess: two plies and the captures that follow, by material and where the pieces stand.

The side to move always plays upwards: white is to move in every board that is looked at here.
"""

import random
from collections.abc import Iterable

import chess
import numpy as np

from agent_kit.readings.chess import encode, upwards
from arena.bots.policy import Memory, Policy, Turn

MATE = 100_000
VALUES = {chess.PAWN: 100, chess.KNIGHT: 320, chess.BISHOP: 330, chess.ROOK: 500, chess.QUEEN: 900, chess.KING: 0}
REPLIES_MAX = 3  # best root moves whose quiet answers are looked at too
REPEATED = 60  # what it costs to come back to a position of this match, in hundredths of a pawn
_CENTRE = [int(6 - abs(2 * (square % 8) - 7) / 2 - abs(2 * (square // 8) - 7) / 2) for square in range(64)]
_WEIGHTS = {chess.PAWN: 2, chess.KNIGHT: 8, chess.BISHOP: 5, chess.ROOK: 1, chess.QUEEN: 2}


def searcher(seed: int | None = None) -> Policy:
    """The best move found; it avoids positions that it has brought about before."""
    rng = random.Random(seed)
    memory: Memory[set[str]] = Memory(set)

    def act(turn: Turn) -> int:
        board, visited = upwards(np.asarray(turn.observation)), memory.of(turn.match)
        legal = set(turn.legal or ())
        moves = {move: action for move in board.legal_moves if (action := encode(move)) in legal}
        move = best(board, moves, visited, rng)
        board.push(move)
        visited.add(board.board_fen())
        return moves[move]

    return act


def best(board: chess.Board, moves: Iterable[chess.Move], visited: set[str], rng: random.Random) -> chess.Move:
    """First by material after all captures, then, for the best few, by the best quiet reply as well."""
    scores: dict[chess.Move, float] = {}
    for move in moves:
        board.push(move)
        if board.is_check() and board.is_checkmate():
            board.pop()
            return move
        scores[move] = rng.random() - captures(board, -MATE, MATE) - REPEATED * (board.board_fen() in visited)
        board.pop()
    few = sorted(scores, key=lambda move: -scores[move])[:REPLIES_MAX]
    for move in few:
        board.push(move)
        scores[move] = min(scores[move], -reply(board))
        board.pop()
    return max(few, key=lambda move: scores[move])


def reply(board: chess.Board) -> float:
    """The value of the best move, captures resolved, for the side to move; a draw where there is none."""
    value: float = -MATE
    for move in board.legal_moves:
        board.push(move)
        mated = board.is_check() and board.is_checkmate()
        value = max(value, MATE if mated else -standing(board))
        board.pop()
    return value if value > -MATE else 0


def captures(board: chess.Board, low: float, high: float, depth: int = 4) -> float:
    """The value for the side to move when it may take, or leave it: quiescence search."""
    value = standing(board)
    if value >= high or depth == 0:
        return value
    low = max(low, value)
    for move in sorted(board.generate_legal_captures(), key=lambda move: -_gain(board, move)):
        if value + _gain(board, move) + 100 < low:
            break
        board.push(move)
        low = max(low, -captures(board, -high, -low, depth - 1))
        board.pop()
        if low >= high:
            break
    return low


def standing(board: chess.Board) -> float:
    """Material and place, for the side to move; a bare king is worth driving to the edge."""
    totals = [0.0, 0.0]
    for kind, weight in _WEIGHTS.items():
        for colour in (chess.WHITE, chess.BLACK):
            for square in board.pieces(kind, colour):
                totals[colour] += VALUES[kind] + weight * _CENTRE[square]
                if kind == chess.PAWN:
                    totals[colour] += 6 * (square // 8 if colour else 7 - square // 8)
    for colour in (chess.WHITE, chess.BLACK):
        if totals[not colour] < 400:
            mine, other = board.king(colour), board.king(not colour)
            if mine is not None and other is not None:
                totals[colour] -= 10 * _CENTRE[other] + 4 * chess.square_distance(mine, other)
    return totals[board.turn] - totals[not board.turn]


def _gain(board: chess.Board, move: chess.Move) -> int:
    return VALUES[board.piece_type_at(move.to_square) or chess.PAWN]
