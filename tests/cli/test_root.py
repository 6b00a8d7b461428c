"""The table of commands: every row works, help is quick, errors are one line."""

import subprocess
import sys

import click
import pytest

from arena.cli.root import COMMANDS, cli, main


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row.name)
def test_every_row_is_a_command_with_help(row, capsys):
    command = cli.get_command(click.Context(cli), row.name)
    assert isinstance(command, click.Command)
    assert main([row.name, "--help"]) == 0
    assert f"Usage: arena {row.name}" in capsys.readouterr().out


def test_help_imports_no_command():
    code = (
        "import sys; from arena.cli.root import main; main(['--help']); "
        "sys.exit(bool({'nats', 'sqlalchemy', 'litestar', 'arena.service', 'arena.stack'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert all(row.name in done.stdout for row in COMMANDS)


def test_an_unknown_command_is_named(capsys):
    assert main(["nonsense"]) == 2
    assert "No such command 'nonsense'" in capsys.readouterr().err


def test_a_strangers_error_is_one_line_and_debug_shows_where(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("ARENA_HOME", str(tmp_path))
    monkeypatch.setattr("arena.cli.init.write_identity", lambda _: 1 / 0)
    assert main(["init"]) == 1
    assert capsys.readouterr().err == "arena: ZeroDivisionError: division by zero (arena --debug ... shows where)\n"
    assert main(["--debug", "init"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_init_twice(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("ARENA_HOME", str(tmp_path))
    assert main(["init"]) == 0
    assert "(written)" in capsys.readouterr().out
    assert main(["init"]) == 0
    assert "(as it was)" in capsys.readouterr().out
    (tmp_path / "keys").chmod(0o755)
    assert main(["init"]) == 1
    assert "chmod 700" in capsys.readouterr().err


def test_provision_says_what_it_needs(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("ARENA_HOME", str(tmp_path))
    monkeypatch.delenv("ARENA_DATABASE_URL", raising=False)
    assert main(["provision"]) == 1
    assert "ARENA_DATABASE_URL" in capsys.readouterr().err


def test_doctor_says_what_to_do(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("ARENA_HOME", str(tmp_path))
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "WRONG keys" in said
    assert "run `arena init`" in said
    assert main(["init"]) == 0
    (tmp_path / "creds" / "runner.creds").chmod(0o644)
    (tmp_path / "creds" / "api.creds").write_text("nonsense")
    capsys.readouterr()
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "chmod 600" in said
    assert "WRONG credentials of api" in said
    assert "WRONG nats" in said
    assert "WRONG database" in said
