"""Which picture belongs to which class and part: decided from the names of files alone.

train/cat/1.jpg  val/cat/2.jpg     parts, each with one folder per class
cat/1.jpg  dog/2.jpg               one folder per class
animals/cat/1.jpg                  nested class folders
labels.csv  1.jpg  2.jpg           a table of files and labels
1.jpg  2.jpg                       no classes, for models that draw
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from torchcamp.base.errors import DataError, suggest
from torchcamp.data.label_table import Row, read_table
from torchcamp.data.picture_files import Listing, PictureFile

PARTS = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val",
    "test": "test", "testing": "test",
}  # fmt: skip
NUM_NAMED = 10  # files that a message names
NO_CLASS = "pictures"  # the class of pictures without class folders
EXPECTED = (
    "one folder per class (cat/1.jpg, dog/2.jpg), train and test folders of them, or a labels.csv"
)


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


@dataclass(frozen=True)
class _Placed:
    """A picture file, its part's folder ("" without parts) and its folders below that."""

    file: PictureFile
    top: str
    folders: tuple[str, ...]


def layout_of(listing: Listing, name: str, class_folders: str = "auto") -> Layout:
    """Find the classes and parts of the files in `listing`.

    Args:
        listing: the files of a folder or an archive.
        name: of the set, for messages.
        class_folders: where folders are nested, `top` takes the first as the class and `leaf` the
            whole path; `auto` decides by the names.

    Raises:
        DataError: no pictures, a table that does not fit the files, or a class that cannot be learnt.
    """
    if class_folders not in ("auto", "top", "leaf"):
        hint = suggest(class_folders, ("auto", "top", "leaf"))
        raise DataError(f"unknown class_folders {class_folders!r}. {hint}")
    tables = [table for table in listing.tables if _stem(table.name) == "labels"]
    listing = _without_common_folder(replace(listing, tables=tables))
    others = " and ".join(f"{n:,} {kind}" for kind, n in listing.unsupported.items())
    if not listing.pictures:
        instead = f" of a kind that can be read (but {others}: convert them to .jpg)"
        raise DataError(f"{name} has no pictures{instead if others else ''}; expected {EXPECTED}")
    if listing.tables:
        layout = _from_tables(listing, name)
    else:
        layout = _from_folders(listing, name, class_folders)
    if others:
        layout.notes.append(f"{others} files cannot be read and are left out: convert them to .jpg")
    return _with_tested_part(layout, name)


def _stem(name: str) -> str:
    return PurePosixPath(name).stem.lower()


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
        listing = replace(
            listing,
            pictures=[replace(file, name=file.name[cut:]) for file in listing.pictures],
            tables=[replace(file, name=file.name[cut:]) for file in listing.tables],
            folders=[name[cut:] for name in listing.folders if name.startswith(f"{top}/")],
        )


def _with_tested_part(layout: Layout, name: str) -> Layout:
    """With `val` as the test part where there is none: what is not trained on is tested on.

    Raises:
        DataError: nothing to train on, or a class of which nothing is.
    """
    parts = {each.part for each in layout.pictures}
    if parts == {"train"}:  # then a part of it is kept for testing
        return replace(layout, pictures=[replace(p, part="") for p in layout.pictures])
    if parts == {""}:
        return layout
    if "train" not in parts:
        raise DataError(f"{name} has no classes in its training folder; expected {EXPECTED}")
    known = {each.class_name for each in layout.pictures if each.part == "train"}
    unknown = sorted({each.class_name for each in layout.pictures} - known)
    if unknown:
        raise DataError(
            f"{name} has {'a class' if len(unknown) == 1 else 'classes'} missing from its training "
            f"part: {_listed([repr(each) for each in unknown])}; add pictures to learn from, or remove "
            f"{'it' if len(unknown) == 1 else 'them'}"
        )
    if "test" in parts:
        return layout
    pictures = [replace(p, part="test") if p.part == "val" else p for p in layout.pictures]
    return replace(layout, pictures=pictures)


