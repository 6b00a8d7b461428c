"""The pictures of the README: what commands print on a running platform, as SVG under docs/images/.

`ARENA_HOME=... python -m tools.pictures [MATCH]` draws a replay of a Connect Four match (the newest one, unless one is
named), and the leaderboard. Nothing is drawn that a command did not print; of the replay some positions are chosen.
"""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

FOLDER = Path(__file__).parent.parent / "docs" / "images"
GAME = "connect_four"
POSITIONS = 3  # of a replay, side by side
GAP = 4


def arena(*words: str) -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "arena", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own program


def replay(match: str) -> Text:
    """Positions of a replay, spread over the match, and its end."""
    *frames, result = arena("match", "replay", match).strip().split("\n\n")
    title = " ".join(frames[0].split()[:2])
    positions = [frame.removeprefix(title).strip().splitlines() for frame in frames if " plays " in frame]
    last = len(positions) - 1
    chosen = [positions[last * (number + 1) // POSITIONS] for number in range(POSITIONS)]
    width = max(len(line) for position in chosen for line in position) + GAP
    lines = ["".join(f"{line:<{width}}" for line in row).rstrip() for row in zip(*chosen, strict=True)]
    text = Text("\n".join([*lines, "", result]))
    board = range(len(lines[0]), sum(len(line) + 1 for line in lines[:-1]))
    for stone in re.finditer(r"\b[XO]\b", text.plain):
        if stone.start() in board:
            text.stylize("bold bright_red" if stone[0] == "X" else "bold bright_yellow", *stone.span())
    return text


def draw(name: str, command: str, printed: Text) -> None:
    """Write one picture: the command, and what it printed."""
    text = Text.assemble(("$ ", "bright_green"), (command, "bold"), "\n", printed)
    width = max(map(len, text.plain.splitlines())) + 1
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
    console.print(text, soft_wrap=True)
    FOLDER.mkdir(exist_ok=True)
    console.save_svg(str(FOLDER / f"{name}.svg"), title="arena", unique_id=name)


def main() -> None:
    """Draw both."""
    newest = json.loads(arena("match", "list", "--game", GAME, "--status", "ended", "--limit", "1", "--json"))
    match = sys.argv[1] if len(sys.argv) > 1 else str(newest[0]["id"])
    draw("match", f"arena match replay {match}", replay(match))
    table = "\n".join(line.rstrip() for line in arena("leaderboard", GAME).splitlines())
    draw("leaderboard", f"arena leaderboard {GAME}", Text(table))


if __name__ == "__main__":
    main()
