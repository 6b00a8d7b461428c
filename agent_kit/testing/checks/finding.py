"""What a check found."""

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """What it means."""

    OK = "ok"
    NOTE = "note"  # worth knowing; nothing that costs a match
    FAILED = "failed"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One check of one game. found: what was seen; advice: what to do, where something should be done."""

    check: str
    game: str
    verdict: Verdict
    found: str
    advice: str = ""
