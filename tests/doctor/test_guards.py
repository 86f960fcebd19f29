"""What looks like one of the bugs that the hunts plant, and is right: nothing may be found."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from torchcamp.doctor.diagnosis import Diagnosis

Diagnose = Callable[..., Diagnosis]

HEAD = """
import copy
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.randn(160, 8)
Y = X[:, :3].argmax(1)
"""

ENCODER = """
def fit(frozen, num_steps=8):
    for step in range(num_steps):
        x = X[16 * step:16 * step + 16]
        with torch.set_grad_enabled(not frozen):
            codes = encoder(x)
        loss = F.mse_loss(decoder(codes), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
encoder = nn.Sequential(nn.Linear(8, 4), nn.Tanh())
decoder = nn.Linear(4, 8)
optimizer = torch.optim.SGD([*encoder.parameters(), *decoder.parameters()], lr=0.1)
"""

GRU = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.out = nn.GRU(4, 16), nn.Linear(16, 3)
    def forward(self, x):
        return self.out(self.gru(x)[0])
"""

ROWS = """
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(3):
    for x, y in DataLoader(TensorDataset(sequences, targets), batch_size=8):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x[0, :]), y[0])
        loss.backward()
        optimizer.step()
"""

VAE = """
class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(8, 6), nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 8))
    def forward(self, x):
        mu, logvar = self.encoder(x).chunk(2, 1)
        z = mu + (0.5 * logvar).exp() * torch.NOISE_like(mu)
        return self.decoder(z), mu, logvar
vae = VAE()
optimizer = torch.optim.Adam(vae.parameters(), lr=0.01)
for x in X.split(16):
    optimizer.zero_grad()
    y, mu, logvar = vae(x)
    loss = F.mse_loss(y, x) - 0.05 * (1 + logvar - mu ** 2 - logvar.exp()).mean()
    loss.backward()
    optimizer.step()
with torch.no_grad():
    print(vae.decoder(torch.SAMPLED(5, 3)))
"""

BYTES = """
pixels = torch.randint(256, (160, 36)).to(torch.uint8)
features, head = nn.Linear(36, 20), nn.Linear(20, 3)
optimizer = torch.optim.SGD(head.parameters(), lr=0.01)
for epoch in range(3):
    for x, y in zip(pixels.split(16), Y.split(16)):
        with torch.no_grad():
            codes = features(x.float()) / 255
        optimizer.zero_grad()
        F.cross_entropy(head(codes), y).backward()
        optimizer.step()
"""

KEPT = """
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
best = None
for epoch in range(10):
    for x, y in zip(X.split(16), Y.split(16)):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    best = KEEP(net.state_dict())
PUT
"""

WORDS = """
words = (torch.randint(0, 12, (160, 1)) + 5 * torch.arange(13)) % 12
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Embedding(13, 16), nn.Linear(32, 12)
        self.encoder, self.decoder = nn.GRU(16, 32, batch_first=True), nn.GRU(16, 32, batch_first=True)
    def forward(self, source, target):
        _, state = self.encoder(self.embed(source))
        return self.head(self.decoder(self.embed(target), state)[0])
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(2):
    for batch in DataLoader(words, batch_size=16, shuffle=True):
        optimizer.zero_grad()
        LOSS
        loss.backward()
        optimizer.step()
"""

LOADED = """
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
def accuracy():
    net.eval()
    with torch.no_grad():
        return (net(X[96:]).argmax(1) == Y[96:]).float().mean()
def fit():
    for x, y in zip(X[:96].split(16), Y[:96].split(16)):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
print(accuracy())
"""

TWO_LOSSES = """
body, head = nn.Sequential(nn.Linear(8, 16), nn.Tanh()), nn.Linear(16, 3)
first = torch.optim.Adam(body.parameters(), lr=0.01)
second = torch.optim.Adam(head.parameters(), lr=0.01)
for x, y in zip(X.split(16), Y.split(16)):
    first.zero_grad()
    second.zero_grad()
    codes = body(x)
    F.cross_entropy(head(codes), y).backward()
    OTHER.backward()
    first.step()
    second.step()
"""

NUMPY = """
import numpy as np
generator = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 8))
optimizer = torch.optim.Adam(generator.parameters(), lr=0.01)
for x in X.split(16):
    z = torch.FloatTensor(np.random.uniform(-1, 1, (16, 4)))
    optimizer.zero_grad()
    (generator(z).mean(0) - x.mean(0)).square().sum().backward()
    optimizer.step()
with torch.no_grad():
    print(generator(torch.empty(5, 4).uniform_(SAMPLED)))
"""

UNKNOWN = """
net = nn.Linear(8, 3)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x, y in zip(X.split(16), Y.split(16)):
    targets = F.one_hot(y, 3).float().masked_fill(torch.rand(16, 3) < 0.3, -1)
    losses = F.binary_cross_entropy_with_logits(net(x), targets, reduction="none")
    optimizer.zero_grad()
    LOSS.mean().backward()
    optimizer.step()
"""

PARTS = """
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
first = torch.arange(160) < 90
for step in range(8):
    net.train()
    optimizer.zero_grad()
    F.cross_entropy(net(X)[first], Y[first]).backward()
    optimizer.step()
    MODE
    with torch.no_grad():
        scores = net(X)
    print((scores[~first].argmax(1) == Y[~first]).float().mean())
"""

CLEAN = {
    "a text that is copied": WORDS.replace(
        "LOSS",
        "loss = F.cross_entropy(net(batch, batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())",
    ).replace("batch[:, :-1])", "batch)[:, :-1]"),
    "a prefix that sees itself whole": """
words = (torch.randint(0, 12, (160, 1)) + 5 * torch.arange(13)) % 12
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.out = nn.Embedding(12, 16), nn.Linear(16, 12)
        self.encoder = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
    def forward(self, x):
        mask = torch.triu(torch.ones(12, 12, dtype=torch.bool), 1)
        mask[:, :8] = False
        return self.out(self.encoder(self.embed(x), mask))
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(2):
    for batch in DataLoader(words, batch_size=16, shuffle=True):
        targets = batch[:, 1:].clone()
        targets[:, :7] = -100
        optimizer.zero_grad()
        F.cross_entropy(net(batch[:, :-1]).flatten(0, 1), targets.flatten()).backward()
        optimizer.step()
""",
    "targets that the decoder moves itself": WORDS.replace(
        "self.embed(target)", "self.embed(F.pad(target[:, :-1], (1, 0), value=12))"
    ).replace(
        "LOSS", "loss = F.cross_entropy(net(batch.flip(1), batch).flatten(0, 1), batch.flatten())"
    ),
    "other rows of the same tensor": PARTS.replace("MODE", "net.eval()"),
    "the same rows again, in training mode": """
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(8):
    optimizer.zero_grad()
    F.cross_entropy(net(X), F.one_hot(Y, 3).float()).backward()
    optimizer.step()
    with torch.no_grad():
        print((net(X).argmax(1) == Y).float().mean())
""",
    "trained in eval mode on purpose": LOADED + "net.eval()\nfit()",
    "looked at before it was trained, and put back": LOADED + "net.train()\nfit()",
    "weights that were loaded before": LOADED.replace(
        "print(", "net.load_state_dict(copy.deepcopy(net.state_dict()))\nprint("
    )
    + "fit()",
    "padded rows of a transformer": """
words = torch.randint(1, 12, (160, 10))
words[torch.arange(10) > torch.randint(4, 9, (160, 1))] = 0
words[151, 2] = 0  # this row alone keeps its batch from the fast path of attention
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.out = nn.Embedding(12, 16), nn.Linear(16, 3)
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1)
    def forward(self, x):
        return self.out(self.encoder(self.embed(x), src_key_padding_mask=x == 0))
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x in DataLoader(words, batch_size=16):
    optimizer.zero_grad()
    F.cross_entropy(net(x).flatten(0, 1), (x % 3).flatten()).backward()
    optimizer.step()
""",
    "time first, as many steps as rows": GRU
    + """def collate(items):
    return torch.stack([x for x, _ in items], 1), torch.stack([y for _, y in items], 1)
items = [(torch.randn(STEPS, 4), torch.randint(3, (STEPS,))) for _ in range(72)]
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(2):
    for x, y in DataLoader(items, batch_size=16, collate_fn=collate):
        optimizer.zero_grad()
        F.cross_entropy(net(x).flatten(0, 1), y.flatten()).backward()
        optimizer.step()
""".replace("STEPS", "16"),
    "each item against each": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(8, 16), nn.Linear(8, 16)
    def forward(self, x):
        return F.normalize(self.first(x)) @ F.normalize(self.second(x)).t() / 0.1
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x in DataLoader(X, batch_size=16, shuffle=True):
    scores = net(x)
    labels = torch.arange(len(x))
    optimizer.zero_grad()
    (F.cross_entropy(scores, labels) + F.cross_entropy(scores.t(), labels)).backward()
    optimizer.step()
""",
    "weights of the rows of a batch": """
net, head = nn.Linear(8, 4), nn.Linear(8, 3)
optimizer = torch.optim.Adam([*net.parameters(), *head.parameters()], lr=0.01)
for x, y in zip(X.split(16), Y.split(16)):
    weights = F.softmax(net(x), dim=0)
    pooled = (weights.unsqueeze(2) * x.unsqueeze(1)).sum(0)
    optimizer.zero_grad()
    F.cross_entropy(head(pooled), y[:4]).backward()
    optimizer.step()
""",
    "targets of -1 that are masked": UNKNOWN.replace("LOSS", "losses[targets >= 0]"),
    "one-hot labels that count in training only": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(8, 16), nn.Linear(16, 3)
    def forward(self, x, wanted):
        scores = self.second(torch.tanh(self.first(x)))
        return scores - 0.5 * wanted if self.training else scores
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x, y in zip(X.split(16), Y.split(16)):
    optimizer.zero_grad()
    F.cross_entropy(net(x, F.one_hot(y, 3).float()), y).backward()
    optimizer.step()
""",
    "two losses of one pass, two optimizers": TWO_LOSSES.replace(
        "y).backward()", "y).backward(retain_graph=True)"
    ).replace("OTHER", "head(codes).square().mean()"),
    "the same noise, by NumPy and by torch": NUMPY.replace("SAMPLED", "-1.0, 1.0"),
    "encoder with loaded weights": ENCODER
    + "encoder.load_state_dict(copy.deepcopy(encoder.state_dict()))\nfit(frozen=True)",
    "encoder that was trained before": ENCODER + "fit(frozen=False)\nfit(frozen=True)",
    "encoder that is trained later": ENCODER + "fit(frozen=True)\nfit(frozen=False)",
    "a loader's item whose rows belong together": GRU
    + """sequences, targets = torch.randn(40, 8, 4), torch.randint(3, (40, 8))
"""
    + ROWS,
    "nodes of a graph": """
A = (torch.rand(160, 160) < 0.05).float() + torch.eye(160)
A = A / A.sum(1, keepdim=True)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(8, 16), nn.Linear(16, 3)
    def forward(self, x):
        return A @ self.second(F.relu(A @ self.first(x)))
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(20):
    optimizer.zero_grad()
    F.cross_entropy(net(X), Y).backward()
    optimizer.step()
""",
    "codes and samples from one law": VAE.replace("NOISE", "randn").replace("SAMPLED", "randn"),
    "uniform in both": VAE.replace("NOISE", "rand").replace("SAMPLED", "rand"),
    "bytes into features that nobody trains": BYTES,
    "gated layers": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.value, self.gate = nn.Linear(8, 8), nn.Linear(8, 1), nn.Linear(8, 1)
    def forward(self, x):
        h = self.first(x)
        gate = torch.exp(self.gate(h))
        return self.value(h) * (gate / (gate + 1))
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(20):
    optimizer.zero_grad()
    F.mse_loss(net(X), X[:, :1]).backward()
    optimizer.step()
""",
    "one look in training mode while it trains": """
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for step, (x, y) in enumerate(zip(X.split(16), Y.split(16))):
    loss = F.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step == 3:
        with torch.no_grad():
            print(net(X[:4]).mean())
""",
    "Monte Carlo dropout on one batch": """
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in zip(X.split(16), Y.split(16)):
    loss = F.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
with torch.no_grad():
    asked = X[:5] + 0.1
    answers = torch.stack([net(asked).softmax(1) for _ in range(10)])
print(answers.mean(0), answers.std(0))
""",
    "an optimizer whose turn has not come": """
first, second = nn.Linear(8, 3), nn.Linear(8, 3)
ours = torch.optim.SGD(first.parameters(), lr=0.1)
theirs = torch.optim.SGD(second.parameters(), lr=0.1)
for step, (x, y) in enumerate(zip(X.split(16), Y.split(16))):
    loss = F.cross_entropy(first(x) + second(x), y)
    ours.zero_grad()
    theirs.zero_grad()
    loss.backward()
    ours.step()
    if step > 100:
        theirs.step()
""",
    "zeroed ahead of steps by hand": """
net = nn.Linear(8, 3)
for x, y in zip(X.split(16), Y.split(16)):
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 0.25)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(parameter.grad, alpha=-0.5)
""",
    "gradients scaled by hand": """
net = nn.Linear(8, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in zip(X.split(16), Y.split(16)):
    F.cross_entropy(net(x), y).backward()
    for parameter in net.parameters():
        parameter.grad.clamp_(-0.1, 0.1)
        parameter.grad = parameter.grad / 2
    optimizer.step()
    optimizer.zero_grad()
""",
    "a part of what is trained, alone": """
net = nn.Sequential(nn.Linear(8, 4), nn.Tanh(), nn.Linear(4, 8))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x in X.split(16):
    with torch.no_grad():
        print(net[0](x).norm())
    optimizer.zero_grad()
    F.mse_loss(net(x), x).backward()
    optimizer.step()
""",
    "weights that are saved at once": KEPT.replace("KEEP(", "(").replace(
        "\nPUT", "\n    torch.save(best, 'best.pt')"
    ),
    "weights that are copied": KEPT.replace("KEEP", "copy.deepcopy").replace(
        "PUT", "net.load_state_dict(best)"
    ),
}

FOUND = {
    "an environment steps, and no optimizer does": (
        """
class Environment:
    def step(self, action):
        return X[int(action)], float(Y[int(action)])
env = Environment()
net = nn.Linear(8, 3)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(8):
    state, reward = env.step(step)
    optimizer.zero_grad()
    loss = -reward * net(state).log_softmax(0)[0]
    loss.backward()
""",
        "no-step", "loss.backward()",
    ),
    "looked at before it was trained, and never put back": (LOADED + "fit()", "train-not-restored", "net(x), y)"),
    "other rows of the same tensor, in training mode": (
        PARTS.replace("MODE", "pass"), "eval-missing", "scores = net(X)",
    ),
    "other noise than NumPy's": (
        NUMPY.replace("SAMPLED", "0.0, 1.0"), "latent-law-differs", "generator(torch.empty",
    ),
    "targets of -1 that count": (
        UNKNOWN.replace("LOSS", "losses").replace("reduction=\"none\"", "reduction=\"mean\""),
        "data-range-mismatch", "losses = ",
    ),
    "encoder that is never trained": (ENCODER + "fit(frozen=True)", "no-gradient-reaches", "encoder(x)"),
    "codes from another law": (
        VAE.replace("NOISE", "randn").replace("SAMPLED", "rand"), "latent-law-differs", "vae.decoder(torch.rand",
    ),
    "bytes into what is trained, in the evaluation only": (
        BYTES + "with torch.no_grad():\n    for x in pixels[:32].float().split(16):\n        print(head(x[:, :20]))",
        "bytes-unnormalised", "head(x[:, :20])",
    ),
    "the first network's optimizer, twice": (
        """
net, other = nn.Linear(8, 3), nn.Linear(8, 3)
first = torch.optim.SGD(net.parameters(), lr=0.1)
second = torch.optim.SGD(net.parameters(), lr=0.1)
for network, optimizer in ((net, first), (other, second)):
    for x, y in zip(X.split(16), Y.split(16)):
        net.zero_grad()
        other.zero_grad()
        F.cross_entropy(network(x), y).backward()
        optimizer.step()
""",
        "optimizer-does-not-own", "second = ",
    ),
    "the best weights are the last ones": (
        KEPT.replace("KEEP", "").replace("PUT", "net.load_state_dict(best)"),
        "best-weights-are-an-alias", "best = (net.state_dict())",
    ),
}  # fmt: skip


BY_HAND = """
w1, b1 = (torch.randn(8, 20) / 8 ** 0.5).requires_grad_(), torch.zeros(20, requires_grad=True)
w2 = (torch.randn(20, 3) / 20 ** 0.5).requires_grad_()
parameters = [w1, b1, w2]
velocity = [torch.zeros_like(p) for p in parameters]
lr = 0.1
for epoch in range(3):
    for x, y in zip(X.split(16), Y.split(16)):
        loss = F.cross_entropy(torch.relu(x @ w1 + b1) @ w2, y)
        loss.backward()
        for p, v in zip(parameters, velocity):
            UPDATE
            AFTER
"""

LBFGS = """
net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 3))
optimizer = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=5)
def closure():
    ZERO
    total = 0.0
    for x, y in zip(X.split(40), Y.split(40)):
        loss = F.cross_entropy(net(x), y) / 4
        loss.backward()
        total = total + loss.detach()
    return total
