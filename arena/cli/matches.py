"""`arena match`: what was played, seen again, and checked."""

import sys
import time
from typing import TYPE_CHECKING, cast

import click

from arena.cli import evidence
from arena.cli.output import Column, at, json_option, print_json, print_list
from arena.cli.platform import with_database

if TYPE_CHECKING:
    from arena.review import Verdict
    from arena.store.database import Connection
    from arena.store.reading import Match, Seat


@click.group()
def match() -> None:
    """Matches: list, show, replay, verify."""


@match.command("list")
@click.option("--game", help="Only of this game.")
@click.option("--agent", help="Only with this agent (id or owner/name).")
@click.option("--status", type=click.Choice(["created", "running", "ended", "voided"]), help="Only in this state.")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 100_000), help="At most so many.")
@json_option
def list_(game: str | None, agent: str | None, status: str | None, limit: int, as_json: bool) -> int:
    """List matches, newest first."""
    from arena.store import reading
    from arena.store.match_list import Wanted, list_matches

    async def work(connection: "Connection") -> list[reading.Match]:
        agent_id = await _agent_id(connection, agent) if agent else None
        known = cast("reading.Status | None", status)  # click checked it
        return await list_matches(connection, Wanted(game=game, agent=agent_id, status=known), limit=limit)

    columns: list[Column] = [
        ("MATCH", lambda one: one.id),
        ("GAME", lambda one: one.game),
        ("STATUS", lambda one: one.status),
        ("SEATS", lambda one: "  ".join(map(_seat, one.seats))),
        ("PLIES", lambda one: one.plies),
        ("CREATED (UTC)", lambda one: at(one.created_ms)),
    ]
    print_list(with_database(work), columns, as_json, empty="no matches")
    return 0


@match.command()
@click.argument("id")
@json_option
def show(id: str, as_json: bool) -> int:  # noqa: A002 - the argument's name
    """Show one match: seats, result, ratings, faults."""
    import msgspec

    from arena.store import reading
    from arena.store.dead_letters import unprojected_of

    async def work(connection: "Connection") -> tuple[reading.Match, list[reading.Fault], list[int]]:
        faults = await reading.list_faults(connection, id)
        return await _match(connection, id), faults, await unprojected_of(connection, id)

    found, faults, unprojected = with_database(work)
    if as_json:
        print_json({**msgspec.to_builtins(found), "faults": faults, "unprojected": unprojected})
        return 0
    click.echo(f"{found.game} {found.id}: {found.status}{f' ({found.cause})' if found.cause else ''}")
    click.echo(
        f"created {at(found.created_ms)}, ended {at(found.ended_ms)} UTC, {found.plies} plies, seed {found.seed}"
    )
    if found.status == "voided":
        click.echo(f"nobody is charged for it: {found.detail or 'the platform failed'}")
    click.echo(f"runner {found.runner or '-'}, digest {found.digest or '-'}")
    for seat in found.seats:
        line = f"seat {seat.seat}  {_name(seat)} v{seat.version}"
        if seat.placement is not None:
            line += f"  place {seat.placement}, score {seat.score:g}"
        if seat.mu_before is not None and seat.mu_after is not None:
            line += f", rating {seat.mu_before:.1f} -> {seat.mu_after:.1f}"
        if seat.takeovers:
            line += f"; taken over {seat.takeovers} times, by {seat.instance} at last"
        click.echo(line)
    for fault in faults:
        click.echo("fault: " + "\n".join(evidence.lines(fault)))
    if unprojected:
        said = ", ".join(map(str, unprojected))
        click.echo(f"in doubt: events {said} could not be understood; `arena dead-letters` says why")
    return 0


