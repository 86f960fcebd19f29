"""Every lesson in a real Chromium: it opens from home, its figure answers, its exercises judge."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.course.test_browser import Visit, answer, editor, verdict
from torchcamp.course.content import Lesson, course
from torchcamp.course.server.launch import Server, free_port, serve
from torchcamp.course.workspace import prepare_workspace

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(prepare_workspace(tmp_path_factory.mktemp("camp")), free_port()) as server:
        yield server


@pytest.fixture
def address(server: Server) -> str:
    return server.new_address()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visit = Visit(context.new_page())
    yield visit
    context.close()
    assert visit.outside == []


HANG = 20_000  # milliseconds that even a busy machine does not take: the aim is 100


# --- One interaction with each figure: what is done, and what must then be drawn ---------------------


def strides(page: Page) -> None:
    figure = page.locator(".strides")
    figure.get_by_role("button", name=".permute(1, 0)").click()
    page.locator('.strides[data-strides="1x3"]').wait_for(timeout=30_000)
    drawn = figure.locator(".grid-of-cells .cell").all_inner_texts()
    assert drawn == ["0", "3", "1", "4", "2", "5"]
    assert figure.locator(".memory").count() == 1
    figure.get_by_role("button", name="+ 10").click()
    page.locator('.strides[data-memory="1"]').wait_for(timeout=30_000)
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
    figure.get_by_text("PyTorch refuses").wait_for(timeout=30_000)
    assert figure.locator(".axis.clash").count() == 2


def activations(page: Page) -> None:
    figure = page.locator(".activations")
    figure.get_by_text("sigmoid", exact=True).click()
    page.locator('.activations[data-name="sigmoid"]').wait_for(timeout=30_000)
    figure.get_by_text("±120").click()
    before = figure.locator("circle.point").first.get_attribute("cx")
    figure.get_by_role("slider").fill("100.2")
    page.locator('.activations[data-naive="nan"]').wait_for(timeout=30_000)
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
        timeout=30_000,
    )


def losses(page: Page) -> None:
    figure = page.locator(".losses")
    figure.get_by_role("slider", name="logit z").fill("20")
    figure.locator("td", has_text="18.4207").wait_for(timeout=30_000)
    table = [row.all_inner_texts() for row in (r.locator("td") for r in figure.locator("tr").all())]
    assert table[1][1:] == ["20", "1"]
    assert table[2][1:] == ["inf", "nan"]
    figure.get_by_role("slider", name="probability p").fill("0.9")
    figure.locator("td", has_text="2.3026").first.wait_for(timeout=30_000)  # -ln(1 - 0.9)
    figure.get_by_text("several classes").click()
    page.locator('.losses[data-board="row"]').wait_for(timeout=30_000)
    pulls = figure.locator(".pull").all_inner_texts()
    assert len(pulls) == 4
    assert pulls[0].startswith("gradient −0.2")
    bar = figure.locator(".logit .bar").first
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + box["height"] / 2)
    figure.locator(".pull", has_text="gradient −0.75").wait_for(timeout=30_000)


def tape(page: Page) -> None:
    figure = page.locator(".tape")
    code = figure.locator("textarea")
    code.fill("a = torch.tensor(3.0, requires_grad=True)\nb = a * a + a")
    code.press("Control+Enter")
    page.locator(""".tape[data-grads*='"a":"7"']""").wait_for(timeout=30_000)
    assert "3 contributions" in figure.locator(".words").inner_text()
    assert figure.locator(".flow").all_text_contents().count("3") == 2
    figure.get_by_role("button", name="Play").click()
    page.wait_for_function(  # nodes appear going forward; seen at once, for it plays on
        "() => [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)"
        ".flatMap(r => [...r.querySelectorAll('.tape')])"
        ".some(t => t.dataset.step === '2' && t.querySelectorAll('.node').length === 2)",
        polling=20,
        timeout=30_000,
    )
    page.locator(""".tape[data-step="6"]""").wait_for(timeout=30_000)
    figure.locator(".graph").press("ArrowLeft")
    page.locator(""".tape[data-step="5"]""").wait_for(timeout=30_000)
    code.fill("while True: pass")
    code.press("Control+Enter")
    figure.get_by_text("did not end within").wait_for(timeout=60_000)


def plane(page: Page) -> None:
    figure = page.locator(".plane")
    for part in ("forward", "loss", "backward"):
        figure.get_by_role("button", name=f"Part of a step: {part}").click()
        page.locator(f'.plane[data-phase="{part}"]').wait_for(timeout=30_000)
    assert figure.locator("td.gradient").first.inner_text() != ""
    figure.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function(
        "() => Number([...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)"
        ".flatMap(r => [...r.querySelectorAll('.plane')])[0].dataset.accuracy) > 0.95",
        timeout=60_000,
    )
    # Off-screen it rests; back on screen it goes on.
    page.locator(".exercise-editor").last.scroll_into_view_if_needed()
    at_rest(page, ".plane", "steps")
    steps = figure.get_attribute("data-steps")
    figure.scroll_into_view_if_needed()
    on_data(page, ".plane", f"data.steps !== '{steps}'")
    figure.get_by_role("button", name="Stop", exact=True).click()
    at_rest(page, ".plane", "steps")  # Stop stops
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
    page.locator('.sliding[data-output="7"]').wait_for(timeout=30_000)
    assert figure.locator("button.cell").count() == 49
    figure.locator("button.cell").nth(8).click()
    page.locator('.sliding[data-place="1,1"]').wait_for(timeout=30_000)
    page.keyboard.press("ArrowRight")
    page.locator('.sliding[data-place="1,2"]').wait_for(timeout=30_000)
    assert figure.locator(".terms").inner_text().startswith("output[0, 1, 2] = ")
    assert "k=5 p=2 s=2" in figure.locator(".found").inner_text()


def anatomy(page: Page) -> None:
    figure = page.locator(".anatomy")
    figure.scroll_into_view_if_needed()
    page.locator(".anatomy[data-answers]").wait_for(timeout=30_000)
    in_eval = figure.get_attribute("data-loss")
    figure.locator(".card").nth(1).click()
    page.locator('.anatomy[data-layer="conv2"]').wait_for(timeout=30_000)
    assert figure.locator(".pair").count() == 32
    figure.locator(".places button").nth(2 * 14 + 6).click()
    page.locator('.anatomy[data-place="2,6"]').wait_for(timeout=30_000)
    figure.locator(".places .here").press("ArrowDown")
    page.locator('.anatomy[data-place="3,6"]').wait_for(timeout=30_000)
    assert figure.locator(".places .here").get_attribute("aria-label") == "row 3, column 6"
    told = figure.locator(".pixel-words").inner_text()
    assert told.startswith("144 products, 9 for each of 16 maps that come in,")
    assert f"the pixel is {float(figure.get_attribute('data-pixel') or 'nan'):.4f}." in told
    figure.get_by_text("train()", exact=True).click()
    page.locator('.anatomy[data-training="true"]').wait_for(timeout=30_000)
    on_data(page, ".anatomy", f"data.loss !== '{in_eval}'")


def on_data(page: Page, css_class: str, condition: str, timeout: int = 60_000) -> None:
    """Wait until `condition` holds of the figure's `data` (its data attributes)."""
    page.wait_for_function(
        "([name, condition]) => { const figure = [...document.querySelectorAll('*')]"
        ".map(e => e.shadowRoot).filter(Boolean).flatMap(r => [...r.querySelectorAll(name)])[0];"
        " return figure && new Function('data', `return ${condition}`)(figure.dataset); }",
        arg=[css_class, condition],
        timeout=timeout,
    )