for step in range(6):
    optimizer.step(closure)
"""

ROWS_AGAIN = """
class Table(torch.utils.data.Dataset):
    def __init__(self, x, y):
        self.x, self.y = x, y
    def __len__(self):
        return len(self.x)
    def __getitem__(self, i):
        return self.x[i], self.y[i]
train, looked = Table(TRAINED), Table(LOOKED)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(2):
    for x, y in DataLoader(train, 16, shuffle=True):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        print(sum((net(x).argmax(1) == y).sum() for x, y in DataLoader(looked, 20)))
"""

SPLIT = """
whole = TensorDataset(torch.cat([X, X + 1]), torch.cat([Y, Y]))
first, second = torch.utils.data.random_split(whole, [240, 80])
looked = torch.utils.data.Subset(PART)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x, y in DataLoader(FED, 16, shuffle=True):
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
for part in (looked, second):
    with torch.no_grad():
        print(sum((net(x).argmax(1) == y).sum() for x, y in DataLoader(part, 20)))
"""

WHOLE_NUMBERS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = FIRST, nn.LazyLinear(3)
    def forward(self, x):
        return self.second(F.relu(self.first(x)).flatten(1))
net = Net()
net((NUMBERS)[:2])
optimizer = torch.optim.SGD(net.parameters(), lr=1e-6)
for x, y in zip((NUMBERS).split(16), Y.split(16)):
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
"""

