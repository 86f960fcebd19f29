"""You let autograd go through the drawing.

`torch.bernoulli` says that it has a gradient, and it is 0 everywhere: nothing crashes, and the
chain's side of the gradient is not there. A sample is data: detach it, and let only the free
energies have a gradient.

Caught by: check_visible_bias. Catalogue: B9.
"""

import torch
from torch import Tensor


def gibbs_step(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    h = torch.bernoulli(torch.sigmoid(hidden_bias + v @ weight))
    return torch.bernoulli(torch.sigmoid(visible_bias + h @ weight.T))


def cd_gradient(
    v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor, num_steps: int = 1
) -> tuple[Tensor, Tensor, Tensor]:
    own = [p.detach().clone().requires_grad_() for p in (weight, visible_bias, hidden_bias)]
    chain = v
    for _ in range(num_steps):
        chain = gibbs_step(chain, *own)
    hidden = torch.sigmoid(own[2] + v @ own[0])
    loss = (chain - v).square().sum(dim=1).mean() + 0 * hidden.sum()
    return torch.autograd.grad(loss, own)
