"""The house is as its papers say: README's tree, the floors, the wheel."""

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import grimp
import pytest

from torchcamp.course.content import course

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "torchcamp"


def tree_in_readme() -> dict[str, str]:
    """Path -> description, of the README's tree."""
    text = (ROOT / "README.md").read_text()
    block = re.search(r"```text\n(src/torchcamp/.*?)```", text, re.S)
    assert block
    entries: dict[str, str] = {}
    folder = ""
    for line in block.group(1).splitlines():
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        name, _, words = line.strip().partition("  ")
        if indent == 0:
            folder = name
        entries[folder if indent == 0 else folder + name] = words.strip()
    return entries


def test_the_tree_in_the_readme_is_the_tree_on_disk():
    entries = tree_in_readme()
    rooms = {f"src/torchcamp/{p.name}/" for p in PACKAGE.iterdir() if p.is_dir()}
    rooms = {room for room in rooms if "__pycache__" not in room}
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    tops = {f"{path.split('/')[0]}/" for path in tracked if "/" in path} - {
        "src/",
        ".ci/",
        ".github/",
    }
    assert len(rooms) > 8
    assert rooms | tops | {"src/torchcamp/"} == set(entries)
    assert all(entries.values()), "each room has one line"


def test_the_readme_names_every_lesson():
    text = (ROOT / "README.md").read_text()
    named = re.findall(r"^\| (.+?) \|", text.split("## The course")[1].split("\n## ")[0], re.M)
    assert named[2:] == [lesson.title for lesson in course().lessons]
    assert f"{len(course().exercises)} exercises" in text


def test_every_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)
    declared = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    assert len(declared) > 10
    for dependency in declared:
        line = next(line for line in text.splitlines() if f'"{dependency}"' in line)
        assert re.search(r"#\s*\w+", line), f"{dependency} has no reason"


def test_every_dependency_is_pinned():
    pinned = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for dependency in project["project"]["dependencies"] + project["dependency-groups"]["dev"]:
        name = re.split(r"[<>=]", dependency)[0].lower()
        assert name in pinned, name


def test_the_floors_can_be_broken(tmp_path: Path):
    """import-linter reports a model that climbs the stairs, and a room without a floor."""
    copy = tmp_path / "src" / "torchcamp"
    copy.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-r", str(PACKAGE), str(copy.parent)], check=True)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())

    def lint() -> subprocess.CompletedProcess[str]:
        code = (
            f"import sys; sys.path.insert(0, {str(copy.parent)!r})\n"
            "from importlinter.cli import lint_imports_command\nlint_imports_command(['--no-cache'])"
        )
        return subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
        )

    assert lint().returncode == 0, lint().stdout
    mlp = copy / "models" / "mlp.py"
    text = mlp.read_text()
    mlp.write_text("from torchcamp.course import content\n" + text)
    broken = lint()
    assert broken.returncode == 1
    assert "torchcamp.models is not allowed to import torchcamp.course" in broken.stdout
    mlp.write_text(text)
    (copy / "attic").mkdir()
    (copy / "attic" / "__init__.py").touch()
    assert lint().returncode != 0


def import_circle(package: str) -> list[str]:
    """Modules of `package` that import each other in a circle, or none.

    Imports inside functions and under `TYPE_CHECKING` count.
    """
    graph = grimp.build_graph(package, cache_dir=None, exclude_type_checking_imports=False)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def test_no_modules_import_each_other_in_a_circle():
    assert import_circle("torchcamp") == []


def test_a_circle_of_imports_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted" / "__init__.py").touch()
    (tmp_path / "planted" / "a.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from planted import b\n"
    )
    (tmp_path / "planted" / "b.py").write_text("def f():\n    from planted import a\n")
    assert set(import_circle("planted")) == {"planted.a", "planted.b"}


