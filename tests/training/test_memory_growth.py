"""A training keeps nothing from step to step: after 10,000 steps it holds what it held after 2,000."""

import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.bench.conftest import SMALL
from tests.processes import linux_only
from torchcamp.recipes.registry import NAMES
from torchcamp.recipes.train import Prepared, Request, prepare
from torchcamp.training.loop import fit
from torchcamp.training.run_folder import RunFolder

FIRST, LAST = 2_000, 10_000
# What may come and go between two moments of the same training: caches of Python and of the allocator.
TOLERANCE = {"tensors": 5, "tensor bytes": 4096, "Python blocks": 2_000, "resident bytes": 4 << 20}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Steps this small only wait for a second thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@dataclass
class Held:
    """What this process holds after some step."""

    counts: dict[str, int]

    def growth(self, earlier: "Held") -> dict[str, int]:
        return {name: self.counts[name] - earlier.counts[name] for name in self.counts}


def held() -> Held:
    gc.collect()
    blocks, resident = sys.getallocatedblocks(), resident_bytes()
    # Of these types exactly: other tests leave fake tensors, which hold nothing and cannot be asked.
    tensors = [each for each in gc.get_objects() if type(each) in (Tensor, nn.Parameter)]
    storages = {each.untyped_storage().data_ptr(): each.untyped_storage() for each in tensors}
    return Held(
        {
            "tensors": len(tensors),
            "tensor bytes": sum(each.nbytes() for each in storages.values()),
            "Python blocks": blocks,
            "resident bytes": resident,
        }
    )


def resident_bytes() -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith("VmRSS:")]
    return int(line.split()[1]) << 10


def growth(prepared: Prepared, folder: Path, first: int, last: int) -> dict[str, int]:
    """Train as `torchcamp train` does, with rows, checkpoints and measures, for `last` steps: what is held
    more after them than after `first` steps."""
    run = RunFolder.create(folder, "run")
    seen: list[Held] = []
    step = 0

    def look() -> bool:
        nonlocal step
        step += 1
        if step in (first, last):
            seen.append(held())
        return step >= last

    fit(
        prepared.training,
        num_epochs=prepared.recipe.epochs,
        device=prepared.device,
        precision=prepared.precision,
        run=run,
        should_stop=look,
    )
    return seen[1].growth(seen[0])


def small(name: str) -> Prepared:
    settings = [*SMALL[name], "batch_size=2", "epochs=1000"]
    return prepare(Request(name, data="digits", settings=settings), lambda line: None)[2]


def too_much(found: dict[str, int]) -> dict[str, int]:
    return {name: more for name, more in found.items() if more > TOLERANCE[name]}


@linux_only
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", NAMES)
def test_memory_does_not_grow_over_ten_thousand_steps(name: str, tmp_path: Path):
    found = growth(small(name), tmp_path, FIRST, LAST)
    assert not too_much(found), found


@linux_only
@pytest.mark.parametrize(
    ("keep", "what"),
    [
        (lambda values: values["loss"].clone(), "tensors"),
        (lambda values: float(values["loss"]), "Python blocks"),
    ],
)
def test_a_step_that_keeps_something_is_found(
    keep: Callable[[dict[str, Tensor]], Any], what: str, tmp_path: Path
):
    prepared = small("mlp")
    step, kept = prepared.training.step, []

    def keeping(batch: Any) -> dict[str, Tensor]:
        values = step(batch)
        kept.extend(keep(values) for _ in range(20))
        return values

    prepared.training.step = keeping
    prepared.training.evaluate = dict
    found = growth(prepared, tmp_path, 50, 250)
    assert what in too_much(found), found
    assert torch.is_tensor(kept[0]) or kept[0] > 0
