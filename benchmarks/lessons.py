"""Measure the numbers that the lessons' explanations quote.

python benchmarks/lessons.py [--told FILE.png]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.data.images import load_images
from torchcamp.data.pictures import grid, png_bytes
from torchcamp.data.sequences import (
    FAIR_TO_LOADED,
    LOADED_SIX,
    LOADED_TO_FAIR,
    decode,
    encode,
    load_text,
)
from torchcamp.figures.hmm import casino
from torchcamp.models import cgan, hmm, rbm, rnn, vae
from torchcamp.recipes.trained import load_trained


def seconds(work: Callable[[], object], times: int = 9) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def turning() -> None:
    """Lesson 1: permuting against copying nine million numbers."""
    x = torch.randn(3000, 3000)
    turned = seconds(lambda: x.permute(1, 0))
    copied = seconds(lambda: x.permute(1, 0).contiguous())
    print(f"permute {1e6 * turned:.1f} microseconds, contiguous {1e3 * copied:.0f} ms")


def vanishing() -> None:
    """Lesson 2: the first layer's gradient against the last layer's, with ten layers of 64 units."""
    print(f"sigmoid's steepest slope to the tenth: {0.25**10:.2e}")
    for activation in (nn.Sigmoid, nn.Tanh, nn.ReLU):
        torch.manual_seed(0)
        layers = [nn.Linear(64, 64) for _ in range(10)]
        first, last = layers[0], nn.Linear(64, 10)
        hidden = [nn.Sequential(layer, activation()) for layer in layers]
        network = nn.Sequential(*hidden, last)
        F.cross_entropy(network(torch.randn(128, 64)), torch.randint(10, (128,))).backward()
        norms = [p.grad.norm().item() for p in (first.weight, last.weight) if p.grad is not None]
        print(f"{activation.__name__:<8} first / last gradient {norms[0] / norms[1]:.2g}")


def one_epoch(kind: str, seed: int) -> float:
    """Test accuracy after one epoch of SGD with a rate of 0.1 and batches of 128."""
    images = load_images("mnist")

    def pixels(part: Tensor) -> Tensor:
        return part.float().flatten(1) / 255

    x, y = pixels(images.train_images), images.train_labels
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    order = y.argsort(stable=True) if kind == "sorted" else torch.randperm(len(y))
    for batch in order.split(128):
        loss = F.cross_entropy(network(x[batch]), y[batch])
        if kind != "no zero_grad":
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        predicted = network(pixels(images.test_images)).argmax(dim=1)
    return (predicted == images.test_labels).float().mean().item()


def moved() -> None:
    """Lessons 5 and 7: test pictures moved to the right, asked of the networks that ship."""
    images = load_images("mnist")
    pictures, labels = images.test_images.float() / 255, images.test_labels
    for name in ("mlp", "cnn"):
        network, shares = load_trained(name).network, []
        for distance in (0, 2, 4, 6):
            there = F.pad(pictures, (distance, 0, 0, 0))[..., :28]
            with torch.no_grad():
                answers = torch.cat([network(part).argmax(dim=1) for part in there.split(1000)])
            shares.append(f"{distance} px {100 * (answers == labels).float().mean().item():.1f} %")
        print(f"{name} on moved pictures: {', '.join(shares)}")


def paths() -> None:
    """Lesson 8: how often the individually most likely states differ from the best path."""
    generator = torch.Generator().manual_seed(0)
    differ = impossible = 0
    for _ in range(500):
        model = hmm.HMM(hmm.HMMConfig(num_states=3, num_symbols=3, bernoulli=False))
        for table in (model.initial, model.transition, model.emission):
            rows = torch.rand(table.shape, generator=generator) ** 3
            if table is model.transition:
                rows = rows * (
                    torch.rand(3, 3, generator=generator) > 0.2
                )  # some steps never happen
            table.copy_(hmm.normalise(rows))
        symbols, lengths = hmm.sample(model, 1, 8, generator=generator)[0], torch.tensor([8])
        best, _ = hmm.decode(model, symbols, lengths)
        single = hmm.state_posterior(model, symbols, lengths).argmax(dim=2)
        differ += int(not torch.equal(best, single))
        impossible += int((model.transition[single[0, :-1], single[0, 1:]] == 0).any())
    print(
        f"most likely states one by one: {differ} of 500 differ from the best path, "
        f"{impossible} are impossible"
    )


def casino_paths() -> None:
    """Lesson 8: the same for rows of 14 throws from the casino that the lesson shows."""
    model = casino(
        {"leave_fair": FAIR_TO_LOADED, "leave_loaded": LOADED_TO_FAIR, "six": LOADED_SIX}
    )
    symbols, _ = hmm.sample(model, 4000, 14, generator=torch.Generator().manual_seed(0))
    lengths = torch.full((4000,), 14)
    best, _ = hmm.decode(model, symbols, lengths)
    single = hmm.state_posterior(model, symbols, lengths).argmax(dim=2)
    share = (best != single).any(dim=1).float().mean().item()
    print(f"rows of throws whose most probable dice are not the best path: {100 * share:.0f} %")


def pair() -> None:
    """Lesson 9: two pixels driven by one hidden unit that is on half of the time, 10,000 draws."""
    torch.manual_seed(0)
    probs = torch.full((10_000, 1), 0.5)
    for name, hidden in (("a drawn bit", torch.bernoulli(probs)), ("its probability", probs)):
        pixels = torch.bernoulli(torch.sigmoid(8 * hidden - 4).expand(-1, 2))
        equal = (pixels[:, 0] == pixels[:, 1]).float().mean().item()
        print(f"two pixels on one unit, driven by {name}: equal in {100 * equal:.0f} %")


def undrawn() -> None:
    """Lesson 9: 200 chains from test pictures, the hidden bits drawn or their probabilities used."""
    images, classifier = load_images("mnist"), load_trained("cnn").network
    machine: Any = load_trained("rbm").network
    labels = images.test_labels[:200]
    for name in ("drawn bits", "probabilities"):
        generator = torch.Generator().manual_seed(0)
        v = (images.test_images[:200] > 127).float().flatten(1)
        for step in range(1, 1001):
            with torch.no_grad():
                h = machine.hidden_probs(v)
                if name == "drawn bits":
                    h = rbm.draw_bits(h, generator)
                v = rbm.draw_bits(machine.visible_probs(h), generator)
                if step in (100, 1000):
                    read = classifier(v.view(-1, 1, 28, 28)).argmax(dim=1)
                    same = (read == labels).float().mean().item()
                    print(f"{name} handed down: {100 * same:.0f} % still their digit after {step}")


def holes(kl: bool) -> None:
    """Lesson 10: random codes decoded by an autoencoder, and by a VAE, of 20 latents, 1,000 steps."""
    images, classifier = load_images("mnist"), load_trained("cnn").network
    torch.manual_seed(0)
    network = vae.VAE(
        vae.VAEConfig(hidden_dim=128, num_hidden_layers=1, latent_dim=20, gated=False)
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    for _ in range(1000):
        x = images.train_images[torch.randint(10_000, (100,))].float() / 255
        mu, logvar = network.encode(x)
        logits = network.decode(vae.reparameterize(mu, logvar) if kl else mu)
        pixels = F.binary_cross_entropy_with_logits(logits, x.flatten(1), reduction="none")
        loss = pixels.sum(dim=1).mean()
        if kl:
            loss = loss + vae.kl_divergence(mu, logvar).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        mu, _ = network.encode(images.test_images[:1000].float() / 255)
        read = classifier(vae.sample(network, 1000)).argmax(dim=1)
    print(
        f"{'VAE' if kl else 'autoencoder'}: codes from {mu.min().item():.0f} to "
        f"{mu.max().item():.0f}; 1,000 random codes are read as {read.bincount(minlength=10).tolist()}"
    )


def reduction(kind: str) -> None:
    """Lesson 10: a VAE with two latents after 1,000 steps, with a sum or a mean over the pixels."""
    images = load_images("mnist")
    torch.manual_seed(0)
    network = vae.VAE(vae.VAEConfig(hidden_dim=128, num_hidden_layers=1, latent_dim=2, gated=False))
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    for _ in range(1000):
        x = images.train_images[torch.randint(10_000, (100,))].float() / 255
        logits, mu, logvar = network(x)
        how = {"mean": "mean", "sum": "sum"}[kind]
        pixels = F.binary_cross_entropy_with_logits(logits, x.flatten(1), reduction=how)
        pixels = pixels / len(x) if kind == "sum" else pixels
        loss = pixels + vae.kl_divergence(mu, logvar).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        losses = vae.vae_loss(network, images.test_images[:1000].float() / 255)
    print(
        f"{kind} over the pixels: KL {losses['kl'].item():.4f}, reconstruction "
        f"{losses['reconstruction'].item():.1f} nats"
    )


def shifted(shift: int) -> None:
    """Lesson 11: a network trained on the next character, or on the one it has just read."""
    text = load_text("text")
    torch.manual_seed(0)
    network = rnn.CharRNN(
        rnn.CharRNNConfig(num_symbols=len(text.characters), embedding_dim=24, hidden_size=96)
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=6e-3)
    loss = torch.tensor(0.0)
    for _ in range(600):
        starts = torch.randint(len(text.train) - 50, (16, 1))
        window = text.train[starts + torch.arange(49)]
        logits, _ = network(window[:, :-1])
        targets = window[:, 1:] if shift else window[:, :-1]
        loss = F.cross_entropy(logits.transpose(1, 2), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    written = rnn.sample_text(
        network,
        encode("The ", text.characters),
        40,
        temperature=0.5,
        generator=torch.Generator().manual_seed(0),
    )
    print(
        f"targets shifted by {shift}: {loss.item():.3f} nats, writes "
        f"{decode(written, text.characters)!r}"
    )


def saturation() -> None:
    """Lesson 12: the gradient that reaches a logit at D = 0.01, for both generator losses."""
    logit = torch.tensor(0.01).logit().requires_grad_()
    saturating = torch.autograd.grad(-F.softplus(logit), logit)[0].item()
    other = torch.autograd.grad(F.softplus(-logit), logit)[0].item()
    print(f"gradient at D = 0.01: log(1 - D) {saturating:.4f}, -log D {other:.4f}")


def label_agreement(d_sees_classes: bool) -> Tensor:
    """Lesson 13: how many pictures show the requested class, with D given the classes or not.

    Returns:
        (80, 1, 28, 28): eight pictures for each class, the classes in order.
    """
    images, classifier = load_images("mnist"), load_trained("cnn").network
    torch.manual_seed(0)
    config = cgan.CGANConfig(latent_dim=32, fully_connected=True)
    g, d = cgan.make_generator(config), cgan.make_discriminator(config)
    g_optimizer = torch.optim.Adam(g.parameters(), lr=5e-4, betas=(0.5, 0.99))
    d_optimizer = torch.optim.Adam(d.parameters(), lr=5e-4, betas=(0.5, 0.99))
    for _ in range(3000):
        batch = torch.randint(len(images.train_labels), (64,))
        real, labels = images.train_images[batch].float() / 255, images.train_labels[batch]
        d_labels = labels if d_sees_classes else torch.zeros_like(labels)
        fake = g(torch.randn(64, 32), labels)
        d_loss = cgan.discriminator_loss(d(real, d_labels), d(fake.detach(), d_labels))
        penalty = cgan.gradient_penalty(d, real[:8], d_labels[:8])
        d_optimizer.zero_grad()
        (d_loss + 0.5 * penalty).backward()
        d_optimizer.step()
        g_loss = cgan.generator_loss(d(fake, d_labels))
        g_optimizer.zero_grad()
        g_loss.backward(inputs=list(g.parameters()))
        g_optimizer.step()
    labels = torch.arange(1000) % 10
    with torch.no_grad():
        predictions = classifier(g.eval()(torch.randn(1000, 32), labels)).argmax(dim=1)
    agreement = (predictions == labels).float().mean().item()
    condition = "with" if d_sees_classes else "without"
    print(f"D {condition} the classes: {100 * agreement:.0f} % show the requested class")
    with torch.no_grad():
        return g(torch.randn(8, 32).repeat(10, 1), torch.arange(10).repeat_interleave(8))


def told(path: Path | None) -> None:
    """Lesson 13: both trainings, and at `path` their pictures: class by class, D told and not told."""
    left, right = (label_agreement(d_sees_classes) for d_sees_classes in (True, False))
    if path is not None:
        between = torch.full((10, 1, 1, 28, 28), 0.25)
        halves = [each.unflatten(0, (10, 8)) for each in (left, right)]
        rows = torch.cat([halves[0], between, halves[1]], dim=1)  # (10, 17, 1, 28, 28)
        path.write_bytes(png_bytes(grid(rows.flatten(0, 1), columns=17)))


def small_and_large() -> None:
    """Lesson 14: a product of 8 x 8 matrices against one of 1024 x 1024."""
    small, large = torch.randn(8, 8), torch.randn(1024, 1024)
    times = seconds(lambda: small @ small, 2001), seconds(lambda: large @ large)
    print(
        f"8 x 8: {1e6 * times[0]:.1f} microseconds, 1024 x 1024: {1e3 * times[1]:.1f} ms, "
        f"{times[1] / times[0]:,.0f} times; multiplications: {(1024 // 8) ** 3:,} times"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--told", type=Path, help="only lesson 13's pictures, as a PNG")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.told:
        told(arguments.told)
        return
    moved()
    paths()
    casino_paths()
    pair()
    undrawn()
    holes(kl=False)
    holes(kl=True)
    reduction("sum")
    reduction("mean")
    shifted(1)
    shifted(0)
    saturation()
    told(None)
    small_and_large()
    turning()
    vanishing()
    for kind in ("as it should be", "no zero_grad", "sorted"):
        shares = [one_epoch(kind, seed) for seed in range(3)]
        print(f"one epoch, {kind}: {', '.join(f'{100 * s:.1f} %' for s in shares)}")


if __name__ == "__main__":
    main()
