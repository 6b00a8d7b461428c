"""`arena agent`: agents and their versions. Agents are named by id, or as owner/name."""

from pathlib import Path
from typing import get_args

import click

from arena.cli import credentials, evidence
from arena.cli.output import Column, at, json_option, print_json, print_list, print_record
from arena.cli.platform import with_database, with_registrar
from arena.cli.quarantine import known
from arena.wire.registry import HOURLY_MAX, OpenTo

_OPEN_TO = click.Choice(get_args(OpenTo))
_COLUMNS: list[Column] = [
    ("AGENT", lambda agent: f"{agent.owner_name}/{agent.name}"),
    ("VERSION", lambda agent: agent.version),
    ("STATE", lambda agent: "paused" if agent.paused else "house" if agent.house else "ready"),
    ("CREATED (UTC)", lambda agent: at(agent.created_ms)),
    ("ID", lambda agent: agent.id),
    ("DESCRIPTION", lambda agent: agent.description),
]


@click.group()
def agent() -> None:
    """Agents: create, list, show, rename, describe, open, limit, pause, resume, delete, version, credentials."""


agent.add_command(credentials.group)


@agent.command()
@click.argument("name")
@click.option("--owner", required=True, help="Name of the user who owns it.")
@click.option("--description", default="", help="What it is.")
@click.option("--open-to", type=_OPEN_TO, default="everybody", show_default=True, help="Who may ask for matches.")
@click.option("--creds", type=click.Path(dir_okay=False, path_type=Path), help="Issue a credential into this file.")
@json_option
def create(name: str, owner: str, description: str, open_to: OpenTo, creds: Path | None, as_json: bool) -> int:
    """Create an agent, and its first credential with --creds."""
    from arena.api.registrar import Registrar
    from arena.store.accounts import Agent

    credentials.refuse_existing(creds, force=False)

    async def work(registrar: Registrar) -> Agent:
        user = await registrar.user(owner)
        created = await registrar.create_agent(user, name, description=description, open_to=open_to)
        if creds is not None:
            credentials.save(await registrar.issue(created), creds)
        return created

    created = with_registrar(work)
    if as_json:
        print_json(created)
    else:
        click.echo(f"agent {created.owner_name}/{created.name} ({created.id})")
        if creds is not None:
            click.echo(f"credential in {creds}: keep it secret")
            click.echo(f"Next: agent-kit run MODULE:POLICY --creds {creds}")
        else:
            click.echo(f"Next: arena agent credentials issue {created.owner_name}/{created.name} --creds FILE")
    return 0


@agent.command("list")
@click.option("--owner", help="Only this user's.")
@click.option("--search", default="", help="Only with this in name or description.")
@json_option
def list_(owner: str | None, search: str, as_json: bool) -> int:
    """List agents, newest first."""
    from arena.store import accounts
    from arena.store.database import Connection

    async def work(connection: Connection) -> list[accounts.Agent]:
        if owner is None:
            return await accounts.list_agents(connection, text=search)
        user = await accounts.find_user(connection, name=owner)
        if user is None:
            raise click.ClickException(f"there is no user {owner!r}; `arena user list` shows all")
        return await accounts.list_agents(connection, owner=user.id, text=search)

    found = with_database(work)
    print_list(found, _COLUMNS, as_json, empty="no agents; `arena agent create NAME --owner USER` makes one")
    return 0


@agent.command()
@click.argument("address")
@json_option
def show(address: str, as_json: bool) -> int:
    """Show one agent with its ratings, and which games it gets no matches of, and why."""
    import msgspec

    from arena.api.quarantine import Quarantined
    from arena.api.registrar import Registrar
    from arena.store import reading
    from arena.store.accounts import Agent

    async def work(registrar: Registrar) -> tuple[Agent, list[reading.Standing], list[Quarantined]]:
        found = await registrar.agent(address)
        async with registrar.database.begin() as connection:
            ratings = await reading.agent_ratings(connection, found.id)
        async with known(registrar) as quarantines:
            return found, ratings, quarantines.of(found.id)

    found, ratings, quarantine = with_registrar(work)
    if as_json:
        print_json({**msgspec.to_builtins(found), "ratings": ratings, "quarantine": quarantine})
        return 0
    print_record(found, as_json)
    for rating in ratings:
        click.echo(
            f"{rating.game}: rating {rating.mu:.1f} +- {rating.sigma:.1f}, rank {rating.rank}, {rating.played} played, "
            f"{rating.won} won, {rating.drawn} drawn, {rating.lost} lost"
        )
    for one in quarantine:
        click.echo(f"{one.game}: in quarantine until {at(one.until_ms)} UTC: {one.why}")
    return 0


