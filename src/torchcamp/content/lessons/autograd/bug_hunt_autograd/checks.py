"""The encoder first, then the steps."""

import runpy
from pathlib import Path

import torch


def data(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(32, 3, generator=generator) @ torch.randn(3, 16, generator=generator)


def error(submission, vectors, batch_size, num_epochs):
    encoder, decoder = submission.train(vectors, batch_size, num_epochs)
    with torch.no_grad():
        return ((decoder(encoder(vectors)) - vectors) ** 2).mean().item()


def weights(encoder, decoder):
    return torch.cat([p.detach().flatten() for m in (encoder, decoder) for p in m.parameters()])


def check_encoder_learns(submission):
    """Both halves move."""
    vectors = data()
    start, _ = submission.train(vectors, 32, 0)
    end, _ = submission.train(vectors, 32, 3)
    still = [
        n for (n, p), q in zip(start.named_parameters(), end.parameters()) if torch.equal(p, q)
    ]
    assert not still, (
        f"After three epochs the encoder's {' and '.join(still)} are bit for bit what they were. (The "
        f"error of one epoch in batches of 8 is {error(submission, vectors, 8, 1):.4f}.)"
    )


def check_one_batch_one_gradient(submission):
    """A step knows nothing of the batch before."""
    vectors = data()
    mended = runpy.run_path(str(Path(__file__).with_name("solution.py")))["train"]
    for batch_size in (32, 8):
        mine, right = (
            weights(*train(vectors, batch_size, 1)) for train in (submission.train, mended)
        )
        start = weights(*mended(vectors, batch_size, 0))
        assert torch.allclose(mine, right, atol=1e-3), (
            f"One epoch in batches of {batch_size} moves the weights by "
            f"{(mine - start).norm().item():.3f}; if each step used its own batch's gradient only, it "
            f"would be {(right - start).norm().item():.3f}."
        )


def check_it_learns(submission):
    """The vectors come back."""
    value = error(submission, data(), 8, 40)
    assert value < 1, f"After 40 epochs the mean squared error is {value:.3f}."


def observe(submission, rng):
    vectors = data(int(torch.randint(1000, (), generator=rng)))
    seen = [weights(*submission.train(vectors, size, n)) for size, n in ((32, 1), (8, 1), (16, 2))]
    encoder, _ = submission.train(vectors, 32, 1)
    return [*seen, [p.requires_grad for p in encoder.parameters()]]
