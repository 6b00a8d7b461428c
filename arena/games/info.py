"""What agents are told of a game: its spaces, clock and teams."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from arena.wire import spaces as wire
from arena.wire.lobby import GameInfo, SeatSpaces

if TYPE_CHECKING:
    from arena.games.catalogue import Game


def describe(game: "Game") -> GameInfo:
    """Set an environment up and look at its spaces. Raises Unplayable."""
    from arena.games.described import described, unmasked

    environment: Any = game.make()
    try:
        seen, done = environment.observation_spaces, environment.action_spaces
        spaces = [
            SeatSpaces(observation=described(unmasked(one)), action=described(other))
            for one, other in zip(seen, done, strict=True)
        ]
        alike = all(it == spaces[0] for it in spaces)
        return told(game, str(seen[0]), str(done[0]), spaces[:1] if alike else spaces)
    finally:
        environment.close()


def told(game: "Game", observation_space: str, action_space: str, spaces: list[SeatSpaces]) -> GameInfo:
    """The row and these spaces, as agents get them."""
    first = spaces[0].action
    discrete = first if isinstance(first, wire.Discrete) else wire.Discrete(n=0)
    return GameInfo(
        name=game.name,
        title=game.title,
        seats=game.seats,
        observation_space=observation_space,
        action_space=action_space,
        actions=discrete.n,
        first_action=discrete.start,
        move_ms=game.clock.move_ms,
        bank_ms=game.clock.bank_ms,
        increment_ms=game.clock.increment_ms,
        progress_ms=game.clock.progress_ms,
        spaces=spaces,
        teams=[list(team) for team in game.teams],
        cooperative=game.cooperative,
    )


def action_ranges(info: GameInfo) -> Sequence[tuple[int, int] | None]:
    """By seat: the first action and how many there are, where the seat's action space is discrete."""
    found = [
        (space.action.start, space.action.n) if isinstance(space.action, wire.Discrete) else None
        for space in info.spaces
    ]
    return found * info.seats if len(found) == 1 else found
