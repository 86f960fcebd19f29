"""The loss against its definition, whether anything is told, then the codes of the samples."""

import torch
import torch.nn.functional as F
from torch import nn


def data(seed=0, size=64):
    """Pictures of 40 pixels: the left half is white, or the right one."""
    generator = torch.Generator().manual_seed(seed)
    side = torch.randint(2, (size, 1), generator=generator).float()
    return torch.cat([side.repeat(1, 20), 1 - side.repeat(1, 20)], 1)


def elbo(vae, x, seed):
    torch.manual_seed(seed)
    logits, mu, logvar = vae(x)
    pixels = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
    return float((pixels - 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1)).mean())


def losses(submission, seed=0):
    torch.manual_seed(seed)
    vae, x = submission.VAE(40, 3), data(seed)
    torch.manual_seed(seed)
    return float(submission.loss_of(vae, x)), elbo(vae, x, seed)


class Glass(nn.Module):
    def forward(self, z):
        return z


def sampled(submission, seed):
    torch.manual_seed(seed)
    vae = submission.VAE(40, 3)
    vae.decoder = Glass()
    return torch.logit(submission.draw(vae, 2000).clamp(1e-6, 1 - 1e-6))


def codes(submission, seed=0):
    """Mean and deviation of the samples' codes."""
    z = sampled(submission, seed)
    return float(z.mean()), float(z.std())


def box(submission, seed=0):
    """In words, whether the samples' codes are uniform: then no code lies far out."""
    z = sampled(submission, seed)
    width = float(
        (z.max() - z.min()) / z.std()
    )  # 3.5 of uniform ones, above 6 of 6,000 Gaussian ones
    if width > 3.8:
        return "no box"
    return "a box around 0" if abs(float(z.mean())) < 0.1 else "a box beside 0"


def noise(submission, seed=0):
    """Mean and deviation of (z - mu) / sigma while it learns."""
    torch.manual_seed(seed)
    vae = submission.VAE(40, 3)
    vae.decoder = Glass()
    with torch.no_grad():
        vae.encoder.weight *= 2  # so that mu and logvar are far from 0
        vae.encoder.bias += 1
    z, mu, logvar = vae(data(seed, 1000))
    e = (z - mu) * (-0.5 * logvar).exp()
    return float(e.mean()), float(e.std())


def check_loss(submission):
    """-ELBO in nats."""
    mine, right = losses(submission)
    assert abs(mine - right) < 0.05, (
        f"An untrained VAE on pictures of 40 pixels: -ELBO is {right:.3f} nats; `loss_of` says {mine:.3f}. "
        f"(Codes of the samples have the mean {codes(submission)[0]:.2f}.)"
    )


def check_codes(submission):
    """Samples use codes from the prior."""
    mean, std = codes(submission)
    assert abs(mean) < 0.15 and abs(std - 1) < 0.15, (
        f"The codes of 2,000 samples have the mean {mean:.2f} and the deviation {std:.2f}; the prior's are 0 and 1."
    )
    torch.manual_seed(0)
    shape = tuple(submission.draw(submission.VAE(40, 3), 7).shape)
    assert shape == (7, 40), f"Seven samples of 40 pixels are (7, 40); yours are {shape}."


def check_nothing_else(submission):
    """The class was right."""
    mean, std = noise(submission)
    assert abs(mean) < 0.15 and abs(std - 1) < 0.15, (
        f"While it learns, the codes' noise was N(0, 1); now it has the mean {mean:.2f} and the deviation {std:.2f}."
    )


def check_learns(submission):
    """After training a picture is told from another."""
    torch.manual_seed(0)
    vae, x = submission.VAE(40, 3), data()
    optimizer = torch.optim.Adam(vae.parameters(), lr=0.01)
    for _ in range(200):
        optimizer.zero_grad()
        submission.loss_of(vae, x).backward()
        optimizer.step()
    error = (torch.sigmoid(vae(x)[0]) - x).abs().mean().item()
    assert error < 0.1, f"After 200 steps reconstructions are off by {error:.2f} a pixel."


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    mine, _ = losses(submission, seed)
    uniform = box(submission, seed)
    mean, std = codes(submission, seed)
    is_prior = abs(mean) < 0.15 and abs(std - 1) < 0.15
    law = uniform if uniform != "no box" else "prior" if is_prior else "another law"
    return [round(mine, 2), law, [round(x * 4) for x in noise(submission, seed)]]