calls = itertools.count()


def at_rest(page: Page, css_class: str, name: str, milliseconds: int = 600) -> None:
    """Wait until the figure's `data-NAME` has stayed as it is for so long."""
    page.wait_for_function(
        "([css, name, milliseconds, call]) => { const figure = [...document.querySelectorAll('*')]"
        ".map(e => e.shadowRoot).filter(Boolean).flatMap(r => [...r.querySelectorAll(css)])[0];"
        " const value = figure.dataset[name], now = performance.now();"
        " if (window.resting?.call !== call || window.resting.value !== value)"
        " window.resting = { call, value, since: now };"
        " return now - window.resting.since >= milliseconds; }",
        arg=[css_class, name, milliseconds, next(calls)],
        timeout=30_000,
    )


def chains(page: Page) -> None:
    figure = page.locator(".trellis")
    figure.locator(".node").nth(27).wait_for(timeout=30_000)
    assert figure.locator(".node").count() == 28
    assert figure.locator(".node text").first.text_content() == ".25"
    figure.get_by_text("best path").click()  # it is not the row of the likeliest dice
    on_data(page, ".trellis", "data.mode === 'path' && data.path === '1'.repeat(14)")
    assert figure.get_attribute("data-likeliest") == "111" + 11 * "0"
    assert figure.locator(".flow.best").count() == 13
    assert figure.locator("circle.single").count() == 14
    assert "differ at 11 of 14 throws" in figure.locator(".words").inner_text()
    before = figure.get_attribute("data-logp")
    die = figure.locator(".die").nth(7)
    die.click()  # a 2 becomes a 3; both dice throw them alike
    die.get_by_text("3").wait_for(timeout=30_000)
    at_rest(page, ".trellis", "logp", milliseconds=300)
    assert figure.get_attribute("data-logp") == before
    for _ in range(3):
        die.click()
    on_data(page, ".trellis", f"data.logp !== '{before}'")
    die.get_by_text("6").wait_for(timeout=30_000)  # no press was lost
    figure.get_by_role("button", name="Throw anew").click()
    figure.locator(".truth").first.wait_for(timeout=30_000)
    assert figure.locator(".truth").count() == 14

    figure = page.locator(".row-states")
    figure.get_by_role("slider", name="row").fill("20")
    figure.get_by_text("row 20 is read by state").wait_for(timeout=30_000)
    assert figure.locator(".next").count() == 6


