"""Platforms for agent_kit's tests."""

from collections.abc import AsyncIterator

import pytest

from agent_kit import client
from tests.stage import Stage, open_stage


@pytest.fixture(scope="module")
async def bare() -> AsyncIterator[Stage]:
    """A server without services: the test says what they would."""
    async with open_stage() as stage:
        yield stage


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who leaves a match that the lobby does not know need not wait for its end."""
    monkeypatch.setattr(client, "LAST_OVERS_S", 0.05)
