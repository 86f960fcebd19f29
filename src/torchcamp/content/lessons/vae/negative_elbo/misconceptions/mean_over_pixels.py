"""You took the mean over the pixels, and the KL whole.

Then a picture's reconstruction weighs 784 times too little: the cheapest answer is to tell
nothing (KL = 0), and the decoder draws one grey blur for all. Sum over the pixels; the mean
belongs to the batch.

Caught by: check_worked. Catalogue: K14.
"""

import torch.nn.functional as F
from torch import Tensor


def negative_elbo(x: Tensor, logits: Tensor, kl: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, x) + kl.mean()
