"""From a recording to findings: all detectors, causes before consequences, one finding for each line."""

import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from torchcamp.doctor import probes
from torchcamp.doctor.codes import CODES
from torchcamp.doctor.diagnosis import Cut, Evidence, Finding, Place
from torchcamp.doctor.findings import data, gradients, losses, modes, networks, text
from torchcamp.doctor.findings.found import Found, plural
from torchcamp.doctor.functions import Functions
from torchcamp.doctor.recording import Recording, Where
from torchcamp.reading.notebooks import cell_of, source_of

SEVERITIES = ("error", "warning", "note")


def find_all(
    recording: Recording, functions: Functions, trees: text.Trees
) -> tuple[list[Found], list[str]]:
    """What the detectors and the probes found, consequences left out.

    Returns:
        the findings, and a sentence for each detector that failed: it must not cost the others.
    """
    found: list[Found] = []
    failed: list[str] = []
    kinds: dict[str, Callable[[], Iterable[Found]]] = {
        "probes": lambda: probes.find(recording, functions),
        "gradients": lambda: gradients.find(recording),
        "modes": lambda: modes.find(recording),
        "losses": lambda: losses.find(recording),
        "data": lambda: data.find(recording),
        "networks": lambda: networks.find(recording),
        "text": lambda: text.find(recording, trees),
    }
    for name, find in kinds.items():
        try:
            found += find()
        except Exception as error:
            failed.append(f"a bug in torchcamp: the detectors of {name} failed ({error!r})")
    codes = {each.code for each in found}
    hidden = {consequence for cause in codes for consequence in CONSEQUENCES.get(cause, ())}
    return [each for each in found if each.code not in hidden], failed


# A bug also shows in other ways; only the cause is reported.
CONSEQUENCES = {
    "loss-cut-from-network": ("no-gradient-reaches", "optimizer-does-not-own", "no-backward"),
    "unregistered-layers": ("optimizer-does-not-own", "no-gradient-reaches"),
    "optimizer-does-not-own": ("no-gradient-reaches", "no-step", "zero-grad-misplaced"),
    "no-gradient-reaches": ("zero-grad-misplaced",),
    "softmax-over-the-batch": ("batch-mixed", "nll-on-logits", "nll-on-probabilities"),
    "loss-not-finite": ("loss-explodes",),
    "zero-grad-missing": ("loss-explodes", "accumulation-not-scaled"),
    "graph-grows": ("loss-keeps-graph",),
    "broadcast-mismatch": ("batch-mixed",),
    "uint8-wraps": ("data-range-mismatch",),
    "no-step": ("scheduler-before-optimizer",),
    "no-backward": ("eval-missing",),
    "clip-after-step": ("clip-without-gradient",),
}


def as_findings(found: Iterable[Found], names: "Names") -> list[Finding]:
    """Records for the person: one for each code and line, and for each code and cause; the worst first."""
    merged: dict[tuple[str, Where], Found] = {}
    for each in found:
        merged.setdefault((each.code, each.where), each)
    findings = [_as_finding(each, names) for each in _folded(merged.values())]
    return sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), f.file, f.line, f.code))


def _folded(found: Iterable[Found]) -> list[Found]:
    """What one mend would end at several lines is one finding: the first line's, with the others beside it."""
    groups: dict[Any, list[Found]] = defaultdict(list)
    for each in found:
        key = (each.code, each.cause) if each.cause is not None else (each.code, each.where)
        groups[key].append(each)
    folded = []
    for group in groups.values():
        first = min(group, key=lambda each: each.where)
        others = tuple(each.where for each in group if each is not first)
        if others:
            lines = f" The same at {plural(len(others), 'other line')}."
            first = replace(
                first,
                words=first.words + lines,
                seen=sum(each.seen for each in group),
                related=(*others, *first.related),
            )
        folded.append(first)
    return folded


def _as_finding(found: Found, names: "Names") -> Finding:
    code = CODES[found.code]
    evidence: Evidence = {"words": found.words}
    evidence |= {name: _plain(value) for name, value in found.numbers.items()}
    return Finding(
        code=found.code,
        severity=found.severity or code.severity,
        **_place(found.where, names),
        evidence=evidence,
        effect=found.effect or code.effect,
        mend=found.mend or code.mend,
        lesson=code.lesson,
        seen=found.seen,
        related=[
            Place(**_place(where, names))
            for where in dict.fromkeys(found.related)
            if where is not None and where != found.where
        ],
    )


def _place(where: Where, names: "Names") -> dict[str, Any]:
    cell, line = names.cell_of(where) or (None, None)
    return {"file": names.of(where.file), "line": where.line, "cell": cell, "cell_line": line}


def _plain(value: Any) -> str | int | float | bool | None:
    """A number that JSON can hold."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else str(value)
    return value if isinstance(value, str | int | bool | None) else str(value)


class Names:
    """Paths in the mirrored folder, as the user knows them.

    Args:
        mirror: the folder that the script ran in.
        folder: the user's folder that it is a mirror of.
        here: where the command was given.
    """

    def __init__(self, mirror: Path, folder: Path, here: Path) -> None:
        self._mirror, self._folder, self._here = mirror, folder, here
        self._notebooks: dict[str, str] = {}

    def cell_of(self, where: Where) -> tuple[int, int] | None:
        """The code cell of a notebook that a line lies in, and its line there."""
        if not where.file.endswith(".ipynb"):
            return None
        if where.file not in self._notebooks:
            self._notebooks[where.file] = source_of(Path(where.file))
        return cell_of(self._notebooks[where.file], where.line)

    def of(self, file: str) -> str:
        """A path as the user would type it."""
        path = Path(file)
        if path.is_relative_to(self._mirror):
            path = self._folder / path.relative_to(self._mirror)
        return str(path.relative_to(self._here)) if path.is_relative_to(self._here) else str(path)

    def plain(self, text: str) -> str:
        """A message with the mirrored paths taken out."""
        return text.replace(str(self._mirror) + os.sep, "").replace(str(self._mirror), ".")

    def cuts(self, recording: Recording) -> list[Cut]:
        """The loops that were ended early."""
        return [
            Cut(file=self.of(where.file), line=where.line, after=rounds)
            for where, rounds in sorted(recording.cuts.items())
        ]
