"""What a figure is: its runs, and the tables that they make, for a console and for a page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table as RichTable

Found = Mapping[Any, Sequence[Any]]  # by a run's key: the results, one for each seed


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """How much is simulated."""

    seed: int
    agents: int = 1_000
    repeats: int = 1  # times the repetitions of each figure
    waiting: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    quick: bool = False

    def seeds(self, repeats: int) -> range:
        """The seeds of so many repetitions; one if it shall be quick."""
        return range(self.seed, self.seed + (1 if self.quick else repeats * self.repeats))


def quick(seed: int) -> Scale:
    """Enough to see that all of it runs."""
    return Scale(seed=seed, agents=100, waiting=(1_000,), quick=True)


class Run(msgspec.Struct, frozen=True):
    """One piece of work, of a few seconds."""

    label: str
    key: Any
    work: Callable[[], Any]


class Table(msgspec.Struct, frozen=True):
    """Cells are text; the first column is names."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def show(self, console: Console) -> None:
        """For a console."""
        table = RichTable(title=self.title)
        for number, head in enumerate(self.heads):
            table.add_column(head, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*(cell.replace("**", "") for cell in row))
        console.print(table)

    def markdown(self) -> str:
        """For a page."""
        lines = [self.heads, ["---", *["---:"] * (len(self.heads) - 1)], *self.rows]
        return "\n".join([f"{self.title}:", "", *("| " + " | ".join(line) + " |" for line in lines), ""])


def mean(values: Sequence[float], digits: int = 1) -> str:
    """The mean, and its standard error where there are several."""
    text = f"{np.mean(values):,.{digits}f}"
    if len(values) < 2:
        return text
    return f"{text} ± {np.std(values, ddof=1) / np.sqrt(len(values)):.{digits}f}"
