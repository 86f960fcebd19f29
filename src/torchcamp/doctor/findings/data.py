"""Loaders and batches: order, overlap, ranges, and which label went where."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import SequentialSampler, Subset, TensorDataset

from torchcamp.doctor.findings.found import Found, plural
from torchcamp.doctor.noise import NORMAL, UNIFORM
from torchcamp.doctor.recording import Call, Episode, Loader, Recording, Where

SAMPLE = 50  # how many times larger a training set is than a sample of it
MAX_ROWS = 20_000  # of a data set, up to which rows are compared


def find(recording: Recording) -> Iterator[Found]:
    """Findings about the data."""
    yield from _set_epoch(recording)
    if not recording.made_data:
        yield from _unshuffled(recording)
    yield from _overlap(recording)
    yield from _laws(recording)
    yield from _laws_of_parts(recording)
    yield from _laws_of_targets(recording)
    yield from _labels(recording)
    yield from _fake_range(recording)


def _trained(loader: Loader) -> list[Episode]:
    return [each for each in loader.episodes if each.backwards or each.steps]


def _set_epoch(recording: Recording) -> Iterator[Found]:
    for loader in recording.loaders:
        epochs = [e.sampler_epoch for e in _trained(loader) if e.sampler_epoch is not None]
        if len(epochs) >= 2 and len(set(epochs)) == 1:
            yield Found(
                code="set-epoch-missing",
                where=_trained(loader)[0].where,
                words=f"{plural(len(epochs), 'epoch')} read the data in the same order: sampler.epoch stayed "
                f"{epochs[0]}.",
                seen=len(epochs),
                related=(loader.where,),
            )


def _unshuffled(recording: Recording) -> Iterator[Found]:
    for loader in recording.loaders:
        episodes = _trained(loader)
        if not episodes or not isinstance(
            getattr(loader.loader, "sampler", None), SequentialSampler
        ):
            continue
        labels, last = episodes[0].labels, episodes[0].last_labels
        if len(labels) < 2:
            continue
        together = torch.cat([*labels, *([last] if last is not None else [])])
        is_sorted = bool((together.diff() >= 0).all())
        kinds = len(together.unique())
        mixed = sum(len(each.unique()) > 2 for each in labels)
        if is_sorted and kinds > 1 and not mixed and len(together) >= 4 * kinds:
            yield Found(
                code="unshuffled",
                where=loader.where,
                words=f"The labels come in order: the first batches hold class "
                f"{', '.join(str(int(v)) for v in torch.cat(labels).unique()[:3])}, the last one class "
                f"{int(together[-1])}.",
                seen=len(labels),
            )


def _overlap(recording: Recording) -> Iterator[Found]:
    for validating in recording.loaders:
        looked = [e for e in validating.episodes if e.looks()]
        if not looked or _trains(validating):
            continue
        is_part = _is_part_of_a_split(recording, validating.loader.dataset)
        for training in recording.loaders:
            fed = {n for e in training.episodes if _is_training(e) for n in e.networks}
            shared_networks = fed & {n for e in looked for n in e.networks}
            if training is validating or not shared_networks:
                continue
            shared, of = _shared(training, validating)
            if not shared or (
                not is_part
                and (
                    _is_sample(training, validating)
                    or _has_clean_partner(recording, training, shared_networks)
                )
            ):
                continue
            yield Found(
                code="test-data-in-training",
                where=validating.where,
                words=f"{shared:,} of the {of:,} rows that were validated on are also in the training data.",
                numbers={"shared": shared, "rows": of},
                seen=shared,
                related=(training.where,),
            )
            break


def _is_sample(training: Loader, validating: Loader) -> bool:
    """A few training items to be looked at again, rather than a measurement."""
    try:
        return len(validating.loader.dataset) * SAMPLE < len(training.loader.dataset)
    except TypeError:
        return False


def _is_training(episode: Episode) -> bool:
    return bool(episode.steps or episode.trains)


def _trains(loader: Loader) -> bool:
    return any(_is_training(each) for each in loader.episodes)


def _has_clean_partner(recording: Recording, training: Loader, networks: set[int]) -> bool:
    """Another loader validates the same network on rows of its own: the first was a look at training."""
    for other in recording.loaders:
        looked = [e for e in other.episodes if e.networks & networks and e.looks()]
        if other is training or not looked or _trains(other):
            continue
        if not _shared(training, other)[0]:
            return True
    return False


def _is_part_of_a_split(recording: Recording, dataset: Any) -> bool:
    """Whether the rest of the set that a Subset is of was put into Subsets too: it is to be held out."""
    own = _indices(dataset) if isinstance(dataset, Subset) else None
    if own is None:
        return False
    rest: set[int] = set()
    for other in recording.subsets:
        their = _indices(other)
        if their is not None and _is_one_source(their[0], own[0]) and not their[1] & own[1]:
            rest |= their[1]
    return bool(rest) and len(rest) + len(own[1]) == len(own[0])


def _shared(training: Loader, validating: Loader) -> tuple[int, int]:
    """How many items of the second loader are in the first one's data set, and how many it has."""
    first, second = training.loader.dataset, validating.loader.dataset
    if first is second:
        return 0, 0  # an honest look at the training set
    one, other = _indices(first), _indices(second)
    if one is not None and other is not None and _is_one_source(one[0], other[0]):
        return (0, 0) if one[1] == other[1] else (len(other[1] & one[1]), len(other[1]))
    rows, others = _rows(first), _rows(second)
    if rows is None or others is None:
        return _seen_in_both(training, validating)
    shared = len(others & rows)
    return (shared, len(others)) if rows != others and shared * 20 > len(others) else (0, 0)


