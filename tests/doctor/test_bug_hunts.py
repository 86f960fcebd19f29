"""The bug hunts of the lessons as training scripts: what the doctor finds in each, and what it cannot.

Each hunt gets the lines that a person would write below its functions: data, epochs, an evaluation.
The mended script must be clean.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from torchcamp.base.paths import PACKAGE
from torchcamp.doctor.diagnosis import Diagnosis

Diagnose = Callable[..., Diagnosis]
LESSONS = PACKAGE / "content/lessons"
SEEDED = """
import torch

torch.manual_seed(0)
"""


@dataclass(frozen=True, kw_only=True)
class Hunt:
    """One bug hunt.

    Attributes:
        driver: what is written below its functions to make a script of them.
        seen: of each planted bug that a run shows: its code, and what is on the line that is named.
        unseen: of each other planted bug: what it is, and why it cannot be told by running.
        steps: whether the script takes optimizer steps.
    """

    driver: str
    seen: dict[str, str] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()
    steps: bool = True


HUNTS = {
    "activations": Hunt(
        driver="""
points = 4 * torch.rand(128, 2) - 2
inside = (points.norm(dim=1) < 1.2).float()
network = train(points, inside, 200)
with torch.no_grad():
    print("right:", ((network(points) > 0.5).float() == inside).float().mean().item())
""",
        seen={"no-nonlinearity": "network(points)"},
        unseen=("exp(x) / (exp(x) + 1): overflows only above 88, and there the loss raises",),
    ),
    "autograd": Hunt(
        driver="""
vectors = torch.randn(64, 3) @ torch.randn(3, 16)
encoder, decoder = train(vectors, 8, 40)
with torch.no_grad():
    print("error:", F.mse_loss(decoder(encoder(vectors)), vectors).item())
""",
        seen={
            "zero-grad-missing": "optimizer.step()",
            "no-gradient-reaches": "codes = encoder(batch)",
        },
    ),
    "cgan": Hunt(
        driver="""
from torch import nn

centres = 3 * torch.randn(4, 8)
labels = torch.arange(160) % 4
images = centres[labels] + 0.1 * torch.randn(160, 8)
make_rows = Labels(16, 4)
g = nn.Sequential(nn.Linear(6 + 4, 32), nn.ReLU(), nn.Linear(32, 8))
d = nn.Sequential(nn.Linear(8 + 4, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
g_optimizer = torch.optim.Adam(g.parameters(), lr=1e-3)
d_optimizer = torch.optim.Adam(d.parameters(), lr=1e-3)
bce = nn.BCEWithLogitsLoss()
ones, zeros = torch.ones(16, 1), torch.zeros(16, 1)
order = torch.Generator().manual_seed(0)
for epoch in range(5):
    images, labels = shuffled(images, labels, order)
    for x, y in zip(images.split(16), labels.split(16)):
        rows = make_rows.rows_of(y).clone()
        fake = g(torch.cat([torch.randn(16, 6), rows], dim=1))
        d_loss = bce(d(torch.cat([x, rows], dim=1)), ones)
        d_loss = d_loss + bce(d(torch.cat([fake.detach(), rows], dim=1)), zeros)
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()
        g_loss = bce(d(torch.cat([fake, rows], dim=1)), ones)
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
with torch.no_grad():
    print(g(torch.cat([torch.randn(16, 6), make_rows.rows_of(torch.arange(16) % 4)], dim=1)))
""",
        unseen=(
            "labels in another order than the pictures: labels of the wrong rows look like hard data",
            "one-hot rows that are never cleared: several ones in a row are a legal condition",
        ),
    ),
    "cnn": Hunt(
        driver="""
centres = torch.randn(3, 1, 8, 8)
labels = torch.arange(96) % 3
images = centres[labels] + torch.randn(96, 1, 8, 8)
test_labels = torch.arange(60) % 3
test_images = centres[test_labels] + torch.randn(60, 1, 8, 8)
network, accuracy = train(images, labels, test_images, test_labels, 10)
print("accuracy:", accuracy)
""",
        seen={
            "optimizer-does-not-own": "optimizer = torch.optim.SGD",
            "best-weights-are-an-alias": "best, best_accuracy = network.state_dict()",
        },
    ),
    "convolution": Hunt(
        driver="""
pictures = 0.3 * torch.rand(90, 8, 8, 3)
labels = torch.arange(90) % 3
for picture, label in zip(pictures, labels):
    picture[2:5, 2:5, label] += 0.7
network = train(pictures, labels, 60)
with torch.no_grad():
    print("right:", (network(pictures).argmax(dim=1) == labels).float().mean().item())
""",
        unseen=(
            "reshape for permute within a picture: no picture meets another, and any numbers may be learned from",
            "a stride of 1: a legal size",
        ),
    ),
    "gan": Hunt(
        driver="""
generator = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
discriminator = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
g_optimizer = torch.optim.Adam(generator.parameters(), lr=1e-3)
d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=1e-3)
points = torch.randn(320, 2) + torch.tensor([3.0, 0.0])
for epoch in range(10):
    for real in points.split(32):
        step(generator, discriminator, g_optimizer, d_optimizer, real)
print(draw(generator, 100).mean(dim=0))
""",
        seen={"latent-law-differs": "return generator(z)"},
        unseen=("the generator's labels are 0: what a loss wants is its author's choice",),
    ),
    "hmm": Hunt(
        driver="""
tables = begin(3, 4, torch.Generator().manual_seed(0))
log_likelihoods = [-120.0]
while not has_converged(log_likelihoods):
    log_likelihoods.append(log_likelihoods[-1] / 2 - 30)
print(log_likelihoods[-1])
""",
        unseen=("equal tables and a gain without its sign: there is no network and no optimizer",),
        steps=False,
    ),
    "losses": Hunt(
        driver="""
machines = torch.randn(128, 4)
fails = (machines[:, 0] > 0).float()
days = 3 + machines[:, 1] - machines[:, 2]
network = train(machines, fails, days, 100)
with torch.no_grad():
    print([loss.item() for loss in losses(network, machines, fails, days)])
""",
        seen={
            "sigmoid-before-bce-with-logits": "binary_cross_entropy_with_logits(logits, fails)",
            "broadcast-mismatch": "predicted_days - days",
        },
    ),
    "mlp": Hunt(
        driver="""
images = torch.randn(200, 6)
labels = (images[:, 0] > 0).long()
network = train(images[:150], labels[:150], 5)
print("accuracy:", accuracy(network, images[150:], labels[150:]))
""",
        seen={"optimizer-does-not-own": "optimizer = torch.optim.SGD"},
        unseen=("an accuracy divided by full batches: arithmetic on plain numbers",),
    ),
    "rbm": Hunt(
        driver="""
batches = list((torch.rand(160, 12) < 0.7).float().split(16))
weight, moved = train(batches, 6, 10)
print(moved)
""",
        unseen=("sums that are never zeroed and a rate of 5: updates by hand, without autograd",),
        steps=False,
    ),
    "rnn": Hunt(
        driver="""
from torch.utils.data import DataLoader

texts = (torch.arange(21) + torch.randint(5, (200, 1))) % 5
loader = DataLoader(texts[:160], batch_size=16, shuffle=True)
model = Model(5)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(5):
    for symbols in loader:
        optimizer.zero_grad()
        loss = loss_of(model, symbols)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, loss_of(model, texts[160:]).item())
