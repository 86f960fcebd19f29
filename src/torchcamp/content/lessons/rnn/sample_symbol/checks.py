"""An int, shares at T = 1, at 2, at a half, then far from 1."""

import torch

from torchcamp.reading.probes import generator_misuse, moves_random_state

LOGITS = torch.tensor([2.0, 1.0, 0.0])


def shares(submission, temperature, logits=LOGITS, number=3000, seed=0):
    generator = torch.Generator().manual_seed(seed)
    drawn = [int(submission.sample_symbol(logits, temperature, generator)) for _ in range(number)]
    return (torch.bincount(torch.tensor(drawn), minlength=len(logits)) / number).tolist()


def show(values):
    return [round(float(x), 3) for x in values]


def check_index(submission):
    """Which symbol."""
    returned = submission.sample_symbol(
        torch.tensor([0.0, 50.0, 0.0]), 1.0, torch.Generator().manual_seed(0)
    )
    assert int(returned) == 1, f"A symbol that is certain was not drawn: you returned {returned!r}."
    assert isinstance(returned, int), (
        f"An int is wanted; you returned {returned!r}, a {type(returned).__name__}."
    )


def expect(submission, temperature):
    found, right = shares(submission, temperature), torch.softmax(LOGITS / temperature, 0).tolist()
    assert max(abs(a - b) for a, b in zip(found, right)) < 0.04, (
        f"Logits (2, 1, 0) at T = {temperature}: the probabilities are {show(right)}; in 3,000 draws of yours the shares "
        f"are {show(found)}."
    )


def check_one(submission):
    """As the network says."""
    expect(submission, 1.0)


def check_two(submission):
    """Bolder."""
    expect(submission, 2.0)


def check_half(submission):
    """More careful."""
    expect(submission, 0.5)


def check_far(submission):
    """Large logits."""
    found = shares(submission, 0.01, torch.tensor([3.0, 3.2, -900.0]), 50)
    assert found[1] == 1, (
        f"At T = 0.01 the likeliest symbol is certain; yours was drawn in a share of {found[1]:.2f}."
    )


def check_generator(submission):
    """The given generator."""
    misuse = generator_misuse(lambda generator: submission.sample_symbol(LOGITS, 1.0, generator))
    assert misuse is None, misuse


def always_the_likeliest(submission, seed=0):
    """Whether the largest of five nearly equal logits is drawn each time, wherever it stands."""
    generator = torch.Generator().manual_seed(seed)
    places = list(range(5)) * 2
    drawn = [submission.sample_symbol(torch.eye(5)[n] / 9, 1.0, generator) for n in places]
    return [int(each) for each in drawn] == places


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    coarse = [[round(x * 12) for x in shares(submission, t, seed=seed)] for t in (1.0, 2.0, 0.5)]
    try:
        far = shares(submission, 0.01, torch.tensor([3.0, 3.2, -900.0]), 20)
    except RuntimeError:
        far = "refused"
    shared = moves_random_state(lambda: shares(submission, 1.0, number=5))
    return [shared, coarse, far, always_the_likeliest(submission, seed)]
