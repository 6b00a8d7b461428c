"""The runner's process."""

import asyncio
import contextlib

import msgspec

from arena.bus import Unreachable
from arena.games import load_catalogue
from arena.runner.claims import Claims
from arena.runner.figures import shown
from arena.runner.office import Office
from arena.runner.take import Taker
from arena.service import Service
from arena.wire import subjects
from arena.wire.registry import RunnerBeat

BEAT_S = 1.0
LAST_ACKS_S = 1.0


async def run(service: Service) -> None:
    """Play matches until told to stop; then hand the running ones over."""
    catalogue = load_catalogue(service.settings.games_file)
    office = Office(service.bus, service.id)
    taker = Taker(office, catalogue)
    slots, lease_ms = service.settings.runner_slots, service.settings.claim_lease_ms
    claims = taker.claims = Claims(service.bus, catalogue, slots, lease_ms, taker.take)
    office.lessor = claims
    await office.open()
    beat = RunnerBeat(runner=service.id, games=sorted(catalogue), capacity=slots, playing=0)
    service.log.info("runner ready", slots=slots, games=len(catalogue))
    try:
        with shown(office, claims):
            async with asyncio.TaskGroup() as group:  # a runner without its sweep is none: it fails with it
                tasks = [
                    group.create_task(office.sweep()),
                    group.create_task(office.pulse.run()),
                    group.create_task(_beat(service, claims, beat)),
                ]
                await claims.run(service.stop)
                for task in tasks:
                    task.cancel()
    finally:
        await _hand_over(service, office, claims, beat)


async def _beat(service: Service, claims: Claims, beat: RunnerBeat) -> None:
    while True:
        await _say(service, msgspec.structs.replace(beat, playing=claims.held))
        await asyncio.sleep(BEAT_S)


async def _say(service: Service, beat: RunnerBeat) -> None:
    with contextlib.suppress(Unreachable):
        await service.bus.publish(subjects.RUNNER_BEAT.at(runner=service.id), msgspec.json.encode(beat))


async def _hand_over(service: Service, office: Office, claims: Claims, beat: RunnerBeat) -> None:
    """Begin nothing new, wait for what is being written, then give every match back: another runner goes on."""
    office.draining = True
    await _say(service, msgspec.structs.replace(beat, draining=True, capacity=0))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LAST_ACKS_S):
            await office.journal.idle.wait()
    office.journal.stop()
    for play in office.plays.values():
        play.close()
    service.log.info("runner handed over", matches=claims.held)
    claims.hand_back_all()
