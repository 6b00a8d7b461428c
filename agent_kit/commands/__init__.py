"""What `agent-kit` can do: a module for each command, with `add(subparsers)` and `command(options) -> exit code`."""