PRODUCTS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Parameter(torch.randn(8, WIDTH) / 8 ** 0.5)
        self.second = nn.Parameter(torch.randn(WIDTH, 3) / WIDTH ** 0.5)
    def forward(self, x):
        return OUTPUT
A = torch.eye(16) + 0.1 * torch.rand(16, 16)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x, y in zip(X.split(16), Y.split(16)):
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
"""

CLEAN |= {
    "steps by hand": BY_HAND.replace("UPDATE", "p.data -= lr * p.grad").replace(
        "AFTER", "p.grad = None"
    ),
    "momentum kept in the gradients": BY_HAND.replace("UPDATE", "p.data -= lr * p.grad").replace(
        "AFTER", "p.grad *= 0.5"
    ),
    "momentum by hand": BY_HAND.replace(
        "UPDATE", "v.mul_(0.9).add_(p.grad); p.data -= lr * v"
    ).replace("AFTER", "p.grad.zero_()"),
    "a target that is averaged, and gets gradients that nobody uses": """
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
target = copy.deepcopy(net)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(3):
    for x in X.split(16):
        optimizer.zero_grad()
        F.mse_loss(net(x), x[:, :3] + 0.9 * target(x.flip(0))).backward()
        optimizer.step()
        for p, q in zip(net.parameters(), target.parameters()):
            q.data.mul_(0.9).add_(0.1 * p.data)
