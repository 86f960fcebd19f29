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


PROBES = (
    ([90, 95, 93], [91, 92, 96]),
    ([91, 95, 95, 80], [91, 90, 96, 97]),
    ([80, 95, 90, 85], [96, 90, 91, 92]),
)


def observe(submission, rng):
    seen = []
    for validation, test in PROBES:
        small = torch.rand(2, generator=rng).tolist()  # the same for all epochs: their order stays
        seen.append(
            submission.choose_epoch(
                [v + small[0] for v in validation], [t + small[1] for t in test]
            )
        )
    return seen
