"""A lesson's page whose kernel was ended comes back when it is used, where it was."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from torchcamp.course.server.launch import free_port, serve
from torchcamp.course.workspace import prepare_workspace

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# Tall, and with a slider whose value another cell shows.
NOTEBOOK = """\
import marimo

app = marimo.App()


@app.cell
def imports():
    import marimo as mo

    return (mo,)


@app.cell
def tall(mo):
    mo.Html('<div style="height: 1500px">tall</div>')
    return


@app.cell
def slide(mo):
    slider = mo.ui.slider(0, 9, value=2)
    slider
    return (slider,)


@app.cell
def show(mo, slider):
    mo.Html(f'<p id="shown">{slider.value * 111}</p>')
    return


@app.cell
def low(mo):
    mo.Html('<div style="height: 1500px">low</div>')
    return


if __name__ == "__main__":
    app.run()
"""
SCROLLED = "document.getElementById('App').scrollTop"


def test_a_page_sleeps_wakes_up_where_it_was_and_knows_when_all_has_ended(
    browser: Browser, tmp_path: Path
):
    folder = prepare_workspace(tmp_path)
    for name in "ab":
        (folder / "lessons" / f"{name}.py").write_text(NOTEBOOK)
    context = browser.new_context(viewport={"width": 390, "height": 700})
    errors: list[str] = []

    def opened(name: str) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server.home}?file={name}.py&view-as=present")
        page.locator("#shown").wait_for(timeout=90_000)
        return page

    def slide(page: Page) -> None:
        page.get_by_role("slider").focus()
        page.keyboard.press("ArrowRight")

    with serve(folder, free_port(), kernels=1) as server:
        context.new_page().goto(server.new_address())
        a = opened("a")
        slide(a)
        expect(a.locator("#shown")).to_have_text("333", timeout=30_000)
        a.locator("#shown").evaluate("each => each.scrollIntoView({block: 'center'})")
        place = a.evaluate(SCROLLED)
        assert place > 800

        b = opened("b")  # the kernel of `a` ends
        a.locator(".sitting[data-state=asleep]").wait_for(timeout=30_000)
        assert "put to sleep to save memory" in a.locator(".sitting").inner_text()
        assert a.locator("#shown").inner_text() == "333"  # what it showed it still shows
        assert b.locator(".sitting").count() == 0

        # Used, it wakes up: with its slider as it was, and at its place.
        a.get_by_role("button", name="Wake it up").click()
        a.locator(".sitting").wait_for(state="detached", timeout=90_000)
        slide(a)
        expect(a.locator("#shown")).to_have_text("444", timeout=30_000)
        assert abs(a.evaluate(SCROLLED) - place) < 100
        b.locator(".sitting[data-state=asleep]").wait_for(timeout=30_000)
        assert a.locator(".sitting").count() == 0

    for page in (a, b):
        page.locator(".sitting[data-state=ended]").wait_for(timeout=30_000)
        assert "torchcamp start" in page.locator(".sitting").inner_text()
    context.close()
    assert errors == []