@match.command()
@click.argument("id")
@click.option("--delay", default=0.4, show_default=True, type=click.FloatRange(0, 60), help="Seconds a position stays.")
def replay(id: str, delay: float) -> int:  # noqa: A002 - the argument's name
    """Play a match again from its events, and draw every position."""
    import arena.review
    from arena.games import load_catalogue
    from arena.settings import load
    from arena.wire.events import Moved

    settings = load()
    found, events = with_database(lambda connection: _with_events(connection, id), settings)
    game = load_catalogue(settings.games_file).get(found.game)
    if game is None:
        raise click.ClickException(f"there is no game {found.game!r} in the catalogue: it cannot be played again")
    names = [_name(seat) for seat in found.seats]
    terminal = sys.stdout.isatty()
    for frame in arena.review.replay(game, events):
        event = frame.event
        if isinstance(event, Moved):
            moves = ", ".join(f"{names[move.seat]} plays {move.action}" for move in event.moves)
            text = f"{event.ply + 1}. {moves}"
        else:
            text = type(event).__name__.lower()
        if terminal and delay:
            click.clear()
        click.echo(f"{found.game} {found.id}  {text}\n{frame.environment.render()}\n")
        if terminal:
            time.sleep(delay)
    for seat in found.seats:
        if seat.placement is not None:
            click.echo(f"{_name(seat)}: place {seat.placement}, score {seat.score:g}")
    return 0


@match.command()
@click.argument("ids", nargs=-1)
@click.option("--all", "all_", is_flag=True, help="Every match that ended.")
@json_option
def verify(ids: tuple[str, ...], all_: bool, as_json: bool) -> int:
    """Play matches again from their events, and compare every link of the digest chain.

    The exit code is 1 if one of them differs.
    """
    import msgspec

    import arena.review
    from arena.games import load_catalogue
    from arena.settings import load

    if bool(ids) == all_:
        raise click.UsageError("expected either matches or --all")
    settings = load()
    catalogue = load_catalogue(settings.games_file)

    async def work(connection: "Connection") -> list[dict[str, object]]:
        verdicts = []
        with click.progressbar(list(ids) or await _ended(connection), label="verifying", file=sys.stderr) as progress:
            for id_ in progress:
                found, events = await _with_events(connection, id_)
                game = catalogue.get(found.game)
                verdict = arena.review.verify(game, events) if game else _unknown(found.game)
                if verdict.ok and verdict.digest != found.digest:
                    verdict = msgspec.structs.replace(verdict, ok=False, problem=f"the tables say {found.digest}")
                verdicts.append({"match": id_, "game": found.game, **msgspec.to_builtins(verdict)})
        return verdicts

    verdicts = with_database(work, settings)
    failed = [one for one in verdicts if not one["ok"]]
    if as_json:
        print_json(verdicts)
    else:
        for one in failed:
            click.echo(f"{one['match']} ({one['game']}): {one['problem']}")
        click.echo(f"{len(verdicts) - len(failed)} of {len(verdicts)} matches verified, bit for bit")
    return 1 if failed else 0


def _unknown(game: str) -> "Verdict":
    from arena.review import Verdict

    return Verdict(ok=False, plies=0, digest="", problem=f"no game {game!r} here")


async def _match(connection: "Connection", id_: str) -> "Match":
    from arena.store import reading

    found = await reading.find_match(connection, id_)
    if found is None:
        raise click.ClickException(f"there is no match {id_!r} (the recorder may not have written it yet)")
    return found


async def _with_events(connection: "Connection", id_: str) -> tuple["Match", list[tuple[int, str, bytes]]]:
    from arena.store import reading

    found = await _match(connection, id_)
    return found, [(event.seq, event.subject, event.payload) for event in await reading.match_events(connection, id_)]


async def _ended(connection: "Connection") -> list[str]:
    from arena.store import reading

    return await reading.match_ids(connection, "ended")


async def _agent_id(connection: "Connection", address: str) -> str:
    from arena.store import accounts

    owner, slash, name = address.partition("/")
    if not slash:
        return address
    found = await accounts.find_agent(connection, owner=owner, name=name)
    if found is None:
        raise click.ClickException(f"there is no agent {address!r}; expected an id, or owner/name")
    return found.id


def _name(seat: "Seat") -> str:
    return f"{seat.owner_name}/{seat.agent_name}" if seat.agent_name else seat.agent


def _seat(seat: "Seat") -> str:
    return _name(seat) + (f" ({seat.placement})" if seat.placement is not None else "")
