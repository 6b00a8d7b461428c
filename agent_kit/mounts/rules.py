"""The rules of the shipped games in a few words, for language models. They say what actions mean, too."""

_HOLDEM = (
    "Texas hold'em: two cards of your own, up to five on the board, four betting rounds; the best five-card hand of "
    "whoever has not folded takes the pot. Your score is what you win or lose."
)

RULES = {
    "tictactoe": (
        "Tic-tac-toe on three rows of squares 0 1 2 / 3 4 5 / 6 7 8: three in a row, a column or a diagonal win."
    ),
    "connect_four": (
        "Connect Four: a move drops a piece into a column, 0 to 6; four in a row, a column or a diagonal win."
    ),
    "chess": "Chess by the usual rules. Moves are written as UCI does: e2e4, e7e8q.",
    "go_9x9": "Go on 9x9, komi 7.5, scored by area. Moves are points as D4 (no column I), or pass; two passes end it.",
    "rock_paper_scissors": "Rock, paper, scissors, many rounds, both at once: guess what the other does next.",
    "leduc_holdem": (
        "Leduc hold'em: six cards (J, Q, K twice), one each, a betting round, a public card, another round. A pair "
        "with the public card wins, else the higher card. Raises are of fixed size, two at most in a round."
    ),
    "texas_holdem": f"{_HOLDEM} Raises are of fixed size.",
    "texas_holdem_4": f"{_HOLDEM} Four players; raises are of fixed size.",
    "texas_holdem_no_limit": f"{_HOLDEM} No limit.",
    "hanabi": (
        "Hanabi: a cooperative game of cards you do not see yourself; the score is the sum of the fireworks. The "
        "position is the Hanabi Learning Environment's vector, actions are its numbers: discard 0-4, play 5-9, reveal "
        "colour 10-14, reveal rank 15-19."
    ),
    "lowest_unique": (
        "Each round every player picks a number; whoever has the lowest that nobody else picked gets a point."
    ),
    "cartpole": (
        "Balance a pole on a cart: 0 pushes it left, 1 right. The position is [place, speed, angle, angular speed]; "
        "every step that the pole stands is worth a point."
    ),
    "taxi": (
        "Drive a taxi on a 5x5 grid: 0 south, 1 north, 2 east, 3 west, 4 pick up, 5 drop off. The position is ((row * "
        "5 + column) * 5 + passenger) * 4 + destination; stops 0 to 3 are at (0,0), (0,4), (4,0), (4,3), passenger 4 "
        "is in the taxi."
    ),
}
