"""Every kind of page by the rules of axe-core, on a phone and on a desk, in light and in dark."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.bench.made import BENCHMARK, SPEEDRUN
from tests.course.test_own_content import ON_TOP, TITLED, write_content
from tests.doctor.made import SEVERAL
from tests.evaluation.test_runs_report import MEASURE, shown
from tests.instructor.grading.planted import write_workspace
from tests.instructor.grading.test_outputs import FAIL, PASS, Told, answer
from tests.reading.test_difference import BEFORE, EDITS
from torchcamp import models
from torchcamp.bench.report import render_benchmark, render_speedrun
from torchcamp.course.content import CONTENT_VARIABLE, course
from torchcamp.course.errors_page import errors_page
from torchcamp.course.glossary import glossary_page
from torchcamp.course.server.home import WORKSPACE, home_page
from torchcamp.course.server.launch import Server, free_port, serve
from torchcamp.course.slides import slides
from torchcamp.course.workspace import prepare_workspace
from torchcamp.doctor.page import render_diagnosis
from torchcamp.evaluation.runs_report import render_runs
from torchcamp.instructor.grading import judging
from torchcamp.instructor.grading.page import render_class
from torchcamp.instructor.grading.report import grade
from torchcamp.instructor.grading.submissions import read_submissions
from torchcamp.pages.page import render_page
from torchcamp.reading.difference import compare as compare_readings
from torchcamp.reading.page import render_difference, render_reading
from torchcamp.reading.process import read_target
from torchcamp.recipes.compare import compare, render_comparison
from torchcamp.recipes.find_lr import RangeTest, render_range_test
from torchcamp.recipes.search_space import Choice, Range
from torchcamp.recipes.sweep_report import render_sweep
from torchcamp.recipes.sweep_result import Sweep, Trial
from torchcamp.recipes.train import Request, train
from torchcamp.recipes.trained import load_trained

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
MODELS = Path(models.__file__).parent
WIDTHS = (390, 1280)
MOST_CHARACTERS = 75  # of running text in a line


def _report(recipe: str, data: str = "digits", **settings: str) -> Callable[[Path], str]:
    """A short run's report."""

    def report(folder: Path) -> str:
        given = [f"{name}={value}" for name, value in settings.items()]
        request = Request(recipe, data=data, epochs=2, settings=given, device="cpu", out=folder)
        return (train(request).run / "report.html").read_text(encoding="utf-8")

    return report


def _reading(folder: Path) -> str:
    """Of a network with docstrings, and with a function that is called twice."""
    return render_reading(read_target(f"{MODELS}/vae.py:VAE"))


def _difference(folder: Path) -> str:
    after = BEFORE
    for old, new in EDITS.items():
        after = after.replace(old, new)
    (folder / "before.py").write_text(BEFORE)
    (folder / "after.py").write_text(after)
    names = (f"{folder}/before.py:Net", f"{folder}/after.py:Better")
    return render_difference(
        compare_readings(*(read_target(name, inputs=["2x1x28x28"]) for name in names))
    )


def _runs(folder: Path) -> str:
    done = shown("one", measures={"accuracy": {"value": 0.75, **MEASURE}}, train_seconds=3.0)
    return render_runs([done, *(shown(f"run-{n}", lr=0.1 * n) for n in range(2, 9))])


def _sweep(folder: Path) -> str:
    trials = [
        Trial(
            number=n, settings={"lr": f"{0.001 * n:g}", "flip": "true"}, state=state, value=0.1 * n,
            epochs=2, run=f"trial-{n}", seconds=1.0, reason="" if state != "failed" else "no memory",
        )
        for n, state in enumerate(("done", "pruned", "failed", "done"), 1)
    ]  # fmt: skip
    space = [Range(name="lr", low=1e-3, high=1e-2, whole=False), Choice(name="flip", values=("true", "false"))]  # fmt: skip
    sweep = Sweep(
        folder=folder, recipe="mlp", data="digits", objective="validation_accuracy", maximise=True,
        space=space, num_trials=4, finite=False, words=["torchcamp", "train", "mlp"], trials=trials,
    )  # fmt: skip
    return render_sweep(sweep)


