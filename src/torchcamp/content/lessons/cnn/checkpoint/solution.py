import torch
from torch import nn
from torch.optim import Optimizer


def save_checkpoint(path: str, network: nn.Module, optimizer: Optimizer, step: int) -> None:
    """Write what is needed to go on to the file `path`."""
    state = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
        "random": torch.get_rng_state(),
    }
    torch.save(state, path)


def load_checkpoint(path: str, network: nn.Module, optimizer: Optimizer) -> int:
    """Put everything back into a fresh network and optimizer; returns the step."""
    state = torch.load(path)
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"])
    return state["step"]
