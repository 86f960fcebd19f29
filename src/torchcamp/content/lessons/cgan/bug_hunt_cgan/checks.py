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


def observe(submission, rng):
    share, moved = pairs(submission, int(torch.randint(1000, (), generator=rng)))
    return [share == 1, moved, ones(submission)[0]]
