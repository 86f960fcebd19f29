"""One crossing, none, always, a lucky point, then an unsorted list."""


def expect(submission, sizes, cpu, gpu, right, words):
    found = submission.crossover(sizes, cpu, gpu)
    assert found == right, (
        f"{words}: sizes {sizes}, CPU {cpu}, GPU {gpu}: {right} is right; yours says {found}."
    )


SIZES = [8, 64, 512, 4096]


def check_crossing(submission):
    """One crossing."""
    expect(
        submission,
        SIZES,
        [1.0, 9.0, 700.0, 9e4],
        [20.0, 21.0, 40.0, 200.0],
        512,
        "The GPU overtakes",
    )


def check_never(submission):
    """A network too small for it."""
    expect(
        submission,
        SIZES,
        [1.0, 2.0, 3.0, 9.0],
        [20.0, 21.0, 22.0, 25.0],
        None,
        "The GPU is never ahead",
    )


def check_always(submission):
    """Ahead from the beginning."""
    expect(
        submission,
        SIZES,
        [30.0, 60.0, 700.0, 9e4],
        [20.0, 21.0, 40.0, 200.0],
        8,
        "The GPU is always ahead",
    )


def check_lucky(submission):
    """A single lucky point."""
    expect(
        submission,
        SIZES,
        [30.0, 9.0, 700.0, 9e4],
        [20.0, 21.0, 40.0, 200.0],
        512,
        "Ahead at 8, behind at 64, ahead from 512 on",
    )


def check_unsorted(submission):
    """In any order."""
    expect(
        submission,
        [512, 8, 4096, 64],
        [700.0, 1.0, 9e4, 9.0],
        [40.0, 20.0, 200.0, 21.0],
        512,
        "Unsorted sizes",
    )


def observe(submission, rng):
    import torch

    seen, behind = [], set()
    for _ in range(8):
        cpu, gpu = torch.rand(2, 5, generator=rng).tolist()
        slower = [size for size, c, g in zip([16, 4, 64, 8, 32], cpu, gpu) if g >= c]
        if slower and max(slower) < 64:
            found = submission.crossover([16, 4, 64, 8, 32], cpu, gpu)
            behind.add(found == max(slower))
        seen.append(submission.crossover([16, 4, 64, 8, 32], cpu, gpu))
        # ours begins high and falls behind
        seen.append(
            submission.crossover([4, 8, 16], sorted(cpu[:3]), sorted(gpu[:3], reverse=True))
        )
    return "the largest size behind" if behind == {True} else seen
