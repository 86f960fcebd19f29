"""A class of 20 workspaces whose verdicts are known, since each answer was planted."""

import json
from dataclasses import dataclass
from pathlib import Path

from torchcamp.course.content import course

EXERCISES = ("regression_error", "leaky_relu", "standardize")  # quick ones, in the course's order
NAMES = (
    "Ada", "Ben", "Chloé", "Dana", "Emil", "Fatima", "Goran", "Hana", "Igor", "Jun", "Kaya", "Lena",
    "Mo", "Nils", "Ola", "Priya", "Quentin", "Rosa", "Sven", "Tala",
)  # fmt: skip
HOSTILE = {
    "endless loop": ("while True:\n    pass\n", "limit", "time"),
    "sys.exit": ("import sys\nsys.exit(0)\n", "error", None),
    "os._exit": ("import os\nos._exit(0)\n", "error", None),
    "flood": ("while True:\n    print('x' * 10_000)\n", "limit", "output"),
    "memory": ("import torch\n\nx = torch.zeros(2**40)\n", "limit", "memory"),
    "syntax": ("def (:\n", "error", None),
    "empty": ("", "error", None),
    "null byte": ("x = 1\0\n", "error", None),
    "not text": (b"x = '\xff\xfe'\n", "error", None),
}


@dataclass(frozen=True, kw_only=True)
class Planted:
    """An answer and what is to be said of it; "missing" and "untouched" are verdicts here."""

    source: str | bytes
    verdict: str
    misconception: str | None = None
    limit: str | None = None


def planted_class() -> dict[str, dict[str, Planted]]:
    """By learner and exercise: right, wrong in known ways, half done, hostile, untouched."""
    exercises = [course().find(name) for name in EXERCISES]
    answers: dict[str, dict[str, Planted]] = {name: {} for name in NAMES}
    hostile = list(HOSTILE.values())
    for number, name in enumerate(NAMES):
        for place, exercise in enumerate(exercises):
            kind = (number + 2 * place) % 5
            wrong = exercise.misconceptions
            if kind in (0, 1):
                right = [exercise.solution, *(p.read_text("utf-8") for p in exercise.accepted)]
                source = right[number % len(right)]
                planted = Planted(source=f"# {name}'s own\n{source}", verdict="pass")
            elif kind == 2:
                met = wrong[(number // 5 + 1) // 2]  # the second one is met twice
                planted = Planted(source=met.source, verdict="fail", misconception=met.name)
            elif kind == 3 and place == 0 and hostile:
                source, verdict, limit = hostile.pop(0)
                planted = Planted(source=source, verdict=verdict, limit=limit)
            elif kind == 3:
                planted = Planted(source=exercise.starter + "\n\n", verdict="untouched")
            elif place < 2 and hostile:
                source, verdict, limit = hostile.pop(0)
                planted = Planted(source=source, verdict=verdict, limit=limit)
            elif number % 2:
                begun = exercise.starter.replace("raise NotImplementedError", "return None", 1)
                planted = Planted(source=f"{begun}# to be continued\n", verdict="fail")
            else:
                continue  # missing
            answers[name][exercise.name] = planted
    assert not hostile
    return answers


def write_class(folder: Path, answers: dict[str, dict[str, Planted]]) -> None:
    """A workspace for each learner."""
    for name, of_learner in answers.items():
        write_workspace(
            folder / name, {each: planted.source for each, planted in of_learner.items()}
        )


def write_workspace(folder: Path, answers: dict[str, str | bytes], attempts: int = 3) -> None:
    """`answers/` and `.torchcamp/progress.json`, as a learner's machine has them."""
    (folder / "answers").mkdir(parents=True)
    (folder / ".torchcamp" / "backups").mkdir(parents=True)
    (folder / "lessons").mkdir()
    (folder / "lessons" / "leaky_relu.py").write_text("not an answer", encoding="utf-8")
    for exercise, source in answers.items():
        content = source if isinstance(source, bytes) else source.encode()
        (folder / "answers" / f"{exercise}.py").write_bytes(content)
    entries = {exercise: {"attempts": attempts, "last": "fail"} for exercise in answers}
    (folder / ".torchcamp" / "progress.json").write_text(
        json.dumps({"version": 1, "exercises": entries, "questions": {}}), encoding="utf-8"
    )
