"""Lists in pages: `next` of one page is the `cursor` of the following one."""

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec


class HasId(Protocol):
    """Something with an id that sorts by creation."""

    @property
    def id(self) -> str:
        """The id."""
        ...


class HasSeq(Protocol):
    """Something with a sequence of the log."""

    @property
    def seq(self) -> int:
        """The sequence."""
        ...


Item = TypeVar("Item")
Listed = TypeVar("Listed", bound=HasId)
Logged = TypeVar("Logged", bound=HasSeq)


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """Some items, newest first, and where it goes on."""

    items: list[Item]
    next: str | None  # cursor of the next page; null at the end


def page_by(found: Sequence[Item], limit: int, cursor: Callable[[Item], str]) -> Page[Item]:
    """A page of up to `limit` items, from a query that asked for one more. cursor: of the page behind an item."""
    items = list(found[:limit])
    return Page(items=items, next=cursor(items[-1]) if len(found) > limit else None)


def page(found: Sequence[Listed], limit: int) -> Page[Listed]:
    """The same, of what pages by its id."""
    return page_by(found, limit, lambda item: item.id)


def log_page(found: Sequence[Logged], limit: int) -> Page[Logged]:
    """The same, of what pages by its sequence in the log."""
    return page_by(found, limit, lambda item: str(item.seq))


def offset_page(found: Sequence[Item], limit: int, offset: int) -> Page[Item]:
    """The same, of what has no fixed place, as the rows of a leaderboard: pages by how many came before."""
    return Page(items=list(found[:limit]), next=str(offset + limit) if len(found) > limit else None)
