import torch
from torch import Tensor


def sample_symbol(logits: Tensor, temperature: float, generator: torch.Generator) -> int:
    uniform = torch.rand(logits.shape, generator=generator).clamp_min(1e-20)
    return int((logits / temperature - (-uniform.log()).log()).argmax())
