"""`arena agent credentials`: the files that agents connect with."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from arena.cli.output import Column, at, json_option, print_json, print_list
from arena.cli.platform import with_registrar

if TYPE_CHECKING:
    from arena.credentials import Issued

DAY_S = 24 * 3600
_creds = click.option(
    "--creds", type=click.Path(dir_okay=False, path_type=Path), help="Write it into this file (else it is printed)."
)
_label = click.option("--label", default="", help="Where it is used, to tell several apart.")
_public_key = click.option("--public-key", help="Your own nkey (U...): its seed stays with you, only the JWT is made.")


@click.group("credentials")
def group() -> None:
    """Credentials: issue, rotate, revoke, list."""


@group.command()
@click.argument("address")
@_creds
@_label
@_public_key
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 30), help="How long it is valid.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@json_option
def issue(
    address: str, creds: Path | None, label: str, public_key: str | None, days: int, force: bool, as_json: bool
) -> int:
    """Issue one more credential; the others stay valid."""
    from arena.api.registrar import Registrar

    refuse_existing(creds, force)

    async def work(registrar: Registrar) -> "Issued":
        agent = await registrar.agent(address)
        return await registrar.issue(agent, label=label, public_key=public_key, expires_s=days * DAY_S)

    _hand_over(with_registrar(work), creds, as_json)
    return 0


@group.command()
@click.argument("address")
@_creds
@_label
@_public_key
@json_option
def rotate(address: str, creds: Path | None, label: str, public_key: str | None, as_json: bool) -> int:
    """Issue a credential instead of all others, whose connections are dropped at once."""
    from arena.api.registrar import Registrar

    async def work(registrar: Registrar) -> "Issued":
        return await registrar.rotate(await registrar.agent(address), label=label, public_key=public_key)

    _hand_over(with_registrar(work), creds, as_json)
    return 0


@group.command()
@click.argument("address")
@click.argument("public_key", required=False)
@click.option("--all", "all_", is_flag=True, help="All of this agent's.")
@json_option
def revoke(address: str, public_key: str | None, all_: bool, as_json: bool) -> int:
    """Revoke one credential (by its public key) or all; connections with them are dropped at once."""
    from arena.api.registrar import Registrar

    if (public_key is None) == (not all_):
        raise click.UsageError("expected either a public key or --all")

    async def work(registrar: Registrar) -> list[str]:
        return await registrar.revoke(await registrar.agent(address), public_key)

    revoked = with_registrar(work)
    if as_json:
        print_json(revoked)
    else:
        click.echo("\n".join(f"revoked {key}" for key in revoked) or "nothing to revoke: none is valid")
    return 0


@group.command("list")
@click.argument("address")
@json_option
def list_(address: str, as_json: bool) -> int:
    """List an agent's credentials, newest first."""
    from arena.api.registrar import Registrar, is_valid
    from arena.store.accounts import Credential

    async def work(registrar: Registrar) -> list[Credential]:
        return await registrar.credentials(await registrar.agent(address))

    columns: list[Column] = [
        ("PUBLIC KEY", lambda one: one.public_key),
        ("STATE", lambda one: "valid" if is_valid(one) else "revoked" if one.revoked_ms else "expired"),
        ("ISSUED (UTC)", lambda one: at(one.issued_ms)),
        ("LAST USED (UTC)", lambda one: at(one.used_ms) if one.used_ms else "never"),
        ("EXPIRES (UTC)", lambda one: at(one.expires_ms)),
        ("LABEL", lambda one: one.label),
    ]
    print_list(with_registrar(work), columns, as_json, empty="no credentials")
    return 0


def refuse_existing(creds: Path | None, force: bool) -> None:
    """Raise unless the file may be written."""
    if creds is not None and creds.exists() and not force:
        raise click.ClickException(f"{creds} exists: choose another file, or --force where it is offered")
    if creds is not None and not creds.absolute().parent.is_dir():
        raise click.ClickException(f"there is no folder {creds.absolute().parent}")


def save(issued: "Issued", creds: Path) -> None:
    """The credential, or the JWT alone if the user kept the seed, in a file that only its owner may read."""
    from arena.credentials import write_secret

    write_secret(creds, issued.creds or issued.jwt + "\n")


def _hand_over(issued: "Issued", creds: Path | None, as_json: bool) -> None:
    if creds is not None:
        save(issued, creds)
    if as_json:
        text = None if creds is not None else issued.creds or issued.jwt
        print_json({"public_key": issued.public_key, "expires_ms": issued.expires_at * 1000, "creds": text})
    elif creds is not None:
        click.echo(f"credential {issued.public_key} in {creds}, valid until {at(issued.expires_at * 1000)} UTC")
    else:
        click.echo(issued.creds or issued.jwt, nl=False)
