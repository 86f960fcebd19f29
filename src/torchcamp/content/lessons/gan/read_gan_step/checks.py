"""Steps of a small GAN: counted, without the detach, and with gradients for both."""

import torch

from torchcamp.course.judge.predictions import (
    compare,
    first_wrong,
    raising_line,
    rewritten,
)
from torchcamp.models.gan import GANConfig, PlainDiscriminator, PlainGenerator, train_step


def ready():
    torch.manual_seed(0)
    config = GANConfig(image_shape=(1, 4, 4), latent_dim=3, fully_connected=True)
    networks = PlainGenerator(config), PlainDiscriminator(config)
    optimizers = [torch.optim.SGD(n.parameters(), lr=0.1) for n in networks]
    return *networks, *optimizers, torch.rand(8, 1, 4, 4)


def weights_after_two(step):
    generator, discriminator, *rest = ready()
    for _ in range(2):
        step(generator, discriminator, *rest)
    return [torch.cat([p.flatten() for p in n.parameters()]) for n in (generator, discriminator)]


def happened():
    parts, calls = ready(), []
    parts[1].register_forward_hook(lambda *_: calls.append(1))
    train_step(*parts)

    undetached = rewritten(train_step, "fake_images.detach()", "fake_images")
    for_both = rewritten(train_step, "inputs=list(generator.parameters())", "")
    pairs = zip(weights_after_two(train_step), weights_after_two(for_both))
    same = tuple(torch.allclose(one, other, atol=1e-5) for one, other in pairs)
    outcomes = {
        (True, True): "nobody",
        (True, False): "discriminator",
        (False, True): "generator",
        (False, False): "both",
    }
    return {
        "discriminator_calls": len(calls),
        "raises_at": raising_line(lambda: undetached(*ready())),
        "moves_otherwise": outcomes[same],
    }


def check_discriminator_calls(submission):
    """Forward passes of D."""
    words = compare(submission, happened(), "discriminator_calls")
    assert not words, (
        words
        + " Real images, detached fakes, real images again in the penalty, and the fakes for G."
    )


def check_raises_at(submission):
    """Why D's step is detached."""
    words = compare(submission, happened(), "raises_at")
    assert not words, (
        words
        + " D's `backward` also walked through the generator's graph and freed it. When G wants to go "
        'the same way, it is gone: "Trying to backward through the graph a second time".'
    )


def check_moves_otherwise(submission):
    """Gradients that are left lying about."""
    words = compare(submission, happened(), "moves_otherwise")
    assert not words, (
        words
        + " G's loss then leaves gradients in D as well, but `g_optimizer` does not own D's weights, and "
        "`d_optimizer.zero_grad()` sweeps them away before D's next step. They only cost time."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
