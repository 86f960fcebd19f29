"""Shape and range, the law of the codes, then modes and gradients."""

import torch
from torch import nn

from torchcamp.reading.probes import generator_misuse, moves_random_state


class Glass(nn.Module):
    """A decoder that shows its code, and remembers in which mode it was asked."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.modes = []

    def forward(self, z):
        self.modes.append(self.training)
        return z * self.weight


def run(submission, number=3000, seed=0, training=True):
    decoder = Glass().train(training)
    probs = submission.sample_images(decoder, number, 4, torch.Generator().manual_seed(seed))
    return decoder, probs


def check_shape(submission):
    """As many as asked for."""
    _, probs = run(submission, 7)
    assert probs.shape == (7, 4), f"Seven samples of four pixels; yours is {tuple(probs.shape)}."


def only_ends(probs):
    return bool(((probs == 0) | (probs == 1)).all())


def check_probabilities(submission):
    """Between 0 and 1."""
    _, probs = run(submission)
    assert probs.min() >= 0 and probs.max() <= 1, (
        f"Probabilities are wanted; yours lie between {probs.min():.2f} and {probs.max():.2f}."
    )
    assert not only_ends(probs), (
        "Probabilities are wanted; of 12,000 pixels each of yours is exactly 0 or exactly 1."
    )


def law(probs):
    z = torch.logit(probs.double().clamp(1e-6, 1 - 1e-6))
    return float(z.mean()), float(z.std()), float((z[:, 0] * z[:, 1]).mean())


def check_prior(submission):
    """Codes are standard normal."""
    mean, std, together = law(run(submission)[1])
    assert abs(mean) < 0.1 and abs(std - 1) < 0.1, (
        f"Codes from the prior have the mean 0 and the deviation 1; yours have {mean:.2f} and {std:.2f}."
    )
    assert abs(together) < 0.1, (
        f"Latents are independent; two of yours have the correlation {together:.2f}."
    )


def check_mode(submission):
    """Eval while it works, then as it was."""
    for training in (True, False):
        decoder, _ = run(submission, 5, training=training)
        assert decoder.modes and not any(decoder.modes), (
            "The decoder was asked in train mode: dropout would damage every sample."
        )
        assert decoder.training == training, (
            f"The decoder came in {'train' if training else 'eval'} mode and was left in "
            f"{'eval' if training else 'train'} mode."
        )


def check_no_graph(submission):
    """Nothing to train."""
    assert not run(submission, 5)[1].requires_grad, "Your samples still hold a graph."


def check_generator(submission):
    """The given generator."""
    misuse = generator_misuse(lambda generator: submission.sample_images(Glass(), 5, 4, generator))
    assert misuse is None, misuse


def observe(submission, rng):
    decoder, probs = run(submission, seed=int(torch.randint(1000, (), generator=rng)))
    coarse = None if only_ends(probs) else [round(x * 4) for x in law(probs)]
    other, _ = run(submission, 5, training=False)
    return [
        moves_random_state(lambda: run(submission, 5)),
        list(probs.shape),
        coarse,
        decoder.modes,
        decoder.training,
        other.modes,
        other.training,
        probs.requires_grad,
        bool(probs.min() >= 0),
    ]
