"""The keys' folder: made once, refused when something is wrong with it."""

import pytest

from arena.credentials import Keyring, KeyringError, claims
from arena.wire.subjects import Role


def test_keys_are_made_once_and_read_again(tmp_path):
    made = Keyring.create(tmp_path)
    read = Keyring.load(tmp_path)
    assert (made.account, made.system) == (read.account, read.system)
    assert {claims.public(read.signer(role)) for role in Role} == {claims.public(made.signer(role)) for role in Role}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").glob("*.nk")} == {0o600}
    with pytest.raises(KeyringError, match="holds keys already"):
        Keyring.create(tmp_path)


def test_no_keys(tmp_path):
    with pytest.raises(KeyringError, match="run `arena init`"):
        Keyring.load(tmp_path)


def test_a_key_is_missing(tmp_path):
    Keyring.create(tmp_path)
    (tmp_path / "keys" / "operator.nk").unlink()
    with pytest.raises(KeyringError, match=r"operator\.nk is missing"):
        Keyring.load(tmp_path)


@pytest.mark.parametrize(("name", "mode"), [("", 0o755), ("operator.nk", 0o644)])
def test_keys_open_to_others_are_refused(tmp_path, name, mode):
    Keyring.create(tmp_path)
    (tmp_path / "keys" / name).chmod(mode)
    with pytest.raises(KeyringError, match=r"open to other users .*chmod"):
        Keyring.load(tmp_path)


@pytest.mark.parametrize("text", ["", "nonsense", "SUAAA"])
def test_a_damaged_key_is_named(tmp_path, text):
    Keyring.create(tmp_path)
    (tmp_path / "keys" / "system.nk").write_text(text)
    with pytest.raises(KeyringError, match=r"system\.nk holds no nkey seed"):
        Keyring.load(tmp_path)


def test_a_key_of_another_kind_is_named(tmp_path):
    Keyring.create(tmp_path)
    (tmp_path / "keys" / "operator.nk").write_text(claims.seed(claims.new_key(claims.USER)))
    with pytest.raises(KeyringError, match="another kind"):
        Keyring.load(tmp_path)


async def test_the_lock_lets_one_in(tmp_path):
    keyring = Keyring.create(tmp_path)
    with (
        keyring.locked_now(),
        pytest.raises(KeyringError, match="another process"),
        Keyring.load(tmp_path).locked_now(),
    ):
        pass
    async with keyring.locked():
        pass