""",
    "a closure that sums chunks": LBFGS.replace("ZERO", "optimizer.zero_grad()"),
    "a picture that a frozen network likes": """
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)).requires_grad_(False)
picture = torch.zeros(1, 8, requires_grad=True)
for step in range(20):
    score = net(picture)[0, 1]
    score.backward()
    picture.data += 0.1 * picture.grad
    picture.grad = None
""",
    "a look at training data that were copied": ROWS_AGAIN.replace("TRAINED", "X, Y").replace(
        "LOOKED", "X.flip(0), Y.flip(0)"
    ),
    "items that come again and again": ROWS_AGAIN.replace(
        "TRAINED", "X[:20].repeat(8, 1), Y"
    ).replace("LOOKED", "X[:40].repeat(3, 1), Y[:40].repeat(3)"),
    "a look at some training rows, beside held-out ones": SPLIT.replace(
        "PART", "first, range(0, 240, 3)"
    ).replace("FED", "first"),
    "four training items to be shown": SPLIT.replace("PART", "first, range(4)")
    .replace("FED", "first")
    .replace("(looked, second)", "(looked,)"),
    "an attack in steps along the gradient": """
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x, y in zip(X.split(16), Y.split(16)):
    change = torch.zeros_like(x, requires_grad=True)
    for step in range(7):
        F.cross_entropy(net(x + change), y).backward()
        change.data += 0.1 * change.grad
        change.grad.zero_()
    optimizer.zero_grad()
    F.cross_entropy(net(x + change.detach()), y).backward()
    optimizer.step()
