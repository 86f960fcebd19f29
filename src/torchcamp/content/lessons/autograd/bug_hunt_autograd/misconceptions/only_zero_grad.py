"""The steps are right now. The other line is still wrong: the encoder runs under `no_grad`.

There is no tape from the codes back to the encoder, so its parameters get no gradient, and the
optimizer passes over them in silence. `no_grad` is for evaluating.

Caught by: check_encoder_learns. Catalogue: G17.
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
            optimizer.zero_grad()
            with torch.no_grad():
                codes = encoder(batch)
            loss = F.mse_loss(decoder(codes), batch)
            loss.backward()
            optimizer.step()
    return encoder, decoder
