"""The VAE against torch.distributions, and a linear one against its exact marginal likelihood."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, MultivariateNormal, Normal, kl_divergence

from torchcamp.models import vae
from torchcamp.reading.shapes import check_shapes


def make(seed: int = 0, **numbers: Any) -> vae.VAE:
    torch.manual_seed(seed)
    config: dict[str, Any] = {"hidden_dim": 9, "latent_dim": 3} | numbers
    return vae.VAE(vae.VAEConfig(**config))


def images(count: int = 4, shape: tuple[int, int, int] = (1, 28, 28)) -> Tensor:
    return torch.rand(count, *shape).round()


def test_the_kl_equals_torchs():
    mu, logvar = torch.randn(6, 3), torch.randn(6, 3)
    theirs = kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)).sum(dim=1)
    assert torch.allclose(vae.kl_divergence(mu, logvar), theirs, atol=1e-6)
    worked = vae.kl_divergence(torch.tensor([[1.0, -2.0]]), torch.tensor([[4.0, 0.25]]).log())
    assert worked.item() == pytest.approx(3.625)  # the catalogue's probe


def test_the_loss_is_minus_the_elbo_of_torchs_distributions():
    network, x = make(), images()
    torch.manual_seed(1)
    losses = vae.vae_loss(network, x)
    torch.manual_seed(1)
    mu, logvar = network.encode(x)
    q = Normal(mu, (0.5 * logvar).exp())
    z = mu + q.stddev * torch.randn_like(mu)
    log_likelihood = Bernoulli(logits=network.decode(z)).log_prob(x.flatten(1)).sum(dim=1)
    kl = kl_divergence(q, Normal(0.0, 1.0)).sum(dim=1)
    assert torch.allclose(losses["reconstruction"], -log_likelihood.mean(), rtol=1e-5)
    assert torch.allclose(losses["kl"], kl.mean(), rtol=1e-5)
    assert torch.allclose(losses["loss"], (kl - log_likelihood).mean(), rtol=1e-5)
    assert torch.allclose(losses["elbo"], -losses["loss"])
    assert next(iter(losses)) == "loss"


def test_the_weight_of_the_kl_counts_in_the_loss_only():
    network, x = make(), images()
    torch.manual_seed(1)
    half = vae.vae_loss(network, x, kl_weight=torch.tensor(0.5))
    torch.manual_seed(1)
    whole = vae.vae_loss(network, x)
    assert torch.equal(half["kl"], whole["kl"])
    assert torch.allclose(half["loss"], half["reconstruction"] + 0.5 * half["kl"])
    assert torch.equal(half["elbo"], whole["elbo"])
    assert torch.allclose(half["elbo"], -(half["reconstruction"] + half["kl"]))


def test_noise_has_the_law_that_mu_and_logvar_say():
    mu, logvar = torch.tensor([[1.0, -2.0]]), torch.tensor([[1.0, 0.0]])
    z = vae.reparameterize(mu.expand(20_000, 2), logvar.expand(20_000, 2))
    assert torch.allclose(z.mean(0), mu[0], atol=0.06)
    assert torch.allclose(z.var(0), logvar[0].exp(), rtol=0.05)
    mu.requires_grad_()
    logvar.requires_grad_()
    vae.reparameterize(mu, logvar).sum().backward()
    assert mu.grad is not None
    assert logvar.grad is not None


class LinearVAE(nn.Module):
    """p(z) = N(0, I), p(x|z) = N(Wz + m, s I): probabilistic PCA, whose p(x) is a Gaussian."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.mean, self.variance = torch.randn(5, 2), torch.randn(5), 0.3

    def exact(self, x: Tensor) -> Tensor:
        covariance = self.weight @ self.weight.T + self.variance * torch.eye(5)
        return MultivariateNormal(self.mean, covariance).log_prob(x)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Not the exact posterior: its mean is shifted, its variances are those of the diagonal."""
        precision = torch.eye(2) + self.weight.T @ self.weight / self.variance
        mu = (x - self.mean) @ self.weight / self.variance @ precision.inverse().T
        return mu + 0.2, precision.inverse().diagonal().log().expand_as(mu)


def test_the_importance_weighted_bound_meets_probabilistic_pca(monkeypatch: pytest.MonkeyPatch):
    """Bernoulli pixels are exchanged for Gaussian ones; ratio, sum and mean are the model's own."""
    linear = LinearVAE()
    x = torch.randn(6, 5)

    # log p(x|z) = x * logit - softplus(logit) summed over pixels: let it be the Gaussian's.
    class Decoded:
        def __init__(self, z: Tensor) -> None:
            self.z = z

        def __mul__(self, other: Tensor) -> Tensor:
            normal = Normal(self.z @ linear.weight.T + linear.mean, math.sqrt(linear.variance))
            return normal.log_prob(other)

    monkeypatch.setattr(linear, "decode", Decoded, raising=False)
    monkeypatch.setattr(vae.F, "softplus", lambda logits: torch.zeros(()).expand(1, 1, 1))
    exact = linear.exact(x)
    elbos = torch.stack([vae.importance_weighted_bound(linear, x, 1) for _ in range(3000)])  # type: ignore[arg-type]
    many = vae.importance_weighted_bound(linear, x, 20_000)  # type: ignore[arg-type]
    assert torch.allclose(many, exact, atol=0.05)
    assert bool((elbos.mean(0) < exact + 0.02).all())
    assert bool((elbos.mean(0) < many - 0.01).any())


