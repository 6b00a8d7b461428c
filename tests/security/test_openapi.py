"""Whatever the OpenAPI document allows is sent: no server error, no status that it does not name."""

import asyncio
import time

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import status_code_conformance

EXAMPLES = 6  # of each operation
HURRY_S = 45.0  # then there is one example of each that is left, so that a slow machine tries them all, too
ENDLESS = ("/live",)  # event streams
FAREWELL = (
    "log-out",
    "logout",
    "/auth/password",
    "/auth/refresh",
    "/auth/sessions",
)  # who says it is nobody afterwards


def try_all(document, base, headers, until_s):
    """What is wrong, and how many operations were tried. Runs in a thread: the server has the event loop."""
    problems, tried = [], []
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        ends_account = operation.method == "delete" and operation.path in {"/api/auth/me", "/api/users/me"}
        if operation.path.endswith(ENDLESS) or any(word in operation.path for word in FAREWELL) or ends_account:
            continue
        tried.append(operation.label)
        examples = EXAMPLES if time.monotonic() < until_s else 1
        if problem := try_one(operation, base, headers, examples):
            problems.append(f"{operation.label}: {problem}")
    return problems, tried


def try_one(operation, base, headers, examples):
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case):
        answer = case.call(base_url=base, headers=headers, timeout=20)
        assert answer.status_code < 500 or answer.status_code == 503, answer.text  # 503: no matchmaker runs here
        case.validate_response(answer, checks=(status_code_conformance,))

    try:
        send()
    except BaseException as error:  # noqa: BLE001 - hypothesis groups several failures
        inner = getattr(error, "exceptions", (error,))
        return " | ".join(str(one).partition("Reproduce")[0].strip()[:600] for one in inner)
    return ""


async def test_no_server_error_and_no_undocumented_status(web):
    document = (await web.client.get("/api/openapi.json")).json()
    user = await web.register()
    headers = {"Authorization": user.headers["Authorization"]}
    until_s = time.monotonic() + HURRY_S
    problems, tried = await asyncio.to_thread(try_all, document, str(web.client.base_url), headers, until_s)
    assert (await user.get("/api/auth/me")).status_code == 200  # still somebody: not all answers were 401
    assert not problems, f"{len(problems)} of {len(tried)} operations:\n" + "\n".join(problems)
    methods = sum(len(operations) for operations in document["paths"].values())
    assert 0.8 * methods < len(tried) < methods  # all but event streams, and what says good-bye
