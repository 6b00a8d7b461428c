"""PyTorch modules, where PyTorch is installed (the extra `torch`: in no lock, so not in CI)."""

from pathlib import Path
from typing import Any

import pytest

from agent_kit import MountFailed, Turn
from agent_kit.mounts import torch as mounts
from tests.agent_kit.mounts.conftest import House
from tests.agent_kit.readings.test_readings import turns

torch = pytest.importorskip("torch", reason="the extra `torch` is not installed")


class Lover(torch.nn.Module):
    """Loves an action, the next one a little less, and so on. Counts the turns of each call."""

    def __init__(self, actions: int, best: int) -> None:
        super().__init__()
        self.bias = torch.nn.Parameter(-((torch.arange(actions) - best) % actions).float())
        self.calls: list[int] = []

    def forward(self, seen: Any) -> Any:
        self.calls.append(len(seen))
        return self.bias + 0 * seen.flatten(1).sum(1, keepdim=True)


def turn_of(game: str, match: str = "m") -> Turn:
    turn, _, _ = next(turns(game, 1))
    turn.match = match
    return turn


async def test_a_module_plays_ranked_matches_in_batches(house: House) -> None:
    module = Lover(7, 3)
    played = await house.meet(
        mounts.mount(module, wait_ms=50.0), game="connect_four", games=["connect_four"], matches=4, slots=4
    )
    assert played.faults == []
    assert max(module.calls) > 1


async def test_the_best_legal_action_is_chosen_or_one_drawn() -> None:
    policy = mounts.mount(Lover(9, 4))
    turn = turn_of("tictactoe")
    assert await policy(turn) == 4
    turn.legal = [2, 7]
    assert await policy(turn) == 7
    policy.close()
    drawing = mounts.mount(Lover(9, 4), sample=True)
    turn.legal = [7, 8]
    assert {await drawing(turn) for _ in range(60)} == {7, 8}
    drawing.close()


@pytest.mark.parametrize("form", ["export", "jit"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PyTorch's own, of its older form
async def test_a_saved_program_is_mounted_by_its_path(tmp_path: Path, form: str) -> None:
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(18, 9))
    if form == "export":
        path = tmp_path / "policy.pt2"
        batch = {0: torch.export.Dim("batch", min=1, max=64)}
        torch.export.save(torch.export.export(module, (torch.zeros(2, 3, 3, 2),), dynamic_shapes=(batch,)), path)
    else:
        path = tmp_path / "policy.pt"
        torch.jit.trace(module, torch.zeros(2, 3, 3, 2)).save(path)
    policy = mounts.mount(str(path))
    turn = turn_of("tictactoe")
    expected = module(torch.as_tensor(turn.observation[None].astype("float32"))).argmax().item()
    assert await policy(turn) == expected
    policy.close()


async def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    with pytest.raises(MountFailed, match=r"there is no file .*nothing\.pt2"):
        mounts.mount(tmp_path / "nothing.pt2")
    for name in ("text.pt2", "text.pt"):
        (tmp_path / name).write_text("hello")
        with pytest.raises(
            MountFailed, match=rf"{name} is no program saved by torch.export.save \(.pt2\) or torch.jit"
        ):
            mounts.mount(tmp_path / name)
    wrong = mounts.mount(Lover(7, 3))
    with pytest.raises(MountFailed, match=r"the module gives \(1, 7\) in tictactoe; expected \(1, 9\), logits"):
        await wrong(turn_of("tictactoe"))
    wrong.close()
    broken = mounts.mount(Lover(9, 3))
    broken._policy._module.bias.data[0] = float("nan")  # type: ignore[attr-defined]
    with pytest.raises(MountFailed, match="the model gives NaN in tictactoe"):
        await broken(turn_of("tictactoe"))
    broken.close()


async def test_single_numbers_and_other_views_reach_the_module() -> None:
    heard = []

    def module(seen: Any) -> Any:
        heard.append(seen)
        return torch.zeros(len(seen), 6), torch.zeros(len(seen))  # logits and a value

    policy = mounts.mount(module)
    await policy(turn_of("taxi"))
    policy.close()
    seeing = mounts.mount(module, observe=lambda turn: [turn.seat, 0.5])
    await seeing(turn_of("taxi"))
    seeing.close()
    assert (heard[0].dtype, heard[0].shape) == (torch.int64, (1,))
    assert heard[1].tolist() == [[0.0, 0.5]]
