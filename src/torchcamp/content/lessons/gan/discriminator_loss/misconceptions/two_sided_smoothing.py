"""You smoothed both labels.

Telling D that a real picture is real to 90 % keeps it humble. Telling it that a fake is real to
10 % makes the best D say 0.1 where there are only fakes: G is rewarded for staying there. Here
no label is smoothed; where one does it, only the real one.

Caught by: check_real_half. Catalogue: D14.
"""

import torch.nn.functional as F
from torch import Tensor


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return (
        0.9 * F.softplus(-real_logits).mean()
        + 0.1 * F.softplus(real_logits).mean()
        + 0.9 * F.softplus(fake_logits).mean()
        + 0.1 * F.softplus(-fake_logits).mean()
    )
