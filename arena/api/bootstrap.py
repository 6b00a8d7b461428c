"""What a new platform needs before the first person comes: an administrator, and the house's agents."""

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from arena.api.acceptable import NameTaken, Unknown
from arena.api.passwords import Passwords
from arena.api.registrar import Registrar, is_valid
from arena.api.stamps import now_ms
from arena.credentials import ClaimsError, creds_claims, write_secret
from arena.store.accounts import Agent, User
from arena.wire.registry import EVERY_GAME, HouseBot

ADMIN = "admin"
HOUSE = "house"
INDEX = "index.json"
RENEW_MS = 10 * 24 * 3600 * 1000  # a house bot's credential is renewed this long before it expires


async def ensure_admin(registrar: Registrar) -> str | None:
    """Make the administrator; returns the first password, once: None when there is one already."""
    password = secrets.token_urlsafe(12)
    passwords = Passwords()
    try:
        await registrar.create_user(ADMIN, await passwords.hash(password), role="admin")
    except NameTaken:
        return None
    finally:
        passwords.close()
    return password


async def ensure_house_bots(registrar: Registrar, policies: Mapping[str, Iterable[str]], home: Path) -> list[HouseBot]:
    """One agent `<game>-<bot>` of user `house` for each policy, with credentials in {home}/bots.

    policies: names of bots by game; those of EVERY_GAME have their own names.
    Doing it again renews what is missing or expires soon, and changes nothing else.
    """
    folder = home / "bots"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = await _house(registrar)
    bots: list[HouseBot] = []
    for game, names in policies.items():
        for bot in names:
            name = bot if game == EVERY_GAME else f"{game}-{bot}"
            agent = await _agent(registrar, owner, name)
            path = folder / f"{name}.creds"
            if not await _usable(registrar, agent, path):
                write_secret(path, (await registrar.issue(agent, label="house")).creds or "")
            bots.append(HouseBot(game=game, bot=bot, agent=agent.id, creds=path.name))
    write_secret(folder / INDEX, msgspec.json.format(msgspec.json.encode(bots)).decode() + "\n")
    return bots


async def _house(registrar: Registrar) -> User:
    try:
        return await registrar.create_user(HOUSE, None, role="house")
    except NameTaken:
        return await registrar.user(HOUSE)


async def _agent(registrar: Registrar, owner: User, name: str) -> Agent:
    try:
        return await registrar.agent(f"{owner.name}/{name}")
    except Unknown:
        return await registrar.create_agent(owner, name, description="plays for the house", house=True)


async def _usable(registrar: Registrar, agent: Agent, path: Path) -> bool:
    """Whether the file holds a credential of this agent that is known, valid, and lasts."""
    key = _public_key(path)
    known = {one.public_key: one for one in await registrar.credentials(agent)}
    return key in known and is_valid(known[key]) and known[key].expires_ms - now_ms() > RENEW_MS


def _public_key(path: Path) -> str | None:
    try:
        return str(creds_claims(path.read_text())["sub"])
    except (OSError, ClaimsError):
        return None