def next_steps(figure: Locator, count: int) -> None:
    for _ in range(count):
        figure.get_by_role("button", name="Next", exact=True).click()


def boltzmann(page: Page) -> None:
    figure = page.locator(".schema")
    assert figure.locator(".arrow.headless").count() == 72
    assert figure.locator(".arrow path[marker-end]").count() == 0
    visible = figure.locator('[data-name="visible"] image')
    before = visible.get_attribute("href")
    next_steps(figure, 3)  # the hidden bits pull at the pixels: their probabilities are drawn
    assert visible.get_attribute("href") != before
    assert figure.get_attribute("data-step") == "3"

    figure = page.locator(".gibbs")
    figure.get_by_role("button", name="One step").click()
    on_data(page, ".gibbs", "data.steps === '1'")
    figure.get_by_role("button", name="From noise").click()
    on_data(page, ".gibbs", "data.steps === '0' && Number(data.energy) > 0")
    figure.get_by_role("button", name="Ten").click()
    on_data(page, ".gibbs", "data.steps === '10' && Number(data.energy) < 0")
    assert float(figure.get_attribute("data-milliseconds") or "") < HANG

    figure = page.locator(".filters-figure")
    before = float(figure.get_attribute("data-logp") or "")
    figure.get_by_role("button", name="Learn").click()
    on_data(page, ".filters-figure", f"Number(data.logp) > {before + 5}")
    figure.get_by_role("button", name="Stop").click()
    figure.get_by_role("button", name="Anneal").click()
    on_data(page, ".filters-figure", "data.estimates === '5'")
    assert "exact" in figure.locator("tr.exact").inner_text()


def codes(page: Page) -> None:
    figure = page.locator(".latent")
    before, moved = figure.get_attribute("data-picture"), figure.get_attribute("data-moved")
    area = figure.locator("canvas.field")
    area.focus()
    for _ in range(6):
        area.press("ArrowRight")
    on_data(page, ".latent", f"data.picture !== '{before}'")
    figure.get_by_role("slider").first.fill("3")
    on_data(page, ".latent", f"data.moved !== '{moved}'")
    assert float(figure.get_attribute("data-milliseconds") or "") < HANG
    assert figure.locator(".pictures span").count() == 9
    sheet = figure.locator(".paper canvas").first
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box
    moved = figure.get_attribute("data-moved")
    page.mouse.move(box["x"] + 30, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 90, steps=4)
    page.mouse.up()
    on_data(page, ".latent", f"data.moved !== '{moved}'")
    moved = figure.get_attribute("data-moved")
    for key in (" ", "ArrowLeft", "ArrowLeft", "ArrowUp"):  # the same from the keyboard
        sheet.press(key)
    on_data(page, ".latent", f"data.moved !== '{moved}'")

    figure = page.locator(".two-terms")
    before = float(figure.get_attribute("data-reconstruction") or "")
    figure.get_by_role("button", name="Learn").click()
    on_data(page, ".two-terms", f"Number(data.reconstruction) < {before - 20}")
    figure.get_by_role("button", name="Stop").click()


