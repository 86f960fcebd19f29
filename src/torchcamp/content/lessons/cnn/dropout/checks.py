"""Use first, then how many are dropped, how large the rest is, and who shares a draw."""

import warnings

import torch


def call(submission, x, p, training):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        returned = submission.dropout(x, p, training)
    return returned, [str(w.message).partition(".")[0] for w in caught]


def check_in_use(submission):
    """Nothing happens."""
    x = torch.randn(4, 5)
    returned, _ = call(submission, x.clone(), 0.5, False)
    share = (returned == 0).float().mean().item()
    assert share == 0, (
        f"In use, {100 * share:.0f} % of the numbers came out as 0; nothing should happen."
    )
    assert torch.equal(returned, x), (
        f"In use, the largest number came out as {returned.abs().max():.3f} instead of "
        f"{x.abs().max():.3f}; nothing should happen."
    )


def check_each_by_itself(submission):
    """No rows or columns go together."""
    returned, _ = call(submission, torch.ones(60, 60), 0.5, True)
    dropped = returned == 0
    for words, others in (("columns", dropped.float().mean(0)), ("rows", dropped.float().mean(1))):
        extreme = ((others == 0) | (others == 1)).sum().item()
        assert extreme == 0, f"Of 60 {words}, {extreme} were dropped or kept as a whole."


def check_share(submission):
    """p is what is dropped."""
    for p in (0.2, 0.7):
        returned, _ = call(submission, torch.ones(100, 100), p, True)
        share = (returned == 0).float().mean().item()
        assert abs(share - p) < 0.03, (
            f"With p = {p}, {100 * share:.0f} % of the numbers were dropped."
        )


def masks(submission):
    """Which of 200 numbers were dropped, in each of twenty calls."""
    return [call(submission, torch.ones(10, 20), 0.2, True)[0] == 0 for _ in range(20)]


def check_drawn_anew(submission):
    """Which numbers go, and how many, is chance."""
    dropped = masks(submission)
    assert not all(torch.equal(dropped[0], each) for each in dropped), (
        "In twenty calls in a row the very same numbers were dropped."
    )
    counts = {int(each.sum()) for each in dropped}
    assert len(counts) > 1, (
        f"Twenty times 200 numbers with p = 0.2: each time exactly {counts.pop()} were dropped. Where each is drawn by itself, "
        "it is sometimes more and sometimes fewer."
    )


def check_average(submission):
    """What is left makes up for what is gone."""
    returned, _ = call(submission, torch.ones(100, 100), 0.2, True)
    left = returned[returned != 0]
    assert (left - 1.25).abs().max() < 1e-4, (
        f"With p = 0.2 a one that is kept becomes {left[0].item():.3f}; 1 / 0.8 = 1.25 keeps the average."
    )


def check_numbers(submission):
    """A number that is kept is still itself."""
    x = torch.arange(1.0, 401.0).view(20, 20)
    returned, _ = call(submission, x.clone(), 0.5, True)
    kept = returned != 0
    assert kept.any() and torch.allclose(returned[kept], 2 * x[kept], rtol=1e-4), (
        f"With p = 0.5 what is kept is doubled: {x[kept][:3].tolist()} became {returned[kept][:3].tolist()}."
    )


def check_no_warning(submission):
    """PyTorch has nothing to object to."""
    _, words = call(submission, torch.ones(6, 8), 0.5, True)
    assert not words, f"PyTorch warns: {words[0]}."


def check_input_unchanged(submission):
    """x is the caller's."""
    x = torch.ones(5, 5)
    call(submission, x, 0.5, True)
    assert torch.equal(x, torch.ones(5, 5)), "The call changed the tensor that it was given."


def observe(submission, rng):
    torch.manual_seed(int(torch.randint(1000, (), generator=rng)))
    x = torch.ones(200, 50)
    kept, words = call(submission, x, 0.2, True)
    used, _ = call(submission, torch.ones(20, 50), 0.2, False)
    share = (kept == 0).float().mean().item()
    dropped = masks(submission)
    whole = ((kept == 0).float().mean(0) % 1 == 0).sum() + (
        (kept == 0).float().mean(1) % 1 == 0
    ).sum()
    return [
        round(10 * share),
        kept.max(),
        [round(10 * (used == 0).float().mean().item()), used.max()],
        bool(whole > 5),
        len(words),
        bool((x == 1).all()),
        any(not torch.equal(dropped[0], each) for each in dropped),
        len({int(each.sum()) for each in dropped}) > 1,
    ]
