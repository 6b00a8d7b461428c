"""All instances of a fleet, and what is known of them."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from agent_kit.fleet.file import Fleet
from agent_kit.fleet.member import Member, State
from agent_kit.fleet.ratings import Ratings


class Crew:
    """A fleet at work. `changed(member)` is called whenever a member's state is another one."""

    def __init__(self, fleet: Fleet, changed: Callable[[Member], None]) -> None:
        logs = Path(fleet.logs)
        self._fleet = fleet
        self.ratings = Ratings(fleet.api)
        self.members = [
            Member(entry.name if entry.instances == 1 else f"{entry.name}-{number}", entry, logs, changed)
            for entry in fleet.agents
            for number in range(1, entry.instances + 1)
        ]
        logs.mkdir(parents=True, exist_ok=True)

    async def live(self, stop: asyncio.Event) -> bool:
        """Until `stop`, or until nobody plays any more; whether nobody failed."""
        rating = asyncio.create_task(self.ratings.follow(self.members))
        try:
            await asyncio.gather(*(member.live(stop, processes=self._fleet.processes) for member in self.members))
        finally:
            rating.cancel()
        return all(member.state is State.LEFT for member in self.members)
