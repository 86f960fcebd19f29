"""Muon, against torch's own on matrices and against the mathematics."""

import pytest
import torch
from torch import Tensor, nn

from torchcamp.training.muon import Muon, orthogonalized


def trained(make: type, parameter: Tensor, gradients: list[Tensor], **options: float) -> Tensor:
    weight = nn.Parameter(parameter.clone())
    optimizer = make([weight], lr=0.02, momentum=0.9, **options)
    for gradient in gradients:
        weight.grad = gradient.clone()
        optimizer.step()
    return weight.detach()


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_matrices_move_as_with_torchs_own(decay: float) -> None:
    torch.manual_seed(0)
    weight, gradients = torch.randn(8, 20), [torch.randn(8, 20) for _ in range(4)]
    ours = trained(Muon, weight, gradients, weight_decay=decay)
    torchs = trained(torch.optim.Muon, weight, gradients, weight_decay=decay)
    assert torch.allclose(ours, torchs, atol=2e-3)  # both iterate in bf16
    assert (ours - weight).norm() > 0.1


def test_a_filter_is_a_matrix_with_a_row_for_each_output() -> None:
    torch.manual_seed(0)
    weight, gradients = torch.randn(8, 4, 3, 3), [torch.randn(8, 4, 3, 3) for _ in range(3)]
    flat = trained(Muon, weight.flatten(1), [each.flatten(1) for each in gradients])
    assert torch.equal(trained(Muon, weight, gradients).flatten(1), flat)


def test_a_rate_in_a_tensor_moves_as_far() -> None:
    torch.manual_seed(0)
    for weight, options in ((torch.randn(8, 20), {}), (torch.randn(8), {"orthogonal": False})):
        moved = []
        for lr in (0.02, torch.tensor(0.02)):
            parameter = nn.Parameter(weight.clone())
            optimizer = Muon([{"params": [parameter], "lr": lr, **options}], 1.0, weight_decay=0.3)
            parameter.grad = torch.ones_like(weight)
            optimizer.step()
            moved.append(parameter.detach())
        torch.testing.assert_close(moved[1], moved[0])
        assert (moved[0] - weight).norm() > 0.01


@pytest.mark.parametrize("shape", [(6, 30), (30, 6), (16, 16)])
def test_singular_values_become_alike(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    u, _, v = torch.linalg.svd(torch.randn(*shape), full_matrices=False)
    matrix = (
        u @ torch.logspace(0, -2, len(v)).diag() @ v
    )  # the smallest is a hundredth of the largest
    values = torch.linalg.svdvals(orthogonalized(matrix))
    assert 0.25 < values.min() < values.max() < 1.3
    few = torch.linalg.svdvals(orthogonalized(matrix, steps=2))
    assert few.min() < 0.6 * values.min()


def test_other_groups_get_nesterovs_sgd() -> None:
    torch.manual_seed(0)
    start, gradients = torch.randn(10), [torch.randn(10) for _ in range(4)]
    ours, torchs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    mine = Muon([{"params": [ours], "orthogonal": False}], 0.1, momentum=0.9, weight_decay=0.2)
    theirs = torch.optim.SGD([torchs], 0.1, momentum=0.9, weight_decay=0.2, nesterov=True)
    for gradient in gradients:
        for parameter, optimizer in ((ours, mine), (torchs, theirs)):
            parameter.grad = gradient.clone()
            optimizer.step()
    assert torch.allclose(ours, torchs)


def test_training_goes_on_from_its_state() -> None:
    torch.manual_seed(0)
    weight, gradients = torch.randn(4, 6), [torch.randn(4, 6) for _ in range(4)]
    whole = trained(Muon, weight, gradients)
    first = nn.Parameter(weight.clone())
    optimizer = Muon([first], 0.02, momentum=0.9)
    for gradient in gradients[:2]:
        first.grad = gradient.clone()
        optimizer.step()
    second = nn.Parameter(first.detach().clone())
    resumed = Muon([second], 0.5, momentum=0.1)
    resumed.load_state_dict(optimizer.state_dict())
    for gradient in gradients[2:]:
        second.grad = gradient.clone()
        resumed.step()
    assert torch.equal(second.detach(), whole)


def test_rows_may_be_kept_at_length_one() -> None:
    torch.manual_seed(0)
    weight, gradients = 50 * torch.randn(8, 4, 3, 3), [torch.randn(8, 4, 3, 3)]
    kept = trained(Muon, weight, gradients, unit_rows=True)
    scaled = trained(Muon, weight / weight.norm() * 8**0.5, gradients)
    assert torch.allclose(kept, scaled, atol=1e-5)
    assert trained(Muon, weight, gradients).norm() > 10 * kept.norm()
