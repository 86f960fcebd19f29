import torch
from torch import Tensor, nn


def train(vectors: Tensor, batch_size: int, num_epochs: int) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(16, 4), nn.Tanh())
    decoder = nn.Linear(4, 16)
    both = nn.Sequential(encoder, decoder)
    optimizer = torch.optim.SGD(both.parameters(), lr=0.5)
    for _ in range(num_epochs):
        for batch in vectors.split(batch_size):
            loss = ((both(batch) - batch) ** 2).mean()
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    return encoder, decoder
