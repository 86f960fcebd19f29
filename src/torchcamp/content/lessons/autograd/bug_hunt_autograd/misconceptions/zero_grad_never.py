"""You removed `zero_grad` instead of moving it.

Now the gradients pile up from the first step to the last. Each step needs its own.

Caught by: check_one_batch_one_gradient. Catalogue: G9.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def train(vectors: Tensor, batch_size: int, num_epochs: int) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(16, 4), nn.Tanh())
    decoder = nn.Linear(4, 16)
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.5)
    for _ in range(num_epochs):
        for batch in vectors.split(batch_size):
            codes = encoder(batch)
            loss = F.mse_loss(decoder(codes), batch)
            loss.backward()
            optimizer.step()
    return encoder, decoder
