"""`arena user`: who owns agents."""

import secrets
import sys
from typing import TYPE_CHECKING, Literal

import click

from arena.cli.output import at, json_option, print_json, print_list
from arena.cli.platform import with_database, with_registrar

if TYPE_CHECKING:
    from arena.store.accounts import User
    from arena.store.database import Connection


@click.group()
def user() -> None:
    """Users: create, list, change, delete."""


@user.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--admin", is_flag=True, help="An administrator.")
@json_option
def create(name: str, password_stdin: bool, admin: bool, as_json: bool) -> int:
    """Create a user. Without --password-stdin a password is made, and shown once."""
    from arena.api.passwords import Passwords
    from arena.api.registrar import Registrar
    from arena.store.accounts import User

    given = sys.stdin.readline().rstrip("\n") if password_stdin else None
    password = given or secrets.token_urlsafe(12)

    async def work(registrar: Registrar) -> User:
        passwords = Passwords()
        try:
            hash_ = await passwords.hash(password, name)
        finally:
            passwords.close()
        return await registrar.create_user(name, hash_, role="admin" if admin else "user")

    created = with_registrar(work)
    if as_json:
        print_json({"id": created.id, "name": created.name, "password": None if given else password})
    else:
        click.echo(f"user {created.name} ({created.id})")
        if not given:
            click.echo(f"password for the web, shown once: {password}")
        click.echo(f"Next: arena agent create NAME --owner {created.name} --creds NAME.creds")
    return 0


@user.command("list")
@json_option
def list_(as_json: bool) -> int:
    """List all users."""
    from arena.store import accounts

    found = with_database(accounts.list_users)
    rows = [
        {
            "id": user.id,
            "name": user.name,
            "role": user.role,
            "locked": user.locked_ms is not None,
            "created_ms": user.created_ms,
            "agents": agents,
        }
        for user, agents in found
    ]
    columns = [
        ("NAME", lambda row: row["name"]),
        ("ROLE", lambda row: row["role"] + (" (locked)" if row["locked"] else "")),
        ("AGENTS", lambda row: row["agents"]),
        ("CREATED (UTC)", lambda row: at(row["created_ms"])),
        ("ID", lambda row: row["id"]),
    ]
    print_list(rows, columns, as_json, empty="no users; `arena user create NAME` makes one")
    return 0


@user.command()
@click.argument("name")
@click.argument("role", type=click.Choice(["user", "operator", "admin"]))
def role(name: str, role: Literal["user", "operator", "admin"]) -> int:
    """Make somebody a user, an operator or an administrator. It holds at once, for open sessions too."""
    from arena.api.users import UserChange, change_user

    async def work(connection: "Connection") -> "User":
        return await change_user(connection, await _found(connection, name), UserChange(role=role))

    changed = with_database(work)
    click.echo(f"{changed.name} is {changed.role} now")
    return 0


@user.command()
@click.argument("name")
def lock(name: str) -> int:
    """Let nobody in as this user: sessions end, access tokens and agents' credentials are revoked, no agent plays."""
    click.echo(f"{_lock(name, True)} is locked")
    return 0


@user.command()
@click.argument("name")
def unlock(name: str) -> int:
    """Let this user log in again, and its agents play again; they need new credentials."""
    click.echo(f"{_lock(name, False)} may log in")
    return 0


@user.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def password(name: str, password_stdin: bool) -> int:
    """Give a user a new password, for instance a forgotten one. All sessions end."""
    from arena.api.passwords import Passwords

    given = sys.stdin.readline().rstrip("\n") if password_stdin else None
    fresh = given or secrets.token_urlsafe(12)

    async def work(connection: "Connection") -> str:
        from arena.api.stamps import now_ms
        from arena.store.accounts import set_password
        from arena.store.sessions import end_sessions

        found = await _found(connection, name)
        passwords = Passwords()
        try:
            await set_password(connection, found.id, await passwords.hash(fresh, found.name))
        finally:
            passwords.close()
        await end_sessions(connection, found.id, "password", now_ms())
        return found.name

    click.echo(f"{with_database(work)} has a new password" + ("" if given else f", shown once: {fresh}"))
    return 0


@user.command()
@click.argument("name")
@json_option
def recover(name: str, as_json: bool) -> int:
    """Make a code with which a user who forgot the password sets a new one. Be sure whom you give it to."""
    from arena.api.recovery import RecoveryCode, make_code
    from arena.api.tokens import Tokens, ensure_key
    from arena.settings import load

    tokens = Tokens(ensure_key(load().home))

    async def work(connection: "Connection") -> RecoveryCode:
        return await make_code(connection, tokens, await _found(connection, name))

    made = with_database(work)
    if as_json:
        print_json({"code": made.code, "expires_ms": made.expires_ms})
    else:
        click.echo(f"good once, until {at(made.expires_ms)} UTC, for POST /api/auth/recover: {made.code}")
    return 0


@user.command()
@click.argument("name")
@click.confirmation_option(prompt="For ever, with all agents?")
def delete(name: str) -> int:
    """Delete a user and the agents. Matches stay, under names that say nothing."""
    from arena.api.deletion import delete_account
    from arena.api.registrar import Registrar

    async def work(registrar: Registrar) -> None:
        async with registrar.database.begin() as connection:
            found = await _found(connection, name)
        await delete_account(registrar, found.id)

    with_registrar(work)
    click.echo(f"user {name} is deleted")
    return 0


def _lock(name: str, locked: bool) -> str:
    from arena.api.registrar import Registrar
    from arena.api.users import UserChange, change_user

    async def work(registrar: Registrar) -> str:
        async with registrar.database.begin() as connection:
            changed = await change_user(connection, await _found(connection, name), UserChange(locked=locked))
        await registrar.nats.follow(changed.id)
        return changed.name

    return with_registrar(work)


async def _found(connection: "Connection", name: str) -> "User":
    """A person by name, the row locked. Raises Unknown, and Invalid for the house."""
    from arena.api.acceptable import Invalid, Unknown
    from arena.store.accounts import find_user
    from arena.store.users import lock_row

    by_name = await find_user(connection, name=name)
    found = await lock_row(connection, by_name.id) if by_name else None
    if found is None:
        raise Unknown(f"there is no user {name!r}; `arena user list` shows all")
    if found.role == "house":
        raise Invalid(f"{found.name} is the house: nobody logs in as it")
    return found
