"""`arena games new`: a package with a game of one's own, ready to be installed and admitted."""

import keyword
import re
from pathlib import Path
from string import Template

import click

TEMPLATE = Path(__file__).with_name("game_template")


@click.command()
@click.argument("name")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(), help="Where the package's folder is made.")
def new(name: str, folder: Path) -> int:
    """Write a package `arena-NAME` with a small game, its row, its entry point and a test.

    NAME is the game's: small letters, digits and _. What is there already is not touched.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name) or keyword.iskeyword(name):
        raise click.ClickException(f"expected small letters, digits and _, as in `nim_3`, not {name!r}")
    target = folder / f"arena-{name.replace('_', '-')}"
    if target.exists():
        raise click.ClickException(f"{target} exists: choose another name, or another --folder")
    words = {
        "name": name,
        "package": f"arena_{name}",
        "distribution": target.name,
        "title": name.replace("_", " ").capitalize(),
        "class": "".join(part.capitalize() for part in name.split("_")),
    }
    for path in sorted(TEMPLATE.rglob("*.txt")):
        place = target / str(path.relative_to(TEMPLATE)).removesuffix(".txt").replace("package", words["package"])
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(Template(path.read_text()).substitute(words))
    click.echo(f"{target} is made. Next:\n  pip install -e {target}\n  arena games admit {name}")
    return 0
