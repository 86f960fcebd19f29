"""What is written of a class: the page, the grade sheets, JUnit, GitHub Classroom, JSON, the terminal."""

import csv
import html
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.instructor.grading.planted import write_workspace
from torchcamp.course.content import Exercise, course
from torchcamp.course.judge.client import Verdict
from torchcamp.instructor.grading import judging, sheets, terminal
from torchcamp.instructor.grading import page as page_module
from torchcamp.instructor.grading.page import harmless, render_class, shown_lines
from torchcamp.instructor.grading.report import ClassReport, grade
from torchcamp.instructor.grading.submissions import read_submissions

MISCONCEPTION = course().find("softmax").misconceptions[0]
TITLE = MISCONCEPTION.title


class Told:
    """Answers with the verdict that stands in the first line of each answer."""

    def __enter__(self) -> "Told":
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def verdict_of(self, exercise: Exercise, source: str, file: str) -> Verdict:
        entries = json.loads(source.splitlines()[0].removeprefix("# "))
        return Verdict(exercise=exercise.name, **entries)


def answer(verdict: str, more: str = "x = 1", **entries: object) -> str:
    return f"# {json.dumps({'verdict': verdict, **entries})}\n{more}\n"


Make = Callable[..., ClassReport]
PASS = answer("pass", message="All checks pass.")
FAIL = answer(
    "fail", misconception=MISCONCEPTION.name, check="check_x", message="It gave 3; 2 is right."
)


