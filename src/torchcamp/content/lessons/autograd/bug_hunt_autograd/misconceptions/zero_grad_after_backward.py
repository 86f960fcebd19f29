"""You emptied the gradients just before `step()`.

Then there is nothing to step with: neither half moves. It goes before `backward()`.

Caught by: check_encoder_learns. Catalogue: G10.
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
            optimizer.zero_grad()
            optimizer.step()
    return encoder, decoder
