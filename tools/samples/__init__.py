"""The values of the golden files, by file name. A sample is never changed and never removed; new ones join."""

import msgspec

from tools.samples import conversation, log, services

MSGPACK_ONLY = ("turn-array",)  # JSON has nested lists instead
SAMPLES: dict[str, msgspec.Struct] = conversation.SAMPLES | log.SAMPLES | services.SAMPLES
