"""Wrong answers as differences: what is read, what is made of it, and each way it can be wrong."""

from pathlib import Path

import pytest

from torchcamp.base.errors import ContentError
from torchcamp.course.content import course, read_exercise
from torchcamp.course.judge.client import Judge
from torchcamp.course.misconceptions import Misconception, parse_misconceptions

SOLUTION = '''import torch


def step(loss, optimizer):
    """One step."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def twice(loss, optimizer):
    """Two steps."""
    step(loss(), optimizer)
    step(loss(), optimizer)
'''
STARTER = "def step(loss, optimizer):\n    loss.backward()\n    optimizer.step()  # TODO\n"
FILES = {"solution.py": SOLUTION, "starter.py": STARTER}
HEAD = "## uphill\n\nCaught by `check_first`. Catalogue: M4.\n\nUp, not down.\n\n"


def block(text: str, info: str = "diff") -> str:
    return f"```{info}\n{text}```\n"


def only(text: str) -> Misconception:
    (found,), problems = parse_misconceptions(text, FILES)
    assert problems == []
    return found


def test_a_section_is_read_whole():
    found = only(HEAD + "A second\nparagraph.\n\n" + block("-    loss.backward()\n+    pass\n"))
    assert found == Misconception(
        name="uphill",
        feedback="Up, not down.\n\nA second\nparagraph.",
        caught_by="check_first",
        catalogue=("M4",),
        source=SOLUTION.replace("    loss.backward()\n", "    pass\n"),
    )


@pytest.mark.parametrize(
    ("data", "catalogue"),
    [
        ("Caught by `check_x`.", ()),
        ("Caught by `check_x`. Catalogue: M4.", ("M4",)),
        ("Caught by `check_x`. Catalogue: M4, K10, T1.", ("M4", "K10", "T1")),
    ],
)
def test_the_line_of_data_names_any_number_of_entries(data: str, catalogue: tuple[str, ...]):
    text = f"## uphill\n{data}\nWhy.\n" + block("-    loss.backward()\n+    pass\n")
    assert only(text).catalogue == catalogue


@pytest.mark.parametrize(
    ("diff", "old", "new"),
    [
        ("-    optimizer.zero_grad()\n", "    optimizer.zero_grad()\n", ""),
        (
            "     loss.backward()\n+    loss.backward()\n",
            "    loss.backward()\n",
            "    loss.backward()\n    loss.backward()\n",
        ),
        (
            '     """Two steps."""\n-    step(loss(), optimizer)\n',
            '"""Two steps."""\n    step(loss(), optimizer)\n',
            '"""Two steps."""\n',
        ),
    ],
    ids=["taken away", "added", "told apart by a line above"],
)
def test_a_hunk_changes_the_one_place_where_its_lines_stand(diff: str, old: str, new: str):
    assert only(HEAD + block(diff)).source == SOLUTION.replace(old, new)


def test_an_empty_line_of_a_hunk_is_an_empty_line_that_stays():
    found = only(HEAD + block(" import torch\n+import math\n\n\n def step(loss, optimizer):\n"))
    assert found.source == SOLUTION.replace("import torch\n", "import torch\nimport math\n")


def test_hunks_may_come_in_any_order():
    hunks = ["-    optimizer.step()\n", " import torch\n+import math\n"]
    expected = SOLUTION.replace("    optimizer.step()\n", "")
    expected = expected.replace("import torch\n", "import torch\nimport math\n")
    for order in (hunks, hunks[::-1]):
        assert only(HEAD + block("@@\n".join(order))).source == expected


def test_a_block_may_change_the_starter_or_be_the_whole_answer():
    changed = only(HEAD + block("-    optimizer.step()  # TODO\n", "diff starter.py")).source
    assert changed == "def step(loss, optimizer):\n    loss.backward()\n"
    assert only(HEAD + block("step = None\n", "python")).source == "step = None\n"


def test_feedback_may_hold_blocks_and_what_looks_like_headings():
    """The last block is the answer; a comment in a block begins no section."""
    feedback = (
        "Right is\n\n```python\n## not a heading\nloss.backward()\n```\n\nand never\n\n"
        "````\n```diff\n-    a fence in a fence\n```\n````\n\n"
        "~~~\n## nor this\n```\n~~~\n\n"
        "```\n```text ends no block\n## nor this\n```\n\n"
        "### but this may stand here\n\n```x``` is code in a line"
    )
    answer = block("## a comment of the answer\nstep = None\n", "python")
    text = f"## first\nCaught by `check_x`.\n{feedback}\n\n{answer}\n{HEAD}" + block(
        "-import torch\n"
    )
    found, problems = parse_misconceptions(text, FILES)
    assert problems == []
    assert [each.name for each in found] == ["first", "uphill"]
    assert found[0].feedback == feedback
    assert found[0].source == "## a comment of the answer\nstep = None\n"


def test_an_answer_that_holds_a_fence_has_a_longer_one_around_it():
    text = HEAD + '````python\nstep = """\n```diff\n```\n"""\n````\n'
    assert only(text).source == 'step = """\n```diff\n```\n"""\n'


