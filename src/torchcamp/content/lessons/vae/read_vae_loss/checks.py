"""The loss is computed three times, with the same random numbers."""

from unittest import mock

import torch
import torch.nn.functional as F

from torchcamp.course.judge.predictions import compare, first_wrong, rewritten
from torchcamp.models.vae import VAE, VAEConfig, vae_loss


@torch.no_grad()
def happened():
    torch.manual_seed(0)
    vae = VAE(VAEConfig(hidden_dim=8, latent_dim=3))
    images = torch.rand(16, 1, 28, 28)
    shapes = []
    cross_entropy = F.binary_cross_entropy_with_logits

    def look(*args, **options):
        pixels = cross_entropy(*args, **options)
        shapes.append(tuple(pixels.shape))
        return pixels

    def measured(loss, **options):
        torch.manual_seed(1)
        return loss(vae, images, **options)

    with mock.patch.object(F, "binary_cross_entropy_with_logits", look):
        usual = measured(vae_loss)
    unweighted = measured(vae_loss, kl_weight=0.0)
    averaged = measured(rewritten(vae_loss, "pixels.sum(dim=1).mean()", "pixels.mean()"))
    return {
        "pixels_shape": shapes[0],
        "elbo_moves": not torch.equal(usual["elbo"], unweighted["elbo"]),
        "times_smaller": round((usual["reconstruction"] / averaged["reconstruction"]).item()),
    }


def check_pixels_shape(submission):
    """Nothing added up yet."""
    words = compare(submission, happened(), "pixels_shape")
    assert not words, (
        words + ' With `reduction="none"` each pixel of each picture keeps its own loss.'
    )


def check_elbo_moves(submission):
    """Where the weight counts."""
    words = compare(submission, happened(), "elbo_moves")
    assert not words, (
        words
        + " `kl_weight` stands in `loss` only. The bound is reported whole, so that runs with "
        "different weights can be compared."
    )


def check_times_smaller(submission):
    """Sum or mean over the pixels."""
    words = compare(submission, happened(), "times_smaller")
    assert not words, (
        words
        + " The mean over all pixels divides by 784 as well. Beside it the kl would weigh 784 times as "
        "much, and the codes would collapse."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