""",
    "a table of whole numbers with a sign": WHOLE_NUMBERS.replace(
        "FIRST", "nn.Linear(20, 8)"
    ).replace(
        "NUMBERS",
        "torch.randint(-150, 150, (160, 20), generator=torch.Generator().manual_seed(1)).float()",
    ),
    "three marks in pictures": WHOLE_NUMBERS.replace("FIRST", "nn.Conv2d(1, 4, 3)").replace(
        "NUMBERS", "torch.randint(-1, 2, (160, 1, 8, 8)).float() * 127"
    ),
    "pairs that are compared both ways": """
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 4))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x in X.split(16):
    scores = net(x[:, :4]) @ net(x[:, 4:]).t()
    own = torch.arange(16)
    there, back = F.log_softmax(scores, dim=1), F.log_softmax(scores, dim=0)
    optimizer.zero_grad()
    (-there[own, own].mean() - back[own, own].mean() - back.gather(1, own[:, None]).mean()).backward()
    optimizer.step()
""",
    "a matrix of low rank": PRODUCTS.replace("WIDTH", "2").replace(
        "OUTPUT", "x @ self.first @ self.second"
    ),
    "one layer on a graph's neighbours": PRODUCTS.replace("WIDTH", "3").replace(
        "OUTPUT", "A @ (A @ (x @ self.first)) + self.second.sum(0)"
    ),
    "losses of several networks, by name": """