@agent.command()
@click.argument("address")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 100_000), help="At most so many.")
@json_option
def faults(address: str, limit: int, as_json: bool) -> int:
    """List what an agent was charged with, newest first, with the evidence."""
    from arena.api.registrar import Registrar
    from arena.store import reading

    async def work(registrar: Registrar) -> list[reading.Fault]:
        found = await registrar.agent(address)
        async with registrar.database.begin() as connection:
            return await reading.agent_faults(connection, found.id, limit=limit)

    found = with_registrar(work)
    if as_json:
        print_json(found)
        return 0
    for fault in found:
        click.echo(f"match {fault.match} " + "\n".join(evidence.lines(fault)))
    if not found:
        click.echo(f"{address} was never charged with a fault")
    return 0


@agent.command()
@click.argument("address")
@click.argument("name")
def rename(address: str, name: str) -> int:
    """Give an agent another name; its ratings and matches stay its own."""
    from arena.api.registrar import Registrar

    async def work(registrar: Registrar) -> str:
        changed = await registrar.change_agent(await registrar.agent(address), name=name)
        return f"{changed.owner_name}/{changed.name}"

    click.echo(f"now {with_registrar(work)}")
    return 0


@agent.command()
@click.argument("address")
@click.option("--text", help="What it is; replaces the description.")
@click.option("--capability", "capabilities", multiple=True, help="What it can do, to find it by; replaces all others.")
@json_option
def describe(address: str, text: str | None, capabilities: tuple[str, ...], as_json: bool) -> int:
    """Say what an agent is and what it can do."""
    from arena.api.registrar import Registrar
    from arena.store.accounts import Agent

    if text is None and not capabilities:
        raise click.UsageError("expected --text or --capability")

    async def work(registrar: Registrar) -> Agent:
        found = await registrar.agent(address)
        return await registrar.change_agent(found, description=text, capabilities=[*capabilities] or None)

    print_record(with_registrar(work), as_json)
    return 0


@agent.command("open")
@click.argument("address")
@click.argument("to", type=_OPEN_TO)
def open_(address: str, to: OpenTo) -> int:
    """Say who may ask for matches against an agent. Its owner always may, and the ladder matches it all the same."""
    from arena.api.registrar import Registrar

    async def work(registrar: Registrar) -> str:
        changed = await registrar.change_agent(await registrar.agent(address), open_to=to)
        return f"{changed.owner_name}/{changed.name} is open to {changed.open_to}"

    click.echo(with_registrar(work))
    return 0


@agent.command()
@click.argument("address")
@click.argument("hourly", type=click.IntRange(0, HOURLY_MAX))
def limit(address: str, hourly: int) -> int:
    """Say how many of an agent's matches may begin in an hour, evenly spread; 0: as many as its slots allow."""
    from arena.api.registrar import Registrar

    async def work(registrar: Registrar) -> str:
        changed = await registrar.change_agent(await registrar.agent(address), hourly_max=hourly)
        bound = f"at most {changed.hourly_max} matches an hour" if changed.hourly_max else "any number of matches"
        return f"{changed.owner_name}/{changed.name} plays {bound}"

    click.echo(with_registrar(work))
    return 0


def _pausing(name: str, paused: bool, text: str) -> click.Command:
    def run(address: str) -> int:
        from arena.api.registrar import Registrar

        async def work(registrar: Registrar) -> str:
            changed = await registrar.change_agent(await registrar.agent(address), paused=paused)
            return f"{changed.owner_name}/{changed.name}"

        click.echo(f"{with_registrar(work)} is {'paused' if paused else 'ready to be matched'}")
        return 0

    return click.Command(name, callback=run, params=[click.Argument(["address"])], help=text)


agent.add_command(_pausing("pause", True, "Make no new matches with an agent; the running ones go on."))
agent.add_command(_pausing("resume", False, "Match an agent again."))


@agent.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(address: str, yes: bool) -> int:
    """Delete an agent: its credentials are revoked, its connections dropped; its matches stay."""
    from arena.api.registrar import Registrar

    if not yes:
        click.confirm(f"delete {address} and revoke its credentials?", abort=True)

    async def work(registrar: Registrar) -> None:
        await registrar.delete_agent(await registrar.agent(address))

    with_registrar(work)
    click.echo(f"{address} is deleted")
    return 0


@agent.command()
@click.argument("address")
@click.option("--new", "description", metavar="TEXT", help="Begin the next version, described by TEXT.")
@json_option
def version(address: str, description: str | None, as_json: bool) -> int:
    """List an agent's versions, or begin the next one with --new."""
    from arena.api.registrar import Registrar
    from arena.store.accounts import Version

    async def work(registrar: Registrar) -> list[Version]:
        found = await registrar.agent(address)
        if description is not None:
            found = await registrar.add_version(found, description)
        return await registrar.versions(found)

    columns: list[Column] = [
        ("VERSION", lambda row: row.version),
        ("CREATED (UTC)", lambda row: at(row.created_ms)),
        ("DESCRIPTION", lambda row: row.description),
    ]
    print_list(with_registrar(work), columns, as_json, empty="no versions")
    return 0
