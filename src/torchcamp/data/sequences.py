"""Sequences of symbols: the characters of a text, and the dishonest casino's dice.

    text         Python's built-in help texts (`pydoc_data.topics`); needs no download
    text:FILE    the user's own text file
    dice         throws of a fair die that is occasionally swapped for a loaded one

The casino is that of Durbin, Eddy, Krogh & Mitchison, "Biological Sequence Analysis", 1998,
section 3.1: the fair die stays with probability 0.95, the loaded one with 0.9, and the loaded one
shows a six every second time. Its throws are drawn here, with a fixed seed.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from torchcamp.base.errors import DataError

MIN_TEXT = 10_000  # characters; a shorter text is too little to learn from
NUM_DICE_SEQUENCES, MAX_THROWS, MIN_THROWS = 600, 120, 60
NUM_TEST_DICE = 100
DICE_SEED = 6
FAIR_TO_LOADED, LOADED_TO_FAIR = 0.05, 0.1
LOADED_SIX = 0.5


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text as numbers: each character is its index in `characters`."""

    name: str
    characters: str  # every character of the training part, sorted, each once
    train: Tensor  # (N,) int64
    test: Tensor  # (M,) int64: the last tenth

    @cached_property
    def sha256(self) -> str:
        """Hash of all characters: two runs with equal hashes saw the same text."""
        return _hash(self.train, self.test)

    def holding_out(self) -> "Text":
        """The last sixth of the training text as the test text, the rest for training."""
        kept = len(self.train) * 5 // 6
        return replace(self, train=self.train[:kept], test=self.train[kept:])

    def recoded(self, characters: str) -> "Text":
        """The same text indexed by another alphabet; characters missing from it are dropped."""
        if characters == self.characters:
            return self
        train, test = decode(self.train, self.characters), decode(self.test, self.characters)
        return replace(
            self,
            characters=characters,
            train=encode(train, characters),
            test=encode(test, characters),
        )


@dataclass(frozen=True, kw_only=True)
class Sequences:
    """Many sequences of symbols, padded to one length."""

    name: str
    num_symbols: int
    train: Tensor  # (N, T) int64
    train_lengths: Tensor  # (N,)
    test: Tensor
    test_lengths: Tensor

    @cached_property
    def sha256(self) -> str:
        """Hash of all symbols and lengths."""
        return _hash(self.train, self.train_lengths, self.test, self.test_lengths)

    def holding_out(self) -> "Sequences":
        """The last sixth of the training sequences for testing, the rest for training."""
        kept = len(self.train) * 5 // 6
        return replace(
            self,
            train=self.train[:kept],
            train_lengths=self.train_lengths[:kept],
            test=self.train[kept:],
            test_lengths=self.train_lengths[kept:],
        )


def load_text(name: str, report: Callable[[str], None] = lambda line: None) -> Text:
    """Load `text` or `text:FILE`.

    Raises:
        DataError: another name, or a file that cannot be read, is not text, or is too short.
    """
    kind, _, file = name.partition(":")
    if kind != "text":
        raise DataError(f"a character model trains on text or text:FILE, not {name!r}")
    content = _read(Path(file).expanduser()) if file else _topics()
    if len(content) < MIN_TEXT:
        raise DataError(f"{name} has {len(content):,} characters; at least {MIN_TEXT:,} are needed")
    num_train = len(content) * 9 // 10
    characters = "".join(sorted(set(content[:num_train])))
    return Text(
        name=name,
        characters=characters,
        train=encode(content[:num_train], characters),
        test=encode(content[num_train:], characters),
    )


def encode(text: str, characters: str) -> Tensor:
    """Characters to their indices in `characters`; others are dropped. (N,) int64"""
    indices = {character: i for i, character in enumerate(characters)}
    return torch.tensor([indices[c] for c in text if c in indices], dtype=torch.int64)


def decode(symbols: Tensor, characters: str) -> str:
    """Indices into `characters` to text."""
    return "".join(characters[i] for i in symbols.tolist())


def load_dice(name: str, report: Callable[[str], None] = lambda line: None) -> Sequences:
    """Load `dice`: 500 training and 100 test sequences of 60 to 120 throws, symbols 0 to 5.

    Raises:
        DataError: another name.
    """
    if name != "dice":
        raise DataError(f"a model of symbol sequences trains on dice, not {name!r}")
    generator = torch.Generator().manual_seed(DICE_SEED)
    lengths = torch.randint(MIN_THROWS, MAX_THROWS + 1, (NUM_DICE_SEQUENCES,), generator=generator)
    loaded = torch.zeros(
        NUM_DICE_SEQUENCES, dtype=torch.bool
    )  # every sequence starts with the fair die
    probs = torch.tensor([[1 / 6] * 6, [(1 - LOADED_SIX) / 5] * 5 + [LOADED_SIX]])
    throws = []
    for _ in range(MAX_THROWS):
        throws.append(torch.multinomial(probs[loaded.long()], 1, generator=generator).squeeze(1))
        change = torch.rand(NUM_DICE_SEQUENCES, generator=generator)
        loaded = torch.where(loaded, change >= LOADED_TO_FAIR, change < FAIR_TO_LOADED)
    symbols = torch.stack(throws, dim=1)
    symbols[torch.arange(MAX_THROWS) >= lengths[:, None]] = 0
    num_train = NUM_DICE_SEQUENCES - NUM_TEST_DICE
    return Sequences(
        name=name,
        num_symbols=6,
        train=symbols[:num_train],
        train_lengths=lengths[:num_train],
        test=symbols[num_train:],
        test_lengths=lengths[num_train:],
    )


def _topics() -> str:
    from pydoc_data.topics import topics

    return "\n".join(topics[key] for key in sorted(topics))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text: {error.reason}") from error


def _hash(*tensors: Tensor) -> str:
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.to(torch.int64).numpy().tobytes())
    return digest.hexdigest()
