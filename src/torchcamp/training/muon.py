"""Muon: momentum SGD whose steps are made orthogonal, for matrices and filters."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from torchcamp.training.sharded_tensors import placed_like, whole

# Of the quintic a x + b x^3 + c x^5 that drives every singular value into about [0.7, 1.2].
COEFFICIENTS = (3.4445, -4.7750, 2.0315)


class Muon(Optimizer):
    """Nesterov's momentum, then the nearest orthogonal matrix in place of the gradient.

    A gradient's few large singular values drown the many small ones, and with them directions that
    matter. Muon steps equally far in all of them. A filter (O, I, K, K) is a matrix of O rows. Where
    a group sets `orthogonal` to False, as for biases and the scales of norms, its parameters get plain
    Nesterov SGD.

    Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024. torch's own
    `torch.optim.Muon` takes matrices only; a test compares the two.

    Args:
        params: parameters, or groups of them.
        lr: of groups that name none; in a group it may also be a 0-dim tensor on the parameters' device.
        momentum: in [0, 1).
        weight_decay: share of a weight that a step of rate 1 takes away; for `orthogonal` groups apart
            from the gradient, for others added to it as SGD does.
        steps: Newton-Schulz iterations; 5 are exact enough, 3 are cheaper.
        unit_rows: before each step of an `orthogonal` group, scale the weight to the norm of a matrix
            whose rows have length 1. For filters that a norm layer follows: their scale does not change what
            the network computes, but it does change how far a step turns them.
    """

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        lr: float,
        *,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        steps: int = 5,
        orthogonal: bool = True,
        unit_rows: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr, "momentum": momentum, "weight_decay": weight_decay, "steps": steps,
                "orthogonal": orthogonal, "unit_rows": unit_rows,
            },
        )  # fmt: skip

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """Move every parameter that has a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._move(parameter, parameter.grad, group)
        return loss

    def _move(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        lr, momentum, decay = group["lr"], group["momentum"], group["weight_decay"]
        state = self.state[parameter]
        if not state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        if not group["orthogonal"]:
            gradient = gradient.add(parameter, alpha=decay)
        average = state["momentum_buffer"].mul_(momentum).add_(gradient)
        direction = gradient.add(average, alpha=momentum)
        if group["orthogonal"]:
            if group["unit_rows"]:
                parameter.mul_(len(parameter) ** 0.5 / whole(parameter.norm()))
            parameter.mul_(1 - lr * decay)
            # A sharded matrix is put together, one at a time: every process makes all of it orthogonal.
            matrix = orthogonalized(whole(direction).flatten(1), group["steps"])
            direction = placed_like(matrix.view(parameter.shape), parameter)
        if isinstance(lr, Tensor):  # a number of the device: as `alpha` it would be waited for
            parameter.sub_(direction * lr)
        else:
            parameter.add_(direction, alpha=-lr)


def orthogonalized(matrix: Tensor, steps: int = 5) -> Tensor:
    """U V^T, roughly, of a matrix U S V^T: its singular values are all near 1.

    The Newton-Schulz iteration in bf16, with coefficients that favour speed: values end between
    about 0.7 and 1.2, which serves as well.

    Args:
        matrix: (R, C).
    """
    a, b, c = COEFFICIENTS
    x = matrix.bfloat16()
    x = x / (x.norm() + 1e-7)  # now no singular value exceeds 1
    is_tall = len(x) > x.shape[1]
    if is_tall:
        x = x.T
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if is_tall else x).to(matrix.dtype)
