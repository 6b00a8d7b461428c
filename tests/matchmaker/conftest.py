from collections.abc import AsyncIterator

import pytest

import arena.matchmaker.service
from arena.wire.subjects import Role
from tests.stage import Stage, open_stage


@pytest.fixture(scope="module")
async def lively() -> AsyncIterator[Stage]:
    """A stage with a matchmaker and no runner: nobody is ever matched."""
    async with open_stage() as stage:
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        yield stage
