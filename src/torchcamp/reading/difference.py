"""Two readings side by side: the statements that changed, and what changed in what they did.

Statements are paired by their source, functions by their name; the target's own name may differ
between the two (`Net` and `NetB`).
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from torchcamp.pages.numbers import amount, duration, size
from torchcamp.reading.folding import fold_layers, fold_names, fold_pairs
from torchcamp.reading.reading import Layer, Line, Reading, Value
from torchcamp.reading.record import Record

MAX_COMPARED = 4000  # pairs of statements in a row that are looked at for likeness
ALIKE = 0.5  # ratio of equal characters from which on two statements are the same one, changed


@dataclass(frozen=True, kw_only=True)
class Entry(Record):
    """A statement, or a layer of an `nn.Sequential` that ran inside one."""

    line: int | None
    """None for a layer."""
    source: str
    """Its lines without the indentation that the function has."""
    facts: dict[str, str]
    """What it did, in words: `shapes`, `FLOPs`, `backward`, `kept`, `parameters`, `not run`."""


@dataclass(frozen=True, kw_only=True)
class Pair(Record):
    """A statement before and after; one of the two is None where it is new or gone."""

    before: Entry | None
    after: Entry | None
    changed: list[str]
    """`source` and the facts that differ; empty where all is the same, or where one is None."""

    @property
    def mark(self) -> str:
        """`-` gone, `+` new, `≠` changed, or a space."""
        if self.before is None:
            return "+"
        if self.after is None:
            return "-"
        return "≠" if self.changed else " "


@dataclass(frozen=True, kw_only=True)
class FunctionPair(Record):
    """A function before and after; a name is None where it ran in one of the two only."""

    before: str | None
    after: str | None
    pairs: list[Pair]

    @property
    def differs(self) -> bool:
        return any(pair.mark != " " for pair in self.pairs)


@dataclass(frozen=True, kw_only=True)
class Sum(Record):
    """A number of the whole run before and after, in words."""

    name: str
    before: str
    after: str
    differs: bool
    """Seconds never do: they vary by themselves."""


@dataclass(frozen=True, kw_only=True)
class WeightPair(Record):
    """A parameter that is new, gone or changed; equal ones of equal blocks are one: `h.*.weight`."""

    name: str
    count: int
    """How many it stands for."""
    before: str | None
    """`(8, 4)`, with `frozen` or `no gradient` where that is so; None where it is new."""
    after: str | None


@dataclass(frozen=True, kw_only=True)
class Difference(Record):
    """Two readings and what differs between them."""

    before: Reading
    after: Reading
    sums: list[Sum]
    weights: list[WeightPair]
    functions: list[FunctionPair]
    """All that ran in either, the target's own first."""


def compare(before: Reading, after: Reading) -> Difference:
    """What differs between two readings."""
    return Difference(
        before=before,
        after=after,
        sums=list(_sums(before, after)),
        weights=_weights(before, after),
        functions=_functions(before, after),
    )


def _sums(before: Reading, after: Reading) -> Iterator[Sum]:
    old, new = before.totals, after.totals
    numbers = [
        ("parameters", f"{old.parameters:,}", f"{new.parameters:,}"),
        ("of them trainable", f"{old.trainable:,}", f"{new.trainable:,}"),
        ("FLOPs forward", amount(old.flops_forward) or "0", amount(new.flops_forward) or "0"),
        ("FLOPs backward", amount(old.flops_backward) or "0", amount(new.flops_backward) or "0"),
        ("tensors at the peak", size(old.peak_bytes), size(new.peak_bytes)),
        ("operations", f"{old.ops:,}", f"{new.ops:,}"),
        ("nodes on the tape", f"{old.nodes:,}", f"{new.nodes:,}"),
        ("input", _inputs(before), _inputs(after)),
    ]
    for name, left, right in numbers:
        yield Sum(name=name, before=left, after=right, differs=left != right)
    seconds = [
        "-" if totals.forward_seconds is None else duration(totals.forward_seconds)
        for totals in (old, new)
    ]
    yield Sum(name="forward", before=seconds[0], after=seconds[1], differs=False)


def _inputs(reading: Reading) -> str:
    return ", ".join(
        f"{tuple(i.shape)} {i.dtype}" if i.shape is not None else str(i.value)
        for i in reading.input
    )


def _weights(before: Reading, after: Reading) -> list[WeightPair]:
    sides = []
    for reading in (before, after):
        words = {}
        for weight in reading.weights:
            more = " frozen" if not weight.trainable else ""
            more += " no gradient" if weight.gradient is False else ""
            words[weight.name] = f"{tuple(weight.shape)}{more}"
        sides.append(words)
    old, new = sides
    changed = [
        (name, (old.get(name), new.get(name)))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]
    return [
        WeightPair(name=name, count=count, before=left, after=right)
        for name, count, (left, right) in fold_pairs(changed)
    ]


# --- Functions and their statements ------------------------------------------------------


