"""The catalogue of known mistakes: `content/catalogue.toml`, read and proved.

A misconception of an exercise names the entries that it shows by id, such as `K10`. Content of one's own
may have a catalogue of its own, with groups of its own: it stands beside ours where the content stands on
top of ours, else in its place.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.errors import ContentError
from torchcamp.base.files import regular_text
from torchcamp.base.paths import CONTENT
from torchcamp.course.content import extends_ours

FILE = "catalogue.toml"
ID = re.compile(r"([A-Z])([1-9]\d*)")  # the group's letter and a number


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One known mistake.

    id: such as `K10`. group: the title of its group, empty where the letter has none. sentence:
    what goes wrong and, where that is short, what is right. source: where the mistake was met.
    """

    id: str
    group: str
    sentence: str
    source: str


@dataclass(frozen=True, kw_only=True)
class GroupCoverage:
    """A group of the catalogue: its title, the ids that are shown, those that are not, and all
    sentences by id."""

    title: str
    shown: list[str]
    missing: list[str]
    sentences: dict[str, str]


def read_catalogue(content: Path = CONTENT) -> dict[str, Entry]:
    """Id -> entry, group by group, in the order of the numbers.

    A content folder that has no `catalogue.toml` uses the one that ships: a few exercises of one's
    own may then name the entries that everybody knows.

    Raises:
        ContentError: the file cannot be read or parsed, or has another form than the one that ships.
    """
    titles, entries = _tables(content / FILE if (content / FILE).exists() else CONTENT / FILE)
    if content != CONTENT and (content / FILE).exists() and extends_ours(content):
        our_titles, our_entries = _tables(CONTENT / FILE)
        if both := sorted(titles.keys() & our_titles.keys()):
            raise ContentError(
                f"{FILE}: {both[0]} is a group of torchcamp's catalogue, on which this content stands; "
                "choose another letter"
            )
        titles, entries = our_titles | titles, our_entries | entries

    letters = list(titles)

    def position(entry_id: str) -> tuple[int, int]:
        match = ID.fullmatch(entry_id)
        if match is None or match[1] not in titles:
            return len(letters), 0
        return letters.index(match[1]), int(match[2])

    return {
        entry_id: Entry(
            id=entry_id,
            group=_text(titles, entry_id[:1]),
            sentence=_text(entries[entry_id], "sentence"),
            source=_text(entries[entry_id], "source"),
        )
        for entry_id in sorted(entries, key=position)
    }


def _tables(path: Path) -> tuple[dict[str, object], dict[str, dict[str, object]]]:
    """The titles of the groups, and the entries."""
    try:
        tables = tomllib.loads(regular_text(path))
    except (OSError, ValueError) as error:
        raise ContentError(f"{FILE}: {error}") from error
    titles, entries = tables.get("groups", {}), tables.get("entries", {})
    if not isinstance(titles, dict) or not isinstance(entries, dict):
        raise ContentError(f"{FILE}: groups and entries must be tables")
    for entry_id, table in entries.items():
        if not isinstance(table, dict):
            raise ContentError(f"{FILE}: {entry_id} is not a table with a sentence and a source")
    return titles, entries


def _text(table: dict[str, object], key: str) -> str:
    """The text under `key`; empty where there is none."""
    value = table.get(key)
    return value.strip() if isinstance(value, str) else ""


def catalogue_problems(catalogue: dict[str, Entry]) -> Iterator[str]:
    """A line for each fault: an id of another form, a letter without a group, an entry without a
    sentence or a source, a number left out, or no entries at all."""
    if not catalogue:
        yield f"{FILE}: there are no entries"
    numbers: dict[str, set[int]] = {}
    for entry in catalogue.values():
        match = ID.fullmatch(entry.id)
        if match is None:
            yield f"{FILE}: {entry.id} is not a group's letter and a number, such as K10"
            continue
        numbers.setdefault(match[1], set()).add(int(match[2]))
        if not entry.group:
            yield f"{FILE}: {entry.id} belongs to a group {match[1]} that has no title under [groups]"
        for key, text in (("sentence", entry.sentence), ("source", entry.source)):
            if not text:
                yield f"{FILE}: {entry.id} has no {key}"
    for letter, used in numbers.items():
        for number in sorted(set(range(1, max(used))) - used):
            yield f"{FILE}: {letter}{number} is missing: the numbers of a group have no gaps"


def coverage(shown: set[str], catalogue: dict[str, Entry]) -> dict[str, GroupCoverage]:
    """Letter of a group -> which of its entries are among the ids `shown`."""
    covered: dict[str, GroupCoverage] = {}
    for entry in catalogue.values():
        group = covered.setdefault(
            entry.id[0], GroupCoverage(title=entry.group, shown=[], missing=[], sentences={})
        )
        (group.shown if entry.id in shown else group.missing).append(entry.id)
        group.sentences[entry.id] = entry.sentence
    return covered
