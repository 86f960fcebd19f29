"""You wrote to another path than the one that was named.

Whoever loads looks for the name that they gave. An ending that is added here, or a folder, must
be added by both or by neither.

Caught by: check_file. Catalogue: N15.
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
    torch.save(state, path + ".pt")


def load_checkpoint(path: str, network: nn.Module, optimizer: Optimizer) -> int:
    state = torch.load(path + ".pt")
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"])
    return state["step"]