def _find_lr(folder: Path) -> str:
    rates = [10 ** (-5 + n / 10) for n in range(40)]
    test = RangeTest(
        rates=rates, losses=[2.3 - n / 20 for n in range(40)], suggestion=0.01, lowest=0.1,
        ended="highest",
    )  # fmt: skip
    return render_range_test(test, title="A rate", own_rate=0.1, command="torchcamp train mlp")


def _comparison(folder: Path) -> str:
    models = [load_trained("vae")]
    return render_comparison(models, compare(models))


def _class(folder: Path) -> str:
    """Of a class with every state, a misconception, and two answers that resemble each other."""
    answers = {
        "Anna": {"softmax": PASS, "value": PASS},
        "Ben": {"softmax": FAIL, "value": answer("limit", limit="time", message="It did not end.")},
        "Cleo": {"softmax": course().find("softmax").starter},
        "Dana": {"softmax": FAIL, "value": answer("error", message="No such name.", line=2)},
        "Emil": {"value": answer("fail", course().find("value").solution, message="3, not 2.")},
        "Fay": {"value": answer("fail", course().find("value").solution, message="3, not 2.")},
    }
    for name, of_learner in answers.items():
        write_workspace(folder / "class" / name, dict(of_learner))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "open_judge", Told)
        handed_in = read_submissions(folder / "class", course().exercises, ())
        return render_class(grade(handed_in, course(), jobs=1, state=folder / "state"))


def _own_home(folder: Path, head: str) -> str:
    """The home page of content of one's own."""
    content = write_content(folder / "vision", head=head)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CONTENT_VARIABLE, str(content))
        patch.setenv(WORKSPACE, str(folder / "camp"))
        return home_page()


PAGES: dict[str, Callable[[Path], str]] = {
    "report": _report("cnn", channels="2,3,4"),
    "reading": _reading,
    "difference": _difference,
    "runs": _runs,
    "sweep": _sweep,
    "find-lr": _find_lr,
    "comparison": _comparison,
    "bench": lambda folder: render_benchmark(BENCHMARK),
    "speedrun": lambda folder: render_speedrun(SPEEDRUN),
    "doctor": lambda folder: render_diagnosis(SEVERAL),
    "errors": lambda folder: errors_page(in_course=False),
    "glossary": lambda folder: glossary_page(),
    "class": _class,
    "slides": lambda folder: slides(course().lesson("vae")),
    "own content": lambda folder: _own_home(folder, TITLED),
    "own content on top": lambda folder: _own_home(folder, ON_TOP),
    "refused": lambda folder: render_page(
        "course/server/refused.html",
        title="Not opened",
        reason="it has no cookie",
        home="/",
        behind_proxy=False,
    ),
}
OTHER_REPORTS = {
    "mlp": _report("mlp"),
    "resnet": _report("resnet"),
    "vae": _report("vae"),
    "gan": _report("gan"),
    "cgan": _report("cgan"),
    "rbm": _report("rbm", num_hidden="32"),
    "hmm": _report("hmm"),
    "hmm of dice": _report("hmm", "dice"),
    "rnn": _report("rnn", hidden_size="16", row_units="2"),
    "rnn of text": _report("rnn", "text", hidden_size="16"),
}
PAGES |= {f"report of {name}": report for name, report in OTHER_REPORTS.items()}


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        if os.environ.get("TORCHCAMP_CI"):
            pytest.fail("no axe-core: make test installs it")
        pytest.skip("no axe-core: npm ci installs it")
    return AXE.read_text()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(prepare_workspace(tmp_path_factory.mktemp("camp")), free_port()) as server:
        yield server


