"""The dashboard's page and files, as any browser gets them. What is on the page: tests/web."""

import re

import pytest

from tests.api.conftest import Web

NONCE = re.compile(r"style-src 'self' 'nonce-([\w-]{22})';")


@pytest.mark.parametrize("path", ["/", "/agents/01k", "/games/go_9x9?tab=rules"])
async def test_every_address_of_the_dashboard_is_its_page(web: Web, path: str) -> None:
    page = await web.client.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    for link in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        part = await web.client.get(link)
        assert part.status_code == 200, link
        kept = "public, max-age=31536000, immutable" if link.startswith("/assets/") else "private, no-cache"
        assert part.headers["cache-control"] == kept, link


async def test_a_page_may_make_styles_by_a_nonce_that_no_other_answer_has(web: Web) -> None:
    nonces = set()
    for _ in range(3):
        page = await web.client.get("/")
        found = NONCE.search(page.headers["content-security-policy"])
        assert found
        assert f'<meta property="csp-nonce" nonce="{found[1]}"' in page.text
        nonces.add(found[1])
    assert len(nonces) == 3
    for path in ("/static/scheme.js", "/api/games"):
        assert "nonce" not in (await web.client.get(path)).headers["content-security-policy"]


async def test_files_are_sent_small(web: Web) -> None:
    script = re.search(r'src="(/assets/index-[^"]+)"', (await web.client.get("/")).text)
    assert script
    answer = await web.client.get(script[1], headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.num_bytes_downloaded < len(answer.content) / 2


@pytest.mark.parametrize("path", ["/api/none", "/assets/none.js", "/favicon.ico", "/static/../app.py"])
async def test_what_is_no_page_is_not_found(web: Web, path: str) -> None:
    answer = await web.client.get(path)
    assert answer.status_code == 404
    assert answer.json()["status"] == 404
