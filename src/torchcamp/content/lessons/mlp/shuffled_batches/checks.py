"""Sizes, every picture once, its own label, a new order."""

import torch


def epoch(submission, number=10, batch_size=4, generator=None):
    images = torch.arange(number).float().view(number, 1) * 10
    labels = torch.arange(number)
    generator = generator or torch.Generator().manual_seed(0)
    return list(submission.shuffled_batches(images, labels, batch_size, generator))


def flat(batches):
    return (
        torch.cat([x.flatten() for x, _ in batches]).div(10).long().tolist(),
        torch.cat([y.flatten() for _, y in batches]).tolist(),
    )


def check_sizes(submission):
    """The last one may be smaller."""
    for number, batch_size, expected in ((8, 4, [4, 4]), (10, 4, [4, 4, 2]), (3, 5, [3])):
        sizes = [len(y) for _, y in epoch(submission, number, batch_size)]
        assert sizes == expected, (
            f"{number} pictures in batches of {batch_size}: you yield {sizes}; {expected} is right."
        )


def check_every_picture_once(submission):
    """None twice, none left out."""
    images, _ = flat(epoch(submission))
    assert sorted(images) == list(range(10)), (
        f"Of the pictures 0 to 9, one epoch yields {images}: each is to come once."
    )


def check_own_label(submission):
    """Picture and label stay together."""
    images, labels = flat(epoch(submission))
    assert images == labels, (
        f"The pictures {images} come with the labels {labels}: picture {images[0]} has label {labels[0]}."
    )


def check_shuffled(submission):
    """A new order in every epoch, by the generator."""
    generator = torch.Generator().manual_seed(0)
    first, _ = flat(epoch(submission, 30, 8, generator))
    second, _ = flat(epoch(submission, 30, 8, generator))
    assert first != sorted(first), "The pictures come in the order of the file."
    assert first != second, "The second epoch has the same order as the first."
    mixed = [
        sorted(first[i : i + 8]) != sorted(range(30))[8 * (i // 8) : 8 * (i // 8) + 8]
        for i in (0, 8)
    ]
    assert all(mixed), (
        f"The first batch holds the pictures {sorted(first[:8])}: the same ones as in the file's order."
    )


def check_from_the_generator(submission):
    """The caller's generator decides, and nothing else."""
    orders = []
    for other in (0, 1):
        torch.manual_seed(other)
        orders.append(flat(epoch(submission, 30, 8))[0])
    assert orders[0] == orders[1], (
        "With the same `generator`, two calls give two orders: yours is drawn from elsewhere, so a run "
        "cannot be repeated."
    )


def observe(submission, rng):
    """How the batches lie in the file, if they hold neighbours only; else everything that the checks look at."""
    generator = torch.Generator().manual_seed(int(torch.randint(1000, (), generator=rng)))
    batches = [epoch(submission, 22, 5, generator) for _ in range(2)]
    (images, labels), (later, _) = flat(batches[0]), flat(batches[1])
    once = sorted(images) == list(range(22))
    cut = [x.flatten().div(10).long().tolist() for x, _ in batches[0] if len(x)]
    neighbours = all(max(each) - min(each) < len(each) for each in cut)
    if once and neighbours and images == labels and images != sorted(images):
        return ["neighbours", all(each == sorted(each) for each in cut)]
    return [
        [len(y) for _, y in batches[0]],
        [len(y) for _, y in epoch(submission, 10, 5)],
        once,
        images == labels,
        images == later,
        images == sorted(images),
        labels == sorted(labels),
        sorted(images[:5]) == [images[0] // 5 * 5 + i for i in range(5)],
        sorted(images[:5]) == sorted(later[:5]),
        flat(epoch(submission, 22, 5))[0] == flat(epoch(submission, 22, 5))[0],
    ]
