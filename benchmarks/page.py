"""A page's generated part: between two marks, of which the first says what writes it."""

from pathlib import Path

END = "<!-- end -->"


def mark(command: str) -> str:
    """Where the figures of a command begin."""
    return f"<!-- figures: {command} -->"


def write(page: Path, command: str, figures: str) -> None:
    """Put the figures in place of those that stand there. Raises ValueError for a page without the marks."""
    before, begin, rest = page.read_text().partition(mark(command))
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"expected {mark(command)} and {END} in {page}")
    page.write_text(before + begin + figures + END + after)