DIFF = block("-    loss.backward()\n+    pass\n")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEAD + block("-    loss.backwards()\n"), "the block of `uphill` is not in solution.py"),
        (HEAD + block("-    loss.backward()\n+    x\n", "diff starter.py").replace("loss.", "lose."),
         "the block of `uphill` is not in starter.py"),
        (HEAD + block("-    loss.backward\n"), "the block of `uphill` is not in solution.py"),
        (HEAD + block("-    step(loss(), optimizer)\n"),
         "the block of `uphill` fits in 2 places of solution.py: add a line from above or below"),
        (HEAD + block("-import torch\n@@\n-    loss.backwards()\n"),
         "hunk 2 of `uphill` is not in solution.py"),
        (HEAD + block("     loss.backward()\n-    optimizer.step()\n@@\n-    loss.backward()\n"),
         "two hunks of `uphill` overlap: make them one"),
        (HEAD + block("+import math\n"),
         "the block of `uphill` only adds lines: give it a line of solution.py that stays"),
        (HEAD + block(" import torch\n"), "the block of `uphill` changes nothing"),
        (HEAD + block(""), "the block of `uphill` changes nothing"),
        (HEAD + block("import torch\n+import math\n"),
         "the block of `uphill` has a line that begins with none of ' ', '-', '+': import torch"),
        (HEAD + block("-    loss.backward()\n+    loss.backward(\n"), "`uphill` is not Python: line 7"),
        (HEAD + block("-import torch\n", "diff checks.py"), "not ```diff checks.py"),
        (HEAD + block("x\n", "text"), "not ```text"),
        (HEAD, "`uphill` must end with its answer, a block ```diff or ```python"),
        (HEAD + DIFF + "\nMore words.\n", "`uphill` must end with its answer"),
        (HEAD + "```diff\n-import torch\n", "the last block of `uphill` is never closed"),
        (HEAD.replace("Up, not down.", "") + DIFF, "`uphill` has no feedback for its author"),
        (HEAD.replace("Caught by `check_first`", "Caught by check_first") + DIFF,
         "`uphill` must begin with a line 'Caught by `check_NAME`.'"),
        (HEAD.replace("M4.", "M4") + DIFF, "`uphill` must begin with a line"),
        (HEAD.replace("uphill", "Up hill") + DIFF, "`Up hill` is not a name"),
        (HEAD + DIFF + HEAD + DIFF, "there are two sections `uphill`"),
        ("# Wrong answers\n" + HEAD + DIFF, "text before the first heading"),
    ],
)  # fmt: skip
def test_each_fault_of_a_section_is_said(text: str, problem: str):
    _, problems = parse_misconceptions(text, FILES)
    assert len(problems) == 1
    assert problem in problems[0]


def test_a_fault_leaves_the_other_sections_as_they_are():
    text = HEAD + block("-gone\n") + HEAD.replace("uphill", "sound") + DIFF
    found, problems = parse_misconceptions(text, FILES)
    assert [each.name for each in found] == ["sound"]
    assert problems == ["the block of `uphill` is not in solution.py"]


def test_an_exercise_says_which_blocks_do_not_fit_its_solution(tmp_path: Path):
    for name in ("exercise.toml", "starter.py", "solution.py", "misconceptions.md"):
        (tmp_path / name).write_text((course().find("train_step").folder / name).read_text())
    assert read_exercise(tmp_path).misconceptions == course().find("train_step").misconceptions
    solution = tmp_path / "solution.py"
    solution.write_text(solution.read_text().replace("optimizer.step()", "optimizer.step(None)"))
    with pytest.raises(ContentError, match=r"misconceptions\.md: the block of `no_step` is not in"):
        _ = read_exercise(tmp_path).misconceptions
    (tmp_path / "misconceptions.md").unlink()
    with pytest.raises(ContentError, match="No such file"):
        _ = read_exercise(tmp_path).misconceptions


def test_a_wrong_import_can_be_the_whole_mistake():
    """The script's second import hides the first; here the import alone is mended."""
    exercise = course().find("bug_hunt_reading")
    wrong = {each.name: each.source for each in exercise.misconceptions}
    assert "from random import random" not in wrong["crop_mended_only"]
    assert "import random\nfrom random import random\n" in wrong["import_still_shadowed"]
    with Judge() as judge:
        verdict = judge.verdict_of(exercise, wrong["crop_mended_only"], "crop_mended_only.py")
    assert (verdict.check, verdict.misconception) == ("check_same_pixels", "crop_mended_only")


def test_what_is_wrong_in_an_answer_without_a_file_is_quoted_from_it():
    exercise = course().find("conv_output_size")
    source = exercise.solution.replace("stride + 1", "nothing")
    with Judge() as judge:
        verdict = judge.verdict_of(exercise, source, "wrong.py")
    assert "`return (input_size + 2 * padding - kernel_size) // nothing`, raised NameErr" in (
        verdict.message
    )