# --- Folders ---------------------------------------------------------------------------


def _from_folders(listing: Listing, name: str, class_folders: str) -> Layout:
    notes = []
    tops = {file.name.partition("/")[0] for file in listing.pictures if "/" in file.name}
    parts = {top: PARTS[top.lower()] for top in tops if top.lower() in PARTS}
    if "train" not in parts.values() or len(set(parts.values())) < 2:
        parts = {}  # such as a train among a bus and a car
    placed, outside = [], []
    for file in listing.pictures:
        *folders, _ = file.name.split("/")
        if not parts:
            placed.append(_Placed(file, "", tuple(folders)))
        elif folders and folders[0] in parts:
            placed.append(_Placed(file, folders[0], tuple(folders[1:])))
        else:
            outside.append(file)
    if outside:
        notes.append(
            f"{_count(len(outside), 'picture')} outside {_listed(sorted(parts))} left out, such as "
            f"{outside[0].name}"
        )
    in_classes = [each for each in placed if each.folders]
    if not in_classes:
        pictures = [
            Labelled(file=each.file, class_name=NO_CLASS, part=parts.get(each.top, ""))
            for each in placed
        ]
        return Layout(pictures=pictures, notes=notes)
    notes += _about_flat(placed)
    depth = _class_depth([each.folders for each in in_classes], class_folders)
    if class_folders == "auto":
        notes += _about_depth([each.folders for each in in_classes], depth)
    pictures = [
        Labelled(
            file=each.file,
            class_name=_class_name(each.folders[:depth]),
            part=parts.get(each.top, ""),
        )
        for each in in_classes
    ]
    empty = _without_pictures(listing.folders, parts, depth) - {p.class_name for p in pictures}
    if empty:
        verb = "holds" if len(empty) == 1 else "hold"
        notes.append(f"{_listed(sorted(empty))} {verb} no pictures: left out as a class")
    return Layout(pictures=pictures, notes=notes)


def _class_name(folders: Sequence[str]) -> str:
    """Accents in one form: systems store the names of folders in different ones."""
    return unicodedata.normalize("NFC", "/".join(folders))


def _about_flat(placed: Sequence[_Placed]) -> list[str]:
    """What is said of pictures that lie beside class folders, and so have no class."""
    notes = []
    for top in sorted({each.top for each in placed}):
        here = [each for each in placed if each.top == top]
        flat = [each.file.name for each in here if not each.folders]
        if flat and len(flat) == len(here):
            notes.append(
                f"{top} has no class folders: its {_count(len(flat), 'picture')} cannot be tested on and "
                "are left out"
            )
        elif flat:
            notes.append(
                f"{_count(len(flat), 'picture')} beside the class folders "
                f"{'is' if len(flat) == 1 else 'are'} left out, such as {flat[0]}"
            )
    return notes


def _class_depth(paths: Sequence[tuple[str, ...]], class_folders: str) -> int | None:
    """How many folders deep classes lie; None for all of a path.

    animals/cat, animals/dog and plants/rose are classes; cat/indoors and dog/indoors are parts of
    classes, and so are cat/photos and dog/pictures.
    """
    if class_folders != "auto":
        return None if class_folders == "leaf" else 1
    inner: dict[str, set[str]] = defaultdict(set)
    for folders in set(paths):
        if len(folders) == 1:
            return 1
        inner[folders[0]].add(folders[1])
    counts = Counter(name for names in inner.values() for name in names)
    differ = len(inner) > 1 and max(counts.values()) == 1 and len(counts) > len(inner)
    return 2 if differ else 1


def _about_depth(paths: Sequence[tuple[str, ...]], depth: int | None) -> list[str]:
    inner = min((path for path in paths if len(path) > 1), default=None)
    if inner is None:
        return []
    if depth == 2:
        return [
            f"the class folders are nested, and each inner one is a class, such as "
            f"{'/'.join(inner[:2])}; --set class_folders=top takes the outer ones"
        ]
    return [
        f"folders inside a class folder, such as {'/'.join(inner)}, belong to its class; --set "
        "class_folders=leaf makes each a class"
    ]


