"""A whole platform with TLS, as `arena up` starts it: people, agents and thieves come and go; then everything that any
process wrote is read, and every table. What is secret stands nowhere."""

import asyncio
import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import ssl
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from arena.stack.embedded import EmbeddedPostgres
from tests.eventually import eventually

DEADLINE_S = 120
SERVICES = ("api", "matchmaker", "recorder", "runner-1", "bots")
SEED = re.compile(r"\bS[UAO][A-Z2-7]{56}\b")
JWT = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+")
POLICY = Path(__file__).parents[2] / "examples" / "random_agent.py"


@dataclass
class Run:
    """One platform, the secrets that were made in it, and what its processes said."""

    home: Path
    url: str = ""
    said: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)

    def hide(self, what: str, secret: str) -> str:
        assert len(secret) >= 12, what  # shorter ones would be found by chance
        self.hidden[what] = secret
        return secret

    def secret(self, what: str) -> str:
        """A new one, good as a password."""
        return self.hide(what, f"x{secrets.token_hex(10)}")

    def hide_creds(self, what: str, text: str) -> None:
        self.hide(f"seed of {what}", SEED.findall(text)[0])
        self.hide(f"JWT of {what}", JWT.findall(text)[0])

    def client(self, **options: object) -> httpx.AsyncClient:
        context = ssl.create_default_context(cafile=self.home / "tls" / "ca.pem")
        return httpx.AsyncClient(base_url=self.url, verify=context, trust_env=False, timeout=DEADLINE_S, **options)

    async def command(self, name: str, *arguments: str, code: int = 0, **environ: str) -> str:
        """Run a program to its end; what it says is kept under this name."""
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *arguments),
            env=os.environ | {"ARENA_CA": str(self.home / "tls" / "ca.pem"), "ARENA_HOME": str(self.home)} | environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(DEADLINE_S):
            said, _ = await child.communicate()
        self.said[name] = said.decode()
        assert child.returncode == code, self.said[name]
        return self.said[name]


@contextlib.asynccontextmanager
async def platform(database_url: str):
    """`arena up` with house bots and TLS; stopped in order at the end, when all is said."""
    run = Run(Path(tempfile.mkdtemp(prefix="arena-")))
    environ = {
        "ARENA_HOME": str(run.home),
        "ARENA_TLS": "true",
        "ARENA_NATS_PORT": "0",
        "ARENA_API_PORT": "0",
        "ARENA_DATABASE_URL": database_url,
        "ARENA_LOG_LEVEL": "debug",
    }
    up = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "arena", "up"),
        env=os.environ | environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = ""
    try:
        async with asyncio.timeout(DEADLINE_S):
            while "Ctrl-C" not in said:
                line = await up.stdout.readline()
                assert line, said
                said += line.decode()
        run.url = re.search(r"https://\S+", said)[0]
        yield run
    finally:
        with contextlib.suppress(ProcessLookupError):
            up.send_signal(signal.SIGTERM)
        async with asyncio.timeout(DEADLINE_S):
            rest, _ = await up.communicate()
        run.said["arena up"] = said + rest.decode()
        for path in (run.home / "logs").iterdir():
            run.said[path.stem] = path.read_text(errors="replace")
        shutil.rmtree(run.home)


@pytest.fixture
async def with_password(postgres: EmbeddedPostgres, database_url: str) -> tuple[str, str]:
    """The address of a database with a password in it, and the password."""
    password = f"x{secrets.token_hex(10)}"
    return database_url.replace("postgres@", f"postgres:{password}@"), password


async def rows(url: str) -> str:
    """Every row of every table, as text; what is stored as bytes (events, hashes) also as the text that it may be."""
    connection = await asyncpg.connect(url)
    names = await connection.fetch("select table_name from information_schema.tables where table_schema = 'public'")
    found: list[str] = []
    for (name,) in names:
        found += [str(row[0]) for row in await connection.fetch(f'select t::text from "{name}" t')]  # noqa: S608
    await connection.close()
    text = "\n".join(found)
    return text + "\n".join(bytes.fromhex(one).decode(errors="replace") for one in re.findall(r"\\x([0-9a-f]+)", text))


