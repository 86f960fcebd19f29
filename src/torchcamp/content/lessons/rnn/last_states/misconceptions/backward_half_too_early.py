"""For both directions you took the output of the last step.

The backward half reads from the end: at the last step it has seen one input. Its own end is the
**first** step.

Caught by: check_both_directions. Catalogue: R4.
"""

from torch import Tensor, nn


def last_states(gru: nn.GRU, x: Tensor) -> Tensor:
    output, h_n = gru(x if gru.batch_first else x.transpose(0, 1))
    if gru.bidirectional:
        return output[:, -1] if gru.batch_first else output[-1]
    return h_n[-1]
