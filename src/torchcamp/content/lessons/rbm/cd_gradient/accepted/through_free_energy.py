import torch
import torch.nn.functional as F
from torch import Tensor


def gibbs_step(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    h = torch.bernoulli(torch.sigmoid(hidden_bias + v @ weight))
    return torch.bernoulli(torch.sigmoid(visible_bias + h @ weight.T))


def cd_gradient(
    v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor, num_steps: int = 1
) -> tuple[Tensor, Tensor, Tensor]:
    chain = v
    for _ in range(num_steps):
        chain = gibbs_step(chain, weight, visible_bias, hidden_bias)
    own = [p.detach().clone().requires_grad_() for p in (weight, visible_bias, hidden_bias)]

    def free_energy(v):
        return -v @ own[1] - F.softplus(own[2] + v @ own[0]).sum(dim=1)

    loss = free_energy(v).mean() - free_energy(chain.detach()).mean()
    return torch.autograd.grad(loss, own)
