"""deploy/Dockerfile and docs/class-server.md, as far as that shows without Docker and a cluster."""

import json
import math
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from torchcamp.course.server.launcher import setup_torchcamp

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    """Name and arguments of each; continued lines are joined, comments left out."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.M)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines) if name]


def arguments(name: str) -> list[str]:
    return [rest for each, rest in instructions() if each == name]


PINS = dict(
    line.split("==")
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)


def test_the_image_begins_with_one_version_of_a_python_that_is_supported():
    (base,) = arguments("FROM")
    version = re.fullmatch(r"python:(\d+)\.(\d+)\.\d+-slim-\w+", base)
    assert version, base
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    least = project["requires-python"].removeprefix(">=").split(".")
    assert [int(each) for each in version.groups()] >= [int(each) for each in least]


def test_everything_in_the_image_is_pinned():
    assert arguments("ARG") == [f"JUPYTERHUB={PINS['jupyterhub']}"]
    installs = [
        each for line in arguments("RUN") for each in re.findall(r"pip install [^&]+", line)
    ]
    assert len(installs) == 3
    for install in installs:
        assert "--constraint pins.txt" in install or f"torch=={PINS['torch']} " in install
    assert '".[jupyter]"' in installs[-1]  # the extra that brings the tile


def test_the_image_does_not_run_as_root():
    names = [name for name, _ in instructions()]
    assert arguments("USER") == ["jovyan"]
    assert names.index("USER") > max(i for i, name in enumerate(names) if name == "RUN")
    (made,) = [line for line in arguments("RUN") if line.startswith("useradd")]
    assert made.endswith("--uid 1000 jovyan")


def test_the_image_says_where_it_listens_and_whether_it_is_well():
    (port,) = arguments("EXPOSE")
    assert f"127.0.0.1:{port}" in arguments("HEALTHCHECK")[0]
    (start,) = arguments("CMD")
    assert f"--port={port}" in json.loads(start)


def test_what_is_copied_is_there_and_sent_to_the_builder():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [path for line in arguments("COPY") for path in line.split()[:-1]]
    assert len(copied) >= 5
    for path in copied:
        assert (ROOT / path).exists(), path
        assert f"!{path}" in ignored
    assert "*" in ignored  # nothing else: no .git, no .venv


def test_hadolint_finds_nothing():
    if shutil.which("hadolint") is None:
        pytest.skip("hadolint is not installed")
    lint = subprocess.run(["hadolint", str(DOCKERFILE)], capture_output=True, text=True)
    assert lint.returncode == 0, lint.stdout


# --- docs/class-server.md ---------------------------------------------------------------------

DOCS = (ROOT / "docs" / "class-server.md").read_text(encoding="utf-8")


def test_the_docs_name_the_versions_that_are_pinned():
    assert re.findall(r"JUPYTERHUB=(\S+)", DOCS) == [PINS["jupyterhub"]]
    assert re.findall(r"torch==(\S+)", DOCS) == [PINS["torch"]]


def test_the_docs_links_lead_somewhere():
    links = re.findall(r"\]\(([^)]+)\)", DOCS)
    headings = {
        re.sub(r"[^\w\- ]", "", line).strip().replace(" ", "-").lower()
        for line in re.findall(r"^#+ (.+)$", DOCS, re.M)
    }
    local = [link for link in links if "://" not in link]
    assert len(local) >= 4
    for link in local:
        if link.startswith("#"):
            assert link[1:] in headings, link
        else:
            assert (ROOT / "docs" / link).exists(), link


def test_the_docs_tile_for_own_content_takes_the_place_of_ours():
    (block,) = [each for each in re.findall(r"```python\n(.*?)```", DOCS, re.S) if "setup" in each]
    config = SimpleNamespace(ServerProxy=SimpleNamespace())
    exec(block, {"c": config})
    ((name, course),) = config.ServerProxy.servers.items()
    ours = setup_torchcamp()
    assert name == "torchcamp"  # jupyter-server-proxy asks its configuration first
    assert course["command"] == [
        *ours["command"], "--content", "https://example.org/my-course.zip", "--yes"
    ]  # fmt: skip
    assert course["launcher_entry"] == ours["launcher_entry"] | {"enabled": False}


def test_the_docs_table_is_what_its_assumptions_give():
    rows = re.findall(
        r"^\| ([\d,]+) \| ([\d,]+) GB.*? \| (\d+) \| (.*?) \| (\d+) s \|$", DOCS, re.M
    )
    machines = {"one machine": 1, "10 machines": 10, "100 such machines": 100}
    assert [row[0] for row in rows] == ["30", "300", "3,000"]
    assert "1 GB each" in DOCS
    assert "a quarter of a core each" in DOCS
    assert "8 s of a core for each learner" in DOCS
    for number, memory, cores, example, seconds in rows:
        learners = int(number.replace(",", ""))
        assert int(memory.replace(",", "")) == learners
        assert int(cores) == math.ceil(learners / 4)
        (bought,) = [count for words, count in machines.items() if example.startswith(words)]
        assert 8 * bought >= int(cores)
        assert int(seconds) == math.ceil(8 * learners / (8 * bought))
