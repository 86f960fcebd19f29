"""You looked at the module's own layers only, not at layers inside them.

`parameters()` goes down by itself. A loop over `children()`, with a look at `.weight` and
`.bias`, stops after one level.

Caught by: check_layers_in_layers.
"""

from torch import nn


def count_params(module: nn.Module) -> int:
    layers = list(module.children()) or [module]
    own = [p for layer in layers for p in layer.parameters(recurse=False)]
    return sum(p.numel() for p in own if p.requires_grad)