def test_the_wheel_holds_everything(tmp_path: Path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(path.relative_to(PACKAGE.parent))
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert len(wanted) > 50
    assert wanted <= inside
    for suffix in (".js", ".css", ".html", ".safetensors", ".toml"):
        assert any(name.endswith(suffix) for name in inside), suffix


def too_long(source: str) -> list[str]:
    """Functions of over 60 lines that give no reason in a comment above them."""
    lines = source.splitlines()
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 60
        and not lines[
            min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 2
        ].startswith("# Longer than 60 lines: ")
    ]


def test_a_long_function_says_why():
    files = [path for path in PACKAGE.rglob("*.py") if "content" not in path.parts]
    assert len(files) > 100
    found = {str(path.relative_to(PACKAGE)): too_long(path.read_text()) for path in files}
    assert {file: names for file, names in found.items() if names} == {}
    long = "def f():\n" + "    pass\n" * 60
    assert too_long(long) == ["f"]
    assert too_long(f"# Longer than 60 lines: a table.\n{long}") == []
    assert too_long("def f():\n" + "    pass\n" * 59) == []


def calls(source: str) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def without_encoding(source: str) -> list[int]:
    """The lines that read or write text in whatever encoding the locale has."""
    found = []
    for call in calls(source):
        words = [ast.unparse(each) for each in call.args]
        named = {each.arg for each in call.keywords}
        binary = any(re.search(r"'[rwxa+]*b[rwxa+]*'", each) for each in words)
        elsewhere = ast.unparse(call.func) in (
            "Image.open", "tarfile.open", "gzip.open", "os.open", "webbrowser.open", "opener.open",
            "RunFolder.open", "archive.open", "opened.open",  # of a zip archive
        )  # fmt: skip
        if name_of(call) == "read_text" and not words and "encoding" not in named:
            found.append(call.lineno)
        if name_of(call) in ("open", "fdopen") and not (binary or elsewhere or "encoding" in named):
            found.append(call.lineno)
        if name_of(call) == "write_text" and len(words) == 1 and not {"encoding", "seed"} & named:
            found.append(call.lineno)
    return found


def test_every_text_file_is_utf_8_whatever_the_locale():
    files = [path for path in PACKAGE.rglob("*.py") if "lessons" not in path.parts]
    found = {str(path.relative_to(PACKAGE)): without_encoding(path.read_text()) for path in files}
    assert {file: lines for file, lines in found.items() if lines} == {}
    for wrong in ("path.read_text()", "path.open('a')", "open(path)", "path.write_text(text)"):
        assert without_encoding(wrong) == [1], wrong
    for right in ("path.read_text(encoding='utf-8')", "path.open('rb')", "read_text(path, name)"):
        assert without_encoding(right) == [], right


def test_per_cent_signs_stand_after_a_blank():
    """ "97 %", as everywhere else on the page: Python's own `{share:.0%}` leaves the blank out."""
    in_python = re.compile(r"\{[^{}]*:[^{}]*\.\d%\}")
    in_prose = re.compile(r"\d%(?![a-z])")
    found = [
        f"{path.relative_to(PACKAGE)}: {match.group()}"
        for pattern, ending in ((in_python, "*.py"), (in_prose, "*.md"))
        for path in PACKAGE.rglob(ending)
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
    assert in_python.search('f"{hits / len(val):.1%}"')
    assert not in_prose.search("97 %")


def past_the_door(source: str) -> list[int]:
    """The lines that print past `base.terminal`, which cleans what comes from outside."""
    return [call.lineno for call in calls(source) if ast.unparse(call.func) in ("print", "Console")]


def test_nothing_is_printed_but_through_the_door_that_cleans():
    files = [PACKAGE / room for room in ("cli", "doctor/terminal.py", "reading/terminal.py")]
    sources = [path for file in files for path in ([file] if file.is_file() else file.glob("*.py"))]
    sources.append(PACKAGE / "reading" / "terminal_difference.py")
    found = {path.name: past_the_door(path.read_text()) for path in sources}
    found.pop("main.py")  # its one line is cleaned there, also where standard error is closed
    # What is printed there is JSON, in ASCII.
    assert len(found.pop("shared.py")) == 1
    assert {file: lines for file, lines in found.items() if lines} == {}
    assert past_the_door("print(1)\nConsole()") == [1, 2]
