"""What is said of the user's own pictures: a summary, and what looks suspicious, a sentence each."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

NUM_CLASSES_LISTED = 8
VERY_DIFFERENT = 5  # the largest class in multiples of the smallest
MOSTLY_CONSTANT = 0.5  # share of the pixels that never change


@dataclass(frozen=True, kw_only=True)
class Part:
    """The training, the validation or the test pictures, N of them.

    images: (N, C, H, W) uint8.
    labels: (N,) class indices.
    digests: of each picture's pixels; equal pictures have equal ones.
    names: of each picture, to find it again.
    """

    images: Tensor
    labels: Tensor
    digests: Sequence[str]
    names: Sequence[str]


def summary(class_names: Sequence[str], parts: Sequence[Part], given: bool) -> str:
    """`2,400 pictures in 5 classes (roses 641, ...), colour, 64x64, 400 kept for testing`

    Args:
        class_names: in order of the labels.
        parts: training, validation and test.
        given: whether somebody else chose the test pictures.
    """
    counts = _totals(class_names, parts)
    listed = ", ".join(f"{name} {n:,}" for name, n in list(counts.items())[:NUM_CLASSES_LISTED])
    if len(class_names) > NUM_CLASSES_LISTED:
        listed += f" and {len(class_names) - NUM_CLASSES_LISTED} more"
    channels, height, width = parts[0].images.shape[1:]
    classes = "class" if len(class_names) == 1 else "classes"
    _, num_validation, num_test = (len(part.labels) for part in parts)
    validation = f", {num_validation:,} for validation" if num_validation else ""
    return (
        f"{sum(counts.values()):,} pictures in {len(class_names)} {classes} ({listed}), "
        f"{'grey' if channels == 1 else 'colour'}, {height}x{width}{validation}, {num_test:,} "
        f"{'for' if given else 'kept for'} testing"
    )


def about_unreadable(unreadable: Sequence[tuple[str, str]]) -> list[str]:
    """The pictures that were left out, by name and reason."""
    if not unreadable:
        return []
    (name, reason), count = unreadable[0], len(unreadable)
    return [
        f"{count:,} unreadable picture{_s(count)} left out, such as {name} ({reason}): replace "
        f"{'it' if count == 1 else 'them'} to have all"
    ]


def about_classes(class_names: Sequence[str], parts: Sequence[Part], given: bool) -> list[str]:
    """Classes that are too small to be learnt or tested, or much larger than others."""
    counts = _totals(class_names, parts)
    if len(counts) < 2:
        return []
    notes = []
    none = [name for name, count in counts.items() if not count]
    single = [name for name, count in counts.items() if count == 1]
    tested = parts[-1].labels.bincount(minlength=len(class_names)).tolist()
    untested = [
        name
        for name, count in zip(class_names, tested, strict=True)
        if given and not count and counts[name] > 1
    ]
    if none:
        notes.append(f"no pictures of {_listed(none)}: add some, or the model cannot know them")
    if single:
        notes.append(
            f"only one picture of {_listed(single)}: it cannot be both learned and tested; add more, or "
            "leave the class out"
        )
    if untested:
        notes.append(
            f"no test pictures of {_listed(untested)}: the measures say nothing about "
            f"{'this class' if len(untested) == 1 else 'these classes'}; move some of the training "
            "pictures there"
        )
    sizes = sorted((count, name) for name, count in counts.items() if count > 1)
    if sizes and sizes[-1][0] > VERY_DIFFERENT * sizes[0][0]:
        (least, smallest), (most, largest) = sizes[0], sizes[-1]
        notes.append(
            f"the classes differ in size ({largest} {most:,}, {smallest} {least:,}): --set balance=true "
            "draws them equally often, and balanced accuracy tells more than accuracy"
        )
    return notes


def about_pictures(
    class_names: Sequence[str], parts: Sequence[Part], blank: int, constant_share: float
) -> list[str]:
    """Pictures that occur twice or are empty, and pixels that tell nothing.

    Args:
        class_names: in order of the labels.
        parts: training, validation and test.
        blank: how many pictures have a single colour.
        constant_share: of the pixels, those that are the same in all pictures.
    """
    notes = _about_test_pictures_trained_on(parts[0], parts[-1])
    notes += _about_two_classes(class_names, parts)
    if blank:
        notes.append(
            f"{blank:,} picture{' has' if blank == 1 else 's have'} a single colour throughout: nothing "
            "can be learned from such; remove what is not meant to be blank"
        )
    if constant_share > MOSTLY_CONSTANT and sum(len(part.labels) for part in parts) > 2:
        notes.append(
            f"{100 * constant_share:.0f} % of the pixels are the same in every picture: crop the pictures "
            "to what differs"
        )
    return notes


def _about_test_pictures_trained_on(train: Part, test: Part) -> list[str]:
    trained = dict(zip(train.digests, train.names, strict=True))
    twice = [
        (trained[digest], name)
        for digest, name in zip(test.digests, test.names, strict=True)
        if digest in trained
    ]
    if not twice:
        return []
    return [
        f"{len(twice):,} of {len(test.labels):,} test pictures {'is' if len(twice) == 1 else 'are'} also "
        f"in the training set (such as {twice[0][1]}, the same as {twice[0][0]}): they make the "
        "accuracy look better than it is; remove the copies"
    ]


def _about_two_classes(class_names: Sequence[str], parts: Sequence[Part]) -> list[str]:
    first: dict[str, tuple[int, str]] = {}
    pairs: dict[str, str] = {}
    for part in parts:
        labels = part.labels.tolist()
        for digest, label, name in zip(part.digests, labels, part.names, strict=True):
            known_label, known_name = first.setdefault(digest, (label, name))
            if known_label != label:
                pairs.setdefault(
                    digest,
                    f"{known_name} is {class_names[known_label]}, the same picture {name} is "
                    f"{class_names[label]}",
                )
    if not pairs:
        return []
    example = next(iter(pairs.values()))
    return [
        f"{len(pairs):,} picture{_s(len(pairs))} in more than one class ({example}): keep "
        f"{'it' if len(pairs) == 1 else 'each'} in one"
    ]


def _totals(class_names: Sequence[str], parts: Sequence[Part]) -> dict[str, int]:
    totals = sum(part.labels.bincount(minlength=len(class_names)) for part in parts)
    assert isinstance(totals, Tensor)
    return dict(zip(class_names, totals.tolist(), strict=True))


def _listed(names: Sequence[str]) -> str:
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return ", ".join(names)


def _s(count: int) -> str:
    return "" if count == 1 else "s"
