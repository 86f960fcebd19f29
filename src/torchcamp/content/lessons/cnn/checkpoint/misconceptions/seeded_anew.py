"""You seeded anew.

Then the resumed part draws the random numbers of the beginning a second time. The generator's
state, where it stood, has to be saved.

Caught by: check_random_state. Catalogue: N11.
"""

import torch
from torch import nn
from torch.optim import Optimizer


def save_checkpoint(path: str, network: nn.Module, optimizer: Optimizer, step: int) -> None:
    state = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
        "random": torch.get_rng_state(),
    }
    torch.save(state, path)


def load_checkpoint(path: str, network: nn.Module, optimizer: Optimizer) -> int:
    state = torch.load(path)
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    torch.manual_seed(0)
    return state["step"]