nets = {name: nn.Linear(8, 3) for name in "abcd"}
optimizers = {name: torch.optim.SGD(net.parameters(), lr=0.1) for name, net in nets.items()}
losses = {}
for x, y in zip(X.split(16), Y.split(16)):
    for name, net in nets.items():
        losses[name] = F.cross_entropy(net(x), y)
        optimizers[name].zero_grad()
        (losses[name] + 1e-3 * net.weight.pow(2).sum()).backward()
        optimizers[name].step()
""",
}

FOUND |= {
    "steps by hand, never zeroed": (
        BY_HAND.replace("UPDATE", "p.data -= lr * p.grad").replace("AFTER", "pass"), "zero-grad-missing", "p.data -=",
    ),
    "momentum by hand, never zeroed": (
        BY_HAND.replace("UPDATE", "v.mul_(0.9).add_(p.grad); p.data -= lr * v").replace("AFTER", "pass"),
        "zero-grad-missing", "p.data -=",
    ),
    "gradients that are made shorter, and no step": (
        BY_HAND.replace("UPDATE", "p.grad -= lr * p.grad").replace("AFTER", "p.grad = None"), "no-step", "backward()",
    ),
    "a closure that zeroes nothing": (LBFGS.replace("ZERO", "pass"), "zero-grad-missing", "loss.backward()"),
    "other rows of a table of the same kind": (
        ROWS_AGAIN.replace("TRAINED", "X, Y").replace("LOOKED", "X[100:], Y[100:]"), "test-data-in-training", "looked",
    ),
    "the whole, where it was split": (
        SPLIT.replace("PART", "first, range(0, 240, 3)").replace("FED", "whole").replace("(looked, second)", "(second,)"),
        "test-data-in-training", "DataLoader(part",
    ),
    "differences of bytes into a convolution": (
        WHOLE_NUMBERS.replace("FIRST", "nn.Conv2d(1, 4, 3)").replace(
            "NUMBERS", "torch.randint(-150, 150, (160, 1, 8, 8), generator=torch.Generator().manual_seed(1)).float()"
        ),
        "bytes-unnormalised", "self.second(",
    ),
    "two matrices, and nothing between": (
        PRODUCTS.replace("WIDTH", "16").replace("OUTPUT", "x @ self.first @ self.second"), "no-nonlinearity", "net(x)",
    ),
}  # fmt: skip

DEEP = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.third = nn.Linear(8, 32), nn.Linear(32, WIDTH), nn.Linear(WIDTH, 3)
    def forward(self, x):
        FORWARD
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x, y in zip(X.split(16), Y.split(16)):
    optimizer.zero_grad()
    F.cross_entropy(OUTPUT, y).backward()
    optimizer.step()
"""

SUBGRAPH = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(8, 16), nn.Linear(16, 3)
    def forward(self, x, neighbours):
        return neighbours @ self.second(F.relu(self.first(x)))
whole = (torch.rand(160, 160) < 0.05).float() + torch.eye(160)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(20):
    nodes = torch.randperm(160)[:32]
    optimizer.zero_grad()
    F.cross_entropy(net(X[nodes], whole[nodes][:, nodes]), Y[nodes]).backward()
    optimizer.step()
"""

WINDOWS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.out = nn.GRU(4, 16, batch_first=FIRST), nn.Linear(16, 4)
    def forward(self, x):
        return self.out(self.gru(x)[0])
series = torch.randn(400, 4).cumsum(0) / 10
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(20):
    starts = torch.randint(0, 380, (16,)).tolist()
    x = torch.stack([series[start:start + 12] for start in starts])
    y = torch.stack([series[start + 1:start + 13] for start in starts])
    optimizer.zero_grad()
    F.mse_loss(net(x), y).backward()
    optimizer.step()
"""

COPIED_TASK = """
net = nn.Sequential(nn.Embedding(9, 16, padding_idx=0), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 4))
tokens = torch.randint(1, 9, (160, 8))
PADDED
targets = (tokens % 3 + 1) * (tokens > 0)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x, y in zip(tokens.split(16), targets.split(16)):
    optimizer.zero_grad()
    LOSS
    loss.backward()
    optimizer.step()
"""

