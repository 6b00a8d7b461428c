"""What the registrar accepts, and the errors with which it says that something was not done."""

import unicodedata
from typing import Any

import msgspec

NAME_MAX = 40
TEXT_MAX = 2_000
LABEL_MAX = 100
METADATA_BYTES_MAX, METADATA_DEPTH_MAX = 16_384, 32
CAPABILITIES_MAX = 32  # each as long as a name


class RegistrarError(Exception):
    """It was not done.

    RegistrarError
    +-- Unknown     there is no such user, agent, version or credential
    +-- Invalid     a value is not acceptable; the message says what was expected
    +-- NameTaken   there is one of that name already
    +-- Unpushed    it is written, but NATS does not know yet: the API tells it within minutes, or do it again
    """


class Unknown(RegistrarError):
    """There is no such thing."""


class Invalid(RegistrarError):
    """Not acceptable; the message says what was expected."""


class NameTaken(RegistrarError):
    """There is one of that name already."""


class Unpushed(RegistrarError):
    """Written, but not known to NATS yet."""


def composed(name: str) -> str:
    """A name in the form in which names are stored (Unicode NFC): macOS types some letters as two characters."""
    return unicodedata.normalize("NFC", name)


def check_name(name: str, what: str) -> str:
    """The name as it is stored (Unicode NFC). Raises Invalid."""
    name = composed(name)
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable() or name != name.strip() or "/" in name:
        raise Invalid(f"expected a name of 1 to {NAME_MAX} printable characters without '/', got {what} {name!r}")
    return name


def check_text(text: str) -> str:
    """The text. Raises Invalid."""
    if len(text) > TEXT_MAX or "\0" in text:
        raise Invalid(f"expected a text of at most {TEXT_MAX} characters, without NUL")
    return text


def check_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """The metadata. Raises Invalid."""
    encoded = msgspec.json.encode(metadata)
    if len(encoded) > METADATA_BYTES_MAX or b"\\u0000" in encoded:
        raise Invalid(f"expected metadata of at most {METADATA_BYTES_MAX} bytes as JSON, without NUL")
    level: list[Any] = [metadata]
    for _ in range(METADATA_DEPTH_MAX):
        inner = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [value for values in inner for value in values]
    if level:
        raise Invalid(f"expected metadata of at most {METADATA_DEPTH_MAX} levels")
    return metadata


def check_capabilities(capabilities: list[str]) -> list[str]:
    """Each once, in order. Raises Invalid."""
    fit = all(1 <= len(one) <= NAME_MAX and one.isprintable() for one in capabilities)
    if len(capabilities) > CAPABILITIES_MAX or not fit:
        raise Invalid(f"expected at most {CAPABILITIES_MAX} capabilities of 1 to {NAME_MAX} printable characters")
    return sorted({*capabilities})


def check_label(label: str) -> None:
    """Raises Invalid."""
    if len(label) > LABEL_MAX or "\0" in label:
        raise Invalid(f"expected a label of at most {LABEL_MAX} characters, without NUL")
