import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


def train_on_text(
    network: nn.Module,
    optimizer: Optimizer,
    chunks: list[tuple[Tensor, Tensor]],
    max_norm: float = 1.0,
) -> list[float]:
    history, state = [], None
    for x, y in chunks:
        optimizer.zero_grad(set_to_none=True)
        out, state = network(x, state)
        state = state.detach()
        nats = F.cross_entropy(out.transpose(1, 2), y)
        nats.backward()
        torch.nn.utils.clip_grad_norm_(list(network.parameters()), max_norm)
        optimizer.step()
        history.append(float(nats.detach()))
    return history