def recurrence(page: Page) -> None:
    figure = page.locator(".schema").first
    next_steps(figure, 5)
    assert figure.locator(".arrow.backward").count() == 0
    next_steps(figure, 1)
    assert figure.locator(".arrow.backward.lit").count() == 6

    figure = page.locator(".unrolled")
    figure.locator(".step").nth(28).wait_for(timeout=30_000)
    assert figure.locator(".step").count() == 29
    drawn = figure.get_attribute("data-drawn")
    figure.get_by_role("slider", name="rows given").fill("4")
    on_data(page, ".unrolled", f"data.given === '4' && data.drawn !== '{drawn}'")
    drawn = figure.get_attribute("data-drawn")
    figure.get_by_role("slider", name="temperature").fill("2")
    on_data(page, ".unrolled", f"data.drawn !== '{drawn}'")
    assert float(figure.get_attribute("data-milliseconds") or "") < HANG

    figure = page.locator(".writing")
    figure.get_by_role("button", name="Learn").click()
    on_data(page, ".writing", "Number(data.loss) < 3.2")
    figure.get_by_role("button", name="Stop").click()
    figure.get_by_label("The beginning of a text").fill("import ")
    figure.locator(".text b", has_text="import").wait_for(timeout=30_000)
    assert figure.locator(".letters span").count() == 7
    assert len(figure.get_attribute("data-written") or "") == 120


def games(page: Page) -> None:
    figure = page.locator(".game")
    figure.get_by_role("button", name="Play").click()
    on_data(page, ".game", "Number(data.steps) > 30")
    frames = int(figure.get_attribute("data-frames") or "")
    on_data(page, ".game", f"Number(data.frames) > {frames + 10}")  # it is drawn while it learns
    figure.get_by_role("button", name="Stop").click()
    at_rest(page, ".game", "steps")
    drawn_on = figure.locator("canvas.field")
    assert drawn_on.get_attribute("tabindex") == "-1"  # nothing to draw there yet
    figure.get_by_text("draw your own").click()
    figure.get_by_text("Draw points into the plane").wait_for(timeout=30_000)
    for key in (" ", "ArrowRight", "ArrowRight", " "):
        drawn_on.press(key)
    figure.get_by_text("Draw points into the plane").wait_for(state="detached", timeout=30_000)
    drawn_on.scroll_into_view_if_needed()
    box = drawn_on.bounding_box()
    assert box
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 300, steps=10)
    page.mouse.up()
    figure.get_by_role("button", name="One step").click()
    on_data(page, ".game", "data.steps === '1'")

    figure = page.locator(".film")
    figure.get_by_role("button", name="Learn").click()
    on_data(page, ".film", "Number(data.kept) > 4")
    figure.get_by_role("slider", name="frame").fill("0")
    kept = int(figure.get_attribute("data-kept") or 0)
    on_data(page, ".film", f"Number(data.kept) > {kept + 2}")  # it learns on, and 0 stays shown
    figure.get_by_role("button", name="Stop").click()
    figure.get_by_text("step 0", exact=True).wait_for(timeout=30_000)

    figure = page.locator(".draw-classes")
    ink = figure.get_attribute("data-ink")
    figure.get_by_role("slider").fill("0.5")
    on_data(page, ".draw-classes", f"data.ink !== '{ink}'")
    assert figure.locator(".grid .pictures span").count() == 50


def classes(page: Page) -> None:
    figure = page.locator(".draw-classes")
    assert float(figure.get_attribute("data-agreement") or "") > 0.9
    figure.get_by_label("Digits to draw").fill("777")
    on_data(page, ".draw-classes", "data.asked === '777' && data.found.endsWith('77')")
    assert figure.locator(".asked .pictures span").count() == 3
    assert float(figure.get_attribute("data-milliseconds") or "") < HANG
    ink = figure.get_attribute("data-ink")
    figure.get_by_role("slider").fill("1")
    on_data(page, ".draw-classes", f"data.ink !== '{ink}'")


def machines(page: Page) -> None:
    figure = page.locator(".race")
    figure.get_by_role("button", name="one picture or many").click()
    on_data(page, ".race", "data.race === 'batches' && data.bars === '4'")


def steps(page: Page) -> None:
    """The schematic picture, by keyboard too: next, a part, its lines."""
    figure = page.locator(".schema")
    figure.scroll_into_view_if_needed()
    figure.get_by_role("button", name="Next", exact=True).click()
    page.locator('.schema[data-step="1"]').wait_for(timeout=30_000)
    figure.locator('.part[data-name="model"]').focus()
    page.keyboard.press("Enter")
    page.locator('.schema[data-lit="model"]').wait_for(timeout=30_000)
    assert figure.get_attribute("data-lines") == "0"
    figure.locator(".lines button").nth(3).click()
    page.locator('.schema[data-lit="use"]').wait_for(timeout=30_000)


