"""The rules of the tree that no other tool checks, in the manner of TigerBeetle's tidy: what breaks one is named."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LINE_CHARACTERS_MAX = 120
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
CODE_SUFFIXES = {".py", ".sh", ".js", ".ts", ".tsx"}
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
SUBJECT = re.compile(r"\barena\.(lobby|agent|move|event)\.|\barena\.runner\.[^\s.]+\.beat\b")
WITHOUT_US = Path("examples/bare_agent.py")  # it imports nothing of ours, as agents in other languages
UNFINISHED = re.compile(r"\bTODO\b|\bFIXME\b|\braise NotImplementedError\b|pytest\.mark\.(skip|xfail)|pytest\.skip\(")
MAY_SKIP = "tests/conftest.py"  # what needs a program of the system's, and not in CI
SLEEP = re.compile(r"\bsleep\((?!0\))")
SLEEPS_MAX = 5  # agents that are slow on purpose
HOSTS = tuple(
    ".".join(labels) for labels in (("pypi", ""), ("pythonhosted", ""), ("registry", "npmjs"), ("deb", "debian"))
)
REFERENCE = re.compile(r"\bdocs/[\w./-]+\.(?:md|json|svg|png|cast)\b")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
UNLOCKED = {"torch", "sb3"}  # extras of which each machine wants another build
LOCKS = {  # what each pins: an extra, the base install (""), all that is locked (None); or a dependency group
    "requirements.lock": None,
    "requirements-server.lock": "server",
    "requirements-base.lock": "",
    "requirements-web.lock": "group web",
}


@cache
def files() -> tuple[Path, ...]:
    """What is tracked, and what is new and not ignored, relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return tuple(Path(line) for line in listed.splitlines() if (ROOT / line).is_file())


def text(path: Path) -> str:
    """A file's text, or nothing for a binary file."""
    content = (ROOT / path).read_bytes()
    return "" if b"\0" in content else content.decode(errors="replace")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path))


def modules(*folders: str) -> list[Path]:
    """Python files of these folders, or of all; migrations are scripts of another kind."""
    return [
        path
        for path in files()
        if path.suffix == ".py" and "migrations" not in path.parts and (not folders or path.parts[0] in folders)
    ]


