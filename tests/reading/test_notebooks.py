"""Classes of a notebook, and what IPython alone understands."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from torchcamp.base.errors import ReadError
from torchcamp.reading.answering import answer
from torchcamp.reading.notebooks import source_of
from torchcamp.reading.outline import outline
from torchcamp.reading.process import Request, read_target
from torchcamp.reading.reading import Reading

NET = (
    "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.fc = nn.Linear(4, WIDTH)\n    def forward(self, x):\n        return self.fc(x)"
)


def notebook(folder: Path, *cells: str | list[str], name: str = "my net.ipynb") -> Path:
    written: list[dict[str, Any]] = [{"cell_type": "markdown", "source": ["# def f(:"]}]
    written += [{"cell_type": "code", "source": cell, "outputs": []} for cell in cells]
    file = folder / name
    file.write_text(json.dumps({"cells": written, "nbformat": 4}))
    return file


def read_of(file: Path, name: str, **options: Any) -> Reading:
    target = f"{file}:{name}"
    request = Request(
        target=target, inputs=[], args="", method="", argv="", full_import=False, dtype="",
        root=str(file.parent), work=str(file.parent),
    )  # fmt: skip
    return answer(request, target)


def test_a_class_of_a_notebook_is_read_under_the_notebooks_name(tmp_path: Path):
    (tmp_path / "layers.py").write_text("WIDTH = 2\nraise RuntimeError('it trained')\n")
    file = notebook(
        tmp_path,
        ["%matplotlib inline\n", "!pip install torch\n", "import torch\n", "from torch import nn"],
        "from layers import WIDTH\n%cd ..",
        NET,
        "net = Net()\nraise RuntimeError('it trained')",
    )
    reading = read_target(f"{file}:Net")
    assert reading.crash is None
    assert reading.totals.parameters == 10
    assert {Path(line.file).name for line in reading.lines} == {"my net.ipynb"}
    first = min(line.line for line in reading.lines)
    (lines,) = reading.files.values()
    assert lines[first - 1].strip() == "def forward(self, x):"
    number = lines.index("class Net(nn.Module):") + 1
    assert f"cell 3 of my net.ipynb begins at line {number}" in reading.notes
    assert sum("of my net.ipynb begins" in note for note in reading.notes) == 1


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("x = 1\n%timeit x", {"x": 1}),
        ("if True:\n    %time y = 3\n    x = 2", {"x": 2}),
        ("%%time\nx = 3", {"x": 3}),
        ("%%capture out\nx = 3", {"x": 3}),
        ("%%bash\nls -la | (", {}),
        ("%%writefile model.py\nx = 3", {}),
        ("files = !ls\nx = 4", {"files": [], "x": 4}),
        ("out = %timeit -o f()\nx = 4", {"out": [], "x": 4}),
        ("x = 5\nx?\nx.bit_length??\n?x", {"x": 5}),
        ('x = ("%d"\n% 6)', {"x": "6"}),
        ('x = """\n!not a command\n%nor this\n"""', {"x": "\n!not a command\n%nor this\n"}),
        ("x = 7 != 8", {"x": True}),
    ],
)
def test_magics_are_left_out_and_python_is_not(
    tmp_path: Path, cell: str, expected: dict[str, object]
):
    text = source_of(notebook(tmp_path, cell))
    names: dict[str, object] = {}
    exec(compile(ast.parse(text), "notebook", "exec"), names)
    del names["__builtins__"]
    assert names == expected


def test_a_function_of_a_notebook_and_one_that_fails(tmp_path: Path):
    file = notebook(
        tmp_path, "from torch import nn\nWIDTH = 3", NET, "def make():\n    return Net()",
        "bad = 1 / 0", "def uses():\n    return bad",
    )  # fmt: skip
    assert read_of(file, "make").totals.parameters == 15
    with pytest.raises(ReadError, match=r"my net\.ipynb:\d+: ZeroDivisionError"):
        read_of(file, "uses")
    with pytest.raises(ReadError, match=r"my net\.ipynb has no 'Nett'. Did you mean 'Net'"):
        read_of(file, "Nett")


def test_what_is_no_notebook(tmp_path: Path):
    file = tmp_path / "a.ipynb"
    for text in ("{", "[]", '{"cells": [{"cell_type": "code", "source": "def f(:"}]}'):
        file.write_text(text)
        with pytest.raises(ReadError, match=r"a\.ipynb (cannot be read|is not Python)"):
            read_of(file, "f")
    with pytest.raises(ReadError, match="does not exist"):
        read_target(f"{tmp_path / 'none.ipynb'}:Net")


def test_a_notebook_is_listed(tmp_path: Path):
    file = notebook(tmp_path, "from torch import nn\nWIDTH = 3", "%time\n" + NET)
    for where in (file, tmp_path):
        (entry,) = outline(where)
        assert [model.name for model in entry.classes] == ["Net"]
        assert entry.classes[0].command == f"torchcamp read '{file}:Net'"
