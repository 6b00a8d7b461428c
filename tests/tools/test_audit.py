"""What `make audit` makes of the reports: nothing found is not the same as nobody asked."""

import json

from tools.audit import read_npm_audit, read_pip_audit, say


def report(*dependencies):
    return json.dumps({"dependencies": list(dependencies), "fixes": []})


FINE = {"name": "fine", "version": "1", "vulns": []}
BAD = {"name": "bad", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
SKIPPED = {"name": "skipped", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def test_a_vulnerable_package_is_named():
    outcome = read_pip_audit(report(FINE, BAD), "")
    assert outcome.vulnerable == ("bad 2: PYSEC-1",)
    assert "PYSEC-1" in say(outcome)
    npm = {"vulnerabilities": {"left-pad": {"severity": "high"}}, "metadata": {}}
    assert read_npm_audit("x", json.dumps(npm), "").vulnerable == ("left-pad: high",)


def test_who_was_not_asked_is_not_called_safe():
    for outcome in (
        read_pip_audit(report(SKIPPED), "No known vulnerabilities found"),  # as from a mirror without advisories
        read_pip_audit("", "ERROR: connection refused"),
        read_npm_audit("x", json.dumps({"message": "405 Method Not Allowed", "error": {}}), ""),
        read_npm_audit("x", "", "npm error"),
    ):
        assert not outcome.asked
        assert "NOT CHECKED" in say(outcome)
    some = read_pip_audit(report(FINE, SKIPPED), "")
    assert some.asked
    assert "NOT CHECKED: skipped" in say(some)


def test_nothing_known():
    assert say(read_pip_audit(report(FINE), "")) == "requirements.lock: nothing known"
    assert say(read_npm_audit("x", json.dumps({"vulnerabilities": {}}), "")) == "x: nothing known"