def _without_pictures(folders: Sequence[str], parts: dict[str, str], depth: int | None) -> set[str]:
    """The folders that might be classes; those with pictures among them."""
    inside = []
    for folder in folders:
        top, _, rest = folder.partition("/")
        if not parts or top in parts:
            inside.append(rest if parts else folder)
    outer = {name.rpartition("/")[0] for name in inside}
    return {
        _class_name([name])
        for name in inside
        if name and _may_be_class(name.count("/") + 1, depth, name not in outer)
    }


def _may_be_class(level: int, depth: int | None, is_leaf: bool) -> bool:
    return level == depth or (is_leaf and (depth is None or level < depth))


# --- Tables ----------------------------------------------------------------------------


def _from_tables(listing: Listing, name: str) -> Layout:
    """The labels of one table, or of several, such as train/labels.csv and test/labels.csv."""
    at_top = [table for table in listing.tables if "/" not in table.name]
    pictures, notes = [], []
    for table in at_top[:1] or listing.tables:
        folder = table.name.rpartition("/")[0]
        part = PARTS.get(folder.partition("/")[0].lower(), "")
        rows = read_table(table, f"{name}/{table.name}")
        pictures += _from_rows(rows, listing.pictures, folder, part, f"{name}/{table.name}")
    where = f"{name}/{(at_top or listing.tables)[0].name}"
    num_used = len({each.file.name for each in pictures})
    if twice := len(pictures) - num_used:
        raise DataError(f"{where} names {_count(twice, 'file')} more than once")
    if extra := len(listing.pictures) - num_used:
        which = PurePosixPath(listing.tables[0].name).name
        notes.append(f"{_count(extra, 'picture')} without a label in {which}: left out")
    parts = {each.part for each in pictures}
    if "" in parts and len(parts) > 1:
        raise DataError(f"{where} gives a split for some files only; give it for all, or for none")
    if parts != {""} and "train" not in parts:
        raise DataError(f"{where} has no file with the split train")
    return Layout(pictures=pictures, notes=notes)


def _from_rows(
    rows: Sequence[Row], files: Sequence[PictureFile], folder: str, part: str, where: str
) -> list[Labelled]:
    """The pictures that the rows of a table in `folder` name.

    A file is found by its path from the table's folder or from the top, or else by its name alone,
    with or without its ending, where only one file has it.
    """
    prefix = f"{folder}/" if folder else ""
    by_path = {unicodedata.normalize("NFC", file.name): file for file in files}
    by_name: dict[str, list[PictureFile]] = defaultdict(list)
    for path in [path for path in by_path if path.startswith(prefix)] or by_path:
        for key in {PurePosixPath(path).name, PurePosixPath(path).stem}:
            by_name[key].append(by_path[path])
    pictures, missing = [], []
    for row in rows:
        if row.split and row.split not in PARTS:
            raise DataError(f"{where} has the split {row.split!r}; expected train, val or test")
        file = by_path.get(prefix + row.file) or by_path.get(row.file)
        if file is None:
            same_name = by_name[PurePosixPath(row.file).name]
            file = same_name[0] if len(same_name) == 1 else None
        if file is None:
            missing.append(row.file)
        else:
            row_part = PARTS[row.split] if row.split else part
            pictures.append(Labelled(file=file, class_name=row.label, part=row_part))
    if missing:
        more = f" and {len(missing) - NUM_NAMED:,} more" if len(missing) > NUM_NAMED else ""
        raise DataError(
            f"{where} names {_count(len(missing), 'file')} that "
            f"{'does' if len(missing) == 1 else 'do'} not exist: {', '.join(missing[:NUM_NAMED])}{more}"
        )
    return pictures


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _listed(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join(names)
