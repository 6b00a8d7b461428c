"""`arena user`: what an operator with the machine's rights does to users."""

import pytest

from tests.cli.conftest import Arena, Failed


async def test_roles_locks_passwords_and_the_end(arena: Arena) -> None:
    await arena("user", "create", "Root", "--admin")
    await arena("user", "create", "Eva")
    assert "Eva is operator now" in await arena("user", "role", "eva", "operator")
    await arena("agent", "create", "bot", "--owner", "Eva")
    assert "locked" in await arena("user", "lock", "Eva")
    with pytest.raises(Failed, match="Eva is locked: its agents get no credentials"):
        await arena("agent", "credentials", "issue", "Eva/bot")
    assert "operator (locked)" in await arena("user", "list")
    assert "may log in" in await arena("user", "unlock", "Eva")
    assert "shown once" in await arena("user", "password", "Eva")
    assert "good once" in await arena("user", "recover", "Eva")
    shown = await arena("user", "password", "Eva", "--password-stdin", stdin="correct horse\n")
    assert "correct horse" not in shown
    with pytest.raises(Failed, match="first to be guessed"):
        await arena("user", "password", "Eva", "--password-stdin", stdin="Password1\n")
    with pytest.raises(Failed, match="only administrator"):
        await arena("user", "role", "Root", "user")
    with pytest.raises(Failed, match="no user 'Nobody'"):
        await arena("user", "lock", "Nobody")
    with pytest.raises(Failed, match="Abort"):
        await arena("user", "delete", "Eva", stdin="n\n")
    assert "deleted" in await arena("user", "delete", "Eva", "--yes")
    assert [user["name"] for user in await arena("user", "list", "--json") if user["name"] != "Root"] == []
