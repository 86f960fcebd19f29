"""How quickly the lessons' figures respond in a browser: frame rate, stopping, sampling.

    python benchmarks/figures.py

The 2-D game (lesson 12) plays for five seconds, five times: frames per second, and the milliseconds
from pressing Stop until the last answer is drawn; no step may follow. Each figure that draws samples
(lessons 9 to 13) is used 20 times through a slider or a button, as a learner would: milliseconds
from the request to the drawn answer.
"""

import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

from torchcamp.course.server.launch import free_port, serve
from torchcamp.course.workspace import prepare_workspace

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
SETTLED_MS = 8000  # after opening a lesson: its cells still run, and the judge loads torch


def slide(name: str, low: float, high: float) -> Callable[[Locator, int], None]:
    """Move a slider to one of twenty positions."""

    def move(figure: Locator, n: int) -> None:
        figure.get_by_role("slider", name=name).fill(str(round(low + (high - low) * n / 20, 2)))

    return move


def press(name: str) -> Callable[[Locator, int], None]:
    return lambda figure, n: figure.get_by_role("button", name=name).click()


SAMPLING = {
    "one Gibbs step": ("rbm", ".gibbs", press("One step")),
    "ten Gibbs steps": ("rbm", ".gibbs", press("Ten")),
    "a latent moved, decoded": ("vae", ".latent", lambda f, n: f.get_by_role("slider").first.fill(str(n / 10))),
    "six completions of a picture": ("rnn", ".unrolled", slide("temperature", 0.2, 2)),
    "120 characters written": ("rnn", ".writing", slide("temperature", 0.2, 1.8)),
    "50 digits of the GAN": ("gan", ".draw-classes", slide("walk", 0, 1)),
    "80 digits of the conditional GAN": ("cgan", ".draw-classes", slide("walk", 0, 1)),
}  # fmt: skip


def opened(page: Page, home: str, lesson: str, figure: str) -> Locator:
    page.goto(f"{home}?file={lesson}.py&view-as=present")
    locator = page.locator(figure)
    locator.wait_for(timeout=60_000)
    page.wait_for_timeout(SETTLED_MS)
    locator.scroll_into_view_if_needed()
    return locator


def number(figure: Locator, name: str) -> float:
    return float(figure.get_attribute(f"data-{name}") or 0)


def game(page: Page, home: str) -> None:
    figure = opened(page, home, "gan", ".game")
    rates, stops = [], []
    for _ in range(5):
        figure.get_by_role("button", name="Play").click()
        page.wait_for_timeout(1000)
        before = number(figure, "frames")
        page.wait_for_timeout(5000)
        rates.append((number(figure, "frames") - before) / 5)
        figure.get_by_role("button", name="Stop").click()
        page.wait_for_timeout(600)
        steps = number(figure, "steps")
        page.wait_for_timeout(600)
        assert number(figure, "steps") == steps, "a step followed after Stop"
        stops.append(number(figure, "stopped"))
    print(
        f"2-D game: {statistics.median(rates):.0f} frames/s ({min(rates):.0f} to {max(rates):.0f})"
    )
    print(
        f"2-D game, Stop: {statistics.median(stops):.0f} ms ({min(stops):.0f} to {max(stops):.0f})"
    )


def sampling(page: Page, home: str) -> None:
    for title, (lesson, css_class, act) in SAMPLING.items():
        figure = opened(page, home, lesson, css_class)
        times = []
        for n in range(20):
            answers = figure.get_attribute("data-answers")
            act(figure, n)
            page.wait_for_timeout(400)
            if figure.get_attribute("data-answers") != answers:
                times.append(number(figure, "milliseconds"))
        print(f"{title}: {statistics.median(times):.0f} ms (95 % below {sorted(times)[-2]:.0f})")


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(prepare_workspace(Path(folder)), free_port()) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(server.new_address())
        game(page, server.home)
        sampling(page, server.home)
        browser.close()


if __name__ == "__main__":
    main()
