"""Every lesson in a real Chromium: it opens from home, its figure answers, its exercises judge."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.course.test_browser import Visit, answer, editor, verdict
from torchcamp.course.catalog import CONTENT, Lesson, course
from torchcamp.course.server import free_port, serve
from torchcamp.course.workspace import prepare_workspace

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(prepare_workspace(tmp_path_factory.mktemp("camp")), free_port()) as server:
        yield server.address


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Visit(context.new_page())
    context.close()


# --- One interaction with each figure: what is done, and what must then be drawn ---------------------


def strides(page: Page) -> None:
    figure = page.locator(".strides")
    figure.get_by_role("button", name=".permute(1, 0)").click()
    page.locator('.strides[data-strides="1x3"]').wait_for(timeout=10_000)
    drawn = figure.locator(".grid-of-cells .cell").all_inner_texts()
    assert drawn == ["0", "3", "1", "4", "2", "5"]
    assert figure.locator(".memory").count() == 1
    figure.get_by_role("button", name="+ 10").click()
    page.locator('.strides[data-memory="1"]').wait_for(timeout=10_000)
    assert figure.locator(".memory").count() == 2
    figure.locator(".grid-of-cells .cell").nth(3).focus()  # from the keyboard
    assert "x[1, 1] = 14" in figure.locator(".words").inner_text()

    figure = page.locator(".broadcasting")
    for _ in range(3):
        figure.get_by_role("button", name="Next step").click()
    assert figure.locator(".axis.result").all_inner_texts() == ["4", "3"]
    figure.get_by_label("shape of a").fill("(2, 3)")
    figure.get_by_label("shape of b").fill("(2,)")
    figure.get_by_role("button", name="Next step").click()
    figure.get_by_role("button", name="Next step").click()
    figure.get_by_text("PyTorch refuses").wait_for(timeout=10_000)
    assert figure.locator(".axis.clash").count() == 2


def activations(page: Page) -> None:
    figure = page.locator(".activations")
    figure.get_by_text("sigmoid", exact=True).click()
    page.locator('.activations[data-name="sigmoid"]').wait_for(timeout=10_000)
    figure.get_by_text("±120").click()
    before = figure.locator("circle.point").first.get_attribute("cx")
    figure.get_by_role("slider").fill("100.2")
    page.locator('.activations[data-naive="nan"]').wait_for(timeout=10_000)
    assert figure.locator("circle.point").first.get_attribute("cx") != before
    assert figure.locator("td.lost").all_inner_texts() == ["0", "nan", "nan"]
    # Dragging on the plot moves the point too.
    plot = figure.locator("svg.draggable").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.55, box["y"] + box["height"] / 2)
    page.wait_for_function(
        "() => [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)"
        ".flatMap(r => [...r.querySelectorAll('.activations')])[0].dataset.naive !== 'nan'",
        timeout=10_000,
    )


def losses(page: Page) -> None:
    figure = page.locator(".losses")
    figure.get_by_role("slider", name="logit z").fill("20")
    figure.locator("td", has_text="18.4207").wait_for(timeout=10_000)
    table = [row.all_inner_texts() for row in (r.locator("td") for r in figure.locator("tr").all())]
    assert table[1][1:] == ["20", "1"]
    assert table[2][1:] == ["inf", "nan"]
    figure.get_by_role("slider", name="probability p").fill("0.9")
    figure.locator("td", has_text="2.3026").first.wait_for(timeout=10_000)  # -ln(1 - 0.9)
    figure.get_by_text("several classes").click()
    page.locator('.losses[data-board="row"]').wait_for(timeout=10_000)
    pulls = figure.locator(".pull").all_inner_texts()
    assert len(pulls) == 4
    assert pulls[0].startswith("gradient −0.2")
    bar = figure.locator(".logit .bar").first
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + box["height"] / 2)
    figure.locator(".pull", has_text="gradient −0.75").wait_for(timeout=10_000)


def tape(page: Page) -> None:
    figure = page.locator(".tape")
    code = figure.locator("textarea")
    code.fill("a = torch.tensor(3.0, requires_grad=True)\nb = a * a + a")
    code.press("Control+Enter")
    page.locator(""".tape[data-grads*='"a":"7"']""").wait_for(timeout=10_000)
    assert "3 contributions" in figure.locator(".words").inner_text()
    assert figure.locator(".flow").all_text_contents().count("3") == 2
    figure.get_by_role("button", name="Play").click()
    page.locator(""".tape[data-step="2"]""").wait_for(timeout=10_000)
    assert figure.locator(".node").count() == 2  # nodes appear going forward
    page.locator(""".tape[data-step="6"]""").wait_for(timeout=10_000)
    figure.locator(".graph").press("ArrowLeft")
    page.locator(""".tape[data-step="5"]""").wait_for(timeout=10_000)
    code.fill("while True: pass")
    code.press("Control+Enter")
    figure.get_by_text("did not end within").wait_for(timeout=15_000)


def plane(page: Page) -> None:
    figure = page.locator(".plane")
    for part in ("forward", "loss", "backward"):
        figure.get_by_role("button", name=f"Part of a step: {part}").click()
        page.locator(f'.plane[data-phase="{part}"]').wait_for(timeout=10_000)
    assert figure.locator("td.gradient").first.inner_text() != ""
    figure.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function(
        "() => Number([...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)"
        ".flatMap(r => [...r.querySelectorAll('.plane')])[0].dataset.accuracy) > 0.95",
        timeout=60_000,
    )
    # Off-screen it rests; back on screen it goes on.
    page.locator(".exercise-editor").last.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    steps = figure.get_attribute("data-steps")
    page.wait_for_timeout(600)
    assert figure.get_attribute("data-steps") == steps
    figure.scroll_into_view_if_needed()
    page.wait_for_timeout(900)
    assert figure.get_attribute("data-steps") != steps
    figure.get_by_role("button", name="Stop", exact=True).click()
    page.wait_for_timeout(400)
    steps = figure.get_attribute("data-steps")
    page.wait_for_timeout(600)
    assert figure.get_attribute("data-steps") == steps  # Stop stops
    figure.get_by_text("wrong sign").click()
    figure.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function(
        "() => Number([...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)"
        ".flatMap(r => [...r.querySelectorAll('.plane')])[0].dataset.loss) > 2",
        timeout=60_000,
    )


def sliding(page: Page) -> None:
    figure = page.locator(".sliding")
    assert figure.get_attribute("data-output") == "4"
    figure.get_by_role("slider", name="stride s").fill("1")
    page.locator('.sliding[data-output="7"]').wait_for(timeout=10_000)
    assert figure.locator("button.cell").count() == 49
    figure.locator("button.cell").nth(8).click()
    page.locator('.sliding[data-place="1,1"]').wait_for(timeout=10_000)
    page.keyboard.press("ArrowRight")
    page.locator('.sliding[data-place="1,2"]').wait_for(timeout=10_000)
    assert figure.locator(".terms").inner_text().startswith("output[0, 1, 2] = ")
    assert "k=5 p=2 s=2" in figure.locator(".found").inner_text()


def anatomy(page: Page) -> None:
    figure = page.locator(".anatomy")
    figure.scroll_into_view_if_needed()
    page.locator(".anatomy[data-answers]").wait_for(timeout=30_000)
    in_eval = figure.get_attribute("data-loss")
    figure.locator(".card").nth(1).click()
    page.locator('.anatomy[data-layer="conv2"]').wait_for(timeout=10_000)
    assert figure.locator(".pair").count() == 32
    figure.get_by_text("train()", exact=True).click()
    page.locator('.anatomy[data-training="true"]').wait_for(timeout=10_000)
    page.wait_for_timeout(500)
    assert figure.get_attribute("data-loss") != in_eval


FIGURES: dict[str, Callable[[Page], None]] = {
    "tensors": strides,
    "activations": activations,
    "losses": losses,
    "autograd": tape,
    "mlp": plane,
    "convolution": sliding,
    "cnn": anatomy,
}
EXERCISES = {  # an exercise of each lesson, and a misconception to type
    "tensors": ("pairwise_sq_dist", "distance_not_squared"),
    "activations": ("softmax", "over_the_batch"),
    "losses": ("cross_entropy", "softmax_twice"),
    "autograd": ("gradient_descent", "gradients_pile_up"),
    "mlp": ("train_step", "zero_grad_after_backward"),
    "convolution": ("conv2d", "filter_flipped"),
    "cnn": ("dropout", "always_on"),
}


def without_docstring(path: Path) -> str:
    """A file's text as a learner would have typed it."""
    text = path.read_text()
    first = ast.parse(text).body[0]
    return "\n".join(text.splitlines()[first.end_lineno :]).lstrip()