def strangers(page: Page) -> None:
    figure = page.locator(".find-line")
    figure.get_by_role("button", name="wide_optimizer = ").click()
    on_data(page, ".find-line", "data.verdict === 'wrong' && data.found === '1'")
    figure.get_by_role("button", name="loss.backward()").click()
    on_data(page, ".find-line", "data.verdict === 'right' && data.found === '1'")
    figure = page.locator(".read-any")
    figure.get_by_role("button", name="MultiheadAttention").click()
    on_data(page, ".read-any", "data.page === 'true'")
    frame = figure.locator("iframe").content_frame
    frame.get_by_text("MultiheadAttention").first.wait_for(timeout=20_000)
    figure.get_by_label("class or function").fill("nowhere.py:Net")
    figure.get_by_role("button", name="Read", exact=True).click()
    on_data(page, ".read-any", "data.page === 'false' && data.target === 'nowhere.py:Net'")
    figure = page.locator(".diagnose-any")
    figure.get_by_role("button", name="two_networks.py").click()
    on_data(page, ".diagnose-any", "data.page === 'true' && data.target === 'two_networks.py'")
    frame = figure.locator("iframe").content_frame
    frame.get_by_text("optimizer-does-not-own").first.wait_for(timeout=20_000)
    figure.get_by_label("script", exact=True).fill("nowhere.py")
    figure.get_by_role("button", name="Watch it train").click()
    on_data(page, ".diagnose-any", "data.page === 'false' && data.target === 'nowhere.py'")


FIGURES: dict[str, Callable[[Page], None]] = {
    "tensors": strides,
    "activations": activations,
    "losses": losses,
    "autograd": tape,
    "mlp": plane,
    "convolution": sliding,
    "cnn": anatomy,
    "hmm": chains,
    "rbm": boltzmann,
    "vae": codes,
    "rnn": recurrence,
    "gan": games,
    "cgan": classes,
    "devices": machines,
    "reading": strangers,
    "own_model": steps,
}
EXERCISES = {  # an exercise of each lesson, and a misconception to type
    "tensors": ("to_chw", "view_for_permute"),
    "activations": ("softmax", "over_the_batch"),
    "losses": ("cross_entropy", "softmax_twice"),
    "autograd": ("gradient_descent", "gradients_pile_up"),
    "mlp": ("train_step", "zero_grad_after_backward"),
    "convolution": ("conv2d", "filter_flipped"),
    "cnn": ("cnn_forward", "average_pooling"),
    "hmm": ("forward_loglik", "best_path_only"),
    "rbm": ("free_energy", "softplus_added"),
    "vae": ("kl_divergence", "half_dropped"),
    "rnn": ("make_batches", "target_is_the_input"),
    "gan": ("gan_step", "detached_for_generator"),
    "cgan": ("cgan_step", "labels_of_others"),
    "devices": ("bench", "first_call_counted"),
    "reading": ("read_strangers_loss", "where_it_arrives"),
    "own_model": ("my_model", "trained_on_the_test_set"),
}


def test_every_lesson_is_here():
    assert set(FIGURES) == set(EXERCISES) == {lesson.name for lesson in course().lessons}


@pytest.mark.parametrize("lesson", course().lessons, ids=lambda lesson: lesson.name)
def test_a_lesson(visit: Visit, address: str, lesson: Lesson):
    page = visit.page
    page.goto(address)
    page.locator(f'.lesson a[href^="./?file={lesson.name}.py"]').click()
    page.locator(".figure[data-answers], .draw-pad[data-answers]").first.wait_for(timeout=90_000)
    FIGURES[lesson.name](page)

    name, wrong = EXERCISES[lesson.name]
    found = next(m for m in course().find(name).misconceptions if m.name == wrong)
    exercise = editor(page, name)
    answer(page, exercise, found.source)
    words = verdict(exercise, "fail")
    first_sentence = found.feedback.split("\n")[0].replace("`", "")
    assert first_sentence in words
    answer(page, exercise, course().find(name).solution)
    verdict(exercise, "pass")
    exercise.locator(".standing", has_text="solved").wait_for(timeout=30_000)
    assert visit.errors == []


