"""You did not save the random state.

Dropout draws other masks after the restart than it would have drawn. Everything is fine, but it
is another run: a bug that was seen once can then not be seen again.

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
    }
    torch.save(state, path)


def load_checkpoint(path: str, network: nn.Module, optimizer: Optimizer) -> int:
    state = torch.load(path)
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    return state["step"]
