"""`torchcamp explain` as it is typed; what it knows is tested in tests/course/test_known_errors.py."""

import io
import json
from pathlib import Path

import pytest

from tests.cli.program import one_line, torchcamp
from torchcamp.course.known_errors import known_errors

SHAPES = "mat1 and mat2 shapes cannot be multiplied (1792x28 and 784x128)"
TRACEBACK = f"""\
epoch 1: loss 0.3
Traceback (most recent call last):
  File "train.py", line 12, in forward
    return self.fc2(x)
  File "/env/lib/python3.11/site-packages/torch/nn/modules/linear.py", line 134, in forward
    return F.linear(input, self.weight, self.bias)
RuntimeError: {SHAPES}
"""


def typed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_message_is_explained_with_its_numbers(tmp_path: Path):
    result = torchcamp("explain", SHAPES, cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    words = " ".join(result.stdout.split())
    assert words.startswith(SHAPES)
    assert "Here a row has 28 numbers, and 784 were expected." in words
    assert "`1792 · 28 = 50176` numbers would be exactly 64 rows of 784" in words
    assert "1. `in_features` was worked out by hand" in words
    assert "torchcamp read FILE.py:Class" in words
    assert "classifier = nn.Linear(256, 10)" in words
    assert "Lesson: An MLP and its training loop" in words
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line == line.rstrip() for line in lines)
    # without quotes too, where the shell lets it pass
    unquoted = torchcamp(
        "explain", *["shape", "mismatch", "index", "out", "of", "range", "in", "self"], cwd=tmp_path
    )
    assert "nn.Embedding" in unquoted.stdout


def test_the_lines_are_as_wide_as_the_terminal(tmp_path: Path):
    wide = torchcamp("explain", SHAPES, cwd=tmp_path, COLUMNS="300").stdout.splitlines()
    assert 80 < max(map(len, wide)) <= 100
    narrow = torchcamp("explain", SHAPES, cwd=tmp_path, COLUMNS="50").stdout.splitlines()
    assert max(map(len, narrow)) <= 50


@pytest.mark.parametrize("args", [["explain"], ["explain", "-"]])
def test_a_traceback_is_read_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str]
):
    typed(TRACEBACK, monkeypatch)
    result = torchcamp(*args, cwd=tmp_path)
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert lines[0] == f"RuntimeError: {SHAPES}"
    assert lines[1:3] == ["raised from train.py:12", "    return self.fc2(x)"]
    assert "torchcamp read train.py:Class" in " ".join(result.stdout.split())


def test_as_json_it_is_one_object_on_one_line(tmp_path: Path):
    result = torchcamp("explain", TRACEBACK, "--json", cwd=tmp_path)
    assert result.stdout.count("\n") == 1
    printed = json.loads(result.stdout)
    assert printed["message"] == f"RuntimeError: {SHAPES}"
    assert printed["place"] == {"file": "train.py", "line": 12, "code": "return self.fc2(x)"}
    (found,) = printed["explanations"]
    assert found["name"] == "matrix-shapes"
    assert found["values"] == {
        "rows": 1792, "given": 28, "expected": 784, "out": 128, "total": 50176, "flat_rows": 64,
    }  # fmt: skip
    assert found["lesson"] == "mlp"
    assert json.loads(torchcamp("explain", SHAPES, "--json", cwd=tmp_path).stdout)["place"] is None


def test_all_messages_are_listed_and_each_is_explained_by_name(tmp_path: Path):
    result = torchcamp("explain", "--list", cwd=tmp_path)
    assert result.returncode == 0
    for name, error in known_errors().items():
        assert f"  {name}  {error.title}" in result.stdout
    assert f"{len(known_errors())} messages" in result.stderr
    assert max(map(len, result.stdout.splitlines())) <= 80
    printed = json.loads(torchcamp("explain", "--list", "--json", cwd=tmp_path).stdout)
    assert [each["name"] for each in printed] == list(known_errors())
    assert printed[0]["message"] == known_errors()["matrix-shapes"].message
    named = torchcamp("explain", "power-sign", cwd=tmp_path).stdout
    assert named.startswith(
        """NotImplementedError: "bitwise_xor_cpu" not implemented for 'Float'\n"""
    )


def test_an_unknown_message_is_one_line_and_exits_with_2(tmp_path: Path):
    result = torchcamp("explain", "mat1 and mat2 shapes differ", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "torchcamp explain matrix-shapes" in one_line(result)


def test_without_a_message_it_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    typed(" \n", monkeypatch)
    result = torchcamp("explain", cwd=tmp_path)
    assert result.returncode == 2
    assert 'torchcamp explain "MESSAGE"' in one_line(result)


def test_the_page_is_written(tmp_path: Path):
    result = torchcamp("explain", "--html", "errors.html", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "page: errors.html\n")
    assert "<h1>Errors you will meet</h1>" in (tmp_path / "errors.html").read_text()
    refused = torchcamp("explain", "--html", "nowhere/errors.html", cwd=tmp_path)
    assert refused.returncode == 2
    assert "cannot write nowhere/errors.html" in one_line(refused)


def test_a_long_message_is_cut_and_all_that_it_says_is_explained(tmp_path: Path):
    sizes = "".join(
        f"\n\tsize mismatch for l{n}.weight: copying a param with shape torch.Size([10, 4]) from checkpoint, "
        "the shape in current model is torch.Size([3, 4])." for n in range(9)
    )  # fmt: skip
    message = f'RuntimeError: Error(s) in loading state_dict for Net:\n\tMissing key(s) in state_dict: "a". {sizes}'
    printed = torchcamp("explain", message, cwd=tmp_path).stdout
    assert "\n…\n" in printed
    assert "l8.weight" not in printed
    assert known_errors()["state-dict-keys"].title in printed
    assert known_errors()["state-dict-sizes"].title in printed
