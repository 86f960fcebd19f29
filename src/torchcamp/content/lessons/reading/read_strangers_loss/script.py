"""stride: tag each minute of a heart-rate log as rest, walk or run.

Usage: python script.py
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

TAGS = ["rest", "walk", "run"]
UNKNOWN = -1  # nobody wrote down what the person did in that minute


class Tagger(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.GRU(1, hidden, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * hidden, len(TAGS))

    def forward(self, rates, tags=None):
        states, _ = self.rnn(rates.unsqueeze(-1))
        scores = self.head(states)
        if tags is None:
            return scores
        return F.cross_entropy(scores.flatten(0, 1), tags.flatten(), ignore_index=UNKNOWN)


def load(people=16, minutes=12):
    tags = torch.randint(len(TAGS), (people, minutes))
    rates = 60 + 40 * tags + 5 * torch.randn(people, minutes)
    tags[:, ::3] = UNKNOWN
    return (rates - 100) / 40, tags


def main(epochs=20):
    torch.manual_seed(0)
    rates, tags = load()
    model = Tagger()
    opt = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for epoch in range(epochs):
        opt.zero_grad()
        out = model(rates, tags)
        out.backward()
        opt.step()
        print(f"epoch {epoch}: {out.item():.3f}")
    return model


if __name__ == "__main__":
    main()