@pytest.mark.parametrize("width", [390, pytest.param(1000, marks=pytest.mark.slow)])
def test_shapes_stand_inside_the_frame_of_their_lines(visit: Visit, address: str, width: int):
    """Also on a narrow page nothing that a quoted line made is cut off; no line covers another."""
    page = visit.page
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)
    page.goto(f"{page.url}?file=rbm.py&view-as=present")
    page.locator(".torchcamp-quoted td.what").first.wait_for(timeout=90_000)
    frames = page.locator(".torchcamp-quoted").evaluate_all(
        """frames => frames.map(frame => {
            const right = frame.getBoundingClientRect().right;
            const cells = [...frame.querySelectorAll("td")].map(cell => cell.getBoundingClientRect());
            const covers = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
                && a.top < b.bottom - 1 && b.top < a.bottom - 1;
            return {
                cells: cells.length,
                cut: cells.filter(cell => cell.right > right + 1).length,
                covered: cells.filter((a, i) => cells.some((b, j) => i < j && covers(a, b))).length,
                scrolls: frame.scrollWidth > frame.clientWidth + 1,
            };
        })"""
    )
    assert frames
    for frame in frames:
        assert frame["cells"] > 10
        assert (frame["cut"], frame["covered"], frame["scrolls"]) == (0, 0, False)


@pytest.mark.slow
def test_the_class_that_passed_is_opened(visit: Visit, tmp_path: Path):
    """In the last lesson the figure also opens the network that the learner wrote."""
    from torchcamp.course.judge.client import Judge
    from torchcamp.course.progress import Progress

    folder = prepare_workspace(tmp_path / "camp")
    exercise = course().find("conv_net")
    path = folder / "answers" / "conv_net.py"
    path.write_text(exercise.solution)
    with Judge() as judge:
        Progress(folder).record(judge.verdict(exercise, path), exercise.solution)
    with serve(folder, free_port()) as server:
        page = visit.page
        page.goto(server.new_address())
        num_exercises = len(course().lesson("cnn").exercises)
        page.get_by_text(f"1 of {num_exercises} solved").wait_for()
        page.goto(f"{server.home}?file=cnn.py&view-as=present")
        figure = page.locator(".anatomy")
        figure.wait_for(timeout=90_000)
        figure.scroll_into_view_if_needed()
        figure.get_by_text("your class ConvNet").click()
        page.locator('.anatomy[data-network="written"]').wait_for(timeout=60_000)
        assert figure.locator(".card").count() == 2
        assert figure.locator(".pair").count() == 8
    assert visit.errors == []


@pytest.mark.slow
def test_ones_own_network_and_the_one_that_ships(visit: Visit, tmp_path: Path):
    """A figure shows what one trained oneself, says so, and what ships when that is chosen."""
    from torchcamp.recipes.train import Request, train

    folder = prepare_workspace(tmp_path / "camp")
    train(
        Request(
            "cgan",
            preset="lecture",
            data="digits",
            epochs=1,
            out=folder / "runs",
            device="cpu",
        )
    )
    with serve(folder, free_port()) as server:
        page = visit.page
        page.goto(server.new_address())
        page.goto(f"{server.home}?file=cgan.py&view-as=present")
        page.locator(".draw-classes[data-answers]").wait_for(timeout=90_000)
        figure = page.locator(".draw-classes")
        assert float(figure.get_attribute("data-agreement") or "") < 0.5
        assert page.get_by_role("radio", name="your CGAN: cgan-").is_checked()
        page.get_by_role("radio", name="the CGAN that ships").click()
        on_data(page, ".draw-classes", "Number(data.agreement) > 0.9")
        page.get_by_text("just now (the CGAN that ships").wait_for(timeout=30_000)
    assert visit.errors == []


@pytest.mark.slow
def test_what_is_new_is_shown_until_it_is_opened(visit: Visit, tmp_path: Path):
    import json

    folder = prepare_workspace(tmp_path / "camp")
    path = folder / ".torchcamp" / "seen.json"
    seen = json.loads(path.read_text())
    del seen["lessons"]["convolution"]
    path.write_text(json.dumps(seen))
    with serve(folder, free_port()) as server:
        page = visit.page
        page.goto(server.new_address())
        assert page.locator(".news").all_inner_texts() == ["new"]
        assert "1 lesson has something new" in page.locator(".ways").inner_text()
        page.locator('.lesson a[href^="./?file=convolution.py"]').click()
        page.locator(".sliding").wait_for(timeout=90_000)
        page.goto(server.home)
        assert page.locator(".news").count() == 0
