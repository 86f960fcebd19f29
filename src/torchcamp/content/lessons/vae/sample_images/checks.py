"""Shape and range, the law of the codes, what became of the logits, then modes and gradients."""

import torch
from torch import nn

from torchcamp.reading.probes import generator_misuse, moves_random_state


class Glass(nn.Module):
    """A decoder that shows its code, and remembers which codes it got and in which mode it was asked."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.modes, self.codes = [], []

    def forward(self, z):
        self.modes.append(self.training)
        self.codes.append(z.detach().reshape(-1, z.shape[-1]))
        return z * self.weight


def run(submission, number=3000, seed=0, training=True):
    decoder = Glass().train(training)
    probs = submission.sample_images(decoder, number, 4, torch.Generator().manual_seed(seed))
    return decoder, probs


def check_shape(submission):
    """As many as asked for."""
    _, probs = run(submission, 7)
    assert probs.shape == (7, 4), f"Seven samples of four pixels; yours is {tuple(probs.shape)}."


def show(values):
    return [round(float(x), 3) for x in values]


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


def law(decoder):
    """Mean and deviation of the codes that a decoder got, and how two latents hang together."""
    z = torch.cat(decoder.codes).double()
    return float(z.mean()), float(z.std()), float((z[:, 0] * z[:, 1]).mean())


def check_prior(submission):
    """Codes are standard normal."""
    decoder, _ = run(submission)
    assert decoder.codes, "The decoder was never called: `decoder(z)`."
    z = torch.cat(decoder.codes)
    assert len(z) == 1 or not torch.equal(z, z[:1].expand_as(z)), (
        f"All of the {len(z):,} codes that your decoder got are the same."
    )
    mean, std, together = law(decoder)
    assert abs(mean) < 0.1 and abs(std - 1) < 0.1, (
        f"Codes from the prior have the mean 0 and the deviation 1; yours have {mean:.2f} and {std:.2f}."
    )
    assert abs(together) < 0.1, (
        f"Latents are independent; two of yours have the correlation {together:.2f}."
    )


def check_sigmoid(submission):
    """A sigmoid of each logit."""
    decoder, probs = run(submission, 7)
    logits = torch.cat(decoder.codes)
    assert logits.shape == probs.shape and torch.allclose(
        probs, torch.sigmoid(logits), atol=1e-4
    ), (
        f"For a picture with the logits {show(logits[0])} the probabilities are {show(torch.sigmoid(logits[0]))}; yours are "
        f"{show(probs[0])}."
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


def codes_in_words(decoder):
    """What kind of codes a decoder got."""
    if not decoder.codes:
        return "none"
    z = torch.cat(decoder.codes)
    mean, std, together = law(decoder)
    if std < 1e-6 or torch.equal(z, z[:1].expand_as(z)):
        return "all the same"
    if torch.equal(z, z[:, :1].expand_as(z)):
        return "one number for all latents"
    if (z.max() - z.min()) / std < 3.8:  # of a uniform one 3.5, of 12,000 Gaussian ones more than 6
        return "uniform"
    is_prior = abs(mean) < 0.1 and abs(std - 1) < 0.1 and abs(together) < 0.1
    return "prior" if is_prior else "another law"


class Sure(nn.Module):
    """A decoder that gives the same logits for every code."""

    def __init__(self):
        super().__init__()
        self.logits = nn.Parameter(torch.tensor([-3.0, -0.5, 0.7, 4.0]))

    def forward(self, z):
        return self.logits.expand(len(z), 4)


def made_of_logits(submission, rng):
    """What becomes of known logits."""
    probs = submission.sample_images(Sure(), 2, 4, rng)
    return "bits" if only_ends(probs) else probs[0]


def observe(submission, rng):
    decoder, probs = run(submission, seed=int(torch.randint(1000, (), generator=rng)))
    other, _ = run(submission, 5, training=False)
    return [
        moves_random_state(lambda: run(submission, 5)),
        list(probs.shape),
        codes_in_words(decoder),
        made_of_logits(submission, rng),
        sorted(set(decoder.modes)),
        decoder.training,
        sorted(set(other.modes)),
        other.training,
        probs.requires_grad,
        bool(probs.min() >= 0),
    ]
