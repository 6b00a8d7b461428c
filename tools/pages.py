"""The generated parts of pages written by hand: what stands between `<!-- NAME: make docs -->` and `<!-- end -->`."""

import inspect
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import msgspec

from arena.core.match import TRANSITIONS, Phase
from arena.games import load_catalogue
from arena.settings import Port, Settings

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "README.zh-CN.md", "docs/architecture.md", "docs/operations.md")
_BLOCK = re.compile(r"^<!-- ([\w-]+): make docs -->\n.*?^<!-- end -->$", re.MULTILINE | re.DOTALL)
_SOURCES = (
    ("pettingzoo.classic.", "PettingZoo classic"),
    ("pettingzoo.", "PettingZoo SISL, Butterfly"),
    ("mpe2.", "MPE"),
    ("gymnasium:", "Gymnasium"),
    ("arena.games.openspiel:", "OpenSpiel"),
    ("arena.games.textarena:", "TextArena"),
    ("arena.games.", "our own"),
)
_FIELD = re.compile(r"^    (\w+): .*?  # (.+)$", re.MULTILINE)


def games() -> str:
    """The games by where they come from, a line each."""
    names: dict[str, list[str]] = {title: [] for _, title in _SOURCES}
    for game in load_catalogue().values():
        names[next(title for start, title in _SOURCES if game.environment.startswith(start))].append(f"`{game.name}`")
    rows = [f"| {title} | {len(found)} | {', '.join(found)} |" for title, found in names.items()]
    return "\n".join(["| from | | games |", "|---|---:|---|", *rows])


def settings() -> str:
    """Every setting, with the words that stand beside it in `arena.settings`."""
    meanings = dict(_FIELD.findall(inspect.getsource(Settings)))
    rows = [
        f"| `ARENA_{field.name.upper()}` | {_default(field.default)} | {_expected(field.type)} | "
        f"{meanings[field.name]} |"
        for field in msgspec.structs.fields(Settings)
    ]
    return "\n".join(["| setting | default | expected | |", "|---|---|---|---|", *rows])


def match_states() -> str:
    """The phases of a match and the events between them."""
    lines = [
        f"    {_phase(phase)} --> {_phase(after)}: {event.__name__.lower()}"
        for (phase, event), after in TRANSITIONS.items()
    ]
    left = {phase for phase, _ in TRANSITIONS}
    lines += [f"    {phase} --> [*]" for phase in Phase if phase not in left]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def layers() -> str:
    """The layers as import-linter checks them, the highest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = (contract for contract in contracts if contract["type"] == "layers")
    return "\n".join(["```", *contract["layers"], "```"])


BLOCKS: dict[str, Callable[[], str]] = {
    "games": games,
    "settings": settings,
    "match-states": match_states,
    "layers": layers,
}


def renewed(page: str) -> str:
    """The page with its generated parts made anew. Raises KeyError for a part that nothing generates."""
    return _BLOCK.sub(lambda found: f"<!-- {found[1]}: make docs -->\n{BLOCKS[found[1]]()}\n<!-- end -->", page)


def drift(root: Path = ROOT) -> list[str]:
    """Pages that differ from what `make docs` writes, a line each."""
    pages = {name: (root / name).read_text() for name in PAGES}
    return [f"{name}: differs from what `make docs` writes" for name, page in pages.items() if renewed(page) != page]


def write(root: Path = ROOT) -> None:
    """Make the generated parts of all pages anew."""
    for name in PAGES:
        (root / name).write_text(renewed((root / name).read_text()))


def _phase(phase: Phase | None) -> str:
    return phase or "[*]"


def _default(value: Any) -> str:
    return "-" if value in ("", None) else f"`{value}`"


def _expected(type_: Any) -> str:
    """A type in words."""
    if type_ is Port:
        return "port"
    if get_origin(type_) is Annotated:
        (bounds,) = (meta for meta in get_args(type_) if isinstance(meta, msgspec.Meta))
        return f"{bounds.ge:,} to {bounds.le:,}"
    arguments = get_args(type_)
    if Path in (type_, *arguments):
        return "path"
    return ", ".join(f"`{argument}`" for argument in arguments) or "text"
