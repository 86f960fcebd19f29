"""What looks like one of the bugs that the hunts plant, and is right: nothing may be found."""

from collections.abc import Callable

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
    "time first, as many steps as rows": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.out = nn.GRU(4, 16), nn.Linear(16, 3)
    def forward(self, x):
        return self.out(self.gru(x)[0])
def collate(items):
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
    "a loader's item whose rows belong together": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.out = nn.GRU(4, 16), nn.Linear(16, 3)
    def forward(self, x):
        return self.out(self.gru(x)[0])
sequences, targets = torch.randn(40, 8, 4), torch.randint(3, (40, 8))
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


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_found(diagnosed: Diagnose, name: str) -> None:
    diagnosis = diagnosed(HEAD + CLEAN[name])
    assert not diagnosis.has_findings(), diagnosis.findings
    assert diagnosis.watched.ended == "end"
    assert diagnosis.watched.steps >= 6


@pytest.mark.parametrize("name", FOUND)
def test_the_bug_next_to_it_is_found(diagnosed: Diagnose, name: str) -> None:
    body, code, words = FOUND[name]
    source = HEAD + body
    diagnosis = diagnosed(source)
    (finding,) = [each for each in diagnosis.findings if each.severity != "note"]
    assert finding.code == code
    assert words in source.splitlines()[finding.line - 1]