TWO_HEADS = """
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU())
one, other = nn.Linear(16, 3), nn.Linear(16, 1)
first = torch.optim.Adam([*net.parameters(), *one.parameters()], lr=0.01)
second = torch.optim.Adam(other.parameters(), lr=0.01)
for x, y in zip(X.split(16), Y.split(16)):
    codes = net(x)
    loss = F.cross_entropy(one(codes), y) + other(codes).square().mean()
    first.zero_grad()
    second.zero_grad()
    loss.backward()
    STEP
"""

BEST = """
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
best, best_net = 0.0, None
for epoch in range(10):
    for x, y in zip(X.split(16), Y.split(16)):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        right = (net(X).argmax(1) == Y).float().mean().item()
    if right > best:
        best = right
        KEEP
net.eval()
print(best_net(X[:1]))
"""

CLEAN |= {
    "a rectifier written by hand": PRODUCTS.replace("WIDTH", "16").replace(
        "OUTPUT", "(x @ self.first) * (x @ self.first > 0) @ self.second"
    ),
    "nodes of a part of a graph": SUBGRAPH,
    "windows from here and there": WINDOWS.replace("FIRST", "True"),
    "blanks within the rows": COPIED_TASK.replace(
        "PADDED", "tokens[torch.rand(160, 8) < 0.3] = 0"
    ).replace("LOSS", "loss = F.cross_entropy(net(x).flatten(0, 1), y.flatten())"),
    "padding that is masked afterwards": COPIED_TASK.replace(
        "PADDED", "tokens[torch.arange(8) > torch.randint(3, 7, (160, 1))] = 0"
    ).replace(
        "LOSS",
        "loss = F.cross_entropy(net(x).flatten(0, 1), y.flatten(), reduction='none')[y.flatten() > 0].mean()",
    ),
    "optimizers that step in a list": TWO_HEADS.replace(
        "STEP", "for each in (first, second):\n        each.step()"
    ),
    "the best network, with which the loop ends": BEST.replace(
        "KEEP", "best_net = net\n        break"
    ),
}

FOUND |= {
    "windows from here and there, time first": (
        WINDOWS.replace("FIRST", "False"), "batch-mixed", "net(x), y)",
    ),
    "padding with labels of its own": (
        COPIED_TASK.replace(
            "PADDED", "tokens[torch.arange(8) > torch.randint(3, 7, (160, 1))] = 0"
        ).replace("LOSS", "loss = F.cross_entropy(net(x).flatten(0, 1), y.flatten())"),
        "padding-in-loss", "loss = F",
    ),
    "one of two optimizers": (TWO_HEADS.replace("STEP", "first.step()"), "no-step", "second = "),
    "the best network is the last one": (BEST.replace("KEEP", "best_net = net"), "best-weights-are-an-alias", "best_net = net"),
}  # fmt: skip

NOTES = """
SEED
net = nn.Sequential(nn.Linear(8, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 3))
opt_g = OPTIMIZER
right = 0
for epoch in range(2):
    for x, y in DataLoader(TensorDataset(X, Y), 30):
        batch_size = SIZE
        scores = net(x)
        opt_g.zero_grad()
        F.cross_entropy(scores, y).backward()
        opt_g.step()
        right = (scores.argmax(1) == y).sum().item() / batch_size
    state = {"model": net.state_dict()}
    SAVED
    torch.save(state, "STATE.pt")
def again():
    net.load_state_dict(torch.load("STATE.pt")["model"])
"""
RIGHT = {
    "SEED": "torch.manual_seed(0)",
    "OPTIMIZER": "torch.optim.Adam(net.parameters(), lr=0.01)",
    "SIZE": "len(x)",
    "SAVED": "state['second'] = opt_g.state_dict()",
    "STATE": "resume",
}
DESERVED = {
    "accuracy-over-constant": {"SIZE": "30"},
    "checkpoint-incomplete": {"SAVED": "pass"},
    "checkpoint-incomplete ": {"SAVED": "state['epoch'] = epoch", "STATE": "weights"},
    "seed-not-set": {"SEED": "torch.Generator().manual_seed(5)"},
    "learning-rate": {"OPTIMIZER": "torch.optim.Adam(net.parameters(), lr=1e-9)"},
    "weight-decay-on-norms": {
        "OPTIMIZER": "torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.05)"
    },
}
UNDESERVED = {
    "a size that is measured": {"SIZE": "x.size(0)"},
    "a state that is updated": {"SAVED": "state.update(second=opt_g.state_dict())"},
    "weights that are saved where only the epochs begin late": {
        "SAVED": "start_epoch = 0 if epoch else 1; state = {'model': net.state_dict()}",
        "STATE": "weights",
    },
    "a seed of somebody's own": {"SEED": "class utils:\n    fix_seed = torch.manual_seed\nutils.fix_seed(1)"},
    "the seed of Lightning": {"SEED": "class L:\n    seed_everything = torch.manual_seed\nL.seed_everything(1)"},
    "the seed of training arguments": {
        "SEED": "def TrainingArguments(seed):\n    pass\nTrainingArguments(seed=3)"
    },
    "long first steps": {"OPTIMIZER": "torch.optim.RMSprop(net.parameters(), lr=1e-2)"},
    "a decay that is next to nothing": {
        "OPTIMIZER": "torch.optim.RMSprop(net.parameters(), lr=1e-3, weight_decay=1e-8)"
    },
    "the best weights, and when they came": {
        "SAVED": "state['epoch'] = epoch",
        "STATE": "best",
    },
    "the usual decay of SGD": {
        "OPTIMIZER": "torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)"
    },
}  # fmt: skip


