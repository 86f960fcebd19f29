"""Pictures and labels, then the rows."""

import torch


def pairs(submission, seed=0):
    """Share of pictures that kept their label; the picture's first pixel is its label."""
    labels = torch.arange(40) % 10
    images = torch.stack([labels.float(), torch.arange(40.0)], 1)
    images, labels = submission.shuffled(images, labels, torch.Generator().manual_seed(seed))
    moved = not torch.equal(images[:, 1], torch.arange(40.0))
    return float((images[:, 0] == labels).float().mean()), moved


def ones(submission):
    """Ones in the rows of a third batch."""
    labels = submission.Labels(4, 10)
    for batch in ([1, 2, 3, 4], [5, 6, 7, 8], [0, 0, 0, 9]):
        rows = labels.rows_of(torch.tensor(batch))
    return int(rows.sum()), rows.argmax(1).tolist()


def check_pairs(submission):
    """A picture keeps its label."""
    share, moved = pairs(submission)
    assert share == 1, (
        f"After shuffling, {100 * share:.0f} % of the pictures have their own label. (Four rows of a third batch hold "
        f"{ones(submission)[0]} ones.)"
    )
    assert moved, "Nothing was shuffled."


def check_rows(submission):
    """One 1 a row."""
    number, places = ones(submission)
    assert number == 4, f"Four labels have four ones; the rows of a third batch hold {number}."
    assert places == [0, 0, 0, 9], f"The ones of labels 0, 0, 0, 9 stand at {places}."


def check_kept(submission):
    """A batch's rows stay what they were."""
    labels = submission.Labels(2, 3)
    first = labels.rows_of(torch.tensor([0, 1]))
    labels.rows_of(torch.tensor([2, 2]))
    assert first.sum() == 2, "A later batch changed the rows of an earlier one."


def orders(submission):
    """The orders that generators of the seeds 3, 3 and 4 give, then the last of them once more."""
    found = []
    last = torch.Generator().manual_seed(4)
    for generator in (*(torch.Generator().manual_seed(3) for _ in range(2)), last, last):
        torch.manual_seed(len(found))  # chance that does not come from the generator is another
        pictures = torch.arange(40.0)[:, None]
        found.append(submission.shuffled(pictures, torch.arange(40), generator)[1].tolist())
    return found


def check_generator(submission):
    """The order comes from the generator."""
    first, second, other, later = orders(submission)
    assert first == second, (
        "Two generators of the same seed gave different orders: the chance does not come from `generator` alone."
    )
    assert first != other, (
        "Generators of two seeds gave the same order: it does not depend on the one that is given."
    )
    assert other != later, "Two calls with the same generator gave the same order."


def order_kind(submission, seed):
    """What is wrong with the order, in a word."""
    share, moved = pairs(submission, seed)
    if share < 1:
        return "apart"
    if not moved:
        return "still"
    first, second, other, later = orders(submission)
    if first != second:
        return "chance"
    return "fixed" if other in (first, later) else "right"


def observe(submission, rng):
    number, places = ones(submission)
    rows = "none" if number == 0 else "more" if number > 4 else places
    return [order_kind(submission, int(torch.randint(1000, (), generator=rng))), rows]
