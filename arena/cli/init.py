"""`arena init` and `arena provision`: identity, and what the NATS server keeps for the platform."""

import asyncio

import click

from arena.api.bootstrap import ADMIN
from arena.credentials import Keyring, ensure_tls, write_identity
from arena.settings import load
from arena.stack.provision import provision as provision_servers


@click.command()
@click.option("--tls", is_flag=True, help="A private CA and a server certificate too; run with ARENA_TLS=true then.")
@click.option("--host", "hosts", multiple=True, help="A name or address of the servers, for the certificate.")
def init(*, tls: bool, hosts: tuple[str, ...]) -> int:
    """Make keys, account and service credentials in ARENA_HOME. Doing it again changes nothing."""
    home = load().home
    keyring = Keyring.ensure(home)
    changed = write_identity(keyring)
    click.echo(f"keys         {home / 'keys'}  (back them up; who reads them can make any credential)")
    click.echo(f"credentials  {home / 'creds'}  (one a service)")
    click.echo(f"server       {home / 'nats' / 'identity.conf'}  ({'written' if changed else 'as it was'})")
    if tls:
        folder = ensure_tls(home, hosts)
        click.echo(f"TLS          {folder}  (ca.pem: for agents, beside their .creds file or as ARENA_CA)")
    click.echo("Next: `arena up`, or run nats-server with deploy/nats.conf and then `arena provision`.")
    return 0


@click.command()
def provision() -> int:
    """Prepare servers that run: account, streams, schema, first administrator, house bots.

    Doing it again adds what is new (a game's consumer, a newer version's permissions) and changes nothing else.
    """
    settings = load()
    if not settings.database_url:
        raise click.ClickException("no database: set ARENA_DATABASE_URL, or run `arena up`, which has one of its own")
    keyring = Keyring.load(settings.home)
    write_identity(keyring)
    done = asyncio.run(provision_servers(settings, keyring))
    click.echo(f"{settings.nats}: streams, buckets and the consumers of {len(done.games)} games are there")
    if done.admin_password:
        click.echo(f"first administrator: {ADMIN}, password {done.admin_password} (not shown again)")
    return 0
