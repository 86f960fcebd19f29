"""Sequences of symbols: the characters of a text, and the dishonest casino's dice.

    text         Python's built-in help texts (`pydoc_data.topics`); needs no download
    text:FILE    the user's own text file, in any alphabet
    dice         throws of a fair die that is occasionally swapped for a loaded one

The user's own sequences of symbols (`sequences:FILE`) are read in `symbol_files.py`.

The casino is that of Durbin, Eddy, Krogh & Mitchison, "Biological Sequence Analysis", 1998,
section 3.1: the fair die stays with probability 0.95, the loaded one with 0.9, and the loaded one
shows a six every second time. Its throws are drawn here, with a fixed seed.
"""

import codecs
import encodings.aliases
import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from torchcamp.base.errors import DataError, suggest
from torchcamp.base.files import require_regular

MIN_TEXT = 200  # characters, a tenth of them to test with
PROMPT_LENGTH = 4
NUM_CODE_POINTS = 0x110000  # of Unicode
# Longest first: the mark of UTF-32 begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WESTERN_ENCODINGS = ("latin-1", "cp1252")
OTHER_ENCODINGS = ("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "cp1251")
NUM_DICE_SEQUENCES, MAX_THROWS, MIN_THROWS = 600, 120, 60
NUM_TEST_DICE = 100
DICE_SEED = 6
FAIR_TO_LOADED, LOADED_TO_FAIR = 0.05, 0.1
LOADED_SIX = 0.5


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text as numbers: each character is its index in `characters + others`."""

    name: str
    characters: str  # every character of the training part, sorted, each once
    train: Tensor  # (N,) int64
    test: Tensor  # (M,) int64: the last tenth
    others: str = ""  # characters that only the test part has
    notes: tuple[str, ...] = ()  # what was done, one sentence each

    @cached_property
    def sha256(self) -> str:
        """Hash of all characters: two runs with equal hashes saw the same text."""
        return _hash(self.train, self.test)

    def holding_out(self) -> "Text":
        """The last sixth of the training text as the test text, the rest for training."""
        kept = len(self.train) * 5 // 6
        return replace(self, train=self.train[:kept], test=self.train[kept:])

    def recoded(self, characters: str) -> "Text":
        """The same text indexed by another alphabet; the characters it lacks become `others`."""
        if characters == self.characters:
            return self
        every = self.characters + self.others
        train, test = decode(self.train, every), decode(self.test, every)
        others = "".join(sorted(set(train + test) - set(characters)))
        return replace(
            self,
            characters=characters,
            others=others,
            train=encode(train, characters + others),
            test=encode(test, characters + others),
        )

    @property
    def unknown_nats(self) -> float:
        """What a character that training lacks costs, in nats: 1 / (N + 1) for meeting one at all,
        and one of all code points for which it is.

        Leaving such characters out would make a model look better the fewer it knows.
        """
        return math.log(len(self.train) + 1) + math.log(NUM_CODE_POINTS)

    @property
    def prompt(self) -> str:
        """How a line of the training text begins: the most frequent first four characters."""
        text = decode(self.train, self.characters + self.others)
        starts = Counter(line[:PROMPT_LENGTH] for line in text.split("\n") if line[:1].strip())
        return starts.most_common(1)[0][0] if starts else text[:PROMPT_LENGTH]


@dataclass(frozen=True, kw_only=True)
class Sequences:
    """Many sequences of symbols, padded to one length."""

    name: str
    num_symbols: int
    train: Tensor  # (N, T) int64
    train_lengths: Tensor  # (N,)
    test: Tensor
    test_lengths: Tensor
    symbols: tuple[str, ...] = ()  # their names, where they have any
    notes: tuple[str, ...] = ()  # what was done, one sentence each

    @cached_property
    def sha256(self) -> str:
        """Hash of all symbols, their names, and lengths."""
        tensors = (self.train, self.train_lengths, self.test, self.test_lengths)
        return _hash(*tensors, text="\n".join(self.symbols))

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


def load_text(
    name: str,
    report: Callable[[str], None] = lambda line: None,
    encoding: str = "utf-8",
) -> Text:
    """Load `text` or `text:FILE`.

    Args:
        name: `text` or `text:FILE`.
        report: called with a sentence about whatever was done to the file.
        encoding: of the file; a byte order mark in the file takes precedence.

    Raises:
        DataError: another name, an unknown encoding, or a file that cannot be read, is not text in
            that encoding, or is too short.
    """
    kind, colon, file = name.partition(":")
    if kind != "text" or (colon and not file):
        raise DataError(f"a character model trains on text or text:FILE, not {name!r}")
    notes: list[str] = []
    content = read_text(Path(file).expanduser(), encoding, notes.append) if file else _topics()
    if len(content) < MIN_TEXT:
        raise DataError(f"{name} has {len(content):,} characters; at least {MIN_TEXT:,} are needed")
    num_train = len(content) * 9 // 10
    characters = "".join(sorted(set(content[:num_train])))
    others = "".join(sorted(set(content[num_train:]) - set(characters)))
    if len(characters) < 2:
        raise DataError(f"{name} repeats one character, {characters!r}: there is nothing to learn")
    text = Text(
        name=name,
        characters=characters,
        others=others,
        train=encode(content[:num_train], characters),
        test=encode(content[num_train:], characters + others),
    )
    if others:
        count = int((text.test >= len(characters)).sum())
        notes.append(
            f"{count:,} of {len(text.test):,} test characters ({listed(others)}) do not occur in "
            f"the training part; each counts {text.unknown_nats / math.log(2):.1f} bits"
        )
    for note in notes:
        report(note)
    return replace(text, notes=tuple(notes))


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


MOST_BYTES = 4 * 2**30  # of a text: it is read as a whole


def read_text(
    path: Path, encoding: str = "utf-8", report: Callable[[str], None] = lambda line: None
) -> str:
    """The content of a text file, each line ended by a line feed.

    Args:
        path: the file.
        encoding: its encoding; a byte order mark in the file takes precedence.
        report: called with a sentence if the byte order mark decided.

    Raises:
        DataError: an unknown encoding, or a file that cannot be read or is not text in it.
    """
    encoding = known_encoding(encoding)
    if path.is_dir():
        raise DataError(f"{path} is a folder; name one file, such as {path / 'FILE'}")
    try:
        require_regular(path, MOST_BYTES)
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    return decode_bytes(content, str(path), encoding, report)


def decode_bytes(
    content: bytes,
    file: str,
    encoding: str = "utf-8",
    report: Callable[[str], None] = lambda line: None,
) -> str:
    """The bytes of a text file as text; see `read_text`.

    Args:
        file: what they came from, for messages.
    """
    for mark, marked in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            content = content.removeprefix(mark)
            if codecs.lookup(encoding).name not in (marked, marked[:6], "utf-8-sig"):
                report(f"{file} begins with the byte order mark of {marked}: read as {marked}")
            encoding = marked
            break
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(_undecodable(content, file, encoding, error.start)) from error
    except UnicodeError as error:  # of odd encodings such as punycode
        raise DataError(f"{file} is not text in {encoding}: {error}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def known_encoding(name: str) -> str:
    """`name`, if Python knows a text encoding of that name.

    Raises:
        DataError: it does not.
    """
    try:
        b"".decode(name)
    except (LookupError, ValueError):  # unknown, or not of text: rot13; or with a NUL in it
        common = ("utf-8", "utf-16", *WESTERN_ENCODINGS, *OTHER_ENCODINGS)
        known = sorted({*encodings.aliases.aliases.values(), *common})
        hint = suggest(name, known, otherwise=f"Common ones: {', '.join(common)}.")
        raise DataError(f"unknown encoding {name!r}. {hint}") from None
    return name


def _undecodable(content: bytes, file: str, encoding: str, position: int) -> str:
    """The sentence for a file that is not text in `encoding`."""
    where = f"byte 0x{content[position]:02x} at position {position:,}"
    start = content[:10_000]
    num_control = sum(byte < 32 and byte not in b"\t\n\f\r" for byte in start)
    if num_control > 0.02 * len(start):
        return f"{file} is not a text file ({where} is not {encoding}, and it looks binary)"
    # Western text has few bytes above 127, none of 128 to 159 in Latin-1; other alphabets have many.
    if sum(byte > 127 for byte in start) > 0.2 * len(start):
        candidates = OTHER_ENCODINGS
    else:
        candidates = WESTERN_ENCODINGS[any(128 <= byte < 160 for byte in content) :]
    fitting = [name for name in candidates if name != encoding and _decodes(content, name)]
    return f"{file} is not {encoding} text: {where}; try --encoding {' or '.join(fitting[:3] or ['latin-1'])}"


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeError:
        return False
    return True


def listed(names: Iterable[str], count: int = 5) -> str:
    """The first few names in quotes."""
    names = list(names)
    more = ", ..." if len(names) > count else ""
    return ", ".join(repr(name) for name in names[:count]) + more


def _hash(*tensors: Tensor, text: str = "") -> str:
    digest = hashlib.sha256(text.encode(errors="surrogatepass"))
    for tensor in tensors:
        digest.update(tensor.to(torch.int64).numpy().tobytes())
    return digest.hexdigest()
