"""Mount an agent on Arena: a function that gets a turn and returns an action.

import random
from agent_kit import run

run(lambda turn: random.choice(turn.legal), games=["connect_four"], creds="my-bot.creds")
"""

from agent_kit.batch import Batch
from agent_kit.errors import (
    AgentKitError,
    ConnectionFailed,
    CredentialsError,
    MountFailed,
    PolicyError,
    Refused,
    Revoked,
)
from agent_kit.mount import play, run
from agent_kit.policy import Agent
from agent_kit.processes import Processes
from agent_kit.turn import Over, Past, Turn

__all__ = [
    "Agent",
    "AgentKitError",
    "Batch",
    "ConnectionFailed",
    "CredentialsError",
    "MountFailed",
    "Over",
    "Past",
    "PolicyError",
    "Processes",
    "Refused",
    "Revoked",
    "Turn",
    "play",
    "run",
]
