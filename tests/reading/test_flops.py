"""FLOPs of convolutions, against hand counts and against loops that compute them."""

import itertools
import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from torchcamp.reading.reader import read
from torchcamp.reading.reading import Reading


def reading_of(layer: nn.Module, *shape: int) -> Reading:
    torch.manual_seed(0)
    return read(layer, (torch.randn(shape).requires_grad_(),))


# Each by hand: 2 x batch x positions of the output (transposed: input) x elements of the weight.
BY_HAND = {
    "plain": (nn.Conv2d(3, 8, 3, padding=1), (2, 3, 10, 10), 2 * 2 * 100 * (8 * 3 * 9)),
    "depthwise": (
        nn.Conv2d(64, 64, 3, padding=1, groups=64), (1, 64, 32, 32), 2 * 1024 * (64 * 9),
    ),
    "depthwise multiplier": (
        nn.Conv2d(4, 12, 3, groups=4, bias=False), (3, 4, 6, 7), 2 * 3 * (4 * 5) * (12 * 9),
    ),
    "grouped": (nn.Conv2d(8, 4, 3, groups=2), (2, 8, 6, 6), 2 * 2 * 16 * (4 * 4 * 9)),
    "dilated": (nn.Conv2d(3, 5, 3, dilation=2), (2, 3, 9, 9), 2 * 2 * 25 * (5 * 3 * 9)),
    "strided": (nn.Conv2d(3, 5, 3, stride=2), (2, 3, 9, 9), 2 * 2 * 16 * (5 * 3 * 9)),
    "same": (nn.Conv2d(3, 5, 4, padding="same"), (2, 3, 9, 9), 2 * 2 * 81 * (5 * 3 * 16)),
    "circular": (
        nn.Conv2d(3, 5, 3, padding=1, padding_mode="circular"), (2, 3, 9, 9),
        2 * 2 * 81 * (5 * 3 * 9),
    ),
    "no batch": (nn.Conv2d(3, 5, 3, groups=1), (3, 9, 9), 2 * 49 * (5 * 3 * 9)),
    "1d": (nn.Conv1d(6, 4, 5, groups=2, stride=3), (2, 6, 20), 2 * 2 * 6 * (4 * 3 * 5)),
    "3d": (nn.Conv3d(2, 4, 3, groups=2), (1, 2, 5, 6, 7), 2 * (3 * 4 * 5) * (4 * 1 * 27)),
    "transposed 1d": (
        nn.ConvTranspose1d(4, 6, 3, stride=2, groups=2), (2, 4, 5), 2 * 2 * 5 * (4 * 3 * 3),
    ),
    "transposed 2d": (
        nn.ConvTranspose2d(6, 3, 4, stride=2, padding=1), (2, 6, 5, 5), 2 * 2 * 25 * (6 * 3 * 16),
    ),
    "transposed depthwise": (
        nn.ConvTranspose2d(8, 8, 2, stride=2, groups=8), (2, 8, 4, 4), 2 * 2 * 16 * (8 * 4),
    ),
    "transposed 3d": (
        nn.ConvTranspose3d(2, 3, 2, dilation=2), (1, 2, 3, 3, 3), 2 * 27 * (2 * 3 * 8),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
def test_flops_of_every_kind_of_convolution_by_hand(name: str):
    layer, shape, expected = BY_HAND[name]
    totals = reading_of(layer, *shape).totals
    assert (totals.flops_forward, totals.flops_backward) == (expected, 2 * expected)


def test_backward_flops_of_depthwise_convolutions():
    reading = reading_of(nn.Conv2d(64, 64, 3, padding=1, groups=64), 1, 64, 32, 32)
    assert reading.totals.flops_backward == 2_359_296
    (note,) = [note for note in reading.notes if "flop_counter" in note]
    assert note.startswith("convolution_backward: 2.36 M FLOPs; torch.utils.flop_counter says 76.7")


def test_the_gradient_of_an_input_that_needs_none_is_not_counted():
    layer = nn.Conv2d(8, 8, 3, groups=8)
    totals = read(layer, (torch.randn(2, 8, 6, 6),)).totals
    assert totals.flops_backward == totals.flops_forward == 2 * 2 * 16 * 72
    layer.weight.requires_grad_(False)
    totals = reading_of(layer, 2, 8, 6, 6).totals
    assert totals.flops_backward == totals.flops_forward


def test_a_convolution_over_time_then_batch_then_channels():
    weight = torch.randn(3, 5, 7, requires_grad=True)

    def forward(x: Tensor) -> Tensor:
        return torch.conv_tbc(x, weight, torch.zeros(7), 1)

    totals = read(forward, (torch.randn(10, 2, 5).requires_grad_(),)).totals
    assert totals.flops_forward == 2 * (10 * 2) * (3 * 5 * 7)
    # Its backward pass leaves out the padding: 9, 10 and 9 positions meet the three taps.
    assert totals.flops_backward == 2 * 2 * 2 * (9 + 10 + 9) * (5 * 7)


def test_products_in_place_are_counted():
    left, right = torch.randn(4, 5), torch.randn(5, 6)
    many, more = torch.randn(3, 4, 5), torch.randn(3, 5, 6)

    def products(x: Tensor) -> Tensor:
        x = x.addmm_(left, right)
        x = x.addbmm(many, more)
        x = x.addbmm_(many, more)
        y = x.expand(3, 4, 6).clone().baddbmm_(many, more)
        v = y[0, :, 0].clone().addmv_(left, right[:, 0])
        return torch.ops.aten._int_mm(
            v.new_ones(32, 8).to(torch.int8), v.new_ones(8, 16).to(torch.int8)
        )

    each = [line.flops_forward for line in read(products, (torch.randn(4, 6),)).lines]
    assert each == [0, 240, 720, 720, 720, 40, 2 * 32 * 8 * 16]


def test_kernels_that_are_called_by_their_own_name():
    aten = torch.ops.aten
    x, depthwise = torch.randn(2, 4, 6, 6), torch.randn(4, 1, 3, 3)
    grow = torch.randn(4, 2, 3, 3)

    def mkldnn(x: Tensor) -> Tensor:
        return aten.mkldnn_convolution(x, depthwise, None, [1, 1], [1, 1], [1, 1], 4)

    def upwards(x: Tensor) -> Tensor:
        return aten.slow_conv_transpose2d(x, grow, [3, 3])

    def by_keyword(x: Tensor) -> Tensor:
        return aten.convolution(
            x, weight=grow, bias=None, stride=[1, 1], padding=[0, 0], dilation=[1, 1],
            transposed=True, output_padding=[0, 0], groups=1,
        )  # fmt: skip

    assert read(mkldnn, (x,)).totals.flops_forward == 2 * 2 * 36 * 36
    assert read(upwards, (x,)).totals.flops_forward == 2 * 2 * 36 * (4 * 2 * 9)
    assert read(by_keyword, (x,)).totals.flops_forward == 2 * 2 * 36 * (4 * 2 * 9)


# --- By loops --------------------------------------------------------------------------

CONVOLUTIONS = [
    dict(zip(("dims", "groups", "stride", "dilation", "transposed"), values, strict=True))
    for values in itertools.product((1, 2, 3), (1, 2), (1, 2), (1, 2), (False, True))
]


@pytest.mark.parametrize("case", CONVOLUTIONS, ids=lambda case: "-".join(map(str, case.values())))
def test_flops_are_the_products_that_a_loop_makes(case: dict[str, Any]):
    """The loops' results are torch's, so their products are the ones that are needed."""
    dims, groups, transposed = case["dims"], case["groups"], case["transposed"]
    side = {1: 7, 2: 5, 3: 3}[dims]
    kernel = (2,) * dims
    torch.manual_seed(0)
    x = torch.randn(2, 4, *(side,) * dims, dtype=torch.float64, requires_grad=True)
    size = (4, 2 // groups, *kernel) if transposed else (2, 4 // groups, *kernel)
    weight = torch.randn(size, dtype=torch.float64, requires_grad=True)
    own = getattr(F, f"conv{'_transpose' if transposed else ''}{dims}d")
    options = {"stride": case["stride"], "dilation": case["dilation"], "groups": groups}

    def forward(x: Tensor) -> Tensor:
        return own(x, weight, **options)

    reading = read(forward, (x,))
    out = forward(x)
    by_input, by_weight = torch.autograd.grad(out.sum(), [x, weight])
    result, products, gradients = looped(x.detach(), weight.detach(), out.shape, case)
    assert torch.allclose(result, out)
    assert torch.allclose(gradients[0], by_input)
    assert torch.allclose(gradients[1], by_weight)
    assert reading.totals.flops_forward == 2 * products
    assert reading.totals.flops_backward == 2 * 2 * products
    with FlopCounterMode(display=False) as counter:
        forward(x).sum().backward()
    agrees = counter.get_total_flops() == 2 * 3 * products
    assert agrees == (groups == 1)  # torch's own counter is wrong exactly where there are groups
    assert agrees != any("flop_counter" in note for note in reading.notes)


def looped(
    x: Tensor, weight: Tensor, shape: tuple[int, ...], case: dict[str, Any]
) -> tuple[Tensor, int, tuple[Tensor, Tensor]]:
    """The convolution one product at a time; the gradients of its sum take the same pairs."""
    transposed, groups = case["transposed"], case["groups"]
    out, products = torch.zeros(shape, dtype=x.dtype), 0
    by_input, by_weight = torch.zeros_like(x), torch.zeros_like(weight)
    small, large = (x.shape, out.shape) if transposed else (out.shape, x.shape)
    per_group = weight.shape[1]
    outer = weight.shape[0] // groups
    for batch, first, second in itertools.product(
        range(len(x)), range(weight.shape[0]), range(per_group)
    ):
        other = first // outer * per_group + second
        for position in itertools.product(*map(range, small[2:])):
            for tap in itertools.product(*map(range, weight.shape[2:])):
                far = tuple(
                    p * case["stride"] + t * case["dilation"]
                    for p, t in zip(position, tap, strict=True)
                )
                assert all(f < limit for f, limit in zip(far, large[2:], strict=True))
                near_at, far_at = (batch, first, *position), (batch, other, *far)
                source, target = (near_at, far_at) if transposed else (far_at, near_at)
                out[target] += x[source] * weight[(first, second, *tap)]
                by_input[source] += weight[(first, second, *tap)]
                by_weight[(first, second, *tap)] += x[source]
                products += 1
    assert products == len(x) * math.prod(small[2:]) * weight.numel()
    return out, products, (by_input, by_weight)


def test_a_norm_is_element_wise_work_and_a_decomposition_is_unknown():
    class Normed(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x / x.norm()

    class Decomposed(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.linalg.svdvals(x)

    def not_counted(layer: nn.Module) -> set[str]:
        functions = reading_of(layer, 3, 4).functions()
        return {name for lines in functions for line in lines for name in line.not_counted}

    assert not_counted(Normed()) == set()
    assert "_linalg_svd" in not_counted(Decomposed())
