"""docs/security.md names tests: they exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`((?:tests/[\w/]+\.py)?)(?:::(test_\w+))?`")


def test_every_test_that_the_page_names_exists():
    named, module = 0, ""
    for path, test in NAMED.findall((ROOT / "docs" / "security.md").read_text()):
        module = path or module
        assert (ROOT / module).is_file(), module
        if test:
            assert re.search(rf"def {test}\(", (ROOT / module).read_text()), f"{module}::{test}"
            named += 1
    assert named > 30
