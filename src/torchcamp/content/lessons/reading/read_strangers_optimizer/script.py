"""birdsong: teach a listening network the birds of your own garden.

Usage: python script.py recordings/ --birds 6
"""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Listener(nn.Module):
    def __init__(self, birds):
        super().__init__()
        self.stem = nn.Conv1d(1, 8, 9, stride=4)
        self.body = nn.Conv1d(8, 16, 5, stride=2)
        self.norm = nn.LayerNorm(16)
        self.head = nn.Linear(16, birds)

    def forward(self, sound):
        x = F.gelu(self.stem(sound))
        x = F.gelu(self.body(x)).mean(dim=-1)
        return self.head(self.norm(x))


def make_optimizer(model, lr=1e-3, weight_decay=0.1):
    for p in model.stem.parameters():
        p.requires_grad = False
    decay, no_decay, head = [], [], []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        if name.startswith("head"):
            head.append(p)
        elif p.ndim >= 2:
            decay.append(p)
        else:
            no_decay.append(p)
    groups = [
        {"params": decay, "weight_decay": weight_decay},
        {"params": no_decay, "weight_decay": 0.0},
        {"params": head, "lr": 10 * lr},
    ]
    return torch.optim.AdamW(groups, lr=lr)