def _seen_in_both(training: Loader, validating: Loader) -> tuple[int, int]:
    """The same of data sets of any kind, by the items that the loaders gave.

    Silent where a set gave the same item twice in one pass, and where both are as long: that is a
    look at the training data.
    """
    sizes = []
    for loader in (training, validating):
        try:
            sizes.append(len(loader.loader.dataset))
        except TypeError:
            return 0, 0
    passes = [[e.rows for e in each.episodes if e.rows] for each in (training, validating)]
    if sizes[0] == sizes[1] or any(len(set(rows)) < len(rows) for each in passes for rows in each):
        return 0, 0
    trained, validated = ({row for rows in each for row in rows} for each in passes)
    shared = len(trained & validated)
    return (shared, len(validated)) if shared >= 8 and shared * 20 > len(validated) else (0, 0)


def _is_one_source(first: Any, second: Any) -> bool:
    """One data set, or two objects over the same items, which perhaps are transformed differently."""
    if first is second:
        return True
    try:
        if type(first) is not type(second) or len(first) != len(second):
            return False
        lists = [
            (value, vars(second).get(name))
            for name, value in vars(first).items()
            if isinstance(value, list | tuple | np.ndarray | Tensor) and len(value) == len(first)
        ]
        return any(_has_many(one) for one, _ in lists) and all(_equal(*each) for each in lists)
    except (TypeError, ValueError, RuntimeError):
        return False


def _has_many(values: Any) -> bool:
    """Whether a list tells items apart: pictures and file names do, labels do not."""
    if isinstance(values, np.ndarray | Tensor):
        return values.ndim > 1
    return len({str(each) for each in values[:200]}) > 0.9 * len(values[:200])


def _equal(one: Any, other: Any) -> bool:
    if type(one) is not type(other) or len(one) != len(other):
        return False
    if isinstance(one, np.ndarray | Tensor):
        return one.shape == other.shape and bool((one[:50] == other[:50]).all())
    return all(a is b or bool(a == b) for a, b in zip(one[:200], other[:200], strict=True))


def _indices(dataset: Any) -> tuple[Any, set[int]] | None:
    """The set underneath, and which of its rows; of a whole set all."""
    if isinstance(dataset, Subset):
        inner = _indices(dataset.dataset)
        if inner is None:
            return None
        if isinstance(dataset.dataset, Subset):
            order = list(dataset.dataset.indices)
            return inner[0], {int(order[int(i)]) for i in dataset.indices}
        return inner[0], {int(each) for each in dataset.indices}
    try:
        return dataset, set(range(len(dataset)))
    except TypeError:
        return None


def _rows(dataset: Any) -> set[bytes] | None:
    """The rows of tensors, as bytes."""
    indices: list[int] | None = None
    if isinstance(dataset, Subset):
        indices, dataset = [int(each) for each in dataset.indices], dataset.dataset
    if not isinstance(dataset, TensorDataset):
        return None
    first = dataset.tensors[0]
    if first.dim() < 2 or first[0].numel() < 4 or not first.is_floating_point():
        return None  # a few small numbers may well be equal by chance
    if indices is not None:
        first = first[indices]
    if len(first) > MAX_ROWS:
        return None
    return {bytes(row.contiguous().numpy().tobytes()) for row in first.detach().cpu()}


def _laws(recording: Recording) -> Iterator[Found]:
    by_network: dict[Any, list[Call]] = defaultdict(list)
    for call in recording.calls:
        if call.has_noise:
            by_network[call.network].append(call)
    for network, calls in by_network.items():
        trained = [each for each in calls if each.trained_on]
        sampled = [
            each for each in calls if not each.trained_on and (not each.grad or not each.training)
        ]
        if len(trained) < 2 or not sampled:
            continue
        for position in range(len(trained[-1].laws)):
            laws = {
                c.laws[position] for c in trained if len(c.laws) > position and c.laws[position]
            }
            for call in sampled:
                law = call.laws[position] if len(call.laws) > position else ""
                if law and laws and law not in laws:
                    yield Found(
                        code="latent-law-differs",
                        where=call.where,
                        words=f"{network.name} trained on noise that is {' or '.join(sorted(laws))}, and sampled from "
                        f"noise that is {law}.",
                        seen=len(sampled),
                        related=(trained[-1].where,),
                    )
                    return


