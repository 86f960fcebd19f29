"""The map of the generative models: what each can be asked for, with what it draws."""

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from torchcamp.base.paths import CONTENT
from torchcamp.course.content import lessons
from torchcamp.course.glossary import with_terms
from torchcamp.pages.page import data_uri, render_part

FAMILIES = CONTENT / "families"


@dataclass(frozen=True, kw_only=True)
class Family:
    """A row of the map; the fields are columns, in `content/families/families.toml`."""

    name: str
    lesson: str
    title: str
    models: str
    samples: str
    likelihood: str
    code: str
    condition: str
    gives: str
    lacks: str

    @property
    def strip(self) -> Path:
        """Ten samples of the model that ships, side by side."""
        return FAMILIES / f"{self.name}.png"

    @property
    def picture(self) -> str:
        return data_uri(self.strip.read_bytes(), "image/png")

    @property
    def nats(self) -> float | None:
        """What a test picture costs the model that ships, in nats, from its card; None if unknown."""
        card = json.loads((CONTENT / "weights" / f"{self.name}.json").read_text(encoding="utf-8"))
        return card["measures"].get("nats", {}).get("value")


def families() -> tuple[Family, ...]:
    """The map's rows, in the order of the course: those whose lesson the course has."""
    taught = {lesson.name for lesson in lessons()}
    return tuple(family for family in _all_families() if family.lesson in taught)


@cache
def _all_families() -> tuple[Family, ...]:
    entries = tomllib.loads((FAMILIES / "families.toml").read_text(encoding="utf-8"))["family"]
    return tuple(Family(**entry) for entry in entries)


def families_table() -> str:
    """The map as HTML, for the home page and for a lesson; the glossary's words explain themselves."""
    titles = {lesson.name: lesson.title for lesson in lessons()}
    return with_terms(render_part("course/families.html", families=families()), titles)
