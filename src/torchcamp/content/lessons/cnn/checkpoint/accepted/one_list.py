import torch
from torch import nn
from torch.optim import Optimizer


def save_checkpoint(path: str, network: nn.Module, optimizer: Optimizer, step: int) -> None:
    parts = [network.state_dict(), optimizer.state_dict(), step, torch.random.get_rng_state()]
    with open(path, "wb") as file:
        torch.save(parts, file)


def load_checkpoint(path: str, network: nn.Module, optimizer: Optimizer) -> int:
    weights, memory, step, random = torch.load(path, weights_only=True)
    network.load_state_dict(weights)
    optimizer.load_state_dict(memory)
    torch.random.set_rng_state(random)
    return step
