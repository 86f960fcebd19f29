"""A learner who goes through the whole course in one sitting: its memory levels off."""

import csv
import os
import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import hears_ctrl_c
from tests.processes import descendants, kernels, linux_only, memory, num_handles, wait_until_ended
from torchcamp.course.content import course
from torchcamp.course.server.launch import free_port
from torchcamp.course.workspace import prepare_workspace

INTERACTIONS = 500
MOST_BYTES = 2 << 30


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What `torchcamp start` and all that it started take: memory as PSS."""

    seconds: float
    lesson: str
    interactions: int
    megabytes: int
    processes: int
    kernels: int
    handles: int  # of the server


class Learner:
    """Opens lessons in one window and keeps the first one open in another, to look things up."""

    def __init__(self, browser: Browser, address: str) -> None:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.page, self.aside = context.new_page(), context.new_page()
        self.page.set_default_timeout(120_000)
        self.aside.set_default_timeout(120_000)
        self.page.goto(address)
        self.home = self.page.url
        self.done = 0
        self.open(self.aside, course().lessons[0].name)

    def open(self, page: Page, lesson: str) -> None:
        page.goto(f"{self.home}?file={lesson}.py&view-as=present")
        page.locator(".way-on").wait_for(timeout=180_000)  # the end of the lesson stands there

    def look_up(self) -> None:
        """Use the lesson that is open aside, which may have been put to sleep."""
        self.aside.mouse.click(5, 5)
        self.aside.locator(".sitting").wait_for(state="detached", timeout=180_000)
        self.interact(self.aside, 3)

    def interact(self, page: Page, times: int) -> None:
        """Move sliders and check the first answer, in turn."""
        sliders = page.locator("input[type=range]:visible")
        answer = page.locator(".exercise-editor textarea").first
        for number in range(times):
            self.done += 1
            count = sliders.count()
            if number % 8 == 7 and answer.count():
                answer.scroll_into_view_if_needed()
                answer.press("Control+Enter")
                page.locator(".exercise-editor .verdict").first.wait_for()
            elif count:
                slider = sliders.nth(number % count)
                slider.focus()
                slider.press("ArrowRight" if number % 3 else "ArrowLeft")
                page.wait_for_timeout(100)
            else:
                page.mouse.wheel(0, 400)
                page.wait_for_timeout(100)


def sit(browser: Browser, address: str, start: int, interactions: int, rows: list[Moment]) -> None:
    """Go through all lessons; a moment is added to `rows` after each, and one a minute later."""
    began = time.monotonic()
    (server,) = [pid for pid in descendants(start) if _parent(pid) == start]

    def note(lesson: str) -> None:
        rows.append(
            Moment(
                seconds=round(time.monotonic() - began, 1),
                lesson=lesson,
                interactions=learner.done if learner else 0,
                megabytes=memory(start) >> 20,
                processes=1 + len(descendants(start)),
                kernels=len(kernels(start)),
                handles=num_handles(server),
            )
        )
        print(*asdict(rows[-1]).values(), sep="\t", flush=True)

    learner = None
    note("-")
    learner = Learner(browser, address)
    lessons = [lesson.name for lesson in course().lessons]
    for number, lesson in enumerate(lessons):
        learner.open(learner.page, lesson)
        learner.interact(learner.page, interactions // len(lessons))
        note(lesson)
        if number % 4 == 3:
            learner.look_up()
            note(f"{lesson}, {lessons[0]} aside")
    for page in learner.page.context.pages:
        page.close()
    time.sleep(60)
    note("a minute after the last page was closed")


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(3600)
@linux_only
def test_the_memory_of_a_long_sitting_levels_off(browser: Browser, tmp_path: Path):
    """Its curve is printed, and written to the file that TORCHCAMP_SITTING_CSV names."""
    rows: list[Moment] = []
    with Start(prepare_workspace(tmp_path)) as start:
        try:
            sit(browser, start.address, start.process.pid, INTERACTIONS, rows)
        finally:
            write_csv(rows, Path(os.environ.get("TORCHCAMP_SITTING_CSV", tmp_path / "sitting.csv")))
        started = descendants(start.process.pid)
    wait_until_ended(started, 15)
    assert rows[-1].interactions >= 0.9 * INTERACTIONS
    curve = [row.megabytes for row in rows]
    assert max(curve) << 20 < MOST_BYTES
    half = len(curve) // 2
    assert max(curve[half:]) < 1.2 * max(curve[:half]), curve
    assert max(row.kernels for row in rows) <= 3  # the third is just being ended
    assert rows[-1].handles <= rows[len(rows) // 2].handles + 8


class Start:
    """A `torchcamp start` on a workspace."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "torchcamp", "start", "--no-browser"]
        self.process = subprocess.Popen(
            [*command, "--port", str(free_port())],
            cwd=folder,
            preexec_fn=hears_ctrl_c,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        lines = [self.process.stdout.readline() for _ in range(2)]
        found = re.search(r"http://\S+", lines[1])
        assert found, lines
        self.address = found.group()

    def __enter__(self) -> "Start":
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
        assert self.process.stdout
        self.process.stdout.close()


def write_csv(rows: list[Moment], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(Moment.__dataclass_fields__))
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
