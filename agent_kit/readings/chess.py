"""Chess: the position that a turn shows, and its actions as moves.

The observation is PettingZoo's, AlphaZero's planes from the side to move, which always plays upwards.  An action is
`(file * 8 + rank) * 73 + plane` of the piece's square, as that side sees it: planes 0-55 are the queen's moves
(distance, then direction), 56-63 the knight's, 64-72 promotions to less than a queen.
"""

import chess
import numpy as np

from agent_kit.readings.reading import Reading
from agent_kit.turn import Turn

PLANES = (8, 8, 111)
_CLOCK, _BLACK = 5, 4  # the 50-move clock, halved, as one square; all ones for black
_DIRECTIONS = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y]
_JUMPS = [(x, y) for x in range(-2, 3) for y in range(-2, 3) if abs(x) + abs(y) == 3]
_LESSER = (chess.KNIGHT, chess.BISHOP, chess.ROOK)


def read(turn: Turn) -> Reading:
    """The board from white's side, its FEN, and the legal moves as UCI writes them."""
    board = see(turn)
    side = "white, upper case" if board.turn == chess.WHITE else "black, lower case"
    moves = {move.uci(): action for move, action in actions(turn, board).items()}
    return Reading(f"{board}\nFEN: {board.fen()}\nYou play {side}.", moves)


def fits(turn: Turn) -> bool:
    """Whether this is a turn of chess."""
    return np.shape(turn.observation) == PLANES and len(turn.actions) == 8 * 8 * 73


def see(turn: Turn) -> chess.Board:
    """The position as it stands on the board. The planes do not tell the number of the move: it is 1."""
    board = upwards(np.asarray(turn.observation))
    return board.mirror() if turn.seat else board


def actions(turn: Turn, board: chess.Board) -> dict[chess.Move, int]:
    """The turn's legal actions by their moves on this board, `see(turn)`."""
    upward = board if board.turn == chess.WHITE else board.mirror()
    legal = set(turn.legal or ())
    found = {}
    for move in upward.legal_moves:
        if (action := encode(move)) in legal:
            found[move if upward is board else _mirrored(move)] = action
    return found


def upwards(planes: np.ndarray) -> chess.Board:
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
    for row, column in np.argwhere(planes[:, :, _CLOCK]):
        rank = int(row) if planes[0, 0, _BLACK] else 7 - int(row)
        board.halfmove_clock = 2 * (8 * rank + int(column))
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


def _mirrored(move: chess.Move) -> chess.Move:
    return chess.Move(chess.square_mirror(move.from_square), chess.square_mirror(move.to_square), move.promotion)
