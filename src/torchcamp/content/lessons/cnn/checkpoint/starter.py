import torch
from torch import nn
from torch.optim import Optimizer


def save_checkpoint(path: str, network: nn.Module, optimizer: Optimizer, step: int) -> None:
    """Write what is needed to go on to the file `path`."""
    # TODO: everything that changes while training
    raise NotImplementedError


def load_checkpoint(path: str, network: nn.Module, optimizer: Optimizer) -> int:
    """Put everything back into a fresh network and optimizer; returns the step."""
    # TODO: put back what was saved, and say where to go on
    raise NotImplementedError
