"""The user's own sequences of symbols, from a file.

    .csv, .tsv   one sequence in each row, a symbol in each cell; or the columns `sequence` and
                 `symbol`, one symbol in each row
    .jsonl       one sequence in each line: ["A", "B"], or {"sequence": ["A", "B"]}
    .txt         one sequence in each line, symbols between spaces; without spaces in the whole file,
                 each character is a symbol

A symbol is text (the integer 3 is the symbol `3`). Whatever the reading had to decide is reported as a
sentence: a header, a column of names, a file that is one long sequence.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from torchcamp.base.errors import DataError
from torchcamp.data.sequences import Sequences, decode_bytes, known_encoding, listed, read_text

SUFFIXES = {
    ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".txt": "txt",
}  # fmt: skip
DELIMITERS = (",", ";", "\t")
MIN_SYMBOLS = 20  # in all sequences
MAX_LENGTH = 2000  # symbols of a training sequence; longer ones are cut
MAX_SYMBOLS = 1000  # more different ones are numbers or names, not symbols
SPLIT_SEED = 0

Report = Callable[[str], None]


def load_sequences(
    name: str, report: Report = lambda line: None, encoding: str = "utf-8"
) -> Sequences:
    """Load `sequences:FILE`, and keep a tenth of the sequences for testing.

    A file with one sequence is cut: its last tenth is the test part.

    Args:
        name: `sequences:FILE`.
        report: called with a sentence about whatever was decided.
        encoding: of the file; a byte order mark takes precedence.

    Raises:
        DataError: another name, or a file that cannot be read, holds no sequences, or too little.
    """
    kind, _, file = name.partition(":")
    if kind != "sequences" or not file:
        raise DataError(f"sequences are read from sequences:FILE, not {name!r}")
    notes: list[str] = []
    sequences = read_sequences(Path(file).expanduser(), encoding, notes.append)
    num_symbols = sum(map(len, sequences))
    if num_symbols < MIN_SYMBOLS:
        raise DataError(f"{file} has {num_symbols} symbols; at least {MIN_SYMBOLS} are needed")
    symbols = _alphabet(sequences, file)
    train, test = _split(sequences, notes.append)
    notes.insert(
        0,
        f"{len(sequences):,} sequences of {num_symbols:,} symbols, {len(symbols)} "
        f"different ones ({listed(symbols, 10)}); {len(test):,} for testing, {len(train):,} for training",
    )
    for note in notes:
        report(note)
    train_symbols, train_lengths = padded(train, symbols)
    test_symbols, test_lengths = padded(test, symbols)
    return Sequences(
        name=name,
        num_symbols=len(symbols),
        train=train_symbols,
        train_lengths=train_lengths,
        test=test_symbols,
        test_lengths=test_lengths,
        symbols=symbols,
        notes=tuple(notes),
    )


def _split(sequences: list[list[str]], report: Report) -> tuple[list[list[str]], list[list[str]]]:
    """The sequences to train on and those to test on, none longer than `MAX_LENGTH`."""
    if len(sequences) == 1:
        (only,) = sequences
        num_train = len(only) * 9 // 10
        train, test = [only[:num_train]], [only[num_train:]]
        report(
            f"one sequence of {len(only):,} symbols: its last {len(only) - num_train:,} are the test part"
        )
    else:
        order = torch.randperm(
            len(sequences), generator=torch.Generator().manual_seed(SPLIT_SEED)
        ).tolist()
        num_test = max(1, len(sequences) // 10)
        test = [sequences[i] for i in sorted(order[:num_test])]
        train = [sequences[i] for i in sorted(order[num_test:])]
    longest = max(map(len, train))
    if longest > MAX_LENGTH:
        report(f"sequences of more than {MAX_LENGTH:,} symbols are cut into pieces of that")
        train, test = (
            [each[at : at + MAX_LENGTH] for each in part for at in range(0, len(each), MAX_LENGTH)]
            for part in (train, test)
        )
    return train, test


def padded(sequences: Sequence[Sequence[str]], symbols: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Sequences of names as indices (N, T), padded with zeros, and lengths (N,).

    Raises:
        DataError: names that are not in `symbols`.
    """
    index = {symbol: i for i, symbol in enumerate(symbols)}
    unknown = list(dict.fromkeys(name for each in sequences for name in each if name not in index))
    if unknown:
        place = next(i for i, each in enumerate(sequences) if unknown[0] in each)
        raise DataError(
            f"unknown symbols: {listed(unknown)} (first in sequence {place}, counted from 0); the "
            f"model was trained on {listed(symbols, 12)}"
        )
    lengths = torch.tensor([len(each) for each in sequences])
    table = torch.zeros(len(sequences), int(lengths.max()), dtype=torch.int64)
    for row, each in zip(table, sequences, strict=True):
        row[: len(each)] = torch.tensor([index[name] for name in each])
    return table, lengths


def read_sequences(
    path: Path, encoding: str = "utf-8", report: Report = lambda line: None
) -> list[list[str]]:
    """The sequences in a file, in their order.

    Raises:
        DataError: an unknown kind of file, or one that cannot be read or holds no sequences.
    """
    if path.suffix.lower() not in SUFFIXES and not path.is_dir():
        raise DataError(f"{path}: sequences are read from {', '.join(SUFFIXES)} files")
    text = read_text(path, encoding, report)
    return _parsed(text, SUFFIXES.get(path.suffix.lower(), ""), str(path), report)


