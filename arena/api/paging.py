"""Lists in pages: `next` of one page is the `cursor` of the following one."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

import msgspec


class HasId(Protocol):
    """Something with an id that sorts by creation."""

    @property
    def id(self) -> str:
        """The id."""
        ...


Item = TypeVar("Item")
Listed = TypeVar("Listed", bound=HasId)


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """Some items, newest first, and where it goes on."""

    items: list[Item]
    next: str | None  # cursor of the next page; null at the end


def page(found: Sequence[Listed], limit: int) -> Page[Listed]:
    """A page of up to `limit` items, from a query that asked for one more."""
    items = list(found[:limit])
    return Page(items=items, next=items[-1].id if len(found) > limit else None)
