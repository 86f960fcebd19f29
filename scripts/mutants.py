"""Plant realistic mistakes in the package, one at a time, and see which tests find them.

    make mutants
    python scripts/mutants.py --only 'models/|sign' --jobs 2
    python scripts/mutants.py --list

`mutants.toml`, beside this file, holds the mistakes: for each the line as it is, the line as it
would be wrong, and the tests that should fail. The checkout is never changed: each worker has a
copy of the package, which stands before it in PYTHONPATH.

Exit code 0 when at least 90 % are found, 1 otherwise, 2 when an entry does not fit the code or a
named test fails on the unchanged package. (`torchcamp dev mutants` is another thing: it changes
the solutions of exercises.)
"""

import argparse
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "torchcamp"
TABLE = Path(__file__).with_name("mutants.toml")
WANTED = 0.9  # share of the mutants that must be found
SECONDS = 300  # that the tests of one mutant may take; a mutant that hangs is found too
FAILED = re.compile(r"^(?:FAILED|ERROR) tests/(.+?)(?: - |$)", re.MULTILINE)


class Stale(Exception):
    """An entry that does not fit the code or the tests any more."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One planted mistake.

    what: the mistake in a few words. file: in the package. old, new: a text that occurs once in
    the file, and what takes its place. tests: files or tests below tests/. why: given where no
    test can tell the difference.
    """

    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    why: str = ""

    @property
    def room(self) -> str:
        return self.file.partition("/")[0]


def read_table(table: Path = TABLE) -> list[Mutant]:
    """All mutants, in the table's order."""
    entries = tomllib.loads(table.read_text())["mutant"]
    return [Mutant(**entry | {"tests": tuple(entry["tests"])}) for entry in entries]


def mutated(mutant: Mutant, package: Path = PACKAGE) -> str:
    """The text of the mutant's file with the mistake in it.

    Raises:
        Stale: no such file, or the text to replace does not occur exactly once.
    """
    path = package / mutant.file
    if not path.is_file():
        raise Stale(f"{mutant.what}: {mutant.file} does not exist")
    text = path.read_text()
    count = text.count(mutant.old)
    if count != 1:
        raise Stale(f"{mutant.what}: its text occurs {count} times in {mutant.file}")
    return text.replace(mutant.old, mutant.new)


def run_tests(folder: Path, tests: Sequence[str], *options: str) -> tuple[str, float]:
    """Run tests of this checkout against the package in `folder`.

    Returns:
        What failed (empty where nothing did), and the seconds it took.

    Raises:
        Stale: pytest does not know these tests.
    """
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",  # two texts of one length and second would share a .pyc
        "OMP_NUM_THREADS": "1",
    }
    started = time.monotonic()
    process = subprocess.Popen(
        [
            sys.executable, "-m", "pytest", "-q", "--tb=line", "-rfE", "-p", "no:cacheprovider",
            *options, *(f"tests/{test}" for test in tests),
        ],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.communicate()
        return f"nothing within {SECONDS} s", time.monotonic() - started
    if process.returncode in (4, 5):  # a test that does not exist, or none at all
        raise Stale(output.strip().splitlines()[-1])
    found = FAILED.findall(output)
    if process.returncode and not found:
        found = [output.strip().splitlines()[-1]]
    return "; ".join(found), time.monotonic() - started


class Copies:
    """As many copies of the package as there are workers, each used by one at a time."""

    def __init__(self, folder: Path, count: int) -> None:
        self.free: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for number in range(count):
            copy = folder / str(number)
            shutil.copytree(
                PACKAGE, copy / "torchcamp", ignore=shutil.ignore_patterns("__pycache__")
            )
            self.free.put(copy)

    def try_out(self, mutant: Mutant) -> tuple[str, float]:
        """Plant the mutant, run its tests, and take it out again; returns what failed."""
        copy = self.free.get()
        file = copy / "torchcamp" / mutant.file
        text = file.read_text()
        try:
            file.write_text(mutated(mutant, copy / "torchcamp"))
            return run_tests(copy, mutant.tests, "-x")
        finally:
            file.write_text(text)
            self.free.put(copy)


def outcomes(
    mutants: Sequence[Mutant], folder: Path, jobs: int
) -> Iterator[tuple[Mutant, str, float]]:
    """Each mutant with what failed and the seconds, in order."""
    copies = Copies(folder, jobs)
    with ThreadPoolExecutor(jobs) as pool:
        for mutant, (failed, seconds) in zip(
            mutants, pool.map(copies.try_out, mutants), strict=True
        ):
            yield mutant, failed, seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=2, help="tried at a time (default: 2)")
    parser.add_argument("--only", default="", help="those whose file or words match this pattern")
    parser.add_argument("--list", action="store_true", help="print the table, run nothing")
    parser.add_argument(
        "--trust", action="store_true", help="do not run the tests on the unchanged package first"
    )
    options = parser.parse_args()
    mutants = [m for m in read_table() if re.search(options.only, f"{m.file}: {m.what}")]
    if options.list:
        for mutant in mutants:
            print(f"{mutant.file}: {mutant.what}")
        return 0
    try:
        for mutant in mutants:
            mutated(mutant)
        with tempfile.TemporaryDirectory() as folder:
            if not options.trust:
                print("the named tests on the unchanged package ...", flush=True)
                tests = sorted({test for mutant in mutants for test in mutant.tests})
                failed, _ = run_tests(PACKAGE.parent, tests)
                if failed:
                    print(f"they must pass before a mutant is planted: {failed}")
                    return 2
            return report(outcomes(mutants, Path(folder), options.jobs))
    except Stale as error:
        print(f"mutants.toml: {error}")
        return 2


def report(results: Iterator[tuple[Mutant, str, float]]) -> int:
    """Print a line for each mutant and the sum; returns the exit code."""
    killed, survivors, equivalent = 0, [], 0
    for mutant, failed, seconds in results:
        if failed:
            killed += 1
            words = f"killed by {failed}"
        elif mutant.why:
            equivalent += 1
            words = f"survived, as expected: {mutant.why}"
        else:
            survivors.append(mutant)
            words = "SURVIVED"
        print(f"{mutant.file}: {mutant.what}\n    {words}  ({seconds:.0f} s)", flush=True)
    total = killed + len(survivors)
    print(f"\n{killed} of {total} killed, {equivalent} equivalent, {len(survivors)} survived")
    for mutant in survivors:
        print(f"  {mutant.file}: {mutant.what}")
    return 0 if killed >= WANTED * total else 1


if __name__ == "__main__":
    sys.exit(main())
