"""How listings look: a table for people, JSON for programs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
Column = tuple[str, Callable[[Any], object]]  # heading, and what stands below it


def print_json(value: Any) -> None:
    """Structs, lists and dicts, indented."""
    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


def print_list(rows: Sequence[Any], columns: Sequence[Column], as_json: bool, *, empty: str) -> None:
    """A listing. empty: what a person is told when there is nothing."""
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo(empty)
    else:
        _print_table([heading for heading, _ in columns], [[cell(row) for _, cell in columns] for row in rows])


def print_record(record: Any, as_json: bool) -> None:
    """One thing, field by field."""
    if as_json:
        print_json(record)
        return
    fields: Mapping[str, Any] = msgspec.to_builtins(record)
    width = max(map(len, fields))
    for name, value in fields.items():
        shown = at(value) if name.endswith("_ms") else value
        click.echo(f"{name.removesuffix('_ms'):<{width}}  {shown if shown not in (None, '', [], {}) else '-'}")


def at(ms: int | None) -> str:
    """A time in UTC, for people."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S") if ms else "-"


def _print_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        # Text, not markup: names may hold brackets.
        table.add_row(*(Text("-" if cell is None else str(cell)) for cell in row))
    console = Console()
    if not console.is_terminal:  # a file or another program: every row in one line
        console = Console(width=max(Console(width=10_000).measure(table).maximum, 80))
    console.print(table)
