"""Many agents of one user, from one file: `agent-kit fleet agents.toml`.

agents.toml -> file -> members (one for each instance) -> processes of their own, or tasks of this one -> the table

Who crashes is started again, later each time; who cannot play says why, while the others do.
"""

from agent_kit.fleet.crew import Crew
from agent_kit.fleet.file import Entry, Fleet, FleetError, read_file

__all__ = ["Crew", "Entry", "Fleet", "FleetError", "read_file"]