def parse_sequences(
    content: bytes, file: str, encoding: str = "utf-8", report: Report = lambda line: None
) -> list[list[str]]:
    """The sequences in the content of a file without a name, whose kind its first line tells."""
    text = decode_bytes(content, file, known_encoding(encoding), report)
    first = text.lstrip().partition("\n")[0]
    if first[:1] in ("[", "{"):
        kind = "jsonl"
    else:
        kind = "csv" if any(mark in first for mark in DELIMITERS) else "txt"
    return _parsed(text, kind, file, report)


def _parsed(text: str, kind: str, file: str, report: Report) -> list[list[str]]:
    parse = {"csv": _from_table, "jsonl": _from_json_lines, "txt": _from_lines}[kind]
    sequences = parse(text, file, report)
    if not sequences:
        raise DataError(f"{file} holds no sequences")
    return sequences


def _from_lines(text: str, file: str, report: Report) -> list[list[str]]:
    lines = [line.split() for line in text.split("\n") if line.strip()]
    if any(len(line) > 1 for line in lines):
        return lines
    words = [word for (word,) in lines]
    if len(words) > 1 and _repeat(words):
        report(f"{file}: each line is one symbol, so the file is one sequence")
        return [words]
    report(f"{file} has no spaces: each character is a symbol")
    return [list(word) for word in words]


def _from_json_lines(text: str, file: str, report: Report) -> list[list[str]]:
    sequences = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            reason = getattr(error, "msg", "too deeply nested")
            raise DataError(f"{file}, line {number} is not JSON: {reason}") from error
        if isinstance(value, dict):
            value = value.get("sequence")
        if not isinstance(value, list | str) or not value:
            raise DataError(
                f'{file}, line {number}: expected a list of symbols, or {{"sequence": [...]}}'
            )
        for symbol in value:
            if isinstance(symbol, bool) or not isinstance(symbol, str | int):
                raise DataError(
                    f"{file}, line {number}: a symbol is a text or a whole number, not {symbol!r}"
                )
        sequences.append([str(symbol) for symbol in value])
    return sequences


def _from_table(text: str, file: str, report: Report) -> list[list[str]]:
    first = next((line for line in text.split("\n") if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    try:
        table = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise DataError(f"{file} is not a CSV file: {error}") from error
    rows = [(n, [cell.strip() for cell in row]) for n, row in enumerate(table, start=1)]
    rows = [(n, row) for n, row in rows if any(row)]
    if not rows:
        return []
    header = [cell.lower() for cell in rows[0][1]]
    if {"sequence", "symbol"} <= set(header):
        return _from_long_table(rows[1:], header, file, report)
    rows = [(n, _without_empty_end(row, file, n)) for n, row in rows]
    counts = Counter(cell for _, row in rows for cell in row)
    if _is_header(rows[0][1], counts, len(rows)):
        report(f"{file}: row {rows[0][0]} is a header, as its cells occur nowhere else")
        rows = rows[1:]
    if all(len(row) == 1 for _, row in rows):
        cells = [row[0] for _, row in rows]
        if not _repeat(cells):
            raise DataError(
                f"{file} has one cell in each row: expected a symbol in each cell, one sequence in "
                "each row (a .txt file without spaces is read character by character)"
            )
        report(f"{file}: each row has one cell, so the file is one sequence")
        return [cells]
    if len(rows) > 2 and all(counts[row[0]] == 1 and len(row) > 1 for _, row in rows):
        report(f"{file}: column 1 is taken for names, as each of its cells occurs once")
        rows = [(n, row[1:]) for n, row in rows]
    return [row for _, row in rows]


def _from_long_table(
    rows: list[tuple[int, list[str]]], header: list[str], file: str, report: Report
) -> list[list[str]]:
    which, what = header.index("sequence"), header.index("symbol")
    sequences: dict[str, list[str]] = {}
    for number, row in rows:
        if len(row) <= max(which, what) or not row[which] or not row[what]:
            raise DataError(f"{file}, row {number}: the sequence or the symbol is empty")
        sequences.setdefault(row[which], []).append(row[what])
    if len(header) > 2:
        others = [name for name in header if name not in ("sequence", "symbol")]
        report(f"{file}: other columns are not read ({listed(others)})")
    return list(sequences.values())


def _without_empty_end(row: list[str], file: str, number: int) -> list[str]:
    """The row without the empty cells that a spreadsheet adds behind a shorter one."""
    while row and not row[-1]:
        row = row[:-1]
    if "" in row:
        raise DataError(f"{file}, row {number}: cell {row.index('') + 1} is empty, in the middle")
    return row


def _is_header(row: list[str], counts: Counter[str], num_rows: int) -> bool:
    return num_rows > 2 and all(counts[cell] == 1 for cell in row)


def _repeat(cells: list[str]) -> bool:
    """Whether the cells are symbols, which come again, rather than whole sequences."""
    return 2 * len(set(cells)) <= len(cells)


def _alphabet(sequences: Iterable[Sequence[str]], file: str) -> tuple[str, ...]:
    """All symbols, numbers in their order, others by the alphabet."""
    counts = Counter(symbol for each in sequences for symbol in each)
    if len(counts) > MAX_SYMBOLS or 2 * len(counts) > counts.total():
        raise DataError(
            f"{file} has {len(counts):,} different symbols among {counts.total():,}, such as "
            f"{listed(counts)}: symbols must come again; sort numbers into a few groups first"
        )
    if len(counts) < 2:
        raise DataError(f"{file} repeats one symbol, {listed(counts)}: there is nothing to learn")
    try:
        return tuple(sorted(counts, key=lambda symbol: (int(symbol), symbol)))
    except ValueError:
        return tuple(sorted(counts))
