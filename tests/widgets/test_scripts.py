"""The widgets' scripts: joined into one module each, their sentences given by Python."""

import base64
import importlib
import re
import shutil
import subprocess
from pathlib import Path

import anywidget
import pytest
from playwright.sync_api import Browser

from torchcamp.widgets.figure import HERE, Figure, script

SCRIPTS = sorted(HERE.glob("*.js"))
LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`')


def widget_of(name: str) -> type[anywidget.AnyWidget]:
    """The class whose script is NAME.js."""
    module = importlib.import_module(f"torchcamp.widgets.{name}")
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]
    (widget,) = (each for each in classes if issubclass(each, anywidget.AnyWidget))
    return widget


def texts_of(name: str) -> dict[str, str]:
    texts = widget_of(name).class_traits().get("texts")
    return texts.default() or {} if texts else {}


@pytest.mark.parametrize("name", [path.stem for path in SCRIPTS])
def test_a_joined_script_is_one_module_without_imports(name: str):
    joined = script(name)
    assert vars(widget_of(name))["_esm"] == joined
    assert re.findall(r"^(?:import|export)\b.*", joined, re.M) == ["export default { render };"]
    top = re.findall(r"^(?:function|const|let) (\w+)", joined, re.M)
    assert len(top) == len(set(top)), "a name is declared twice"
    assert top[-1] == "render"


def test_a_shared_script_stands_once_and_before_what_uses_it():
    joined = script("latent")  # it imports dom.js by four ways
    names = ["element", "pressable", "asking", "paint", "pen", "render"]
    places = [joined.index(f"function {name}(") for name in names]
    assert places == sorted(places)
    assert joined.count("function element(") == 1
    assert "function makePlot(" not in joined  # not imported


def test_every_joined_script_parses(tmp_path: Path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js here")

    def parse(text: str) -> str:
        """What Node.js says of a module that it cannot parse."""
        module = tmp_path / "module.mjs"
        module.write_text(text)
        return subprocess.run([node, "--check", module], capture_output=True, text=True).stderr

    assert "SyntaxError" in parse("const a = 1; const a = 2;")
    for path in SCRIPTS:
        assert parse(script(path.stem)) == "", path.name


def test_no_line_is_longer_than_100_columns():
    long = [
        f"{path.name}:{number}"
        for path in HERE.rglob("*.js")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 100
    ]
    assert long == []


@pytest.mark.parametrize("name", [path.stem for path in SCRIPTS])
def test_a_script_shows_the_texts_that_its_class_holds(name: str):
    """Each text is shown under its key, what it has in braces is given, no other key is asked for."""
    code, texts = (HERE / f"{name}.js").read_text(), texts_of(name)
    objects = re.findall(r"\{[^{}]*\}", re.sub(r"\$\{[^{}]*\}", "", code))
    given = [set(re.findall(r"\w+(?=\s*[:,}])", each)) for each in objects]
    assert set(re.findall(r'\bsay\("(\w+)"', code)) <= set(texts)
    for key, text in texts.items():
        assert f'"{key}"' in code, f"{key} is not shown"
        wanted = set(re.findall(r"\{(\w+)\}", text))
        assert not wanted or any(wanted <= names for names in given), f"{key}: {wanted}"


def test_sentences_stand_in_python():
    """What explains something is said by the class; scripts hold captions and labels."""
    sentences = [
        f"{path.name}: {literal}"
        for path in HERE.rglob("*.js")
        for literal in LITERAL.findall(re.sub(r"^\s*//.*", "", path.read_text(), flags=re.M))
        if len(literal.split()) > 4 and re.search(r"[a-z)]\.(?: |[\"`]$)", literal)
    ]
    assert sentences == []
    assert sum(len(texts_of(path.stem)) for path in SCRIPTS) > 40


def test_a_figure_carries_its_texts_to_the_page():
    film = widget_of("film")(lambda state: ({}, []), {})
    assert film.get_state()["texts"]["progress"].startswith("Step {step}, {frames}.")
    assert Figure(lambda state: ({}, []), {}).get_state()["texts"] == {}


TWO_QUESTIONS = """
<div id="first"></div><div id="second"></div>
<script type="module">
for (const id of ["first", "second"]) {
  const { default: widget } = await import("data:text/javascript;base64,%s#" + id);
  const values = { prompt: id, options: ["a", "b"], chosen: -1, right: -1, earlier: -1, texts: { noted: "" } };
  const model = { get: (name) => values[name], on() {}, off() {}, send() {} };
  widget.render({ model, el: document.getElementById(id) });
}
document.body.dataset.ready = "true";
</script>"""


@pytest.mark.browser
def test_two_questions_on_one_page_do_not_disturb_each_other(browser: Browser):
    """As in a notebook: without shadow roots, and with the script loaded once for each widget."""
    page = browser.new_page()
    page.set_content(TWO_QUESTIONS % base64.b64encode(script("question").encode()).decode())
    page.locator("body[data-ready]").wait_for()
    page.locator("#first input").nth(0).check()
    page.locator("#second input").nth(1).check()
    checked = page.locator("input").evaluate_all("inputs => inputs.map((each) => each.checked)")
    page.close()
    assert checked == [True, False, False, True]
