"""Style: while loop with a step counter and an endless iterator. Trap: warm-up scheduler once a step, decay groups."""

import math

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1234)

max_steps = 200
warmup_steps = 20
eval_interval = 50
batch_size = 48
max_lr = 3e-3


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fc = nn.Linear(dim, 4 * dim)
        self.proj = nn.Linear(4 * dim, dim)

    def forward(self, x):
        return x + self.proj(F.gelu(self.fc(self.norm(x))))


class Mixer(nn.Module):
    def __init__(self, dim=24, depth=3):
        super().__init__()
        self.inp = nn.Linear(8, dim)
        self.blocks = nn.ModuleList([Block(dim) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(dim, 5)

    def forward(self, x):
        x = self.inp(x)
        for block in self.blocks:
            x = block(x)
        return self.out(self.norm(x))


prototypes = torch.randn(5, 8)
labels = torch.randint(5, (1500,))
features = prototypes[labels] + 0.8 * torch.randn(1500, 8)
splits = {"train": (features[:1200], labels[:1200]), "val": (features[1200:], labels[1200:])}


def get_batch(split):
    x, y = splits[split]
    rows = torch.randint(len(x), (batch_size,))
    return x[rows], y[rows]


def lr_lambda(step):
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    progress = (step - warmup_steps) / (max_steps - warmup_steps)
    return 0.5 * (1 + math.cos(math.pi * progress))


@torch.no_grad()
def estimate_loss(model):
    model.eval()
    out = {}
    for split in ("train", "val"):
        losses = torch.zeros(10)
        for k in range(10):
            x, y = get_batch(split)
            losses[k] = F.cross_entropy(model(x), y)
        out[split] = losses.mean().item()
    model.train()
    return out


model = Mixer()
decay = [p for p in model.parameters() if p.dim() >= 2]
no_decay = [p for p in model.parameters() if p.dim() < 2]
optimizer = torch.optim.AdamW(
    [{"params": decay, "weight_decay": 0.1}, {"params": no_decay, "weight_decay": 0.0}],
    lr=max_lr,
    betas=(0.9, 0.95),
)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda)

step = 0
while True:
    if step % eval_interval == 0:
        losses = estimate_loss(model)
        print(f"step {step}: train {losses['train']:.3f}, val {losses['val']:.3f}")
    if step >= max_steps:
        break
    x, y = get_batch("train")
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
    step += 1
