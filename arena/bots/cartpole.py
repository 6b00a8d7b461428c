"""Cart-pole by a linear rule."""

from arena.bots.policy import Policy, Turn

_WEIGHTS = (0.05, 0.15, 1.0, 0.4)  # of place, speed, angle, spin: push to the side to which the pole falls and drifts


def linear(seed: int | None = None) -> Policy:
    """Pushes right if the weighted state is positive."""

    def act(turn: Turn) -> int:
        return int(sum(weight * float(part) for weight, part in zip(_WEIGHTS, turn.observation, strict=True)) > 0)

    return act