""",
        seen={"batch-mixed": "model(inputs)", "target-not-shifted": "model(inputs)"},
    ),
    "reading": Hunt(
        driver="""
images = torch.randint(256, (320, 36)).to(torch.uint8)
labels = images.float().view(320, 3, 12).mean(dim=2).argmax(dim=1)
network = make_network()
optimizer = torch.optim.SGD(network.parameters(), lr=0.05)
for epoch in range(5):
    for x, y in zip(images[:256].split(32), labels[:256].split(32)):
        train_step(network, optimizer, x, y)
    print(epoch, accuracy(network, images[256:], labels[256:]))
print(crop(images[0].view(6, 6), 4))
""",
        seen={
            "eval-missing": "logits = network(images.float())",
            "bytes-unnormalised": "logits = network(images.float())",
        },
        unseen=("a name that hides a module: the script raises where it is called",),
    ),
    "tensors": Hunt(
        driver="""
clips = torch.randn(96, 5, 4)
labels = (clips[:, -1, 0] > 0).long()
network = train(clips, labels, 100)
with torch.no_grad():
    print("right:", (network(clips).argmax(dim=1) == labels).float().mean().item())
""",
        seen={"unregistered-layers": "x = F.relu(layer(x))", "batch-mixed": "network(clips)"},
    ),
    "vae": Hunt(
        driver="""
side = torch.randint(2, (320, 1)).float()
pictures = torch.cat([side.repeat(1, 20), 1 - side.repeat(1, 20)], dim=1)
vae = VAE(40, 3)
optimizer = torch.optim.Adam(vae.parameters(), lr=1e-3)
for epoch in range(5):
    for x in pictures.split(32):
        optimizer.zero_grad()
        loss_of(vae, x).backward()
        optimizer.step()
print(draw(vae, 4))
""",
        seen={"latent-law-differs": "vae.decoder(z)"},
        unseen=("a mean where a sum belongs: the weight of two terms is a number like another",),
    ),
}


def source_of(lesson: str, name: str) -> str:
    (folder,) = (LESSONS / lesson).glob("bug_hunt_*")
    return (folder / name).read_text() + SEEDED + HUNTS[lesson].driver


def test_every_hunt_is_in_the_table() -> None:
    folders = [folder.parent.name for folder in LESSONS.glob("*/bug_hunt_*")]
    assert len(folders) == 14
    assert sorted(folders) == sorted(HUNTS)


@pytest.mark.parametrize("lesson", HUNTS)
def test_planted_bugs_are_found_by_their_codes(diagnosed: Diagnose, lesson: str) -> None:
    source = source_of(lesson, "starter.py")
    diagnosis = diagnosed(source)
    found = {each.code: each for each in diagnosis.findings if each.severity != "note"}
    assert found.keys() == HUNTS[lesson].seen.keys(), diagnosis
    for code, words in HUNTS[lesson].seen.items():
        assert words in source.splitlines()[found[code].line - 1]


@pytest.mark.parametrize("lesson", HUNTS)
def test_the_mended_script_is_clean(diagnosed: Diagnose, lesson: str) -> None:
    diagnosis = diagnosed(source_of(lesson, "solution.py"))
    assert not diagnosis.has_findings(), diagnosis.findings
    assert diagnosis.watched.ended == "end"
    assert (diagnosis.watched.steps >= 6) == HUNTS[lesson].steps


def test_the_hidden_module_ends_the_script(diagnosed: Diagnose) -> None:
    """The one planted bug that Python itself reports."""
    ended = diagnosed(source_of("reading", "starter.py")).watched.ended
    assert ended.startswith("AttributeError")
    assert "randint" in ended
