"""The table in docs/games.md: what admission found. Its times depend on the machine, so only its rows are checked."""

import re
from pathlib import Path

from arena.games import load_catalogue
from arena.games.admission import admit_all, render_table

PAGE = Path("docs/games.md")
_TABLE = re.compile(r"^\| game \| environment \|.*\n(?:\|.*\n)+", re.MULTILINE)


def with_new_table(page: str) -> str:
    """The page with every shipped game examined anew (some seconds). Raises ValueError if it has no table."""
    if not _TABLE.search(page):
        raise ValueError(f"{PAGE} has no table that begins with `| game | environment |`")
    table = render_table(admit_all(list(load_catalogue().values())))
    return _TABLE.sub(lambda _: table, page, count=1)


def drift(page: str) -> list[str]:
    """Games that the table lacks or has too many, a line each."""
    found = _TABLE.search(page)
    rows = set(re.findall(r"^\| (\w+) \| (?!environment)", found[0] if found else "", re.MULTILINE))
    games = set(load_catalogue())
    return [f"{PAGE}: run `make docs`: {game} is {_wrong(game in games)}" for game in sorted(rows ^ games)]


def _wrong(missing: bool) -> str:
    return "not in the table" if missing else "in the table, but no game"
