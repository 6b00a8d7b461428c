"""Conversations: TextArena's games."""

from typing import Any

from arena.wire.board import Board, Chat, Message

MESSAGES_MAX = 60
CHARACTERS_MAX = 2_000


def board(env: Any) -> Board:
    """What was said, whoever heard it; the newest messages."""
    said = [
        Message(text=text[:CHARACTERS_MAX], seat=None if seat < 0 else seat, to=list(to))
        for seat, to, text in env.transcript[-MESSAGES_MAX:]
    ]
    return Board(parts=[Chat(messages=said, left_out=max(len(env.transcript) - MESSAGES_MAX, 0))])
