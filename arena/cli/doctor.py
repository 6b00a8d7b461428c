"""`arena doctor`: what is wrong with this setup."""

import asyncio

import click
import msgspec

from arena.settings import load
from arena.stack.doctor import Finding, examine


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> int:
    """Check this setup from the ground up; the exit code is 1 if anything is wrong."""
    settings = load()

    async def check() -> list[Finding]:
        findings = []
        async for finding in examine(settings):
            findings.append(finding)
            if not as_json:
                _show(finding)
        return findings

    findings = asyncio.run(check())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(findings)))
    return 0 if all(finding.ok for finding in findings) else 1


def _show(finding: Finding) -> None:
    mark = click.style("ok   ", fg="green") if finding.ok else click.style("WRONG", fg="red")
    click.echo(f"{mark} {finding.check:<28} {finding.detail}")
    if not finding.ok:
        click.echo(f"      {'':<28} -> {finding.todo}")
