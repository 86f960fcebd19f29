"""Which picture belongs to which class and part: decided from the names of files alone.

train/cat/1.jpg  val/cat/2.jpg     parts, each with one folder per class
cat/1.jpg  dog/2.jpg               one folder per class
animals/cat/1.jpg                  nested class folders
labels.csv  1.jpg  2.jpg           a table of files and labels
1.jpg  2.jpg                       no classes, for models that draw
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from torchcamp.base.errors import DataError, suggest
from torchcamp.data.picture_files import Listing, PictureFile

PARTS = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val",
    "test": "test", "testing": "test",
}  # fmt: skip
NUM_NAMED = 10  # files that a message names
HEADERS = {"file", "filename", "file_name", "path", "image", "image_id", "picture", "name"}


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """One picture with its class (a name) and its part: train, val, test, or "" if not decided."""

    file: PictureFile
    class_name: str
    part: str = ""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The pictures of a set, and what was noticed on the way."""

    pictures: list[Labelled]
    notes: list[str] = field(default_factory=list)


def layout_of(listing: Listing, name: str, class_folders: str = "auto") -> Layout:
    """Find the classes and parts of the files in `listing`.

    Args:
        name: of the set, for messages.
        class_folders: where folders are nested, `top` takes the first as the class and `leaf` the
            whole path; `auto` decides by the names.

    Raises:
        DataError: no pictures, or a table that does not fit the files.
    """
    if class_folders not in ("auto", "top", "leaf"):
        hint = suggest(class_folders, ("auto", "top", "leaf"))
        raise DataError(f"unknown class_folders {class_folders!r}. {hint}")
    listing = _without_common_folder(listing)
    table = next((t for t in listing.tables if _stem(t.name) == "labels"), None)
    if table is not None:
        return _from_table(listing, table, name)
    if not listing.pictures:
        raise DataError(
            f"{name} has no pictures; expected one folder per class, or train and test folders of them"
        )
    tops = {file.name.partition("/")[0] for file in listing.pictures if "/" in file.name}
    parts = {top: PARTS[top.lower()] for top in tops if top.lower() in PARTS}
    if "train" in parts.values() and len(set(parts.values())) > 1:
        return _from_parts(listing, parts, name, class_folders)
    pictures, notes = _from_class_folders(listing.pictures, listing.folders, name, class_folders)
    return Layout(pictures=pictures, notes=notes)


def _stem(name: str) -> str:
    return name.lower().rpartition(".")[0]


def _without_common_folder(listing: Listing) -> Listing:
    """The files as seen from the deepest folder that holds all of them and is not a class alone."""
    while True:
        names = [file.name for file in [*listing.pictures, *listing.tables]]
        tops = {name.partition("/")[0] if "/" in name else "" for name in names}
        if len(tops) != 1 or "" in tops:
            return listing
        (top,) = tops
        # `cats/1.jpg` alone is one class, called cats.
        if any(file.name.count("/") == 1 for file in listing.pictures) and not listing.tables:
            return listing
        cut = len(top) + 1
        listing = Listing(
            pictures=[replace(file, name=file.name[cut:]) for file in listing.pictures],
            tables=[replace(file, name=file.name[cut:]) for file in listing.tables],
            folders=[name[cut:] for name in listing.folders if name.startswith(f"{top}/")],
        )


def _from_class_folders(
    files: Sequence[PictureFile], folders: Sequence[str], name: str, class_folders: str
) -> tuple[list[Labelled], list[str]]:
    flat = [file for file in files if "/" not in file.name]
    nested = [file for file in files if "/" in file.name]
    notes = []
    if not nested:
        return [Labelled(file=file, class_name="pictures") for file in flat], notes
    if flat:
        notes.append(
            f"{_count(len(flat), 'picture')} beside the class folders "
            f"({'is' if len(flat) == 1 else 'are'}) left out, such as {flat[0].name}"
        )
    leaf = class_folders == "leaf" or (class_folders == "auto" and _are_nested_classes(nested))
    pictures = []
    for file in nested:
        class_name = file.name.rpartition("/")[0] if leaf else file.name.partition("/")[0]
        pictures.append(Labelled(file=file, class_name=class_name))
    used = {each.class_name for each in pictures}
    if leaf and class_folders == "auto":
        notes.append(
            f"the folders are nested, and each inner one is a class, such as {min(used)}; --set "
            "class_folders=top takes the outer ones"
        )
    empty = [
        folder
        for folder in folders
        if "/" not in folder and not any(n == folder or n.startswith(f"{folder}/") for n in used)
    ]
    if empty:
        verb = "holds" if len(empty) == 1 else "hold"
        notes.append(f"{_listed(empty)} {verb} no pictures: left out as a class")
    return pictures, notes


