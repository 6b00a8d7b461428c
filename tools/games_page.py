"""The tables in docs/games.md: what admission found, and which packages the games come from.

What is found is kept in arena/games/admitted.json; games whose version is not there are examined. Times depend on the
machine, so only rows are checked.
"""

import importlib.metadata
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from arena.games import Game, load_catalogue
from arena.games.admission import admit_all, kept
from arena.games.report import SHIPPED, Kept, read, write

PAGE = Path("docs/games.md")
AT_ONCE = 8  # games examined by the same processes
_TABLE = re.compile(r"^\| game \| title \|.*\n(?:\|.*\n)+", re.MULTILINE)
_PACKAGES = re.compile(r"^\| package \| version \|.*\n(?:\|.*\n)+", re.MULTILINE)
_LICENCE = re.compile(r"License :: OSI Approved :: (.*)")


def with_new_tables(page: str) -> str:
    """The page with its tables made anew, and what they show kept. Raises ValueError if one is missing."""
    games = load_catalogue()
    found = renewed(games, read(SHIPPED))
    write(SHIPPED, found.values())
    for pattern, table in ((_TABLE, _games(games, found)), (_PACKAGES, _packages(games.values()))):
        old = pattern.search(page)
        if old is None:
            raise ValueError(f"{PAGE} has no table {pattern.pattern[1:30]!r}")
        page = page.replace(old[0], table)
    return page


def renewed(games: Mapping[str, Game], known: Mapping[str, Kept]) -> dict[str, Kept]:
    """What is kept of every game, in their order; those of another version are examined (seconds each)."""
    stale = [
        game for game in games.values() if game.name not in known or known[game.name].report.version != game.version
    ]
    found = dict(known)
    for first in range(0, len(stale), AT_ONCE):
        part = stale[first : first + AT_ONCE]
        for game, report in zip(part, admit_all(part), strict=True):
            print(f"{game.name}: {'admitted' if report.admitted else '; '.join(report.problems)}", flush=True)
            found[game.name] = kept(game, report)
    return {name: found[name] for name in games}


def drift(page: str) -> list[str]:
    """Games that the table lacks or has too many, a line each."""
    found = _TABLE.search(page)
    rows = set(re.findall(r"^\| (\w+) \| (?!title \|)", found[0] if found else "", re.MULTILINE))
    games = set(load_catalogue())
    return [f"{PAGE}: run `make docs`: {game} is {_wrong(game in games)}" for game in sorted(rows ^ games)]


def _games(games: Mapping[str, Game], found: Mapping[str, Kept]) -> str:
    rows = [
        "| game | title | seats | environment | admitted | same replay | drawn as | plies | us a step | bytes a turn |",
        "|---|---|---:|---|---|---|---|---:|---:|---:|",
    ]
    for name, game in games.items():
        report = found[name].report
        verdict = "yes" if report.admitted else "no: " + "; ".join(report.problems)
        same = {"everywhere": "everywhere", "machine": "on one kind of machine", "none": "nowhere"}[game.determinism]
        cells = [
            name,
            game.title,
            f"{game.seats} in {len(game.teams)} teams" if game.teams else str(game.seats),
            report.version,
            verdict,
            same if report.deterministic else "nowhere",
            "pictures, text" if game.frames else "board",
            f"{report.plies_mean:.0f}",
            f"{report.step_us:.0f}",
            str(report.turn_bytes),
        ]
        rows.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _packages(games: Iterable[Game]) -> str:
    """Whose games these are, under which licence."""
    counts: dict[str, int] = {}
    for game in games:
        for package in game.packages or (game.environment.partition(".")[0].partition(":")[0],):
            counts[package] = counts.get(package, 0) + 1
    rows = ["| package | version | licence | source | games |", "|---|---|---|---|---:|"]
    for package, count in sorted(counts.items()):
        about: Any = importlib.metadata.metadata(package)
        named = [found[1] for line in about.get_all("Classifier") or [] if (found := _LICENCE.match(line))]
        licence = about.get("License-Expression") or ", ".join(named) or about.get("License") or "-"
        addresses = [line.partition(", ")[2] for line in about.get_all("Project-URL") or []]
        given = [*(one for one in addresses if "github.com" in one), *addresses, about.get("Home-page") or "-"]
        address = given[0].removesuffix("/issues").removesuffix(".git")
        rows.append(f"| {package} | {about['Version']} | {licence} | {address} | {count} |")
    return "\n".join(rows) + "\n"


def _wrong(missing: bool) -> str:
    return "not in the table" if missing else "in the table, but no game"
