"""`arena rebuild`: the tables anew, from the stored events."""

import asyncio
from pathlib import Path

import click


@click.command()
@click.option("--from-log", is_flag=True, help="First read the stream, and add events that PostgreSQL has not got.")
@click.option(
    "--replace",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --from-log: the stream is right. Events that only PostgreSQL has go to FILE, and out of the tables.",
)
def rebuild(from_log: bool, replace: Path | None) -> int:
    """Drop matches, turns, faults and ratings, and fold the stored events again.

    Accounts and raw events stay. A running recorder waits meanwhile and goes on afterwards; readers see the old rows
    until the end. The same events give the same rows.
    """
    if replace is not None and not from_log:
        raise click.UsageError("--replace goes with --from-log")
    count, removed = asyncio.run(_rebuild(from_log, replace))
    click.echo(f"{count} events folded")
    if replace is not None:
        click.echo(
            f"{removed} events that the stream has not are in {replace} (payloads in base64), no more in the tables"
        )
    return 0


async def _rebuild(from_log: bool, replace: Path | None) -> tuple[int, int]:
    """Events folded, and events removed."""
    from contextlib import AsyncExitStack

    import msgspec
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from arena.bus import connect
    from arena.core.records import Entry
    from arena.games import load_catalogue
    from arena.recorder.rebuild import rebuild as fold_again
    from arena.settings import load
    from arena.store.database import Database
    from arena.wire.subjects import REGISTRAR, inbox

    settings = load()
    models = {game.name: game.rating for game in load_catalogue(settings.games_file).values()}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    removed = 0
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url, pool_size=1, statement_s=None)
        stack.push_async_callback(database.close)
        bus = None
        if from_log:
            creds = settings.creds(REGISTRAR)
            bus = await connect(settings.nats, creds, name="arena-rebuild", inbox=inbox(REGISTRAR))
            stack.push_async_callback(bus.close)
        progress = stack.enter_context(Progress(*columns, console=Console(stderr=True)))
        task = progress.add_task("waiting for the recorder", total=None)

        def show(what: str, done: int, count: int) -> None:
            progress.update(task, description=f"{what} events", completed=done, total=count)

        if replace is None:
            return await fold_again(database, models, show, bus), 0
        out = stack.enter_context(replace.open("xb"))

        def keep(entry: Entry) -> None:
            nonlocal removed
            removed += 1
            out.write(msgspec.json.encode(entry._asdict()) + b"\n")

        return await fold_again(database, models, show, bus, keep), removed