async def people(run: Run) -> str:
    """They register, log in rightly and wrongly, by body and by cookie, refresh, and change passwords."""
    name, first, second = f"u{secrets.token_hex(4)}", run.secret("password"), run.secret("second password")
    login = {"name": name, "password": first}
    async with run.client(headers={"User-Agent": "one"}) as client:
        answers = [await client.post("/api/auth/register", json=login)]
        assert answers[0].headers["strict-transport-security"]
        wrong = login | {"password": run.secret("wrong password")}
        assert (await client.post("/api/auth/login", json=wrong)).status_code == 401
        half = f'{{"name": "{name}", "password": "{run.secret("password in bad JSON")}'
        assert (await client.post("/api/auth/login", content=half.encode())).status_code == 400
        answers.append(await client.post("/api/auth/login", json=login))
        old = {"refresh_token": answers[1].json()["refresh_token"]}
        answers.append(await client.post("/api/auth/refresh", json=old))
        stolen = await client.post("/api/auth/refresh", json=old, headers={"User-Agent": "a thief"})
        assert stolen.status_code == 401
        answers.append(await client.post("/api/auth/login", json=login))
        for number, answer in enumerate(answers):
            for kind in ("access_token", "refresh_token"):
                run.hide(f"{kind} {number}", answer.json()[kind])
        headers = {"Authorization": f"Bearer {answers[-1].json()['access_token']}"}
        change = {"old": first, "new": second}
        assert (await client.post("/api/auth/password", json=change, headers=headers)).status_code == 204
        made = {"name": "ci", "scopes": ["read", "agents"]}
        token = run.hide(
            "personal token", (await client.post("/api/auth/tokens", json=made, headers=headers)).json()["token"]
        )
        made_up = token[:-1] + ("a" if token[-1] != "a" else "b")
        for query in (
            {"Authorization": f"Bearer {run.hide('made up token', made_up)}"},
            {"Authorization": "Basic eA=="},
        ):
            assert (await client.get("/api/agents", headers=query)).status_code == 401
    async with run.client() as browser:
        answer = await browser.post("/api/auth/login", json=login | {"password": second, "cookies": True})
        assert answer.status_code == 200
        for cookie in browser.cookies.jar:
            run.hide(f"cookie {cookie.name}", cookie.value)
        assert len(browser.cookies.jar) == 3
        assert (await browser.get("/api/auth/me")).json()["name"] == name
    return name


async def agents(run: Run, name: str) -> None:
    """They get credentials in every way, play, and are dropped by a rotation."""
    token = run.hidden["personal token"]
    async with run.client(headers={"Authorization": f"Bearer {token}"}) as client:
        agent = (await client.post("/api/agents", json={"name": "issued"})).json()["id"]
        for way in ("credentials", "credentials/rotate"):
            run.hide_creds(way, (await client.post(f"/api/agents/{agent}/{way}", json={})).json()["creds"])
    creds = run.home / "mine.creds"
    login = ("agent_kit", "login", "--url", run.url, "--agent", "mine", "--create", "--creds", str(creds))
    await run.command("agent-kit login", *login, ARENA_TOKEN=token)
    run.hide_creds("agent-kit login", creds.read_text())
    assert "arena-url: tls://" in creds.read_text()
    play = ("agent_kit", "run", f"{POLICY}:policy", "--creds", str(creds), "--games", "tictactoe", "--matches", "2")
    await run.command("agent-kit run", *play)
    again = (*login, "--force", "--rotate", "--user", name)
    await run.command("agent-kit login again", *again, ARENA_PASSWORD=run.hidden["second password"])
    run.hide_creds("agent-kit login again", creds.read_text())
    await run.command("agent-kit login wrongly", *again, code=1, ARENA_PASSWORD=run.hidden["wrong password"])


async def operator(run: Run, database_url: str, name: str) -> None:
    """Commands of the machine's operator, one of them without a database to reach."""
    reset = run.secret("password set by the operator")
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "arena", "user", "password", name, "--password-stdin"),
        env=os.environ | {"ARENA_HOME": str(run.home)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(DEADLINE_S):
        run.said["arena user password"] = (await child.communicate(reset.encode()))[0].decode()
    assert child.returncode == 0
    nowhere = f"postgresql://arena:{urlsplit(database_url).password}@127.0.0.1:1/arena"
    await run.command("without a database", "arena", "user", "list", code=1, ARENA_DATABASE_URL=nowhere)
    await run.command("doctor", "arena", "doctor", code=1, ARENA_DATABASE_URL=nowhere)


async def test_a_whole_run_writes_no_secret_down(with_password):
    database_url, password = with_password
    async with platform(database_url) as run:
        run.hide("the database's password", password)
        for pattern in ("keys/*.nk", "keys/jwt.key", "tls/*.key", "*/*.creds"):
            for path in run.home.glob(pattern):
                text = path.read_text()
                run.hide(path.name, (SEED.findall(text) or [text.strip()])[0])
        name = await people(run)
        await agents(run, name)
        await operator(run, database_url, name)

        async def recorded() -> bool:  # the audit log and the matches are written behind the calls
            found = await rows(database_url)
            return name in found and "POST /api/auth/password" in found and '"kind":"ended"' in found

        await eventually(recorded)
        tables = await rows(database_url)
    greeting = run.said["arena up"]
    first = run.hide("the first administrator's password", re.search(r"password (\S+) \(shown once\)", greeting)[1])
    assert greeting.count(first) == 1
    run.said["arena up"] = greeting.replace(first, "")  # there it is meant to stand
    for part in (*SERVICES, "nats", "arena up", "agent-kit login", "agent-kit run", "arena user password", "doctor"):
        assert run.said[part].strip(), f"{part} said nothing: nothing was looked for in it"
    assert any('"event"' in json.dumps(json.loads(line)) for line in run.said["api"].splitlines() if line[:1] == "{")
    assert len(run.hidden) > 60
    places = run.said | {"the tables": tables}
    found = [f"{what} in {place}" for place, text in places.items() for what, one in run.hidden.items() if one in text]
    assert not found
