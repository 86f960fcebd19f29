"""A training step of the MLP with its own dropout against the same step with torch's.

    python benchmarks/dropout.py

Random pixels, the default recipe's batch size and precision; 7 pairs of 40 steps, after a warm-up.
"""

import statistics
import time

import torch
from torch import nn

from torchcamp.models import mlp
from torchcamp.recipes.registry import find_recipe
from torchcamp.training.devices import autocast, resolve_precision

CPU = torch.device("cpu")


def microseconds(network: nn.Module, batch: tuple[torch.Tensor, torch.Tensor], bf16: str) -> float:
    """Microseconds per image, over 40 steps."""
    optimizer = torch.optim.AdamW(network.parameters(), fused=True)
    for steps in (5, 40):
        started = time.perf_counter()
        for _ in range(steps):
            with autocast(CPU, bf16):
                mlp.train_step(network, optimizer, batch)  # type: ignore[arg-type]
    return (time.perf_counter() - started) / 40 / len(batch[1]) * 1e6


def main() -> None:
    recipe = find_recipe("mlp")
    precision = resolve_precision("auto", recipe.precisions, CPU)
    size: int = recipe.batch_size  # type: ignore[attr-defined]
    batch = (torch.rand(size, 1, 28, 28), torch.randint(10, (size,)))
    pairs = []
    for _ in range(7):
        ours, theirs = recipe.network(), recipe.network()
        for name, module in list(theirs.named_modules()):
            if isinstance(module, mlp.Dropout):
                theirs.set_submodule(name, nn.Dropout(module.p))
        pairs.append((microseconds(ours, batch, precision), microseconds(theirs, batch, precision)))
    print(
        f"{precision}, batch {size}, {torch.get_num_threads()} threads: "
        f"ours {statistics.median(a for a, _ in pairs):.1f}, torch's "
        f"{statistics.median(b for _, b in pairs):.1f} microseconds an image; "
        f"{statistics.median(b / a for a, b in pairs):.2f} times"
    )


if __name__ == "__main__":
    main()
