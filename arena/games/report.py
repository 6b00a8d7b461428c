"""What admission found of the games that come with the platform, as it is kept in this package.

    admitted.json:  {"on": machine, "games": [Kept, ...]}

With a report the game's spaces are kept, so that a lobby need not set up a hundred environments to tell of them. Both
hold for one version of a game only.  (Of every game, reports are kept in the tables: `arena games admit --keep`.)
"""

import platform
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import msgspec

from arena.wire.lobby import SeatSpaces

NAME = "admitted.json"
SHIPPED = Path(__file__).with_name(NAME)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The result for one game."""

    game: str
    version: str
    admitted: bool
    deterministic: bool
    problems: list[str]  # why it was not admitted
    warnings: list[str]  # what its author should look at
    plies_mean: float  # of episodes of random actions
    step_us: float
    turn_bytes: int


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A game's report, and its spaces at that time: as Gymnasium prints seat 0's, and as data."""

    report: Report
    at_ms: int  # when it was examined, ms since the epoch
    observation_space: str
    action_space: str
    spaces: list[SeatSpaces]


class _File(msgspec.Struct, frozen=True, kw_only=True):
    on: str  # where the times were measured
    games: list[Kept]


def read(path: Path) -> dict[str, Kept]:
    """What is kept there, by game; nothing where there is no such file. Raises msgspec.DecodeError."""
    if not path.exists():
        return {}
    return {kept.report.game: kept for kept in msgspec.json.decode(path.read_bytes(), type=_File).games}


def write(path: Path, kept: Iterable[Kept]) -> None:
    """Keep these, one a line."""
    games = [msgspec.json.encode(one).decode() for one in kept]
    on = msgspec.json.encode(f"{platform.machine()}, Python {platform.python_version()}").decode()
    path.write_text(f'{{"on": {on}, "games": [\n' + ",\n".join(games) + "\n]}\n")


@cache
def shipped() -> dict[str, Kept]:
    """What is kept of the platform's own games, by name."""
    return read(SHIPPED)


def render_table(reports: Sequence[Report]) -> str:
    """The reports as a Markdown table."""
    rows = [
        "| game | environment | admitted | deterministic | plies, random play | us per step | turn, bytes of JSON |",
        "|---|---|---|---|---:|---:|---:|",
    ]
    for report in reports:
        verdict = (
            "yes" if report.admitted else "no: " + "; ".join(report.problems).replace("|", "\\|").replace("\n", " ")
        )
        figures = f"{report.plies_mean:.0f} | {report.step_us:.0f} | {report.turn_bytes}"
        deterministic = "yes" if report.deterministic else "no"
        rows.append(f"| {report.game} | {report.version} | {verdict} | {deterministic} | {figures} |")
    return "\n".join(rows) + "\n"
