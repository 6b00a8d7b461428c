"""What is secret stands nowhere: not in the logs, not in the tables, not in the audit log."""

import secrets

import asyncpg

from tests.eventually import eventually


async def rows(url: str) -> str:
    """Every row of every table, as text."""
    connection = await asyncpg.connect(url)
    names = await connection.fetch("select table_name from information_schema.tables where table_schema = 'public'")
    found: list[str] = []
    for (name,) in names:
        found += [str(row[0]) for row in await connection.fetch(f'select t::text from "{name}" t')]  # noqa: S608
    await connection.close()
    return "\n".join(found)


async def test_no_password_no_token_and_no_seed_is_written_down(capfd, web, home):
    name, password, wrong = (f"x{secrets.token_hex(8)}" for _ in range(3))
    said = [await web.client.post("/api/auth/register", json={"name": name, "password": password})]
    said.append(await web.client.post("/api/auth/login", json={"name": name, "password": wrong}))
    said.append(await web.client.post("/api/auth/login", json={"name": name, "password": password}))
    assert [answer.status_code for answer in said] == [201, 401, 200]
    headers = {"Authorization": f"Bearer {said[-1].json()['access_token']}"}
    agent = (await web.client.post("/api/agents", json={"name": "a"}, headers=headers)).json()["id"]
    issued = await web.client.post(f"/api/agents/{agent}/credentials", json={}, headers=headers)
    seed = issued.json()["creds"].partition("-----BEGIN USER NKEY SEED-----\n")[2].partition("\n")[0]
    assert seed.startswith("SU")
    bad = await web.client.post("/api/agents", content=f'{{"name": "{wrong}'.encode(), headers=headers)
    assert bad.status_code == 400
    hidden = {"password": password, "wrong password": wrong, "seed": seed}
    for answer in (said[0], said[2]):
        hidden |= {key: value for key, value in answer.json().items() if key.endswith("_token") and value}
    url = web.settings.database_url

    async def audited():
        return agent in await rows(url) and name in await rows(url)

    await eventually(audited)
    logs = "".join(path.read_text(errors="replace") for path in (home / "logs").rglob("*.log"))
    printed = "".join(capfd.readouterr())
    places = {"the tables": await rows(url), "the servers' logs": logs, "what the API prints": printed}
    assert places["the tables"]
    assert places["the servers' logs"]  # what the API prints may be nothing: all of this went well
    found = [f"{what} in {place}" for place, text in places.items() for what, value in hidden.items() if value in text]
    assert not found
