"""Everything that can go wrong for an agent's author.

AgentKitError
+-- CredentialsError   the .creds file is missing or not one of this platform's
+-- ConnectionFailed   no server at this address, or it refused the credentials
+-- Revoked            the credentials were revoked or ran out while connected: get new ones
+-- Refused            the lobby refused the hello (or would: wrong options); `code` and the message say why
+-- PolicyError        your own code raised, or returned something that is no action
    +-- MountFailed    what was mounted cannot play: not installed, does not start, does not fit the game
"""


class AgentKitError(Exception):
    """Base of all errors of agent_kit."""


class CredentialsError(AgentKitError):
    """The credentials file is missing, or is none. `arena agent credentials issue` makes one."""


class ConnectionFailed(AgentKitError):
    """No connection. Check the address (`url=`, ARENA_NATS_URL, or the comment in the .creds file)."""


class Revoked(AgentKitError):
    """The server closed the connection for good: revoked or expired. Issue new credentials and start again."""


class Refused(AgentKitError):
    """The lobby refused the hello. `code` is one of arena.wire.faults.RefusalCode."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class PolicyError(AgentKitError):
    """Your code raised (the traceback above is yours), or its action cannot be sent; the message says which."""


class MountFailed(PolicyError):
    """A ready-made mount cannot play: a package or program is missing, or a model does not fit the game."""
