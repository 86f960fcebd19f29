"""The training table, the test table, what the test table may not change, constants."""

import torch


def tables(seed=0):
    generator = torch.Generator().manual_seed(seed)
    scale, shift = torch.tensor([1.0, 10.0, 0.1]), torch.tensor([5.0, 0.0, -2.0])
    train = torch.randn(6, 3, generator=generator) * scale + shift
    return train, torch.randn(4, 3, generator=generator) * scale + shift + 3 * scale


def show(tensor):
    return [round(v, 3) for v in tensor.tolist()]


def check_training_table(submission):
    """Mean 0, standard deviation 1, in every column."""
    train, test = tables()
    mine, _ = submission.standardize_features(train.clone(), test.clone())
    assert mine.shape == train.shape, f"(6, 3) became {tuple(mine.shape)}."
    assert torch.allclose(mine.mean(0), torch.zeros(3), atol=1e-4), (
        f"The columns of your training table have the means {show(mine.mean(0))}, not 0."
    )
    assert torch.allclose(mine.std(0), torch.ones(3), atol=1e-3), (
        f"The columns of your training table have the standard deviations {show(mine.std(0))}, not 1."
    )


def check_test_table(submission):
    """By the training table's numbers."""
    train, test = tables()
    _, mine = submission.standardize_features(train.clone(), test.clone())
    expected = (test - train.mean(0)) / train.std(0)
    assert torch.allclose(mine, expected, atol=1e-3), (
        f"The first row of your test table is {show(mine[0])}; on the training table's scale it is "
        f"{show(expected[0])}."
    )


def check_no_leak(submission):
    """What is in the test table changes nothing in training."""
    train, test = tables()
    first, _ = submission.standardize_features(train.clone(), test.clone())
    second, _ = submission.standardize_features(train.clone(), test.clone() + 100)
    assert torch.equal(first, second), "Another test table gives another training table."


def check_callers_tables(submission):
    """Two new tables; the caller still has the old ones."""
    train, test = tables()
    came = train.clone(), test.clone()
    submission.standardize_features(*came)
    for name, before, after in zip(("training", "test"), (train, test), came):
        assert torch.equal(before, after), (
            f"The {name} table that was handed to you holds other numbers after your call: its first row was "
            f"{show(before[0])} and is {show(after[0])}. Return new tables."
        )


def check_constant(submission):
    """No division by zero."""
    train, test = tables()
    train[:, 1] = 4.0
    mine, other = submission.standardize_features(train, test)
    assert torch.isfinite(mine).all() and torch.isfinite(other).all(), (
        f"A feature that is 4 in every training row became {show(mine[:, 1])} in the training table and "
        f"{show(other[:, 1])} in the test table."
    )
    assert mine[:, 1].abs().max() < 1e-4, f"A constant feature became {show(mine[:, 1])}, not 0."


def observe(submission, rng):
    """The training table if that is wrong, else the test table, else what becomes of a constant."""
    train, test = tables(int(torch.randint(1000, (), generator=rng)))
    mean, std = train.mean(0), train.std(0)
    right = (train - mean) / std, (test - mean) / std
    came = train.clone(), test.clone()
    mine = submission.standardize_features(*came)
    if tuple(mine[0].shape) != (6, 3) or not torch.allclose(mine[0], right[0], atol=1e-3):
        added = std / mine[0].std(0) - std if tuple(mine[0].shape) == (6, 3) else torch.zeros(3)
        centred = torch.allclose(mine[0].mean(0), torch.zeros(3), atol=1e-3)
        same = bool(added.min() > 5e-5) and bool(added.max() < 1.3 * added.min())
        return "added to each std" if centred and same else list(mine)
    if tuple(mine[1].shape) != (4, 3) or not torch.allclose(mine[1], right[1], atol=1e-3):
        if tuple(mine[1].shape) == (4, 3) and torch.allclose(mine[1], test, atol=1e-3):
            return "test unchanged"
        return [mine[1]]
    kept = torch.equal(came[0], train) and torch.equal(came[1], test)
    train[:, 1] = 4.0
    mine = submission.standardize_features(train, test)
    return [kept, mine[0], bool(torch.isfinite(mine[1]).all())]
