"""A table of files and labels, `labels.csv`: its rows, whatever separates its columns."""

import csv
import io
import unicodedata
from dataclasses import dataclass

from torchcamp.base.errors import DataError
from torchcamp.data.picture_files import PictureFile, shown

# The heads of columns, in lower case.
FILES = {
    "file", "file name", "file_name", "file_path", "filename", "filepath", "fname", "image",
    "image_name", "image_path", "img", "path", "photo", "picture",
}  # fmt: skip
IDS = {"id", "image_id", "name"}  # files where no column has another name
LABELS = {"label", "labels", "class", "class_name", "category", "target"}
SPLITS = {"split", "set", "part", "subset", "partition"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A file's label, and what its column for the split holds, in lower case ("" without one)."""

    file: str
    label: str
    split: str


def read_table(table: PictureFile, where: str) -> list[Row]:
    """The rows of a .csv or .tsv file, of which a header is not one.

    Without a header, or where it has other names, the columns are the file, its label and, if there
    is a third one, its split. Names in a header may stand in any order; further columns are ignored.

    Args:
        table: the file.
        where: its name, for messages.

    Raises:
        DataError: it is not a table of text, or a row has no file or no label.
    """
    try:
        text = table.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{where} is not UTF-8 text; save it as CSV UTF-8") from error
    first_line = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first_line.count))
    try:
        lines = [(reader.line_num, [_clean(cell) for cell in row]) for row in reader]
    except csv.Error as error:
        raise DataError(f"{where}, line {reader.line_num}: {error}") from error
    lines = [(number, row) for number, row in lines if any(row)]
    heads = [cell.lower() for cell in lines[0][1]] if lines else []
    file_at, label_at, split_at = 0, 1, 2
    if heads and (heads[0] in FILES | IDS or (set(heads) & FILES and set(heads) & LABELS)):
        lines = lines[1:]
        file_at = _column(heads, FILES, _column(heads, IDS, 0))
        label_at = _column(heads, LABELS, 0 if file_at else 1)
        split_at = _column(heads, SPLITS, -1)
    if not lines:
        raise DataError(f"{where} has no rows; expected a file and its label in each")
    rows = []
    for number, cells in lines:
        if len(cells) <= max(file_at, label_at) or not cells[file_at] or not cells[label_at]:
            raise DataError(
                f"{where}, line {number}: expected a file and its label separated by a comma, not "
                f"{','.join(cells)[:60]!r}"
            )
        split = cells[split_at].lower() if 0 <= split_at < len(cells) else ""
        file = cells[file_at].replace("\\", "/").removeprefix("./")
        rows.append(Row(file=file, label=cells[label_at], split=split))
    return rows


def _clean(cell: str) -> str:
    """Without what surrounds it; letters with accents in one form, as in the names of files."""
    return shown(unicodedata.normalize("NFC", cell.strip()))


def _column(heads: list[str], names: set[str], otherwise: int) -> int:
    return next((number for number, head in enumerate(heads) if head in names), otherwise)