def test_more_draws_tighten_the_bound():
    network, x = make(), images(8)
    few = torch.stack([vae.importance_weighted_bound(network, x, 1) for _ in range(200)]).mean(0)
    many = torch.stack([vae.importance_weighted_bound(network, x, 50) for _ in range(20)]).mean(0)
    assert bool((many > few).all())
    torch.manual_seed(0)
    losses = [vae.vae_loss(network, x)["elbo"] for _ in range(200)]
    assert torch.stack(losses).mean().item() == pytest.approx(few.mean().item(), rel=0.02)


def test_it_learns_a_batch_by_heart():
    network, x = make(hidden_dim=64), images(8)
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    first = last = vae.train_step(network, optimizer, x)
    for _ in range(200):
        last = vae.train_step(network, optimizer, x)
    assert last["loss"] < first["loss"] / 3
    assert not last["loss"].requires_grad
    assert (vae.reconstruct(network, x).round() == x).float().mean() > 0.9


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (3, 20, 28), (3, 5, 9)])
def test_pictures_are_probabilities_and_repeat_with_their_generator(shape: tuple[int, int, int]):
    network, x = make(image_shape=shape), images(shape=shape)
    vae.train_step(network, torch.optim.SGD(network.parameters(), lr=1e-4), x)
    a = vae.sample(network, 5, generator=torch.Generator().manual_seed(3))
    b = vae.sample(network, 5, generator=torch.Generator().manual_seed(3))
    assert a.shape == (5, *shape)
    assert torch.equal(a, b)
    assert a.min() >= 0
    assert a.max() <= 1
    walk = vae.interpolate(network, x[0], x[1], 7)
    assert torch.allclose(walk[[0, -1]], vae.reconstruct(network, x[:2]), atol=1e-6)
    moved = vae.traverse(network, x[0], 1, [-1.0, 0.0, 1.0])
    assert moved.shape == (3, *shape)
    code = network.encode(x[:1])[0].detach()
    code[0, 1] = -1.0
    assert torch.allclose(moved[:1], vae.decode_images(network, code))
    assert not torch.equal(moved[0], moved[2])


def test_a_colour_stays_where_it_was():
    """The channels of a decoded picture are those of the picture that went in."""
    network = make(image_shape=(3, 8, 8), hidden_dim=32)
    red = torch.zeros(4, 3, 8, 8)
    red[:, 0] = 1.0
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01)
    for _ in range(100):
        vae.train_step(network, optimizer, red)
    drawn = vae.reconstruct(network, red)
    assert drawn[:, 0].min() > 0.9
    assert drawn[:, 1:].max() < 0.1


def test_a_vae_refuses_a_shape_without_pixels():
    with pytest.raises(ValueError, match="image_shape needs three positive numbers"):
        vae.VAEConfig(image_shape=(3, 0, 8))


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 48)])
@pytest.mark.parametrize("gated", [True, False])
def test_every_shape_comment_is_true(gated: bool, shape: tuple[int, int, int]):
    network = make(gated=gated, image_shape=shape)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    x = images(2, shape)

    def call() -> None:
        vae.train_step(network, optimizer, x)
        vae.importance_weighted_bound(network, x, 5)
        vae.sample(network, 2)

    findings = check_shapes(
        Path(str(vae.__file__)), call, {"B": 2, "X": math.prod(shape), "H": 9, "Z": 3, "S": 5}
    )
    assert len(findings.claims) >= 15
    assert findings.wrong == ()
    assert findings.unseen == ()
