"""`arena dead-letters`: what the platform could not deal with."""

import click

from arena.cli.output import Column, at, json_option, print_json, print_list
from arena.cli.platform import with_registrar

_EVENTS: list[Column] = [
    ("EVENT", lambda one: one.seq),
    ("STORED (UTC)", lambda one: at(one.at_ms)),
    ("SUBJECT", lambda one: one.subject),
    ("WHY IT CANNOT BE UNDERSTOOD", lambda one: one.error),
    ("BEGINNING", lambda one: one.beginning),
]
_CLAIMS: list[Column] = [
    ("MATCH", lambda one: one.match),
    ("AT (UTC)", lambda one: at(one.at_ms)),
    ("CONSUMER", lambda one: one.consumer),
    ("DELIVERIES", lambda one: one.deliveries),
    ("EVENT", lambda one: one.stream_seq),
]


@click.command("dead-letters")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 1_000), help="At most so many of each.")
@json_option
def dead_letters(limit: int, as_json: bool) -> int:
    """List events that could not be understood, and matches that no runner could play; newest first."""
    from arena.api.dead_letters import DeadLetters
    from arena.api.dead_letters import dead_letters as read
    from arena.api.registrar import Registrar

    async def work(registrar: Registrar) -> DeadLetters:
        return await read(registrar.bus, registrar.database, limit)

    found = with_registrar(work)
    if as_json:
        print_json(found)
        return 0
    print_list(found.events.items, _EVENTS, as_json, empty="every event was understood")
    click.echo()
    print_list(found.claims.items, _CLAIMS, as_json, empty="no claim was delivered too often")
    return 0
