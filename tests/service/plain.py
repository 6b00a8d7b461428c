"""A service for the tests: `python -m tests.service.plain BEHAVIOUR`."""

import sys

from prometheus_client import Counter

from arena.service import Service, run_service
from arena.wire.subjects import RUNNER

DONE = Counter("arena_test_done", "For a test", ["what"])


async def run(service: Service) -> None:
    DONE.labels("x").inc(3)
    service.log.info("ready", match="m1", path=service.settings.home)
    match sys.argv[1]:
        case "crash":
            raise RuntimeError("broken")
        case "return":
            return
        case "deaf":
            await service.bus.closed.wait()
    await service.stop.wait()
    service.log.info("ended")


if __name__ == "__main__":
    sys.exit(run_service(RUNNER, run))
