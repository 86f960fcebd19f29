"""DataLoaders under watch: every pass is an episode, and long ones are cut short.

An episode in which something is trained ends after as many steps as the script may show, one without
training after a few batches; either gives its true last batch, which may be a short one, as the last.
"""

import functools
import inspect
import itertools
from collections import deque
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, DistributedSampler, Subset, _utils

from torchcamp.base.plain import tensors
from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.recording import Episode, Loader, Recording

MAX_BATCHES = 6  # of an episode without training, after training has begun
MAX_BATCHES_BEFORE = 64  # and before: the script may compute something from them
MAX_BACKWARDS = 64
MAX_SUBSETS = 64
MAX_HASHED = 4_000_000  # numbers of a batch whose rows are kept by their hashes


def watch_loaders(recording: Recording, lines: UserLines, steps: int) -> None:
    """Replace `DataLoader.__init__` and `__iter__` for the rest of this process."""
    initialise, iterate = DataLoader.__init__, DataLoader.__iter__
    signature = inspect.signature(initialise)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        bound = signature.bind(self, *args, **kwargs)
        bound.arguments |= {"num_workers": 0, "pin_memory": False}  # all in this process
        for name in ("timeout", "multiprocessing_context", "prefetch_factor", "persistent_workers"):
            bound.arguments.pop(name, None)
        initialise(*bound.args, **bound.kwargs)
        where = lines.here()
        if where is not None:
            recording.loaders.append(Loader(loader=self, where=where))

    def __iter__(self: Any) -> Any:
        iterator = iterate(self)
        where = lines.here()
        loader = next((each for each in recording.loaders if each.loader is self), None)
        if where is None or loader is None or recording.is_closed:
            return iterator
        episode = Episode(loader=loader, where=where, start=recording.tick())
        sampler = getattr(self, "sampler", None)
        if isinstance(sampler, DistributedSampler) and sampler.shuffle:
            episode.sampler_epoch = sampler.epoch
        episode.has_short_last = _has_short_last(self)
        loader.episodes.append(episode)
        recording.open.append(episode)
        return _Batches(recording, episode, iterator, self, steps)

    DataLoader.__init__ = __init__
    DataLoader.__iter__ = __iter__
    _watch_subsets(recording, lines)


def _watch_subsets(recording: Recording, lines: UserLines) -> None:
    owner: Any = Subset
    initialise = owner.__init__

    @functools.wraps(initialise)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        initialise(self, *args, **kwargs)
        if len(recording.subsets) < MAX_SUBSETS and lines.here() is not None:
            recording.subsets.append(self)

    owner.__init__ = __init__


class _Batches:
    """The batches of one episode."""

    def __init__(
        self, recording: Recording, episode: Episode, iterator: Any, loader: Any, steps: int
    ) -> None:
        self._recording = recording
        self._episode = episode
        self._iterator = iterator
        self._loader = loader
        self._steps = steps
        self._is_last = False

    def __iter__(self) -> Iterator[Any]:
        return self

    def __len__(self) -> int:
        return len(self._iterator)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._iterator, name)

    def __del__(self) -> None:
        self._episode.is_open = False

    def __next__(self) -> Any:
        episode = self._episode
        if self._is_last:
            episode.is_open = False
            raise StopIteration
        try:
            batch = self._last() if self._is_over() else next(self._iterator)
        except StopIteration:
            episode.is_open = False
            raise
        episode.batches += 1
        self._mark(batch)
        return batch

    def _is_over(self) -> bool:
        episode = self._episode
        if episode.steps or episode.backwards:
            return episode.steps >= self._steps or (
                not episode.steps and episode.backwards >= MAX_BACKWARDS
            )
        return episode.batches >= (MAX_BATCHES if self._recording.num_steps else MAX_BATCHES_BEFORE)

    def _last(self) -> Any:
        """The last batch that the loader would give, skipping those between."""
        self._is_last = True
        if self._recording.loops is not None and (self._episode.steps or self._episode.backwards):
            self._recording.loops.note_loader_cut()
        try:
            left = len(self._loader)
            indices, fetcher = self._iterator._sampler_iter, self._iterator._dataset_fetcher
        except (TypeError, AttributeError):
            raise StopIteration from None
        if isinstance(fetcher, _utils.fetch._IterableDatasetFetcher):
            raise StopIteration
        last = deque(itertools.islice(indices, left), maxlen=1)
        if not last:
            raise StopIteration
        return fetcher.fetch(last[0])

    def _num_items(self) -> int | None:
        """How many items the batch that was just read has; None if nobody knows."""
        loader = self._loader
        try:
            size, items, batches = loader.batch_size, len(loader.sampler), len(loader)
        except TypeError:
            return None
        is_short = self._episode.has_short_last and (
            self._is_last or self._episode.batches == batches
        )
        return items % size if is_short else size

    def _mark(self, batch: Any) -> None:
        episode = self._episode
        found = list(tensors(batch))
        if found and self._loader.collate_fn is _utils.collate.default_collate:
            episode.rows += _hashes(found[0])
        if self._loader.collate_fn is _utils.collate.default_collate:
            for tensor in found:
                self._recording.batches.put(tensor, episode)
                self._recording.rows.put(tensor, True)
        else:
            for tensor in _rows_of(batch, self._num_items()):
                self._recording.rows.put(tensor, True)
        labels = next(
            (t for t in reversed(found) if t.dim() == 1 and not t.is_floating_point()), None
        )
        if labels is None or len(labels) < 2:
            return
        if self._is_last:
            episode.last_labels = labels.clone()
        elif len(episode.labels) < MAX_BATCHES:
            episode.labels.append(labels.clone())


def _hashes(batch: Tensor) -> list[int]:
    """A number for each row by which it is known again; nothing where rows may well be equal by chance."""
    if batch.dim() < 2 or not batch.is_floating_point() or batch[:1].numel() < 4:
        return []
    if batch.numel() > MAX_HASHED or batch.is_cuda:
        return []
    values = batch.detach().contiguous().flatten(1)
    if torch.equal(values, values.round()):
        return []  # counts, one-hot vectors
    return [hash(row.tobytes()) for row in values.numpy()]


def _rows_of(batch: Any, size: int | None) -> Iterator[Tensor]:
    """What a collate function of the user's made that has an item of the batch in each row.

    Where another axis is as long, or the batch is a list of as many things, nobody knows.
    """
    parts = [batch] if isinstance(batch, Tensor) else batch
    if isinstance(parts, dict):
        parts = list(parts.values())
    if not isinstance(parts, list | tuple) or len(parts) == size:
        return
    for each in parts:
        if isinstance(each, Tensor) and each.shape[:1] == (size,) and size not in each.shape[1:]:
            yield each


def _has_short_last(loader: Any) -> bool:
    """Whether the last batch has fewer rows than the others."""
    try:
        size, rows = loader.batch_size, len(loader.sampler)
    except (TypeError, AttributeError):
        return False
    return bool(size and not loader.drop_last and rows > size and rows % size)
