"""Shape for every label, what the label does, that classes have no order and are learnt, the bend, the pixels."""

import torch

from torchcamp.course.judge.checks import attempt

ONE_CURVE = 0.15  # `order` is at most 0.10 where one number tells classes apart, from 0.27 on where eight do


def make(submission, seed=0, stir=True):
    torch.manual_seed(seed)
    g = submission.ConditionalGenerator(6, 10, 12)
    if stir:
        with torch.no_grad():
            for p in g.parameters():
                p.copy_(0.3 * torch.randn_like(p))
    return g


def refused(call):
    try:
        return None if torch.isfinite(call()).all() else "nan"
    except (IndexError, RuntimeError, TypeError) as error:
        return str(error).partition("\n")[0]


def check_every_label(submission):
    """Ten classes."""
    for label in range(10):
        words = refused(
            lambda label=label: make(submission)(torch.randn(3, 6), torch.full((3,), label))
        )
        assert words is None, f"With the label {label} of ten classes: {words}."
    shape = tuple(make(submission)(torch.randn(3, 6), torch.tensor([0, 4, 9])).shape)
    assert shape == (3, 12), f"Three pictures of 12 pixels: (3, 12); yours is {shape}."


def pictures(submission, seed=0):
    torch.manual_seed(seed)
    z = torch.randn(1, 6).expand(10, -1)
    return make(submission, seed)(z, torch.arange(10)).detach()


def check_label_matters(submission):
    """One noise, ten labels."""
    found = pictures(submission)
    gap = torch.pdist(found).min().item()
    assert gap > 1e-3, (
        "The same noise with two different labels gives the same picture: between those the label makes no difference."
    )


def order(submission, seed=0):
    """How far the classes' pictures are from standing in a row: 0 where label is a number."""
    logits = torch.logit(pictures(submission, seed).double().clamp(1e-6, 1 - 1e-6))
    centred = logits - logits.mean(0)
    values = torch.linalg.svdvals(centred)
    return float(values[2] / values[0])


def check_no_order(submission):
    """Classes are apart in more than one direction."""
    assert order(submission) > ONE_CURVE, (
        "The ten classes of one noise lie along one curve, as when the label goes in as a number. A class needs a place of "
        "its own."
    )


def reached(submission, num_classes):
    """How many parameters a gradient reaches from a picture of each class."""
    torch.manual_seed(0)
    g = submission.ConditionalGenerator(6, num_classes, 12)
    pixels = g(torch.randn(num_classes, 6), torch.arange(num_classes))
    if not pixels.requires_grad:
        return 0
    pixels.square().sum().backward()
    return sum(p.numel() for p in g.parameters() if p.grad is not None)


def check_classes_are_learnt(submission):
    """What stands for a class is a parameter."""
    with_ten, with_eleven = (
        sum(p.numel() for p in submission.ConditionalGenerator(6, classes, 12).parameters())
        for classes in (10, 11)
    )
    assert with_eleven > with_ten, (
        f"With ten classes and with eleven it has {with_ten:,} parameters. Each class should bring a vector of its own, "
        "made of parameters, so that an optimizer can change it."
    )
    with_ten, with_eleven = (reached(submission, classes) for classes in (10, 11))
    assert with_eleven > with_ten, (
        f"A picture of each class, then `backward()`: with ten classes and with eleven a gradient reaches {with_ten:,} parameters. "
        "It should reach more with eleven: each class's own vector, too."
    )


def bend(submission, seed=0):
    g = make(submission, seed)
    a, b = 2 * torch.randn(2, 1, 6)
    label = torch.tensor([3])

    def f(z):
        return torch.logit(g(z, label).double().clamp(1e-9, 1 - 1e-9))

    with torch.no_grad():
        return float((f(a) + f(b) - f(a + b) - f(torch.zeros(1, 6))).abs().max())


def check_nonlinear(submission):
    """A ReLU inside."""
    assert bend(submission) > 1e-3, (
        "For one label its logits are a linear function of the noise: no nonlinearity acts on it."
    )


def loud(submission):
    """Pictures (200, 12) of noise so large that pixels come close to their ends."""
    g = make(submission)
    with torch.no_grad():
        return g(8 * torch.randn(200, 6), torch.randint(10, (200,)))


def check_range(submission):
    """Pixels."""
    found = loud(submission)
    assert 0 <= found.min() < 0.1 and 0.9 < found.max() <= 1, (
        f"Pixels lie in [0, 1], all of it; yours reach from {found.min():.2f} to {found.max():.2f}."
    )


def sizes(submission):
    """How many parameters one more class brings, one more number of noise, and one more pixel."""

    def number(*arguments):
        return sum(p.numel() for p in submission.ConditionalGenerator(*arguments).parameters())

    few = number(6, 10, 12)
    return number(6, 11, 12) - few, number(7, 10, 12) - few, number(6, 10, 13) - few


def check_sizes(submission):
    """A vector for each class, beside the noise; 64 units."""
    per_class, per_noise, per_pixel = sizes(submission)
    assert per_noise == 64, (
        f"With noise one number longer your network has {per_noise} parameters more. Each number of noise has a weight to each of "
        "the 64 units of the hidden layer and nothing else: 64."
    )
    assert per_class in (8, 64), (  # 64: one-hot rows that go straight into the hidden layer
        f"With one more class your network has {per_class} parameters more; a vector of 8 numbers for each class brings 8."
    )
    assert per_pixel in (64, 65), (
        f"With one more pixel your network has {per_pixel} parameters more. A pixel has a weight from each of the 64 hidden units, "
        "and a bias: 65."
    )


def share_one(found):
    """Whether the pixels of every picture sum to 1."""
    return bool((found.sum(1) - 1).abs().max() < 1e-3)


def check_pixels_apart(submission):
    """A pixel does not depend on what the others leave."""
    found = loud(submission)
    assert not share_one(found), (
        "The pixels of each picture sum to 1, whatever the noise and the label. Each pixel should reach from 0 to 1 by itself: "
        "a picture may be all black or all white."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    words = [
        refused(lambda n=n: make(submission)(torch.randn(3, 6), torch.full((3,), n)))
        for n in (0, 8, 9)
    ]
    if words[0] is not None:
        return words
    if words[2] is not None:
        return [words, bend(submission, seed) > 1e-3]
    first, second = make(submission, seed)(torch.randn(2, 6), torch.tensor([0, 0])).detach()
    found = loud(submission)
    numbers = [
        sum(p.numel() for p in submission.ConditionalGenerator(6, n, 12).parameters())
        for n in (10, 11)
    ]
    per_class, per_noise, _ = sizes(submission)
    return [
        words,
        "as long as the noise" if per_class == 6 and per_noise > 64 else numbers[1] > numbers[0],
        attempt(lambda: reached(submission, 11) > reached(submission, 10)),
        torch.pdist(pictures(submission, seed)).min().item() > 1e-3,
        order(submission, seed) > ONE_CURVE,
        bend(submission, seed) > 1e-3,
        bool((first - second).abs().max() > 1e-3),
        refused(
            lambda: submission.ConditionalGenerator(6, 12, 12)(first[None, :6], torch.tensor([11]))
        )
        is None,
        [bool(found.min() < 0), bool(found.max() > 1), share_one(found)]
        + (["half"] if found.min() >= 0.49 else []),
    ]
