"""`arena user`: who owns agents."""

import secrets
import sys

import click

from arena.cli.output import at, json_option, print_json, print_list
from arena.cli.platform import with_database, with_registrar


@click.group()
def user() -> None:
    """Users: create, list."""


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
            hash_ = await passwords.hash(password)
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
    rows = [{"id": u.id, "name": u.name, "role": u.role, "created_ms": u.created_ms, "agents": n} for u, n in found]
    columns = [
        ("NAME", lambda row: row["name"]),
        ("ROLE", lambda row: row["role"]),
        ("AGENTS", lambda row: row["agents"]),
        ("CREATED (UTC)", lambda row: at(row["created_ms"])),
        ("ID", lambda row: row["id"]),
    ]
    print_list(rows, columns, as_json, empty="no users; `arena user create NAME` makes one")
    return 0
