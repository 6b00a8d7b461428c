"""A PyTorch module, observations -> logits: `run(torch.mount(module), slots=64)`, or `agent-kit run torch:file.pt2`.

The module gets a batch: a float32 tensor (turns, *shape of an observation), int64 where observations are single whole
numbers, or a dict of tensors where they are dicts.  It returns logits (turns, actions), or a tuple that begins with
them, as actor-critic modules do; of a game whose actions are no numbered ones, it returns the actions themselves.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agent_kit.batch import SIZE, WAIT_MS, Batch
from agent_kit.errors import MountFailed
from agent_kit.extras import need
from agent_kit.turn import Turn

EXPORTED = ".pt2"


def mount(
    module: Any,
    *,
    sample: bool = False,
    device: str = "cpu",
    size: int = SIZE,
    wait_ms: float = WAIT_MS,
    observe: Callable[[Turn], Any] | None = None,
) -> Batch:
    """A policy that is a module, called for many turns at once.

    module: a torch.nn.Module, or the path of a program saved by `torch.export.save` (.pt2) or `torch.jit.save`. sample:
    draw from the logits instead of the largest. size, wait_ms: as of `Batch`. observe: what the module sees of a turn,
    instead of its observation. Illegal actions are never chosen.
    Raises MountFailed for a file that is none of these, and when the module does not fit a game.
    """
    library = need("torch", "torch")
    numpy = need("numpy", "torch")
    if isinstance(module, str | Path):
        module = _load(library, Path(module), device)
    elif isinstance(module, library.nn.Module):
        module = module.to(device).eval()
    return Batch(Logits(library, numpy, module, sample, device, observe), size, wait_ms)


class Logits:
    """Turns -> actions by one call of the module for each game that is among the turns."""

    def __init__(
        self,
        library: Any,
        numpy: Any,
        module: Callable[[Any], Any],
        sample: bool,
        device: str,
        observe: Callable[[Turn], Any] | None,
    ) -> None:
        self._torch = library
        self._numpy = numpy
        self._module = module
        self._sample = sample
        self._device = device
        self._observe = observe or (lambda turn: turn.observation)

    def __call__(self, turns: Sequence[Turn]) -> list[Any]:
        """An action for each turn."""
        return by_game(turns, self._act)

    def _act(self, turns: Sequence[Turn]) -> list[Any]:
        torch, first = self._torch, turns[0]
        with torch.inference_mode():
            said = self._module(self._stacked([self._observe(turn) for turn in turns]))
            logits = said[0] if isinstance(said, tuple) else said
            if not first.actions:
                actions: list[Any] = logits.tolist()
                return actions
            expected = (len(turns), len(first.actions))
            if tuple(logits.shape) != expected:
                raise MountFailed(
                    f"the module gives {tuple(logits.shape)} in {first.game}; expected {expected}, logits"
                )
            return chosen(torch, logits, turns, self._sample)

    def _stacked(self, observations: list[Any]) -> Any:
        if isinstance(observations[0], dict):
            return {key: self._stacked([one[key] for one in observations]) for key in observations[0]}
        array = self._numpy.asarray(observations)
        numbers = array.ndim == 1 and array.dtype.kind in "iu"
        return self._torch.as_tensor(array.astype("int64" if numbers else "float32"), device=self._device)


def by_game(turns: Sequence[Turn], act: Callable[[Sequence[Turn]], list[Any]]) -> list[Any]:
    """Actions in the order of the turns, by one call for each game."""
    groups: dict[str, list[int]] = {}
    for place, turn in enumerate(turns):
        groups.setdefault(turn.game, []).append(place)
    actions: list[Any] = [None] * len(turns)
    for places in groups.values():
        for place, action in zip(places, act([turns[place] for place in places]), strict=True):
            actions[place] = action
    return actions


def chosen(library: Any, logits: Any, turns: Sequence[Turn], sample: bool) -> list[int]:
    """A legal action for each row of logits. Raises MountFailed for logits that are not numbers."""
    if library.isnan(logits).any():
        raise MountFailed(f"the model gives NaN in {turns[0].game}")
    illegal = library.zeros_like(logits, dtype=library.bool)
    for row, turn in zip(illegal, turns, strict=True):
        if turn.legal is not None:
            row.fill_(True)[[turn.actions.index(action) for action in turn.legal]] = False
    logits = logits.masked_fill(illegal, -library.inf)
    if sample:
        picks = library.multinomial(library.softmax(logits.float(), dim=1), 1).squeeze(1)
    else:
        picks = logits.argmax(dim=1)
    return [turn.actions[pick] for turn, pick in zip(turns, picks.tolist(), strict=True)]


def _load(library: Any, path: Path, device: str) -> Any:
    if not path.exists():
        raise MountFailed(f"there is no file {path}")
    try:
        if path.suffix == EXPORTED:
            return library.export.load(path).module().to(device)
        return library.jit.load(path, map_location=device).eval()
    except Exception as error:  # the library raises of many kinds
        raise MountFailed(
            f"{path} is no program saved by torch.export.save ({EXPORTED}) or torch.jit.save: {error}. A pickled "
            "module needs its own code: load it in Python and mount the object"
        ) from error
