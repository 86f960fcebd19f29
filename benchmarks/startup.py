"""Seconds from `torchcamp start` to a lesson that responds, stage by stage.

    python benchmarks/startup.py [--lesson NAME] [--times 5]

The command runs in a separate process, as for a learner; Chromium opens the address that it prints,
clicks the lesson on the home page, and waits until the first figure shows its numbers. Each round
starts a new server and a new page with the same workspace and browser profile: only the first round
is cold.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from playwright.sync_api import BrowserContext, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
FIGURE = ".figure[data-answers], .draw-pad[data-answers]"


def once(browser: BrowserContext, lesson: str, workspace: str) -> dict[str, float]:
    """Seconds until the server answers, the home page and the title appear, the figure responds."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "torchcamp", "start", "--no-browser", "--workspace", workspace],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        address = next(line for line in process.stdout if line.startswith("open:")).split()[1]
        marks = {"server": time.perf_counter() - started}
        page = browser.new_page()
        page.goto(address)
        page.locator(".lesson").first.wait_for()
        marks["home"] = time.perf_counter() - started
        page.locator(f'.lesson a[href^="./?file={lesson}.py"]').click()
        page.locator("h1").first.wait_for(timeout=60_000)
        marks["title"] = time.perf_counter() - started
        page.locator(FIGURE).first.wait_for(timeout=60_000)
        marks["figure"] = time.perf_counter() - started
        page.close()
        return marks
    finally:
        process.terminate()
        process.wait()


def import_seconds(module: str) -> float:
    """Median seconds to import `module` in three fresh interpreters, minus their startup."""
    seconds = []
    for code in ("pass", f"import {module}"):
        times = []
        for _ in range(3):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - started)
        seconds.append(statistics.median(times))
    return seconds[1] - seconds[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lesson", default="tensors")
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch_persistent_context(
            f"{folder}/profile", executable_path=chromium, args=FLAGS
        )
        rounds = [
            once(browser, arguments.lesson, f"{folder}/camp") for _ in range(arguments.times + 1)
        ]
        browser.close()
    print("cold  ", "  ".join(f"{name} {value:.1f} s" for name, value in rounds[0].items()))
    for name in rounds[0]:
        values = [each[name] for each in rounds[1:]]
        print(f"warm   {name:<7} {statistics.median(values):.1f} s "
              f"({min(values):.1f} to {max(values):.1f})")  # fmt: skip
    for module in ("torch", "marimo", "torchcamp.course.lesson"):
        print(f"import {module}: {import_seconds(module):.1f} s")


if __name__ == "__main__":
    main()
