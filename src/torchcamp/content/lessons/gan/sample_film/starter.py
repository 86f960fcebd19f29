import torch
from torch import Tensor, nn


class Film:
    """Frames of one fixed noise (num_samples, latent_dim)."""

    def __init__(self, num_samples: int, latent_dim: int, seed: int) -> None:
        # TODO: the noise
        raise NotImplementedError

    def frame(self, generator: nn.Module) -> Tensor:
        """What the generator makes of the noise now, without gradients."""
        # TODO: eval mode, no gradients, and the old mode again
        raise NotImplementedError
