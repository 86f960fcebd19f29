"""The catalogue of known mistakes: what ships is whole, and each kind of fault is found."""

import json
import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.instructor.small_content import stamp_behaviours, write_content
from torchcamp.base.errors import ContentError
from torchcamp.base.paths import CONTENT
from torchcamp.cli.dev import command
from torchcamp.instructor.authoring import check_content, not_shown, shown_by
from torchcamp.instructor.catalogue import catalogue_problems, coverage, read_catalogue

NAME = "conv_output_size"
SMALL = """
[groups]
V = "Convolution"
T = "Tensors"
[entries.V2]
sentence = "Padding is counted once."
source = "measured"
[entries.T1]
sentence = "View moves no axes."
source = "a forum question"
[entries.V1]
sentence = "The + 1 is missing."
source = "measured"
"""


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A content folder with a small catalogue, and one exercise, which shows V1 and V2."""
    folder = tmp_path / "content"
    exercise = write_content(folder, NAME)
    (folder / "catalogue.toml").write_text(SMALL)
    file = exercise / "misconceptions.md"
    sections = ("\n" + file.read_text()).split("\n## ")
    kept = [each for each in sections if each.startswith(("no_plus_one", "padding_once"))]
    file.write_text("".join(f"## {each}\n" for each in kept))
    stamp_behaviours(exercise)
    return folder


def replace(content: Path, old: str, new: str) -> None:
    file = content / "catalogue.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_the_catalogue_that_ships_is_whole():
    catalogue = read_catalogue()
    assert list(catalogue_problems(catalogue)) == []
    assert catalogue["K10"].group == "Variational autoencoders"
    assert "exp(logvar / 2)" in catalogue["K10"].sentence
    assert len({entry.sentence for entry in catalogue.values()}) == len(catalogue)


def test_every_entry_that_ships_is_shown_or_has_a_reason():
    shown, reasons = set(shown_by()), set(not_shown())
    assert shown | reasons == set(read_catalogue())
    assert shown & reasons == set()


def test_entries_come_group_by_group_in_the_order_of_their_numbers(content: Path):
    catalogue = read_catalogue(content)
    assert list(catalogue) == ["V1", "V2", "T1"]
    assert asdict(catalogue["V2"]) == {
        "id": "V2",
        "group": "Convolution",
        "sentence": "Padding is counted once.",
        "source": "measured",
    }


def test_a_folder_without_a_catalogue_uses_the_one_that_ships(content: Path):
    (content / "catalogue.toml").unlink()
    assert read_catalogue(content) == read_catalogue(CONTENT)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('sentence = "Padding is counted once."', 'sentense = "x"', "V2 has no sentence"),
        ('"Padding is counted once."', '" "', "V2 has no sentence"),
        ('"Padding is counted once."', "3", "V2 has no sentence"),
        ('source = "a forum question"', "", "T1 has no source"),
        ("[entries.V2]", "[entries.V3]", "V2 is missing"),
        ("[entries.V1]", "[entries.V4]", "V1 is missing"),
        ("[entries.V1]", "[entries.V01]", "V01 is not a group's letter and a number"),
        ("[entries.T1]", "[entries.tensor]", "tensor is not a group's letter and a number"),
        ('T = "Tensors"', "", "T1 belongs to a group T that has no title"),
        ('"Tensors"', '""', "T1 belongs to a group T that has no title"),
        (SMALL, "", "there are no entries"),
    ],
)
def test_each_planted_fault_is_found(content: Path, old: str, new: str, problem: str):
    replace(content, old, new)
    problems = list(catalogue_problems(read_catalogue(content)))
    assert any(problem in line for line in problems), problems


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[entries.V1]", "[entries.V2]", "Cannot declare ('entries', 'V2') twice"),
        ("[groups]", "[groups", "catalogue.toml: Expected"),
        (SMALL, 'groups = "V"', "groups and entries must be tables"),
        ('[entries.T1]\nsentence = "View moves no axes."\nsource = "a forum question"',
         '[entries]\nT1 = "View moves no axes."', "T1 is not a table"),
    ],
)  # fmt: skip
def test_a_catalogue_that_cannot_be_read_is_one_problem(
    content: Path, old: str, new: str, problem: str
):
    replace(content, old, new)
    with pytest.raises(ContentError) as caught:
        read_catalogue(content)
    assert problem in str(caught.value)


def test_a_group_says_what_is_shown_what_is_missing_and_all_sentences(content: Path):
    covered = coverage({"V1", "K10"}, read_catalogue(content))
    assert list(covered) == ["V", "T"]
    assert asdict(covered["V"]) == {
        "title": "Convolution",
        "shown": ["V1"],
        "missing": ["V2"],
        "sentences": {"V1": "The + 1 is missing.", "V2": "Padding is counted once."},
    }


def test_dev_check_reports_faults_of_the_catalogue_and_ids_that_it_lacks(content: Path):
    assert check_content(content).problems == []
    replace(content, '[entries.V2]\nsentence = "Padding is counted once."\n', "[entries.V5]\n")
    with (content / "course.toml").open("a") as file:
        file.write('[not_shown]\nT1 = "A view cannot."\nT9 = "Why not?"\n')
    assert sorted(check_content(content).problems) == [
        "catalogue.toml: V2 is missing: the numbers of a group have no gaps",
        "catalogue.toml: V3 is missing: the numbers of a group have no gaps",
        "catalogue.toml: V4 is missing: the numbers of a group have no gaps",
        "catalogue.toml: V5 has no sentence",
        f"{NAME}: the catalogue has no entry V2",
        "course.toml: not_shown names T9, which is not an entry of the catalogue",
    ]
    (content / "catalogue.toml").write_text("[groups")
    (problem,) = check_content(content).problems
    assert problem.startswith("catalogue.toml: ")


def test_coverage_prints_sentences_where_they_are_shown_and_why_not(content: Path):
    with (content / "course.toml").open("a") as file:
        file.write(f'[not_shown]\nT1 = "{"A reason of many words. " * 6}"\n')
    arguments = ["check", "--content", str(content), "--coverage"]
    printed = CliRunner().invoke(command, arguments).stdout.splitlines()
    assert printed[:10] == [
        "V  Convolution: 2 of 2 shown",
        "  V1   The + 1 is missing.",
        f"       shown by {NAME}",
        "  V2   Padding is counted once.",
        f"       shown by {NAME}",
        "",
        "T  Tensors: 0 of 1 shown",
        "  T1   View moves no axes.",
        f"       not shown: {'A reason of many words. ' * 3}A reason",
        f"         of many words. {'A reason of many words. ' * 2}".rstrip(),
    ]
    assert max(len(line) for line in printed) <= 100
    as_json = json.loads(CliRunner().invoke(command, [*arguments, "--json"]).stdout)
    assert as_json["problems"] == []
    assert as_json["coverage"]["T"] == {
        "title": "Tensors",
        "shown": [],
        "missing": ["T1"],
        "sentences": {"T1": "View moves no axes."},
    }
    assert as_json["shown_by"] == {"V1": [NAME], "V2": [NAME]}
    reasons = tomllib.loads((content / "course.toml").read_text())["not_shown"]
    assert as_json["not_shown"] == reasons