@pytest.fixture
def graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Grades `{learner: {exercise: answer}}`."""
    monkeypatch.setattr(judging, "open_judge", Told)

    def make(answers: dict[str, dict[str, str]], only: tuple[str, ...] = ()) -> ClassReport:
        for name, of_learner in answers.items():
            write_workspace(tmp_path / "class" / name, dict(of_learner.items()))
        handed_in = read_submissions(tmp_path / "class", course().exercises, only)
        return grade(handed_in, course(), jobs=1, state=tmp_path / "state")

    return make


@pytest.fixture
def report(graded: Make) -> ClassReport:
    return graded(
        {
            "Anna_12_assignsubmission_file_": {"softmax": PASS, "value": PASS},
            "Ben_13_assignsubmission_file_": {
                "softmax": FAIL,
                "value": answer("limit", limit="time", message="It did not end."),
            },
            "Cleo_14_assignsubmission_file_": {
                "softmax": course().find("softmax").starter,
                "value": answer("error", message="It could not be loaded.", line=2),
            },
            "Dana_15_assignsubmission_file_": {"softmax": FAIL},
        }
    )


# --- The report and JSON --------------------------------------------------------------------------


def test_states_and_counts(report: ClassReport):
    names = [exercise.name for exercise in report.exercises]
    assert sorted(names) == ["softmax", "value"]
    assert names == [name for name in course().exercises if name in names]
    assert report.counts("softmax") == {
        "solved": 1, "not yet": 2, "cannot be run": 0, "stopped": 0, "not begun": 1, "missing": 0,
    }  # fmt: skip
    assert report.counts("value") == {
        "solved": 1, "not yet": 0, "cannot be run": 1, "stopped": 1, "not begun": 0, "missing": 1,
    }  # fmt: skip
    (met,) = report.met
    assert (met.learners, met.name) == (("Ben", "Dana"), MISCONCEPTION.name)
    assert met.share == pytest.approx(2 / 3), "of the three who had begun"


def test_json(report: ClassReport):
    content = json.loads(json.dumps(report.as_json()))
    assert content["seed"] == 0
    assert content["warnings"] == judging.protection()
    ben = content["learners"]["Ben"]
    assert ben["number"] == "13"
    assert ben["answers"]["softmax"]["verdict"] == "fail"
    assert ben["answers"]["softmax"]["misconception"] == MISCONCEPTION.name
    assert ben["answers"]["softmax"]["limit"] is None
    assert ben["answers"]["value"]["limit"] == "time"
    assert ben["answers"]["value"]["attempts"] == 3
    cleo = content["learners"]["Cleo"]["answers"]["softmax"]
    assert (cleo["verdict"], cleo["untouched"]) == ("fail", True)
    assert content["learners"]["Dana"]["missing"] == ["value"]
    assert content["learners"]["Anna"]["solved"] == 2
    assert content["misconceptions"][0]["learners"] == ["Ben", "Dana"]


def test_all_exercises_that_are_asked_for_are_counted(graded: Make):
    report = graded(
        {"anna": {"softmax": PASS}, "ben": {"value": PASS}}, only=("softmax", "mse_and_mae")
    )
    assert {exercise.name for exercise in report.exercises} == {"softmax", "mse_and_mae"}
    assert report.counts("mse_and_mae")["missing"] == 2


# --- CSV ------------------------------------------------------------------------------------------


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_moodle_reads_the_sheet(report: ClassReport):
    """The columns that its grading worksheet needs, and the number of its downloads."""
    rows = rows_of(sheets.grade_sheet(report, "moodle"))
    assert {"Identifier", "Grade", "Last modified (grade)", "Feedback comments"} <= rows[0].keys()
    assert rows[0]["Identifier"] == "Participant 12"
    assert [row["Full name"] for row in rows] == ["Anna", "Ben", "Cleo", "Dana"]
    assert [row["Grade"] for row in rows] == ["2", "0", "0", "0"]
    assert {row["Maximum Grade"] for row in rows} == {"2"}
    assert [row["softmax"] for row in rows] == ["1", "0", "0", "0"]
    assert rows[3]["Feedback comments"].count("missing") == 1
    assert TITLE.rstrip(".") in rows[1]["Feedback comments"]


def test_canvas_reads_the_sheet(report: ClassReport):
    text = sheets.grade_sheet(report, "canvas")
    header, possible, *rows = list(csv.reader(io.StringIO(text)))
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "torchcamp"]
    assert possible == ["    Points Possible", "", "", "", "", "2"]
    assert rows[0] == ["Anna", "12", "", "", "", "2"]


def test_without_a_number_the_name_is_the_login(graded: Make):
    report = graded({"anna": {"softmax": PASS}, "ben": {"softmax": FAIL}})
    assert rows_of(sheets.grade_sheet(report, "moodle"))[0]["Username"] == "anna"
    assert rows_of(sheets.grade_sheet(report, "moodle"))[0]["Identifier"] == ""
    assert rows_of(sheets.grade_sheet(report, "canvas"))[1]["SIS Login ID"] == "anna"


def test_points(graded: Make):
    report = graded({"anna": {"softmax": PASS, "value": FAIL, "mse_and_mae": FAIL}, "ben": {}})
    (anna,) = [
        r for r in rows_of(sheets.grade_sheet(report, "moodle", 100)) if r["Username"] == "anna"
    ]
    assert (anna["Grade"], anna["Maximum Grade"]) == ("33.3333", "100")


@pytest.mark.parametrize("sheet", sheets.SHEETS)
@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' ,\"x"])
def test_no_cell_is_a_formula(graded: Make, sheet: str, name: str):
    report = graded({name: {"softmax": PASS}, "ben": {"softmax": FAIL}})
    cells = [
        cell for row in csv.reader(io.StringIO(sheets.grade_sheet(report, sheet))) for cell in row
    ]
    assert f"'{name}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


# --- JUnit and GitHub Classroom -------------------------------------------------------------------


def test_junit(report: ClassReport):
    root = ET.fromstring(sheets.junit(report))
    suites = {suite.get("name"): suite for suite in root}
    ben, cleo, dana = (suites[name] for name in ("Ben", "Cleo", "Dana"))
    assert (ben.get("tests"), ben.get("failures"), ben.get("errors")) == ("2", "1", "1")
    kinds = {case.get("name"): [child.tag for child in case] for case in ben}
    assert kinds == {"softmax": ["failure"], "value": ["error"]}
    failure = ben.find("testcase[@name='softmax']/failure")
    assert failure is not None
    assert failure.get("type") == MISCONCEPTION.name
    assert failure.text == "It gave 3; 2 is right."
    skipped = [each.get("message") for each in cleo.iter("skipped")]
    skipped += [each.get("message") for each in dana.iter("skipped")]
    assert skipped == ["not begun", "missing"]
    assert [child.tag for case in suites["Anna"] for child in case] == []


def test_junit_is_xml_whatever_a_message_holds(graded: Make):
    nasty = "".join(map(chr, [*range(32), 0x7F, 0x85, 0xFFFE, 0xFFFF, 0xD800])) + "]]><&"
    report = graded({"a & <b>": {"softmax": answer("fail", message=nasty)}, "b": {"softmax": PASS}})
    assert ET.fromstring(sheets.junit(report)).find("testsuite[@name='a & <b>']") is not None


def test_github_classroom(graded: Make):
    report = graded({"anna": {"softmax": PASS, "value": FAIL}})
    result = sheets.classroom(report)
    assert (result["status"], result["max_score"]) == ("fail", 2)
    by_name = {test["name"]: test for test in result["tests"]}
    assert (by_name["softmax"]["status"], by_name["softmax"]["score"]) == ("pass", 1)
    assert (by_name["value"]["status"], by_name["value"]["score"]) == ("fail", 0)
    assert by_name["value"]["message"] == "It gave 3; 2 is right."
    scored = sheets.classroom(report, 10)
    assert (scored["max_score"], sum(test["score"] for test in scored["tests"])) == (10, 5)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (PASS, "pass"),
        (FAIL, "fail"),
        (answer("limit", limit="time"), "error"),
        (answer("error"), "error"),
    ],
)
def test_github_classrooms_three_words(graded: Make, text: str, status: str):
    result = sheets.classroom(graded({"anna": {"softmax": text}}))
    assert result["status"] == result["tests"][0]["status"] == status


def test_github_classroom_counts_what_is_missing(graded: Make):
    result = sheets.classroom(graded({"anna": {"softmax": PASS}}, only=("softmax", "value")))
    assert (result["status"], result["max_score"], len(result["tests"])) == ("fail", 2, 2)


# --- The page -------------------------------------------------------------------------------------


def test_a_pass_that_was_not_confirmed_is_to_be_read(graded: Make):
    report = graded(
        {"Anna": {"softmax": PASS}, "Ben": {"softmax": answer("pass", confirmed=False)}}
    )
    content = report.as_json()["learners"]
    confirmed = [content[name]["answers"]["softmax"]["confirmed"] for name in ("Anna", "Ben")]
    assert confirmed == [None, False]
    [notice] = report.notices
    assert notice.startswith(
        "Ben: softmax passes, but does not return what our right answers return"
    )


def test_the_page_tells_the_class(report: ClassReport):
    page = render_class(report)
    text = " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())
    assert TITLE.replace("`", "") in text
    assert "67 % 2 learners" in text
    assert "It gave 3; 2 is right." in text
    assert judging.protection()[0] in text
    assert "seed 0" in text
    shown = re.findall(r'<p class="who">(.*?)</p>', page)
    assert "Ben, Dana" in shown, "one answer of two people is shown once"
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{anchor}"' in page


def test_the_page_stands_alone(report: ClassReport):
    page = render_class(report)
    assert not re.findall(r"(?:src|href)=[\"'](?!#|data:)", page)
    assert "http" not in page.replace("http-equiv", "")


ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>"
MARKDOWN = f"{ATTACK} ![x](http://evil/x.png) [y](javascript:alert(1)) <http://evil/> http://evil/"


def test_nothing_that_a_learner_wrote_is_html(graded: Make):
    name = ATTACK.replace("/", "\u2215")
    text = answer("fail", more=f"x = '{ATTACK}'", message=f"{MARKDOWN}\n\n`{ATTACK}`", check=ATTACK)
    twin = answer("fail", more=f"x = '{ATTACK}' ", message=ATTACK, behaves_like=ATTACK)
    page = render_class(graded({name: {"softmax": text}, "\x1b[31mred": {"softmax": twin}}))
    assert "<script>alert" not in page
    assert not re.findall(
        r"<img|<a href=\"(?!#)|onerror=alert\(1\)>(?!&)", re.sub(r"&lt;.*?&gt;", "", page)
    )
    assert page.count("<script>") == 1, "our own"
    assert "\x1b" not in page
    assert "http://evil" in html.unescape(page), "said, not linked"


def test_markdown_of_ours_is_kept():
    shown = harmless("Use `dim=1`, **not** 0.\n\n- one\n- two\n\n```python\nx < 1\n```\n")
    for part in ("<code>dim=1</code>", "<strong>not</strong>", "<li>one</li>", "x &lt; 1"):
        assert part in shown


def test_a_long_answer_is_cut():
    lines, more = shown_lines("x = 1\n" * 1000, marked={2})
    assert (len(lines), more) == (page_module.MOST_LINES, 1000 - page_module.MOST_LINES)
    assert [line.number for line in lines if line.marked] == [2]
    assert shown_lines("x" * 10**6) == ([], 1)
    assert len(harmless("x" * 10**6)) < 10_000


def test_many_wrong_answers_are_cut_and_said(graded: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page_module, "MOST_ANSWERS", 3)
    report = graded(
        {f"l{n}": {"softmax": answer("fail", f"x = {n}", message="no")} for n in range(5)}
    )
    page = render_class(report)
    assert page.count('class="wrong"') == 3
    assert "2 more different wrong answers are left out" in page


def test_similar_answers_stand_side_by_side(graded: Make):
    from tests.instructor.grading.test_similar import other_answer

    long = answer("pass", more=other_answer(1))
    report = graded(
        {
            "anna": {"softmax": long},
            "ben": {"softmax": long + "# mine\n"},
            "cleo": {"softmax": PASS},
        }
    )
    page = render_class(report)
    assert "<b>anna</b> and <b>ben</b>" in page
    assert "hint to look, not a verdict" in page
    assert page.count('class="line marked"') > 20
    assert report.as_json()["similar"][0]["learners"] == [["anna"], ["ben"]]


# --- The terminal ---------------------------------------------------------------------------------


def test_the_terminal_tells_the_class(report: ClassReport, capsys: pytest.CaptureFixture[str]):
    terminal.print_report(report)
    text = " ".join(capsys.readouterr().out.split())
    assert "2 67 %" in text
    assert re.search(r"Anna 2 of 2 ✓✓", text)
    assert f"warning: {judging.protection()[0][:30]}" in text


def test_the_terminal_is_given_no_control_characters(
    graded: Make, capsys: pytest.CaptureFixture[str]
):
    report = graded({"\x1b]0;t\x07[red]x": {"softmax": FAIL}, "b\u202e": {"softmax": PASS}})
    terminal.print_report(report)
    out = capsys.readouterr().out
    assert not re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", out)
    assert "[red]x" in out


def test_the_terminal_cuts_a_large_class(
    graded: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(terminal, "MOST_LEARNERS", 2)
    terminal.print_report(graded({f"l{n}": {"softmax": PASS} for n in range(5)}))
    assert "... and 3 more learners" in capsys.readouterr().out
