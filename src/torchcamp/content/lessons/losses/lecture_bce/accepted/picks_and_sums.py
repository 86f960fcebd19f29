import torch
from torch import Tensor


def lecture_bce(probs: Tensor, labels: Tensor) -> Tensor:
    rows = torch.arange(len(labels))
    own = probs[rows, labels]
    others = (1 - probs).log().sum(dim=1) - (1 - own).log()
    return (-own.log() - others).mean()