def _are_nested_classes(files: Sequence[PictureFile]) -> bool:
    """animals/cat and plants/rose are classes; cat/indoors and dog/indoors are parts of classes."""
    inner: dict[str, set[str]] = defaultdict(set)
    for file in files:
        parts = file.name.split("/")[:-1]
        if len(parts) == 1:
            return False
        inner[parts[0]].add(parts[1])
    counts = Counter(name for names in inner.values() for name in names)
    return len(inner) > 1 and max(counts.values()) == 1 and sum(counts.values()) > len(inner)


def _from_parts(listing: Listing, parts: dict[str, str], name: str, class_folders: str) -> Layout:
    pictures, notes = [], []
    for top, part in sorted(parts.items()):
        cut = len(top) + 1
        inside = [
            replace(file, name=file.name[cut:])
            for file in listing.pictures
            if file.name.startswith(f"{top}/")
        ]
        folders = [f[cut:] for f in listing.folders if f.startswith(f"{top}/")]
        own, said = _from_class_folders(inside, folders, f"{name}/{top}", class_folders)
        pictures += [
            Labelled(
                file=replace(each.file, name=f"{top}/{each.file.name}"),
                class_name=each.class_name,
                part=part,
            )
            for each in own
        ]
        notes += [f"{top}: {note}" for note in said]
    outside = [f for f in listing.pictures if f.name.partition("/")[0] not in parts]
    if outside:
        notes.append(
            f"{_count(len(outside), 'picture')} outside {_listed(sorted(parts))} left out, such as "
            f"{outside[0].name}"
        )
    if "test" not in parts.values():  # train and val: what is not trained on is what is tested on
        pictures = [replace(p, part="test") if p.part == "val" else p for p in pictures]
    known = {each.class_name for each in pictures if each.part == "train"}
    unknown = sorted({each.class_name for each in pictures} - known)
    if unknown:
        raise DataError(
            f"{name} has a class missing from its training folder: {unknown[0]!r}; add pictures of it, "
            "or remove it"
        )
    return Layout(pictures=pictures, notes=notes)


def _from_table(listing: Listing, table: PictureFile, name: str) -> Layout:
    where = f"{name}/{table.name}"
    rows = _rows(table, where)
    files = {file.name: file for file in listing.pictures}
    by_base = {PurePosixPath(n).name: file for n, file in files.items()}
    unique = Counter(PurePosixPath(n).name for n in files)
    pictures, missing = [], []
    for cells in rows:
        file_name, label, part = cells[0].removeprefix("./").replace("\\", "/"), cells[1], ""
        if len(cells) > 2 and cells[2]:
            if cells[2].lower() not in PARTS:
                raise DataError(f"{where} has the split {cells[2]!r}; expected train, val or test")
            part = PARTS[cells[2].lower()]
        file = files.get(file_name)
        if file is None and unique[PurePosixPath(file_name).name] == 1:
            file = by_base[PurePosixPath(file_name).name]
        if file is None:
            missing.append(file_name)
        else:
            pictures.append(Labelled(file=file, class_name=label, part=part))
    if missing:
        more = f" and {len(missing) - NUM_NAMED} more" if len(missing) > NUM_NAMED else ""
        raise DataError(
            f"{where} names {_count(len(missing), 'file')} that {'does' if len(missing) == 1 else 'do'} "
            f"not exist: {', '.join(missing[:NUM_NAMED])}{more}"
        )
    notes = []
    extra = len(files) - len({each.file.name for each in pictures})
    if extra:
        notes.append(f"{_count(extra, 'picture')} without a label in {table.name}: left out")
    twice = len(pictures) - len({each.file.name for each in pictures})
    if twice:
        raise DataError(f"{where} names {_count(twice, 'file')} more than once")
    in_parts = {each.part for each in pictures if each.part}
    if in_parts and any(not each.part for each in pictures):
        raise DataError(f"{where} gives a split for some files only; give it for all, or for none")
    if in_parts and "train" not in in_parts:
        raise DataError(f"{where} has no file with the split train")
    if "test" not in in_parts:
        pictures = [replace(p, part="test") if p.part == "val" else p for p in pictures]
        if in_parts == {"train"}:
            pictures = [replace(p, part="") for p in pictures]
    return Layout(pictures=pictures, notes=notes)


def _rows(table: PictureFile, where: str) -> list[list[str]]:
    """The rows of a table of files and labels, without its header."""
    try:
        text = table.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{where} is not UTF-8 text; save it as CSV UTF-8") from error
    first_line = text.partition("\n")[0]
    separator = max(",;\t", key=first_line.count)
    rows = [
        [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=separator)
    ]
    rows = [row for row in rows if any(row)]
    if rows and rows[0][0].lower() in HEADERS:
        rows = rows[1:]
    for number, row in enumerate(rows, start=1):
        if len(row) < 2 or not row[0] or not row[1]:
            raise DataError(
                f"{where}, row {number}: expected a file and its label separated by a comma, not "
                f"{','.join(row)[:60]!r}"
            )
    if not rows:
        raise DataError(f"{where} has no rows; expected a file and its label in each")
    return rows


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _listed(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join(names)
