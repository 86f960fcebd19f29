"""Values, then what is learnt, saved and moved, then what is refused."""

import torch

from torchcamp.course.judge.checks import attempt

MEAN, STD = torch.tensor([0.5, 0.25]), torch.tensor([0.25, 0.5])


def make(submission):
    return submission.Standardize(MEAN.clone(), STD.clone())


def check_values(submission):
    """Each channel by its own two numbers."""
    outcome = attempt(lambda: make(submission)(torch.zeros(3, 2, 4, 5)))
    assert outcome != {"raised": "ValueError"}, (
        "Pictures of shape (3, 2, 4, 5) have two channels, as many as there are means: they were refused with a ValueError."
    )
    images = torch.full((3, 2, 4, 2), 0.75)
    returned = make(submission)(images)
    assert returned.shape == images.shape, (
        f"Pictures of shape {tuple(images.shape)} became {tuple(returned.shape)}."
    )
    for channel, expected in ((0, 1.0), (1, 1.0)):
        value = returned[0, channel, 0, 0].item()
        assert abs(value - expected) < 1e-5, (
            f"Pixels of 0.75 with mean {MEAN[channel]:g} and std {STD[channel]:g} became "
            f"{value:.4f}; {expected:g} is right."
        )
    value = make(submission)(torch.zeros(1, 2, 2, 2))[0, :, 0, 0].tolist()
    assert abs(value[0] + 2) < 1e-5 and abs(value[1] + 0.5) < 1e-5, (
        f"Black pixels of the two channels became {value}; [-2, -0.5] is right."
    )


def check_nothing_to_learn(submission):
    """An optimizer must not find them."""
    names = [name for name, _ in make(submission).named_parameters()]
    assert not names, (
        f"An optimizer finds `{'` and `'.join(names)}` in `parameters()`: mean and std are measured, not learnt."
    )


def check_moves(submission):
    """On another device and in another precision."""
    network = make(submission).to("meta")  # a device without numbers: shapes and devices count
    returned = network(torch.zeros(1, 2, 3, 3, device="meta"))
    assert returned.device.type == "meta", "The output left the device that the pictures are on."
    returned = make(submission).double()(torch.zeros(1, 2, 3, 3).double())
    assert returned.dtype == torch.float64, f"After `.double()` the output is {returned.dtype}."


def check_saved(submission):
    """A checkpoint holds them."""
    saved = make(submission).state_dict()
    numbers = sum(value.numel() for value in saved.values())
    assert numbers == 4, (
        f"`state_dict()` holds {numbers} numbers; two means and two deviations are to be saved."
    )


def check_input_unchanged(submission):
    """The pictures are the caller's."""
    images = torch.full((1, 2, 2, 2), 0.75)
    make(submission)(images)
    assert (images == 0.75).all(), (
        f"The pixels that your module was given were 0.75; after the call they are {images[0, 0, 0, 0].item():g}."
    )


def check_other_channels(submission):
    """Broadcasting would hide it."""
    for channels in (1, 3):
        outcome = attempt(lambda c=channels: make(submission)(torch.zeros(1, c, 4, 5)))
        assert outcome == {"raised": "ValueError"} if isinstance(outcome, dict) else False, (
            f"Pictures with {channels} channel{'s' if channels > 1 else ''} and two means "
            + (
                f"raised {outcome['raised']}, not ValueError."
                if isinstance(outcome, dict)
                else f"gave {tuple(outcome.shape)} without an error."
            )
        )


def observe(submission, rng):
    images = torch.rand(2, 2, 3, 2, generator=rng)
    given = images.clone()
    network = make(submission)
    moved = attempt(lambda: network.double()(images.double()))
    elsewhere = attempt(lambda: list(make(submission).to("meta")(images.to("meta")).shape))
    other = [attempt(lambda c=c: make(submission)(torch.zeros(1, c, 4, 5))) for c in (1, 3)]
    larger = attempt(lambda: make(submission)(torch.rand(3, 2, 4, 5, generator=rng)))
    return [
        attempt(lambda: make(submission)(given)),
        bool(torch.equal(given, images)),
        larger["raised"] if isinstance(larger, dict) else "",
        len(list(network.parameters())),
        sum(value.numel() for value in network.state_dict().values()),
        moved,
        str(moved.dtype) if isinstance(moved, torch.Tensor) else "",
        elsewhere,
        other,
    ]
