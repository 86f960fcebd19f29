"""Which epoch, which number, and equal ones."""

import torch


def expect(submission, validation, test, expected):
    returned = submission.choose_epoch(list(validation), list(test))
    assert isinstance(returned, tuple) and len(returned) == 2, "Return an epoch and an accuracy."
    epoch, accuracy = returned
    assert epoch == expected, (
        f"validation {validation}, test {test}: you keep epoch {epoch}; {expected} is right."
    )
    assert abs(accuracy - test[expected]) < 1e-9, (
        f"validation {validation}, test {test}: you report {accuracy}; {test[expected]} is right."
    )


def check_worked(submission):
    """The statement's own."""
    expect(submission, [0.90, 0.95, 0.93], [0.91, 0.92, 0.96], 1)


def check_equal_epochs(submission):
    """The earlier one."""
    expect(submission, [0.90, 0.95, 0.95, 0.80], [0.91, 0.90, 0.96, 0.97], 1)


def check_up_and_down(submission):
    """An accuracy may fall and rise again."""
    expect(submission, [0.80, 0.70, 0.90, 0.85], [0.82, 0.84, 0.81, 0.83], 2)
    expect(submission, [0.80, 0.95, 0.70, 0.90], [0.82, 0.81, 0.84, 0.83], 1)


PROBES = (
    ([90, 95, 93], [91, 92, 96]),
    ([91, 95, 95, 80], [91, 90, 96, 97]),
    ([80, 95, 90, 85], [96, 90, 91, 92]),
    ([91, 95, 95, 80], [91, 96, 90, 97]),
    ([80, 70, 90, 85], [82, 84, 81, 83]),
    ([80, 95, 70, 90], [82, 81, 84, 83]),
)


def observe(submission, rng):
    """The epochs that are kept, if one is wrong, else what is reported for them."""
    seen = []
    for validation, test in PROBES:
        small = torch.rand(2, generator=rng).tolist()  # the same for all epochs: their order stays
        seen.append(
            submission.choose_epoch(
                [v + small[0] for v in validation], [t + small[1] for t in test]
            )
        )
    if any(isinstance(epoch, float) for epoch, _ in seen):
        return "the accuracy first" if all(isinstance(last, int) for _, last in seen) else seen
    epochs = [epoch for epoch, _ in seen]
    right = [validation.index(max(validation)) for validation, _ in PROBES]
    if epochs != right:
        return epochs
    return [accuracy for _, accuracy in seen]
