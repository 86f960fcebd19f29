"""Type and shape, no smoothing, then smoothing, then what the loss makes of it."""

import torch
import torch.nn.functional as F

LABELS = torch.tensor([2, 0])


def show(row):
    return [round(v, 4) for v in row.tolist()]


def check_type_and_shape(submission):
    """What cross_entropy takes as probabilities."""
    returned = submission.smooth_targets(LABELS, 4, 0.2)
    assert tuple(returned.shape) == (2, 4), (
        f"Labels [2, 0] of 4 classes gave the shape {tuple(returned.shape)}, not (2, 4)."
    )
    assert returned.dtype == torch.float32, f"Your targets are {returned.dtype}, not float32."


def check_without_smoothing(submission):
    """eps 0 is one-hot."""
    returned = submission.smooth_targets(LABELS, 4, 0.0)
    assert torch.equal(returned, F.one_hot(LABELS, 4).float()), (
        f"With eps 0, label 2 became {show(returned[0])}; [0, 0, 1, 0] is right."
    )


def check_smoothing(submission):
    """The worked row."""
    for eps in (0.2, 0.5):
        row = submission.smooth_targets(LABELS, 4, eps)[0]
        expected = (1 - eps) * F.one_hot(LABELS[:1], 4)[0].float() + eps / 4
        assert torch.allclose(row, expected, atol=1e-5), (
            f"4 classes, label 2, eps {eps}: {show(row)}, which sums to {row.sum().item():.3f}; "
            f"{show(expected)} is right."
        )


def check_as_torch_does(submission):
    """The loss is that of `label_smoothing`."""
    logits = torch.tensor([[1.0, 0.0, 2.0, -1.0], [0.5, 0.0, 0.0, 3.0]])
    returned = F.cross_entropy(logits, submission.smooth_targets(LABELS, 4, 0.1)).item()
    expected = F.cross_entropy(logits, LABELS, label_smoothing=0.1).item()
    assert abs(returned - expected) < 1e-4, (
        f"F.cross_entropy with your targets gives {returned:.4f}, with label_smoothing=0.1 "
        f"{expected:.4f}."
    )


def observe(submission, rng):
    labels = torch.randint(4, (3,), generator=rng)
    results = [submission.smooth_targets(labels, 5, eps) for eps in (0.0, 0.1, 0.4)]
    return [[str(r.dtype), r] for r in results]