def strings(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string of the code with its line, docstrings left out."""
    documentation = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def found(paths: list[Path], pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern stands."""
    return [
        f"{path}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(text(path).splitlines(), 1)
        if pattern.search(line)
    ]


def test_lines_are_short() -> None:
    paths = [path for path in files() if path.suffix in CODE_SUFFIXES]
    assert found(paths, re.compile(f".{{{LINE_CHARACTERS_MAX + 1}}}")) == []


def test_modules_are_one_thing_each() -> None:
    sizes = {str(path): text(path).count("\n") for path in modules()}
    assert {path: lines for path, lines in sizes.items() if lines > MODULE_LINES_MAX} == {}


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{path}:{node.lineno}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in modules("arena", "agent_kit", "tools", "benchmarks", "examples")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert long == []


def test_the_platform_does_not_print() -> None:
    calls = [
        f"{path}:{node.lineno}"
        for path in modules("arena")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        if not any(keyword.arg == "file" for keyword in node.keywords)  # to stderr, before there is a log
    ]
    assert calls == []


def test_subjects_are_written_in_the_vocabulary_only() -> None:
    literals = [
        f"{path}:{line}: {value[:60]}"
        for path in modules("arena", "agent_kit", "benchmarks", "examples")
        if path.parts[:2] != ("arena", "wire") and path != WITHOUT_US
        for line, value in strings(tree(path))
        if SUBJECT.search(value)
    ]
    assert literals == []


def test_names_say_what_a_module_is_about() -> None:
    assert [str(path) for path in modules() if BANNED_NAMES & {*path.parts[:-1], path.stem}] == []


def test_every_package_says_what_it_is_for() -> None:
    folders = {path.parent for path in modules("arena", "agent_kit", "tools")}
    silent = [
        str(folder)
        for folder in folders
        if not (ROOT / folder / "__init__.py").is_file() or not ast.get_docstring(tree(folder / "__init__.py"))
    ]
    assert sorted(silent) == []


def test_every_package_of_the_platform_has_tests() -> None:
    packages = {path.parts[1] for path in modules("arena") if len(path.parts) > 2} | {"agent_kit"}
    tested = {path.parts[1] for path in modules("tests") if len(path.parts) > 2 and path.name.startswith("test_")}
    assert sorted(packages - tested) == []


def test_nothing_is_left_unfinished() -> None:
    excepted = {Path(MAY_SKIP), Path(__file__).relative_to(ROOT)}
    paths = [path for path in modules("arena", "agent_kit", "tests", "tools") if path not in excepted]
    assert found(paths, UNFINISHED) == []


def test_tests_wait_for_signals_and_do_not_sleep() -> None:
    sleeps = found([path for path in modules("tests") if path.name != Path(__file__).name], SLEEP)
    assert len(sleeps) <= SLEEPS_MAX, "\n".join(sleeps)


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    hosts = "|".join(re.escape(host) + "(org|com)" for host in HOSTS)
    machine = re.compile(rf"\b({hosts})\b|(?<![\w.])/(work|home|root|Users)/\w")
    assert found([path for path in files() if path.name != Path(__file__).name], machine) == []


def test_documents_refer_to_files_that_exist() -> None:
    missing = [
        f"{path}: {reference}"
        for path in files()
        if path.suffix in {".py", ".md", ".toml"} and path.name != Path(__file__).name
        for reference in REFERENCE.findall(text(path))
        if not (ROOT / reference).is_file()
    ]
    missing += [
        f"{path}: {target}"
        for path in files()
        if path.suffix == ".md"
        for target in LINK.findall(text(path))
        if not (ROOT / path.parent / target).exists()
    ]
    assert missing == []


def test_decisions_are_numbered_and_fit_on_a_page() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        content = page.read_text()
        assert len(content.splitlines()) <= 70, page.name
        for heading in ("Status:", "Date:", "## Context", "## Decision", "## Consequences"):
            assert heading in content, (page.name, heading)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_what_is_declared_with_hashes(lock: str) -> None:
    content = (ROOT / lock).read_text()
    pins = [Requirement(line.partition(" \\")[0]) for line in content.splitlines() if line[:1].isalpha()]
    assert all(str(pin.specifier).startswith("==") for pin in pins)
    assert not re.search(r"https?:|^--", content, re.MULTILINE)
    assert all("--hash=sha256:" in part for part in re.split(r"^(?=\w)", content, flags=re.MULTILINE)[1:])

    declared = list(_declared(LOCKS[lock]))
    for requirement in declared:
        versions = [pin for pin in pins if canonicalize_name(pin.name) == canonicalize_name(requirement.name)]
        assert versions, f"{requirement.name} is not in {lock}: run `make lock`"
        for pin in versions:
            assert requirement.specifier.contains(str(pin.specifier)[2:]), f"{lock}: {pin}, declared {requirement}"


def _declared(what: str | None) -> Iterator[Requirement]:
    """The requirements of one of LOCKS, with those that they include."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project, extras = pyproject["project"], pyproject["project"]["optional-dependencies"]
    groups = pyproject["dependency-groups"]
    if what and what.startswith("group "):
        waiting = list(groups[what.removeprefix("group ")])
    elif what is not None:
        waiting = [*project["dependencies"], *extras.get(what, [])]
    else:
        waiting = [*project["dependencies"], *groups["dev"]]
        waiting += [line for name, requirements in extras.items() if name not in UNLOCKED for line in requirements]
    while waiting:
        line = waiting.pop()
        if isinstance(line, dict):
            waiting += groups[line["include-group"]]
            continue
        requirement = Requirement(line)
        if requirement.name == project["name"]:
            waiting += [line for name in requirement.extras for line in extras[name]]
        else:
            yield requirement
