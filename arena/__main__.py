"""`arena` and `python -m arena`."""

import sys

from arena.cli.root import main as run


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run())


if __name__ == "__main__":
    main()
