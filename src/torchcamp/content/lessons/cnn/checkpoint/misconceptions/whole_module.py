"""You saved the network itself, not its state.

A whole module is pickled: the file then names your classes and runs code when it is read, so
`torch.load` refuses it since version 2.6. A `state_dict()` is only names and tensors.

Caught by: check_readable. Catalogue: N10.
"""

import torch
from torch import nn
from torch.optim import Optimizer


def save_checkpoint(path: str, network: nn.Module, optimizer: Optimizer, step: int) -> None:
    state = {
        "network": network,
        "optimizer": optimizer.state_dict(),
        "step": step,
        "random": torch.get_rng_state(),
    }
    torch.save(state, path)


def load_checkpoint(path: str, network: nn.Module, optimizer: Optimizer) -> int:
    state = torch.load(path, weights_only=False)
    network.load_state_dict(state["network"].state_dict())
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"])
    return state["step"]
