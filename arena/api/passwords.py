"""Passwords: argon2id with OWASP's minimum, in a pool of its own, so that logging in never holds up anything else."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from arena.api.guessable import why_guessable

LENGTH_MIN, LENGTH_MAX = 8, 256  # characters
WAITING_MAX = 64  # attempts at once; more are told to come back
THREADS = 2
Result = TypeVar("Result")


class PasswordError(ValueError):
    """Not acceptable as a password. The message says what was expected."""


class Busy(Exception):
    """Too many people log in at this moment: try again in a few seconds."""


class Passwords:
    """Hashes and checks. One for each process; `close` it."""

    def __init__(self) -> None:
        # https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._waiting = 0
        self._nobody = self._hasher.hash(secrets.token_hex())

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str, name: str = "") -> str:
        """A hash to store. name: of whose password it is. Raises PasswordError or Busy."""
        if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
            raise PasswordError(f"expected a password of {LENGTH_MIN} to {LENGTH_MAX} characters, got {len(password)}")
        if reason := why_guessable(password, name):
            raise PasswordError(f"expected a password that is not among the first to be guessed: this one {reason}")
        return await self._run(lambda: self._hasher.hash(password))

    async def check(self, password: str, hash_: str | None) -> tuple[bool, str | None]:
        """Whether it is right, and a new hash if the stored one is weaker than today's. Raises Busy.

        hash_: None for a user who does not exist or cannot log in; this takes as long as any other.
        """
        return await self._run(lambda: self._check(password, hash_))

    def _check(self, password: str, hash_: str | None) -> tuple[bool, str | None]:
        with suppress(VerificationError, InvalidHashError):
            if self._hasher.verify(hash_ or self._nobody, password[: LENGTH_MAX + 1]) and hash_:
                return True, self._hasher.hash(password) if self._hasher.check_needs_rehash(hash_) else None
        return False, None

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= WAITING_MAX:
            raise Busy("too many attempts to log in at this moment: try again in a few seconds")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
