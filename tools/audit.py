"""Known vulnerabilities of what we depend on: `make audit`.

    python -m tools.audit [PIP-AUDIT]

Asks PyPI's advisories about every package of requirements.lock (pip-audit), and npm's about every folder with a
package-lock.json (npm audit). Exit code 1: something is vulnerable; 0: nothing is, or nobody could be asked: a mirror
without advisories must not break a build, but it is said plainly, for pip-audit itself calls that "no known
vulnerabilities".
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parent.parent
LOCK = "requirements.lock"
SECONDS_MAX = 600


class Outcome(msgspec.Struct, frozen=True):
    """What one service said. asked: it was reached, for every package but `unknown`."""

    what: str
    asked: bool
    vulnerable: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    detail: str = ""


def python(program: str) -> Outcome:
    """The locked Python packages, by pip-audit."""
    command = (program, "--requirement", LOCK, "--disable-pip", "--require-hashes", "--format", "json")
    return read_pip_audit(*_run(command, ROOT))


def read_pip_audit(out: str, err: str) -> Outcome:
    """pip-audit's report. A package that the index has no advisories for is skipped there, with a reason."""
    report = _json(out)
    if not report.get("dependencies"):
        return Outcome(LOCK, asked=False, detail=_last(err))
    found = report["dependencies"]
    vulnerable = [f"{one['name']} {one['version']}: {_ids(one)}" for one in found if one.get("vulns")]
    skipped = {one["name"]: str(one["skip_reason"]) for one in found if "skip_reason" in one}
    detail = next(iter(skipped.values()), "")
    return Outcome(LOCK, len(skipped) < len(found), tuple(vulnerable), tuple(skipped), detail)


def javascript(folder: Path) -> Outcome:
    """The locked packages of a folder, by npm."""
    npm = shutil.which("npm")
    what = str(folder.relative_to(ROOT) / "package-lock.json")
    if npm is None:
        return Outcome(what, asked=False, detail="npm is not installed")
    return read_npm_audit(what, *_run((npm, "audit", "--json"), folder))


def read_npm_audit(what: str, out: str, err: str) -> Outcome:
    """The report of npm."""
    report = _json(out)
    if "vulnerabilities" not in report:
        return Outcome(what, asked=False, detail=str(report.get("message") or _last(err)))
    found = [f"{name}: {one.get('severity', '')}" for name, one in report["vulnerabilities"].items()]
    return Outcome(what, asked=True, vulnerable=tuple(found))


def _run(command: tuple[str, ...], folder: Path) -> tuple[str, str]:
    done = subprocess.run(  # noqa: S603 - programs that we name
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS_MAX, check=False
    )
    return done.stdout, done.stderr


def _json(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _ids(dependency: dict[str, Any]) -> str:
    return ", ".join(str(one["id"]) for one in dependency["vulns"])


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]


def say(outcome: Outcome) -> str:
    """In a line, or one for each finding."""
    if not outcome.asked:
        return f"{outcome.what}: NOT CHECKED, no service could be asked ({outcome.detail})"
    lines = [f"{outcome.what}: {one}" for one in outcome.vulnerable] or [f"{outcome.what}: nothing known"]
    if outcome.unknown:
        lines.append(f"{outcome.what}: NOT CHECKED: {', '.join(outcome.unknown)}")
    return "\n".join(lines)


def main() -> int:
    """The command."""
    program = sys.argv[1] if len(sys.argv) > 1 else shutil.which("pip-audit")
    missing = Outcome(LOCK, asked=False, detail="pip-audit is not installed")
    outcomes = [python(program) if program and Path(program).exists() else missing]
    locks = [lock for lock in sorted(ROOT.rglob("package-lock.json")) if "node_modules" not in lock.parts]
    outcomes += [javascript(lock.parent) for lock in locks]
    sys.stdout.write("\n".join(map(say, outcomes)) + "\n")
    return 1 if any(outcome.vulnerable for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
