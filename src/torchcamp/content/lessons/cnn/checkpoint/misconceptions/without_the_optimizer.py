"""You did not save the optimizer.

Adam keeps two averages for every weight. Begun anew it takes other steps from the first one on;
the loss may even look better for a while, so only a comparison shows it.

Caught by: check_optimizer. Catalogue: N11.
"""

import torch
from torch import nn
from torch.optim import Optimizer


def save_checkpoint(path: str, network: nn.Module, optimizer: Optimizer, step: int) -> None:
    state = {
        "network": network.state_dict(),
        "step": step,
        "random": torch.get_rng_state(),
    }
    torch.save(state, path)


def load_checkpoint(path: str, network: nn.Module, optimizer: Optimizer) -> int:
    state = torch.load(path)
    network.load_state_dict(state["network"])
    torch.set_rng_state(state["random"])
    return state["step"]