def _functions(before: Reading, after: Reading) -> list[FunctionPair]:
    """Functions of the same name, the n-th of one with the n-th of the other."""
    old, new = _named(before, after), _named(after, after)
    return [
        FunctionPair(
            before=old[key][0].function if key in old else None,
            after=new[key][0].function if key in new else None,
            pairs=_pairs(_entries(old.get(key, [])), _entries(new.get(key, []))),
        )
        for key in dict.fromkeys([*new, *old])
    ]


def _named(reading: Reading, after: Reading) -> dict[tuple[str, int], list[Line]]:
    """The lines of each function, by its name in `after` and a count of those before it."""
    own, other = (each.target.rpartition(":")[2] for each in (reading, after))
    named: dict[tuple[str, int], list[Line]] = {}
    for lines in reading.functions():
        name = lines[0].function or ""
        if name == own or name.startswith(f"{own}."):
            name = other + name[len(own) :]
        number = 0
        while (name, number) in named:
            number += 1
        named[name, number] = lines
    return named


def _entries(lines: list[Line]) -> list[Entry]:
    """The statements and their layers, without docstrings."""
    entries = []
    indent = min((len(li.source) - len(li.source.lstrip()) for li in lines), default=0)
    for line in lines:
        if line.source.lstrip().startswith(('"""', "'''", 'r"""')) and not line.ops:
            continue
        source = "\n".join(part[indent:] for part in line.source.rstrip().splitlines())
        entries.append(Entry(line=line.line, source=source, facts=_facts(line)))
        margin = " " * (len(source) - len(source.lstrip()) + 2)
        for layer in fold_layers(line.children):
            words = f"{margin}{layer.path} {layer.layer}"
            entries.append(Entry(line=None, source=words, facts=_layer_facts(layer)))
    return entries


def _facts(line: Line) -> dict[str, str]:
    cost = line.with_calls or line
    facts = {
        "shapes": _shapes(line.values),
        "FLOPs": amount(int(cost.flops_forward), bool(line.not_counted)),
        "backward": amount(int(cost.flops_backward), bool(line.not_counted)),
        "kept": size(int(cost.saved_bytes)) if cost.saved_bytes else "",
        "parameters": ", ".join(fold_names(line.params)),
        "times": str(line.calls) if line.calls > 1 else "",
        "not run": "" if line.executed else "yes",
    }
    return {name: words for name, words in facts.items() if words}


def _layer_facts(layer: Layer) -> dict[str, str]:
    facts = {
        "shapes": _shapes(layer.values),
        "FLOPs": amount(layer.flops_forward),
        "backward": amount(layer.flops_backward),
        "kept": size(layer.saved_bytes) if layer.saved_bytes else "",
    }
    return {name: words for name, words in facts.items() if words}


def _shapes(values: list[Value]) -> str:
    return ", ".join(
        " ".join(
            part
            for part in (
                value.name,
                str(tuple(value.shape)),
                value.dtype if value.dtype != "float32" else "",
                f"×{value.count}" if value.count > 1 else "",
            )
            if part
        )
        for value in values
    )


def _pairs(old: list[Entry], new: list[Entry]) -> list[Pair]:
    """Equal statements together, then those between them that are alike."""
    texts = [[" ".join(entry.source.split()) for entry in side] for side in (old, new)]
    pairs: list[Pair] = []
    matcher = difflib.SequenceMatcher(None, *texts, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            pairs += map(_pair, old[i1:i2], new[j1:j2])
        else:
            pairs += _alike(old[i1:i2], new[j1:j2])
    return pairs


def _alike(old: list[Entry], new: list[Entry]) -> list[Pair]:
    """The two that are most alike are a pair; so on above and below them."""
    if len(old) * len(new) > MAX_COMPARED:  # a new function under the old name
        return _unlike(old, new)
    best = max(
        (
            (difflib.SequenceMatcher(None, a.source.strip(), b.source.strip()).ratio(), -i, -j)
            for i, a in enumerate(old)
            for j, b in enumerate(new)
            if (a.line is None) == (b.line is None)
        ),
        default=(0.0, 0, 0),
    )
    ratio, i, j = best[0], -best[1], -best[2]
    if ratio < ALIKE:
        return _unlike(old, new)
    return [
        *_alike(old[:i], new[:j]),
        _pair(old[i], new[j]),
        *_alike(old[i + 1 :], new[j + 1 :]),
    ]


def _unlike(old: list[Entry], new: list[Entry]) -> list[Pair]:
    gone = [Pair(before=entry, after=None, changed=[]) for entry in old]
    return gone + [Pair(before=None, after=entry, changed=[]) for entry in new]


def _pair(before: Entry, after: Entry) -> Pair:
    changed = ["source"] if before.source.split() != after.source.split() else []
    names = dict.fromkeys([*before.facts, *after.facts])
    changed += [name for name in names if before.facts.get(name) != after.facts.get(name)]
    return Pair(before=before, after=after, changed=changed)
