"""Rate limits of what strangers may do: log in, register, refresh. Shared by all processes, in PostgreSQL.

Each holds for one name or one client address, lets `burst` through at once, and then so many an hour. The name's limit
counts right passwords too: otherwise the answer would tell a guesser that he is right. It is wide enough that whoever
is locked out by somebody else's guessing gets in again after a minute.
"""

import hashlib
import math
from enum import StrEnum

import msgspec

from arena.api.addresses import site
from arena.settings import Settings
from arena.store import limits
from arena.store.database import Database

HOUR_MS = 3_600_000
BURST_MIN = 5


class TooMany(Exception):
    """Come back after `after_s` seconds."""

    def __init__(self, what: str, after_s: int) -> None:
        super().__init__(f"too many attempts to {what}: try again in {after_s} seconds")
        self.after_s = after_s


class What(StrEnum):
    """What is limited."""

    LOGIN_NAME = "log in as this user"
    LOGIN_ADDRESS = "log in from your address"
    REGISTER_ADDRESS = "register from your address"
    REFRESH_ADDRESS = "refresh from your address"


class Limit(msgspec.Struct, frozen=True):
    """So many an hour; a sixth of them may come at once."""

    hourly: int

    @property
    def every_ms(self) -> int:
        """How long one takes to come back."""
        return max(1, HOUR_MS // self.hourly)

    @property
    def burst(self) -> int:
        """How many may come at once."""
        return max(BURST_MIN, self.hourly // 6)


class Limits:
    """The limits as they are set."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._limits = {
            What.LOGIN_NAME: Limit(settings.login_name_hourly_max),
            What.LOGIN_ADDRESS: Limit(settings.login_address_hourly_max),
            What.REGISTER_ADDRESS: Limit(settings.register_address_hourly_max),
            What.REFRESH_ADDRESS: Limit(settings.refresh_address_hourly_max),
        }

    async def take(self, what: What, whose: str) -> None:
        """Count one attempt. Raises TooMany, and StoreError: without the count nobody gets in.

        whose: a name, or a client's address.
        """
        key = whose.casefold() if what is What.LOGIN_NAME else site(whose)
        hashed = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[
            :32
        ]  # of one length, whatever is sent
        limit = self._limits[what]
        async with self._database.begin() as connection:
            wait_ms = await limits.take(connection, f"{what.name}:{hashed}", limit.every_ms, limit.burst)
        if wait_ms:
            raise TooMany(what, math.ceil(wait_ms / 1000))
