"""You indexed the columns for all rows.

`log_probs[:, labels]` gives an N x N table: the class of each picture, looked up in every
picture. Give both indices: `log_probs[torch.arange(N), labels]`.

Caught by: check_batch.
"""

from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    log_probs = logits.log_softmax(dim=1)
    return -log_probs[:, labels].mean()
