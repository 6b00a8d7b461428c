"""Settings: environment over file over what a running platform says, and errors that name the setting."""

from pathlib import Path

import pytest

from arena.settings import RUNNING, SettingsError, load


def environ(home, **more):
    return {"ARENA_HOME": str(home)} | more


def test_defaults(tmp_path):
    settings = load(environ(tmp_path))
    assert settings.home == tmp_path
    assert settings.nats == settings.public_nats == "nats://127.0.0.1:4222"
    assert settings.creds("runner") == tmp_path / "creds" / "runner.creds"


def test_environment_over_file_over_running_platform(tmp_path):
    (tmp_path / RUNNING).parent.mkdir()
    (tmp_path / RUNNING).write_text('nats_url = "nats://a:1"\ndatabase_url = "postgresql://a/a"\napi_port = 1\n')
    (tmp_path / "arena.toml").write_text('nats_url = "nats://b:2"\napi_port = 2\nwave_ms = 50\n')
    settings = load(environ(tmp_path, ARENA_API_PORT="3", ARENA_AGENTS_URL="nats://public:4222"))
    assert (settings.nats, settings.database_url) == ("nats://b:2", "postgresql://a/a")
    assert (settings.api_port, settings.wave_ms) == (3, 50)
    assert settings.public_nats == "nats://public:4222"
    assert load(environ(tmp_path), running=False).database_url == ""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"ARENA_WEB_URL": "https://arena.example.org/"}, ["https://arena.example.org"]),
        ({"ARENA_API_PORT": "1"}, ["http://127.0.0.1:1", "http://localhost:1"]),
        (
            {"ARENA_API_HOST": "::1", "ARENA_TLS": "1"},
            ["https://127.0.0.1:8000", "https://localhost:8000", "https://[::1]:8000"],
        ),
        ({"ARENA_API_HOST": "::"}, []),
    ],
)
def test_whose_pages_are_our_own(tmp_path, more, expected):
    assert load(environ(tmp_path, **more)).web_origins == tuple(expected)


def test_a_cluster_has_several_addresses_for_browsers(tmp_path):
    urls = "wss://a.example:8080/nats,wss://b.example:8080"
    origins = load(environ(tmp_path, ARENA_NATS_WEBSOCKET_URL=urls)).websocket_origins
    assert origins == ("wss://a.example:8080", "wss://b.example:8080")


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("ARENA_API_PORT", "http", r"api_port \(environment variable ARENA_API_PORT\): Expected `int`.*'http'"),
        ("ARENA_API_PORT", "70000", r"api_port .*<= 65535.*'70000'"),
        ("ARENA_LOG_LEVEL", "loud", r"log_level .*'loud'"),
        ("ARENA_NATS_URL", "http://x", r"nats_url .*expected nats://"),
        ("ARENA_AGENTS_URL", "x", r"agents_url .*expected nats://"),
        ("ARENA_NATS_WEBSOCKET_URL", "ws://a:1,http://b:1", r"nats_websocket_url .*expected ws://"),
        ("ARENA_NATS_WEBSOCKET_URL", "wss://a; script-src *", r"nats_websocket_url .*expected a host"),
        ("ARENA_WEB_URL", 'https://a"]', r"web_url .*expected a host"),
        ("ARENA_DATABASE_URL", "mysql://user:secret@x", r"database_url .*expected postgresql://"),
    ],
)
def test_a_wrong_value_names_its_setting(tmp_path, variable, value, expected):
    with pytest.raises(SettingsError, match=expected) as caught:
        load(environ(tmp_path, **{variable: value}))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wave_ms = ", "cannot be read as TOML"),
        ("wafe_ms = 1", "unknown setting 'wafe_ms'"),
        ('wave_ms = "x"', "wave_ms"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, text, expected):
    path: Path = tmp_path / "arena.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=expected) as caught:
        load(environ(tmp_path))
    assert str(path) in str(caught.value)
