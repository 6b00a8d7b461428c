"""Pages written by hand name only what there is: commands, options, settings, metrics."""

import importlib
import re
from pathlib import Path

import click
import pytest

from arena.cli.root import COMMANDS
from arena.settings import Settings

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
CODE = "".join(path.read_text() for path in (ROOT / "arena").rglob("*.py"))
KIT_SETTINGS = {"ARENA_CA", "ARENA_CREDS", "ARENA_TOKEN", "ARENA_PASSWORD"}  # of agent_kit alone
COMMAND = re.compile(r"\barena ((?:--?\w+ \.\.\. )?[a-z][\w-]*(?: [a-z][\w-]*)?)((?: [A-Z/]+)*(?: --[\w-]+)*)")


def commands(page: Path) -> list[tuple[str, list[str]]]:
    """What stands in code after `arena`: words, and options."""
    text = page.read_text()
    code = [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)]
    return [
        (words, re.findall(r"--[\w-]+", rest))
        for snippet in code
        for line in snippet.splitlines()
        if line.startswith("arena ")
        for words, rest in COMMAND.findall(line)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_their_options_exist(page: Path) -> None:
    rows = {row.name: row.where for row in COMMANDS}
    for words, options in commands(page):
        name, *more = words.split()
        assert name in rows, words
        module, _, attribute = rows[name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        while more and isinstance(command, click.Group):
            assert more[0] in command.commands, words
            command = command.commands[more.pop(0)]
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert set(options) <= known, words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_and_metrics_exist(page: Path) -> None:
    text = page.read_text()
    settings = {f"ARENA_{name.upper()}" for name in Settings.__struct_fields__}
    compose = set(re.findall(r"\$\{(ARENA_\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert set(re.findall(r"\bARENA_[A-Z]\w+", text)) <= settings | compose | KIT_SETTINGS
    for metric in re.findall(r"`(arena_[a-z_]{2,})`", text):
        assert f'"{metric}"' in CODE, metric


def test_the_two_readmes_have_the_same_parts() -> None:
    english, chinese = ((ROOT / name).read_text() for name in ("README.md", "README.zh-CN.md"))
    for pattern in (r"^```\w*\n(?:(?!```).*\n)*?```$", r"\]\(([^)]+)\)", r"^(#+) "):
        wanted, found = (re.findall(pattern, page, re.MULTILINE) for page in (english, chinese))
        strip = [re.sub(r"#.*", "", one) for one in wanted], [re.sub(r"#.*", "", one) for one in found]
        assert len(strip[0]) == len(strip[1])
        if not pattern.startswith(r"\]"):
            assert strip[0] == strip[1]
