"""Modules beside the one that is read are imported in slices too."""

import sys
from pathlib import Path
from typing import Any

import pytest

from torchcamp.base.errors import ReadError
from torchcamp.reading.loading import load
from torchcamp.reading.process import read_target
from torchcamp.reading.siblings import Siblings

TRAINS = "raise RuntimeError('it trained')\n"


def write(folder: Path, **files: str) -> Path:
    """Files by name (`pkg__net` is `pkg/net.py`); returns the folder."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/").replace("/init", "/__init__") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def value(folder: Path, file: str, name: str = "f", **options: Any) -> Any:
    return load(f"{folder / file}:{name}", **options).value()


def test_a_sibling_script_is_sliced(tmp_path: Path):
    """It has no main guard, opens a file and trains, and defines a layer that is wanted."""
    write(
        tmp_path,
        train="import os\nfrom torch import nn\nwidth = 4\ndata = open('missing.csv').read()\n"
        "os.mkdir('checkpoints')\nclass Block(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.fc = nn.Linear(width, width)\n"
        "    def forward(self, x):\n        return self.fc(x)\n"
        "net = Block()\nfor epoch in range(3):\n" + "    " + TRAINS,
        net="from torch import nn\nfrom train import Block\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.block = Block()\n"
        "    def forward(self, x):\n        return self.block(x)\n",
    )
    reading = read_target(f"{tmp_path / 'net.py'}:Net", inputs=["2x4"])
    assert reading.crash is None
    assert reading.totals.parameters == 20
    assert reading.blocked == []
    assert [Path(file).name for file in reading.files] == ["net.py", "train.py"]
    (note,) = [note for note in reading.notes if note.startswith("imported in part")]
    assert note.endswith("train.py, 3 of 8 statements")
    with pytest.raises(ReadError, match=r"train\.py:4: FileNotFoundError"):
        read_target(f"{tmp_path / 'net.py'}:Net", full_import=True)


@pytest.mark.parametrize(
    "use",
    [
        "from tools import double\ndef f():\n    return double(3)\n",
        "import tools\ndef f():\n    return tools.double(3)\n",
        "import tools as t\ndef f():\n    return t.double(3)\n",
        "from tools import *\ndef f():\n    return double(3)\n",
        "def f():\n    import tools\n    return tools.double(3)\n",
        "try:\n    from tools import *\nexcept ImportError:\n    pass\ndef f():\n    return double(3)\n",
        "import importlib\ndef f():\n    return importlib.import_module('tools').double(3)\n",
    ],
)
def test_however_it_is_imported(tmp_path: Path, use: str):
    write(
        tmp_path,
        tools="import missing_package\nunused = 1 / 0\n\ndef times(a, b):\n    return a * b\n\n"
        "def double(x):\n    return times(x, 2)\n" + TRAINS,
        a=use,
    )
    assert value(tmp_path, "a.py") == 6


def test_import_star_keeps_to_all_and_to_what_is_public(tmp_path: Path):
    write(
        tmp_path,
        listed="__all__ = ['one']\n__all__ += ['two']\none, two, three = 1, 2, 3\n" + TRAINS,
        plain="_hidden = 1\nshown = 2\nother = 1 / 0\n",
        a="from listed import *\nfrom plain import *\nthree = _hidden = 0\n"
        "def f():\n    return one, two, three, shown, _hidden\n",
        b="from listed import *\ndef f():\n    return three\n",
        c="import listed\ndef f():\n    return listed.__all__, sorted(listed.__all__)[0]\n",
    )
    assert value(tmp_path, "a.py") == (1, 2, 0, 2, 0)
    with pytest.raises(NameError, match="three"):
        value(tmp_path, "b.py")
    assert value(tmp_path, "c.py") == (["one", "two"], "one")


def test_import_star_from_a_module_that_does_the_same(tmp_path: Path):
    write(
        tmp_path,
        deep="bottom = 5\nother = 1 / 0\n" + TRAINS,
        middle="from deep import *\nfrom math import *\n",
        a="from middle import *\ndef f():\n    return bottom, floor(2.5)\n",
        late="from middle import *\nclass Late:\n    pass\ndef f():\n    return 1\n",
    )
    assert value(tmp_path, "a.py") == (5, 2)
    assert load(f"{tmp_path / 'late.py'}:f", expressions=["bottom"]).namespace["bottom"] == 5
    assert load(f"{tmp_path / 'late.py'}:bottom").value == 5


def test_packages_and_relative_imports(tmp_path: Path):
    write(
        tmp_path,
        pkg__init="from .heavy import train\nfrom .parts.blocks import Block\nVERSION = '1'\n"
        "train()\n",
        pkg__heavy="import missing_package\ndef train():\n    " + TRAINS,
        pkg__parts__init="from .. import VERSION\n",
        pkg__parts__blocks="from ..config import WIDTH\nclass Block:\n    width = WIDTH\n" + TRAINS,
        pkg__config="WIDTH = 7\n" + TRAINS,
        pkg__net="from . import Block, config\nfrom .parts import VERSION\n"
        "def f():\n    from .parts import blocks\n"
        "    return Block.width, config.WIDTH, VERSION, blocks.Block is Block\n",
        run="import pkg.parts.blocks\nfrom pkg import net\n"
        "def f():\n    return pkg.parts.blocks.Block.width, net.f()\n",
    )
    expected = (7, 7, "1", True)
    assert value(tmp_path, "pkg/net.py") == expected
    assert value(tmp_path, "run.py") == (7, expected)


def test_circular_imports(tmp_path: Path):
    write(
        tmp_path,
        a="from b import B\nclass A:\n    def other(self):\n        return B()\n"
        "def f():\n    return type(A().other().other()).__name__\n",
        b="from a import A\nclass B:\n    def other(self):\n        return A()\n"
        "def g():\n    return type(B().other().other()).__name__\n" + TRAINS,
        c="import d\nclass C:\n    pass\ndef f():\n    return d.D().made()\n",
        d="from c import C\nclass D(C):\n    def made(self):\n        return isinstance(self, C)\n",
    )
    assert value(tmp_path, "a.py") == "A"
    assert value(tmp_path, "b.py", "g") == "B"
    assert value(tmp_path, "c.py") is True


def test_what_a_decorator_enters_is_there(tmp_path: Path):
    write(
        tmp_path,
        registry="NETS = {}\ndef register(name):\n    def enter(cls):\n        NETS[name] = cls\n"
        "        return cls\n    return enter\n" + TRAINS,
        nets="from registry import register\nimport functools\n@register('small')\nclass Small:\n"
        "    pass\n@register('broken')\nclass Broken(missing):\n    pass\n"
        "@functools.lru_cache\ndef unused():\n    pass\n" + TRAINS,
        a="from registry import NETS\nimport nets\ndef f():\n    nets\n    return sorted(NETS)\n",
    )
    assert value(tmp_path, "a.py") == ["small"]


def test_names_that_a_module_makes_by_itself(tmp_path: Path):
    write(
        tmp_path,
        made="for name in ('one', 'two'):\n    globals()[name] = name\n" + TRAINS,
        lazy="def __getattr__(name):\n    if name.startswith('_'):\n"
        "        raise AttributeError(name)\n    return name.upper()\n" + TRAINS,
        a="from made import two\nimport lazy\ndef f():\n    return two, lazy.net\n",
        b="from made import three\ndef f():\n    return three\n",
    )
    assert value(tmp_path, "a.py") == ("two", "NET")
    with pytest.raises(ReadError, match=r"b.py:1: ImportError: cannot import name 'three'"):
        value(tmp_path, "b.py")


def test_the_script_adds_a_folder_to_the_path(tmp_path: Path):
    write(
        tmp_path / "up",
        common="shared = 3\n" + TRAINS,
        deep__a="import os\nimport sys\n"
        "sys.path.append(os.path.join(os.path.dirname(__file__), '..'))\n"
        "from common import shared\ndef f():\n    return shared\n",
        deep__b="import sys\nsys.path.append('..')\nfrom common import shared\n"
        "def f():\n    return shared\n",
        deep__c="import sys\nfrom pathlib import Path\nsys.path.insert(0, str(Path(__file__).parents[1]))\n"
        "import common\ndef f():\n    return common.shared\n",
    )
    for file in ("a.py", "b.py", "c.py"):
        assert value(tmp_path / "up/deep", file) == 3
        sys.modules.pop("common")
        sys.path[:] = [folder for folder in sys.path if "up" not in folder and folder != ".."]


def test_an_error_names_the_siblings_line(tmp_path: Path):
    write(
        tmp_path,
        broken="x = 1\ny = x / 0\n",
        wrong="def f(:\n",
        absent="import missing_package\ndef g():\n    return missing_package\n",
        a="from broken import y\ndef f():\n    return y\n",
        b="import wrong\ndef f():\n    return wrong\n",
        c="from absent import g\ndef f():\n    return g\n",
    )
    for file, words in (
        ("a.py", "broken.py:2: ZeroDivisionError"),
        ("b.py", "wrong.py:1: SyntaxError"),
        ("c.py", "absent.py needs missing_package, which is not installed"),
    ):
        with pytest.raises(ReadError, match=words):
            value(tmp_path, file)


def test_a_full_import_runs_what_it_imports(tmp_path: Path):
    write(
        tmp_path,
        noisy="ran = []\nfor step in range(3):\n    ran = ran + [step]\n",
        a="import noisy\ndef f():\n    return noisy.ran\n",
    )
    assert value(tmp_path, "a.py") == []
    del sys.modules["noisy"]
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Siblings)]
    assert value(tmp_path, "a.py", full_import=True) == [0, 1, 2]