@pytest.fixture
def address(server: Server) -> str:
    return server.new_address()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def violations(page: Page, axe: str) -> list[str]:
    """What axe holds against the page as it is now: impact, rule and elements."""
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run(document, { resultTypes: ['violations'] }).then(result => result.violations)"
    )
    return [
        f"{each['impact']} {each['id']}: {json.dumps(node['target'])} {node['html'][:160]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def in_all_looks(page: Page) -> Iterator[str]:
    """Goes through both schemes of colours and all widths."""
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.wait_for_timeout(50)  # what asks for a container's width has been laid out
            yield f"{width} px, {scheme}"


def assert_accessible(page: Page, axe: str) -> None:
    found = {look: violations(page, axe) for look in in_all_looks(page)}
    assert {look: each for look, each in found.items() if each} == {}


def _pages() -> list[Any]:
    """Those that are always tried, and the slow ones: slides, and the reports of other models."""
    return [
        pytest.param(
            name, marks=pytest.mark.slow if name.startswith(("report of", "slides")) else ()
        )
        for name in PAGES
    ]


@pytest.mark.parametrize("name", _pages())
def test_a_page_of_its_own(page: Page, axe: str, tmp_path: Path, name: str):
    (tmp_path / "page.html").write_text(PAGES[name](tmp_path), encoding="utf-8")
    page.goto((tmp_path / "page.html").as_uri())
    for details in page.locator("details").all():  # what is folded counts too
        details.evaluate("each => { each.open = true; }")
    assert_accessible(page, axe)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert longest_line(page) <= MOST_CHARACTERS


def test_the_home_page(page: Page, axe: str, address: str):
    page.goto(address)
    page.get_by_text("CPU").first.wait_for()
    assert_accessible(page, axe)
    assert longest_line(page) <= MOST_CHARACTERS


def lesson(page: Page, address: str, name: str) -> None:
    page.add_init_script(LISTENERS)
    page.goto(address)
    page.goto(f"{page.url}?file={name}.py&view-as=present")
    # All of it: the first exercise stands there long before the last cell has run.
    page.locator(".way-on").wait_for(timeout=120_000)
    last = len(course().core(course().lesson(name))) - 1
    page.locator(".exercise-editor").nth(last).wait_for(timeout=120_000)
    page.wait_for_timeout(1000)  # the last cells are shown


def _lessons() -> list[Any]:
    """One that is always tried, and the others."""
    names = [each.name for each in course().lessons]
    return [name if name == "hmm" else pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", _lessons())
def test_a_lesson(page: Page, axe: str, address: str, name: str):
    lesson(page, address, name)
    assert_accessible(page, axe)
    assert longest_line(page) <= MOST_CHARACTERS
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.getElementById('App').scrollWidth") <= 390
    assert page.evaluate(FRAMES) == ["0px"]
    page.keyboard.press("Tab")  # what has the focus is outlined for those who use the keyboard
    assert page.evaluate(BY_MOUSE_ALONE) == []
    assert page.evaluate(FOCUS_UNSEEN) == []
    assert set_in_motion(page) or name == "reading"  # whose picture's arrows are still
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == []


def set_in_motion(page: Page) -> bool:
    """Steps through the lesson's picture until an arrow of it flows; whether one does."""
    step = page.locator(".schema").first.get_by_role("button", name="Next", exact=True)
    while not page.evaluate(MOVING) and step.is_enabled():
        step.click()
    return bool(page.evaluate(MOVING))


LISTENERS = """
window.pressed = new WeakSet(); // what hears the mouse
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (name, ...others) {
  if (/^(click|dblclick|mousedown|pointerdown)$/.test(name)) window.pressed.add(this);
  return listen.call(this, name, ...others);
};
"""

# The nodes of our figures, questions and editors.
OURS = """
const KEYS = "a[href], button, input, select, summary, textarea, [tabindex]";
const ours = [];
const visit = (root, inside) => { // into shadows too
  for (const node of root.children) {
    const mine = inside || node.matches(".figure, .question, .exercise-editor");
    if (mine && node.checkVisibility()) ours.push(node);
    visit(node, mine);
    if (node.shadowRoot) visit(node.shadowRoot, mine);
  }
};
visit(document.body, false);
const name = (node) => `${node.tagName} ${node.getAttribute("class")} ${node.textContent.slice(0, 40)}`;
"""

# What can be pressed, and neither has the focus of the keyboard nor holds or stands in what has it,
# nor does what a slider of its figure does too.
BY_MOUSE_ALONE = f"""() => {{ {OURS}
  const slid = (node) =>
    node.dataset.bySlider !== undefined && node.closest(".figure").querySelector("input[type=range]");
  const reached = (node) => node.closest(KEYS) || node.querySelector(KEYS) || slid(node);
  return ours.filter((node) => window.pressed.has(node) && !reached(node)).map(name);
}}"""

# What moves by itself.
MOVING = (
    f"""() => {{ {OURS} return ours.filter((node) => node.getAnimations().length).map(name); }}"""
)

# What looks the same with the focus of the keyboard as without.
FOCUS_UNSEEN = f"""() => {{ {OURS}
  const looks = (node) => [node, node.nextElementSibling, node.parentElement, node.parentElement?.parentElement]
    .filter(Boolean)
    .map((each) => {{
      const {{ outlineStyle, outlineWidth, boxShadow, borderColor }} = getComputedStyle(each);
      return [outlineStyle, outlineWidth, boxShadow, borderColor].join();
    }})
    .join(";");
  return ours
    .filter((node) => node.matches(KEYS) && !node.disabled)
    .filter((node) => {{
      node.blur();
      const before = looks(node);
      node.focus({{ preventScroll: true }});
      return looks(node) === before;
    }})
    .map(name);
}}"""


# The frames of cells as marimo draws them in a page that is opened again.
FRAMES = """() => {
  const cells = [...document.querySelectorAll(".marimo-cell")];
  for (const cell of cells) cell.classList.remove("published");
  return [...new Set(cells.map((cell) => getComputedStyle(cell).borderTopWidth))];
}"""


# The figures, and what in them reaches over the page's edge without a box that scrolls.
TOO_WIDE = """() => {
  const found = [];
  const visit = (node, scrolls) => { // into shadows too
    const style = getComputedStyle(node);
    if (style.display === "none") return;
    const box = node.getBoundingClientRect();
    if (box.width && box.right > innerWidth + 1 && !scrolls)
      found.push(`${node.tagName} ${node.getAttribute("class")} ends at ${Math.round(box.right)}`);
    const inside = scrolls || /auto|scroll|hidden|clip/.test(style.overflowX);
    for (const child of [...node.children, ...(node.shadowRoot?.children ?? [])]) visit(child, inside);
  };
  const everywhere = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.matches(".figure, .question, .exercise-editor, .torchcamp-quoted, marimo-tex")) visit(node, false);
      if (node.shadowRoot) everywhere(node.shadowRoot);
    }
  };
  everywhere(document);
  return found;
}"""

# The characters of the longest line of running text, by the places of its words.
LONGEST_LINE = """() => {
  let longest = 0;
  for (const node of document.querySelectorAll("p, li, dd, legend, .paragraph, .lesson .question")) {
    if (!node.getClientRects().length || node.matches(".mono") || node.querySelector("p, li, table, pre, .katex-display")) continue;
    const lines = new Map();
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    for (let text; (text = walker.nextNode()); ) {
      if (text.parentElement.closest(".katex, marimo-tex, code, style, script, .meaning")) continue;
      for (const word of text.textContent.matchAll(/\\S+\\s?/g)) {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        const top = Math.round(range.getBoundingClientRect().top / 6);
        lines.set(top, (lines.get(top) ?? 0) + word[0].length);
      }
    }
    longest = Math.max(longest, ...lines.values());
  }
  return longest;
}"""


def longest_line(page: Page) -> int:
    page.set_viewport_size({"width": 1280, "height": 900})
    return page.evaluate(LONGEST_LINE)


def test_a_lesson_prints_on_several_white_pages(page: Page, address: str, tmp_path: Path):
    page.emulate_media(color_scheme="dark")
    lesson(page, address, "hmm")
    pdf = page.pdf(format="A4", print_background=True)
    assert pdf.count(b"/Type /Page\n") >= 8  # and not the part that a window shows
    page.emulate_media(media="print")
    ink = page.locator(".markdown").first.evaluate("each => getComputedStyle(each).color")
    assert ink == "rgb(29, 28, 26)"
    assert page.locator(".exercise-editor textarea").first.is_hidden()
    assert page.locator(".exercise-editor .painted").first.is_visible()
