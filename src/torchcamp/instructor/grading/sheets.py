"""A class's grades for other programs: CSV for Moodle and Canvas, JUnit, GitHub Classroom.

What each reads:

- Moodle, "Upload grading worksheet" of an assignment: the columns `Identifier` (`Participant 1234`, the
  number that its downloads carry), `Grade` and `Last modified (grade)`; `Feedback comments` where that
  kind of feedback is on. "Import > CSV file" of the gradebook takes any columns and asks which is which.
- Canvas, "Import" of the gradebook: `Student`, `ID`, `SIS User ID`, `SIS Login ID`, `Section`, then one
  column for each assignment; a row `Points Possible`. Whoever has no `ID` is found by name.
- GitHub Classroom's autograding reporter: an object with `max_score`, `status` and `tests`, each with
  `name`, `status`, `score` and `message`; the workflow passes it on in base64.
- JUnit: a `testsuite` for each learner, a `testcase` for each exercise.
"""

import csv
import io
import re
import xml.etree.ElementTree as ET

from torchcamp.base.terminal import clean
from torchcamp.base.wire import JsonObject
from torchcamp.instructor.grading.report import ClassReport

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # a cell that begins so is run by a spreadsheet
NOT_XML = re.compile("[\ufffe\uffff]")
MOODLE, CANVAS = SHEETS = ("moodle", "canvas")
CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE_COLUMNS = (
    "Identifier", "Full name", "Username", "Grade", "Maximum Grade", "Last modified (grade)",
    "Feedback comments",
)  # fmt: skip


def grade_sheet(report: ClassReport, sheet: str, points: float | None = None) -> str:
    """The grades as CSV, a row for each learner.

    For Canvas one column `torchcamp`, since each becomes an assignment; for Moodle also one for each
    exercise, 1 where it is solved.

    Args:
        sheet: `moodle` or `canvas`.
        points: that all exercises together give; by default one each.
    """
    total = float(len(report.exercises)) if points is None else points
    each = total / len(report.exercises)
    names = [exercise.name for exercise in report.exercises]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    if sheet == CANVAS:
        writer.writerow([*CANVAS_COLUMNS, "torchcamp"])
        writer.writerow(["    Points Possible", "", "", "", "", _number(total)])
    else:
        writer.writerow([*MOODLE_COLUMNS, *map(safe_cell, names)])
    for learner in report.learners:
        solved = [report.state(learner.name, name) == "solved" for name in names]
        grade = _number(each * sum(solved))
        if sheet == CANVAS:
            login = "" if learner.number else learner.name
            writer.writerow(map(safe_cell, (learner.name, learner.number, "", login, "", grade)))
        else:
            identifier = f"Participant {learner.number}" if learner.number else ""
            head = [
                identifier, learner.name, "" if learner.number else learner.name, grade,
                _number(total), "", feedback(report, learner.name),
            ]  # fmt: skip
            writer.writerow([*map(safe_cell, head), *(str(int(each)) for each in solved)])
    return written.getvalue()


def safe_cell(text: str) -> str:
    """`text` as a cell that no spreadsheet takes for a formula."""
    text = clean(text)
    return f"'{text}" if text.startswith(FORMULA) else text


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def feedback(report: ClassReport, learner: str) -> str:
    """What a learner is told of the exercises that they have not solved, in one line."""
    titles = {(met.exercise, met.name): met.title.rstrip(".") for met in report.met}
    parts = []
    for exercise in report.exercises:
        state = report.state(learner, exercise.name)
        if state == "solved":
            continue
        row = report.rows.get((learner, exercise.name))
        title = titles.get((exercise.name, row.verdict.misconception or "")) if row else None
        parts.append(f"{exercise.name}: {state}" + (f" ({title})" if title else ""))
    return "; ".join(parts)


def junit(report: ClassReport) -> str:
    """The report as JUnit's XML; what is missing or not begun counts as skipped."""
    suites = ET.Element("testsuites", name="torchcamp grade")
    for learner in report.learners:
        suite = ET.SubElement(suites, "testsuite", name=_xml(learner.name))
        kinds = {"failures": 0, "errors": 0, "skipped": 0}
        for exercise in report.exercises:
            case = ET.SubElement(
                suite, "testcase", name=exercise.name, classname=_xml(learner.name)
            )
            row = report.rows.get((learner.name, exercise.name))
            if row is None or row.untouched:
                kinds["skipped"] += 1
                ET.SubElement(case, "skipped", message="not begun" if row else "missing")
            elif not row.verdict.passed:
                kind = "failure" if row.verdict.verdict == "fail" else "error"
                kinds["failures" if kind == "failure" else "errors"] += 1
                about = row.verdict.misconception or row.verdict.limit or row.verdict.check
                told = ET.SubElement(case, kind, type=about or row.verdict.verdict)
                told.set("message", _xml(row.verdict.message.split("\n")[0]))
                told.text = _xml(row.verdict.message)
        suite.set("tests", str(len(report.exercises)))
        for name, number in kinds.items():
            suite.set(name, str(number))
    ET.indent(suites)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"
    )


def _xml(text: str) -> str:
    """`text` without what XML cannot hold."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", clean(text))


def classroom(report: ClassReport, points: float | None = None) -> JsonObject:
    """The only learner's result, as GitHub Classroom's autograding reporter reads it.

    Args:
        points: that all exercises together give; by default one each.
    """
    (learner,) = report.learners
    total = float(len(report.exercises)) if points is None else points
    each = total / len(report.exercises)
    tests = []
    for exercise in report.exercises:
        row = report.rows.get((learner.name, exercise.name))
        passed = row is not None and row.verdict.passed
        status = "pass" if passed else "fail" if row is None else row.verdict.verdict
        message = "" if passed else row.verdict.message if row else "No answer was handed in."
        tests.append(
            {
                "name": exercise.name,
                "status": {"limit": "error"}.get(status, status),
                "score": each if passed else 0,
                "message": clean(message),
                "test_code": f"torchcamp check {exercise.name}",
                "filename": f"answers/{exercise.name}.py",
                "line_no": (row.verdict.line if row else None) or 0,
                "execution_time": 0,
            }
        )
    statuses = {test["status"] for test in tests}
    status = "pass" if statuses == {"pass"} else "error" if "error" in statuses else "fail"
    return {"version": 1, "status": status, "max_score": total, "tests": tests}