def test_every_lesson_is_here():
    assert set(FIGURES) == set(EXERCISES) == {lesson.name for lesson in course().lessons}


@pytest.mark.parametrize("lesson", course().lessons, ids=lambda lesson: lesson.name)
def test_a_lesson(visit: Visit, address: str, lesson: Lesson):
    page = visit.page
    page.goto(address)
    page.locator(f'.lesson a[href^="/?file={lesson.name}.py"]').click()
    page.locator(".figure[data-answers], .draw-pad[data-answers]").first.wait_for(timeout=90_000)
    FIGURES[lesson.name](page)

    name, wrong = EXERCISES[lesson.name]
    folder = CONTENT / "exercises" / name
    exercise = editor(page, name)
    answer(page, exercise, without_docstring(folder / "misconceptions" / f"{wrong}.py"))
    words = verdict(exercise, "fail")
    found = next(m for m in course().find(name).misconceptions if m.name == wrong)
    first_sentence = found.feedback.split("\n")[0].replace("`", "")
    assert first_sentence in words
    answer(page, exercise, (folder / "solution.py").read_text())
    verdict(exercise, "pass")
    exercise.locator(".standing", has_text="solved").wait_for(timeout=10_000)
    assert visit.outside == []
    assert visit.errors == []


def test_the_class_that_passed_is_opened(visit: Visit, tmp_path: Path):
    """In the last lesson the figure also opens the network that the learner wrote."""
    from torchcamp.course.checker import Judge
    from torchcamp.course.progress import Progress

    folder = prepare_workspace(tmp_path / "camp")
    exercise = course().find("conv_net")
    path = folder / "answers" / "conv_net.py"
    path.write_text(exercise.solution)
    with Judge() as judge:
        Progress(folder).record(judge.verdict(exercise, path), exercise.solution)
    with serve(folder, free_port()) as server:
        page = visit.page
        page.goto(server.address)
        page.get_by_text("1 of 9 solved").wait_for()
        page.goto(f"{server.address.split('?')[0]}?file=cnn.py&view-as=present")
        figure = page.locator(".anatomy")
        figure.wait_for(timeout=90_000)
        figure.scroll_into_view_if_needed()
        figure.get_by_text("your class ConvNet").click()
        page.locator('.anatomy[data-network="written"]').wait_for(timeout=60_000)
        assert figure.locator(".card").count() == 2
        assert figure.locator(".pair").count() == 8
    assert visit.errors == []


def test_what_is_new_is_shown_until_it_is_opened(visit: Visit, tmp_path: Path):
    import json

    folder = prepare_workspace(tmp_path / "camp")
    path = folder / ".torchcamp" / "seen.json"
    seen = json.loads(path.read_text())
    del seen["lessons"]["convolution"]
    path.write_text(json.dumps(seen))
    with serve(folder, free_port()) as server:
        page = visit.page
        page.goto(server.address)
        assert page.locator(".news").all_inner_texts() == ["new"]
        assert "1 lesson has something new" in page.locator(".whole").inner_text()
        page.locator('.lesson a[href^="/?file=convolution.py"]').click()
        page.locator(".sliding").wait_for(timeout=90_000)
        page.goto(server.address.split("?")[0])
        assert page.locator(".news").count() == 0