def _laws_of_parts(recording: Recording) -> Iterator[Found]:
    """The decoder of a VAE, whose codes the whole draws itself in training."""
    for whole in recording.networks.values():
        if whole.batch is None or not whole.inner_laws:
            continue
        parts = {id(each) for each in whole.module.modules()} - {id(whole.module)}
        for call in recording.calls:
            if id(call.network.module) not in parts or call.network.batch is not None:
                continue
            noise = [(law, each) for law, each in zip(call.laws, _arguments(call), strict=False)]
            for law, tensor in noise:
                inside = {known for known, shape in whole.inner_laws if shape == tensor.shape[1:]}
                if law == UNIFORM and inside == {NORMAL} and not call.grad:
                    yield Found(
                        code="latent-law-differs",
                        where=call.where,
                        words=f"{whole.name} trained on codes with noise that is {NORMAL}, and {call.network.name} "
                        f"sampled from noise that is {law}.",
                        seen=call.network.calls[False],
                        related=(whole.batch.where,),
                    )
                    return


def _laws_of_targets(recording: Recording) -> Iterator[Found]:
    """A network that learns to tell the noise, as in diffusion: sampling begins with the same noise."""
    followers = recording.followers()
    for network in recording.networks.values():
        learned = network.target_laws
        for other in recording.networks.values():
            if id(network.module) in followers and type(other.module) is type(network.module):
                learned = learned | other.target_laws
        if learned != {NORMAL}:
            continue
        for call in recording.calls:
            law = call.laws[0] if call.laws else ""
            if call.network is network and not call.grad and not call.trained_on and law == UNIFORM:
                if call.output_shape != tuple(_arguments(call)[0].shape):
                    continue
                yield Found(
                    code="latent-law-differs",
                    where=call.where,
                    words=f"{network.name} learned to predict noise that is {NORMAL}, and sampling begins with noise "
                    f"that is {law}.",
                    seen=1,
                )
                return


def _labels(recording: Recording) -> Iterator[Found]:
    """The label that a fake was made with, against the one it is judged with."""
    wrong: dict[Where, list[tuple[Call, float]]] = defaultdict(list)
    right: dict[Where, int] = defaultdict(int)
    for call in recording.calls:
        if not call.generated_by:
            continue
        made = [t for t in _arguments(call.generated_by[0]) if _is_label(t)]
        told = [t for t in _arguments(call) if _is_label(t)]
        for label in told:
            partner = next((t for t in made if t.shape == label.shape), None)
            if partner is None:
                continue
            differ = float((_class(partner) != _class(label)).float().mean())
            if differ > 0.2:
                wrong[call.where].append((call, differ))
            else:
                right[call.where] += 1
    for where, calls in wrong.items():
        if len(calls) >= 2 and not right[where]:
            call, share = calls[0]
            yield Found(
                code="label-mismatch",
                where=where,
                words=f"{100 * share:.0f} % of the fakes were made with one label and shown to {call.network.name} with another, "
                f"in {plural(len(calls), 'call')}.",
                numbers={"share": share},
                seen=len(calls),
                related=(call.generated_by[0].where,),
            )


def _arguments(call: Call) -> list[Tensor]:
    args, kwargs = call.arguments
    return [each for each in (*args, *kwargs.values()) if isinstance(each, Tensor)]


def _is_label(tensor: Tensor) -> bool:
    if tensor.dim() == 1 and len(tensor) > 1:
        return not tensor.is_floating_point() and tensor.dtype is not torch.bool
    return (
        tensor.dim() == 2
        and min(tensor.shape) > 1
        and bool(((tensor == 0) | (tensor == 1)).all())
        and bool((tensor.sum(1) == 1).all())
    )


def _class(label: Tensor) -> Tensor:
    return label if label.dim() == 1 else label.argmax(1)


def _fake_range(recording: Recording) -> Iterator[Found]:
    """Real and generated pictures that a discriminator can tell apart by their range alone."""
    for network in recording.networks.values():
        calls = [c for c in recording.calls if c.network is network and c.trained_on]
        fakes = [c for c in calls if c.generated_by and c.generated_by[0].maker]
        reals = [c for c in calls if c.from_loader and not c.generated_by]
        if len(fakes) < 2 or len(reals) < 2:
            continue
        values = [_arguments(c)[0] for c in reals[:4]]
        if any(not v.is_floating_point() or v.dim() < 2 for v in values):
            continue
        low, high = min(float(v.min()) for v in values), max(float(v.max()) for v in values)
        maker = fakes[0].generated_by[0].maker
        if maker == "Sigmoid" and low < -0.05:
            severity, output, reach = None, "a sigmoid", "0 to 1"
        elif maker == "Tanh" and low >= 0 and high > 0.5:
            severity, output, reach = "warning", "a tanh", "-1 to 1"
        else:
            continue
        yield Found(
            code="data-range-mismatch",
            where=reals[0].where,
            words=f"The generated pictures come out of {output}, {reach}; the real ones run from {low:.3g} to {high:.3g}.",
            numbers={"low": low, "high": high},
            seen=len(reals),
            related=(fakes[0].generated_by[0].where,),
            severity=severity,
        )
