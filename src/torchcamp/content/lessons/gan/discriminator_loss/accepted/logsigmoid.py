import torch.nn.functional as F
from torch import Tensor


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return -F.logsigmoid(real_logits).mean() - F.logsigmoid(-fake_logits).mean()
