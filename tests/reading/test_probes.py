"""Each probe tells the right step from the wrong one."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.reading import probes


def network() -> nn.Sequential:
    torch.manual_seed(0)
    # Before a batch norm the gradient of a bias is zero but for rounding, which moves it or not.
    first = nn.Linear(3, 4, bias=False)
    return nn.Sequential(first, nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))


IMAGES, LABELS = torch.randn(6, 3, generator=torch.Generator().manual_seed(1)), torch.arange(6) % 2


def make_step(order: str) -> Callable[[], tuple[probes.Step, nn.Module]]:
    """A training step whose parts come in `order`: z(ero_grad), b(ackward), s(tep)."""

    def make() -> tuple[probes.Step, nn.Module]:
        model = network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

        def step() -> float:
            loss = F.cross_entropy(model(IMAGES), LABELS)
            for part in order:
                {"z": optimizer.zero_grad, "b": loss.backward, "s": optimizer.step}[part]()
            return loss.item()

        return step, model

    return make


@pytest.mark.parametrize(
    ("order", "uses_stale", "accumulates"),
    [("zbs", False, False), ("bs", True, True), ("bsz", True, False), ("bzs", False, False)],
)
def test_stale_gradients(order: str, uses_stale: bool, accumulates: bool):
    found = probes.stale_gradients(make_step(order))
    assert (found.uses_stale, found.accumulates) == (uses_stale, accumulates)


def test_large_gradients_of_a_steps_own_are_not_stale_ones():
    def make() -> tuple[probes.Step, nn.Module]:
        model = network()
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)

        def step() -> None:
            optimizer.zero_grad()
            (1e6 * F.cross_entropy(model(IMAGES), LABELS)).backward()
            optimizer.step()

        return step, model

    assert probes.stale_gradients(make) == probes.Gradients(uses_stale=False, accumulates=False)


@pytest.mark.parametrize(("order", "moves"), [("zbs", True), ("bzs", False), ("zb", False)])
def test_unmoved(order: str, moves: bool):
    step, model = make_step(order)()
    still = probes.unmoved(step, model)
    assert (len(still) == 0) == moves


def test_modes():
    model = network().train()

    def evaluate_and_forget() -> None:
        model.eval()
        model(IMAGES)

    assert probes.modes(lambda: model(IMAGES), model).during == (True,)
    assert probes.modes(lambda: model(IMAGES), model).buffers_moved == (
        "1.running_mean",
        "1.running_var",
        "1.num_batches_tracked",
    )
    found = probes.modes(evaluate_and_forget, model)
    assert found == probes.Modes(during=(False,), after=False, buffers_moved=())


def test_is_repeatable():
    model = nn.Sequential(nn.Linear(3, 50), nn.Dropout(0.5)).eval()
    assert probes.is_repeatable(lambda: model(IMAGES))
    assert not probes.is_repeatable(lambda: F.dropout(model(IMAGES)))


@pytest.mark.parametrize(("between", "affine"), [(nn.Identity(), True), (nn.ReLU(), False)])
def test_is_affine(between: nn.Module, affine: bool):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 20), between, nn.Linear(20, 2))
    assert probes.is_affine(model, IMAGES[:2]) == affine


def test_graph_nodes_are_counted_once():
    x = torch.ones(3, requires_grad=True)
    y = x * 2  # one node, and one that collects x's gradient
    assert probes.graph_size(y + y) == 3
    assert len(list(probes.graph_nodes(y + 1, y + 2, y))) == 4
    assert [probes.graph_size(each) for each in (x, y.detach(), y.sum().item(), None)] == [0] * 4


def test_kept_for_backward_sees_parts_that_are_freed():
    model = nn.Sequential(nn.Linear(3, 64), nn.Tanh(), nn.Linear(64, 2))
    images, labels = torch.randn(64, 3), torch.arange(64) % 2

    def in_parts(number: int, keep: bool) -> Callable[[], None]:
        def step() -> None:
            total: Tensor | float = 0.0
            for x, y in zip(images.chunk(number), labels.chunk(number), strict=True):
                loss = F.cross_entropy(model(x), y)
                if keep:
                    total = total + loss
                else:
                    loss.backward()
            if isinstance(total, Tensor):
                total.backward()

        return step

    whole = probes.kept_for_backward(in_parts(1, keep=False))
    assert whole >= 64 * 64 * 4  # tanh keeps its output
    assert probes.kept_for_backward(in_parts(8, keep=False)) < whole / 4
    assert probes.kept_for_backward(in_parts(8, keep=True)) > whole * 0.9


def test_moves_random_state():
    own = torch.Generator().manual_seed(0)
    assert not probes.moves_random_state(lambda: torch.rand(3, generator=own))
    assert probes.moves_random_state(lambda: torch.rand(3))
    assert probes.moves_random_state(lambda: torch.manual_seed(1234))
