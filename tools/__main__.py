"""Write the committed files that are generated: `python -m tools`, or `--check` that they are up to date."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tools import asyncapi, games_page, openapi, pages, schemas, subject_table

ROOT = Path(__file__).parent.parent
PROTOCOL = Path("docs/protocol")


def generated() -> dict[Path, str]:
    """The text of every generated file, by path below the root."""
    texts = {
        Path("subjects.md"): subject_table.markdown(),
        Path("docs/openapi.json"): _json(openapi.document()),
        PROTOCOL / "asyncapi.json": _json(asyncapi.document()),
    }
    for name, schema in schemas.files().items():
        texts[PROTOCOL / "schemas" / name] = _json(schema)
    return texts


def drift(root: Path = ROOT) -> list[str]:
    """What differs from the committed files, a line each: changed, missing, or no longer generated."""
    texts = generated()
    stale = [path for path in (root / PROTOCOL).rglob("*.json") if path.relative_to(root) not in texts]
    wrong = [path for path, text in texts.items() if not (root / path).is_file() or (root / path).read_text() != text]
    return [f"{path}: differs from what `make docs` writes" for path in wrong] + [
        f"{path.relative_to(root)}: nothing generates it any more" for path in stale
    ]


def write(root: Path = ROOT) -> None:
    """Write every generated file and remove those that nothing generates any more."""
    texts = generated()
    for path in (root / PROTOCOL).rglob("*.json"):
        if path.relative_to(root) not in texts:
            path.unlink()
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tools", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is not up to date")
    if parser.parse_args().check:
        differences = drift() + pages.drift() + games_page.drift((ROOT / games_page.PAGE).read_text())
        print("\n".join(differences) or "generated files are up to date")
        sys.exit(bool(differences))
    write()
    pages.write()
    page = ROOT / games_page.PAGE
    page.write_text(games_page.with_new_tables(page.read_text()))


if __name__ == "__main__":
    main()
