"""Chess: two plies and the captures that follow, by material and where the pieces stand.

The observation is PettingZoo's, AlphaZero's planes from the side to move, which always plays upwards: so white is to
move in every board made here. An action is `(file * 8 + rank) * 73 + plane` of the piece's square: planes 0-55 are the
queen's moves (distance, then direction), 56-63 the knight's, 64-72 promotions to less than a queen.
"""

import random
from collections.abc import Iterable

import chess
import numpy as np

from arena.bots.policy import Memory, Policy, Turn

MATE = 100_000
VALUES = {chess.PAWN: 100, chess.KNIGHT: 320, chess.BISHOP: 330, chess.ROOK: 500, chess.QUEEN: 900, chess.KING: 0}
REPLIES_MAX = 3  # best root moves whose quiet answers are looked at too
REPEATED = 60  # what it costs to come back to a position of this match, in hundredths of a pawn
_CENTRE = [int(6 - abs(2 * (square % 8) - 7) / 2 - abs(2 * (square // 8) - 7) / 2) for square in range(64)]
_WEIGHTS = {chess.PAWN: 2, chess.KNIGHT: 8, chess.BISHOP: 5, chess.ROOK: 1, chess.QUEEN: 2}
_DIRECTIONS = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y]
_JUMPS = [(x, y) for x in range(-2, 3) for y in range(-2, 3) if abs(x) + abs(y) == 3]
_LESSER = (chess.KNIGHT, chess.BISHOP, chess.ROOK)


def searcher(seed: int | None = None) -> Policy:
    """The best move found; it avoids positions that it has brought about before."""
    rng = random.Random(seed)
    memory: Memory[set[str]] = Memory(set)

    def act(turn: Turn) -> int:
        board, visited = read(np.asarray(turn.observation)), memory.of(turn.match)
        legal = set(turn.legal or ())
        moves = {move: action for move in board.legal_moves if (action := encode(move)) in legal}
        move = best(board, moves, visited, rng)
        board.push(move)
        visited.add(board.board_fen())
        return moves[move]

    return act


def read(planes: np.ndarray) -> chess.Board:
    """The board of an observation (8, 8, 111), the side to move as white."""
    now = planes[:, :, 7:19]
    if not now.any():  # the first turn of a match shows no pieces yet
        return chess.Board()
    board = chess.Board(None)
    for row, column, plane in np.argwhere(now):
        rank, file, colour = 7 - int(row), int(column), plane < 6
        piece = chess.Piece(int(plane) % 6 + 1, bool(colour))
        if piece == chess.Piece(chess.PAWN, chess.BLACK) and rank == 7:
            # A pawn behind its own lines has just made a double step and may be taken in passing.
            rank, board.ep_square = 4, chess.square(file, 5)
        board.set_piece_at(chess.square(file, rank), piece)
    rooks = (chess.BB_H1, chess.BB_A1, chess.BB_H8, chess.BB_A8)
    board.castling_rights = sum(rook for plane, rook in enumerate(rooks) if planes[0, 0, plane])
    return board


def encode(move: chess.Move) -> int:
    """The action of a move of the side that plays upwards."""
    x = chess.square_file(move.to_square) - chess.square_file(move.from_square)
    y = chess.square_rank(move.to_square) - chess.square_rank(move.from_square)
    if (x, y) in _JUMPS:
        plane = 56 + _JUMPS.index((x, y))
    elif move.promotion in _LESSER:
        plane = 64 + 3 * (x + 1) + _LESSER.index(move.promotion)
    else:
        far = max(abs(x), abs(y))
        plane = 8 * (far - 1) + _DIRECTIONS.index((x // far, y // far))
    return (chess.square_file(move.from_square) * 8 + chess.square_rank(move.from_square)) * 73 + plane


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