def noted(changes: dict[str, str]) -> str:
    body = NOTES
    for name, words in (RIGHT | changes).items():
        body = body.replace(name, words)
    return HEAD.replace("torch.manual_seed(0)\n", "") + body


@pytest.mark.parametrize("name", UNDESERVED)
def test_nothing_is_noted(diagnosed: Diagnose, name: str) -> None:
    assert diagnosed(noted(UNDESERVED[name])).findings == []


@pytest.mark.parametrize("code", DESERVED)
def test_what_is_noted(diagnosed: Diagnose, code: str) -> None:
    diagnosis = diagnosed(noted(DESERVED[code]))
    assert [each.code for each in diagnosis.findings] == [code.strip()]


BARE = "return self.third(F.relu(self.second(self.first(x))))"


@pytest.mark.parametrize(
    ("width", "forward", "output", "is_noted"),
    [
        (16, BARE, "net(x)", True),
        (16, "return self.third(F.relu(self.second(F.dropout(self.first(x), 0.2, self.training))))", "net(x)", True),
        (16, "return self.third(F.relu(self.second(F.relu(self.first(x)))))", "net(x)", False),
        (2, "return self.third(self.second(F.relu(self.first(x))))", "net(x)", False),
        (16, "h = self.first(x)\n        return self.third(F.relu(self.second(h))), h", "net(x)[0]", False),
        (16, "h = self.first(x)\n        return self.third(F.relu(self.second(h)) + h[:, :16])", "net(x)", False),
    ],
    ids=["bare", "dropout between", "nonlinear", "bottleneck", "returned too", "used twice"],
)  # fmt: skip
def test_two_bare_layers_of_a_deeper_network_are_noted(
    diagnosed: Diagnose, width: int, forward: str, output: str, is_noted: bool
) -> None:
    body = DEEP.replace("WIDTH", str(width)).replace("FORWARD", forward).replace("OUTPUT", output)
    noted = [each.severity for each in diagnosed(HEAD + body).findings]
    assert noted == ["note"] * is_noted


def test_gradients_that_are_only_looked_at_need_no_step(diagnosed: Diagnose) -> None:
    source = "import torch\nx = torch.tensor(2.0, requires_grad=True)\nfor n in range(9):\n    (x ** n).backward()\n"
    assert diagnosed(source + "    print(n * x.grad)\n").findings == []


def _some(names: Iterable[str], step: int) -> list[Any]:
    """Every `step`-th one in the quick suite, the others in the slow one."""
    return [
        pytest.param(name, marks=[pytest.mark.slow] * (number % step != 0))
        for number, name in enumerate(names)
    ]


@pytest.mark.parametrize("name", _some(CLEAN, 4))
def test_nothing_is_found(diagnosed: Diagnose, name: str) -> None:
    diagnosis = diagnosed(HEAD + CLEAN[name])
    assert not diagnosis.has_findings(), diagnosis.findings
    assert diagnosis.watched.ended == "end"
    assert diagnosis.watched.steps >= 6


@pytest.mark.parametrize("name", _some(FOUND, 3))
def test_the_bug_next_to_it_is_found(diagnosed: Diagnose, name: str) -> None:
    body, code, words = FOUND[name]
    source = HEAD + body
    diagnosis = diagnosed(source)
    (finding,) = [each for each in diagnosis.findings if each.severity != "note"]
    assert finding.code == code
    assert words in source.splitlines()[finding.line - 1]
