"""The command line as a user types it: real processes, their output and exit codes."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import one_line, torchcamp, torchcamp_process
from torchcamp.base.leaving import LAUNCHED

SMALL = ["--data", "digits", "--epochs", "1", "--set", "channels=2,3,4", "--device", "cpu"]


def test_help_loads_no_torch(tmp_path: Path):
    code = (
        "import sys, torchcamp\nassert 'torch' not in sys.modules\n"
        "from torchcamp.cli.main import run\ncode = run(['--help'])\n"
        "heavy = {'torch', 'numpy', 'marimo', 'sklearn', 'matplotlib', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy\nsys.exit(code)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    for command in ("start", "train", "runs", "evaluate", "sample", "compare", "data"):
        assert f"  {command} " in result.stdout


# Trains for one step, and prints what that has loaded and with the collector on.
FIRST_STEP = """
import gc, sys
collecting = {}
class Finder:
    def find_spec(self, name, path=None, target=None):
        collecting.setdefault(name, gc.isenabled())
sys.meta_path.insert(0, Finder())
from torchcamp.cli.main import run
from torchcamp.cli.train import Stop
def stop(self):
    big = {'sklearn', 'scipy', 'pandas', 'matplotlib', 'marimo', 'IPython', 'anywidget'} & set(sys.modules)
    print('loaded', sorted(big), collecting['torch'], collecting['torch._dynamo'], gc.isenabled())
    return True
Stop.asked = stop
run(['train', 'cnn', '--data', 'digits', '--set', 'channels=2,3,4', '--device', 'cpu'])
"""


def test_the_first_step_comes_soon(tmp_path: Path):
    """Nothing large is loaded but torch, and that while no garbage is looked for."""
    result = subprocess.run(
        [sys.executable, "-c", FIRST_STEP], cwd=tmp_path, capture_output=True, text=True
    )
    assert result.stdout.startswith("loaded [] False False True\n"), result.stdout + result.stderr


@pytest.mark.parametrize(
    "command", ["start", "train", "runs", "evaluate", "sample", "compare", "data"]
)
def test_every_command_has_help(tmp_path: Path, command: str):
    result = torchcamp(command, "--help", cwd=tmp_path)
    assert result.returncode == 0
    assert "Usage: torchcamp " + command in result.stdout


def test_train_evaluate_runs(tmp_path: Path):
    result = torchcamp("train", "cnn", *SMALL, "--out", "there", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    printed = json.loads(result.stdout)
    assert printed.keys() >= {"run", "seconds", "train_seconds", "test_accuracy"}
    run = tmp_path / printed["run"]
    assert [path.name for path in (tmp_path / "there").iterdir()] == [run.name]
    assert sorted(path.name for path in run.iterdir()) == [
        "checkpoint.pt",
        "metrics.jsonl",
        "report.html",
        "run.json",
        "timing.jsonl",
        "weights.safetensors",
    ]
    described = json.loads((run / "run.json").read_text())
    assert described["command"][1:3] == ["train", "cnn"]
    assert described["data"]["name"] == "digits"
    assert described["numbers"]["model"]["channels"] == [2, 3, 4]

    known = torchcamp("evaluate", str(run), "--json", cwd=tmp_path)
    fresh = torchcamp("evaluate", str(run), "--fresh", "--json", cwd=tmp_path)
    assert known.returncode == fresh.returncode == 0, fresh.stderr
    known_measures = json.loads(known.stdout)["measures"]
    assert known_measures == json.loads(fresh.stdout)["measures"]
    assert known_measures["accuracy"]["value"] == printed["test_accuracy"]
    assert len(json.loads(fresh.stdout)["confusion"]) == 10

    sample = torchcamp("sample", str(run), cwd=tmp_path)
    assert sample.returncode == 2
    assert "cannot draw any" in one_line(sample)

    torchcamp("train", "mlp", "--data", "digits", "--epochs", "1", cwd=tmp_path)
    listed = json.loads(torchcamp("runs", "--json", cwd=tmp_path).stdout)
    assert [row["recipe"] for row in listed] == ["mlp"]  # `there/` is no place for runs
    both = torchcamp("runs", str(run), "latest", cwd=tmp_path)
    assert both.returncode == 0, both.stderr
    assert "hidden_dims" in both.stdout
    assert "accuracy" in both.stdout
    plain = torchcamp("runs", cwd=tmp_path, COLUMNS="60")
    assert listed[0]["run"] in plain.stdout  # in one piece, however narrow the terminal is


def test_auto_without_mnist_says_that_it_took_digits(tmp_path: Path):
    blocked = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    args = ["train", "cnn", *SMALL, "--json"]
    args[args.index("digits")] = "auto"
    # A process: urllib keeps the proxies of the first request that a process makes.
    result = torchcamp_process(*args, cwd=tmp_path, **blocked)
    assert result.returncode == 0, result.stderr
    assert "digits" in result.stderr.splitlines()[0]
    run = tmp_path / json.loads(result.stdout)["run"]
    assert json.loads((run / "run.json").read_text())["data"]["name"] == "digits"


def test_the_shipped_model_is_evaluated(tmp_path: Path):
    result = torchcamp("evaluate", "cnn", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    printed = json.loads(result.stdout)
    assert printed["model"] == "cnn"
    assert printed["measures"]["accuracy"]["num_samples"] == 10_000
    words = torchcamp("evaluate", "cnn", "--data", "digits", cwd=tmp_path)
    assert words.returncode == 0, words.stderr
    assert "360" in words.stdout


def test_a_recipe_of_ones_own_and_its_copy(tmp_path: Path):
    (tmp_path / "mine.py").write_text(
        "from dataclasses import replace\nfrom torchcamp.recipes import cnn\n"
        "def small():\n    return replace(cnn.default(), epochs=1, data='digits')\n"
    )
    result = torchcamp("train", "mine.py:small", "--set", "channels=2,3,4", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (tmp_path / "mine.py").unlink()
    run = json.loads(result.stdout)["run"]
    assert (tmp_path / run / "source" / "mine.py").exists()
    assert torchcamp("evaluate", run, "--fresh", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["train", "cmn"], "unknown recipe 'cmn'. Did you mean 'cnn'?"),
        (["trian"], "unknown command 'trian'. Did you mean 'train'?"),
        (["dev", "chekc"], "unknown command 'chekc'. Did you mean 'check'?"),
        (["data", "fetsh"], "unknown command 'fetsh'. Did you mean 'fetch'?"),
        (["train"], "name a recipe"),
        (["train", "cnn", "--data", "mnits"], "unknown data set 'mnits'. Did you mean 'mnist'?"),
        (["train", "cnn", "--data", "folder:nowhere"], "nowhere does not exist"),
        (["train", "cnn", "--data", "digits", "--set", "lr=x"], "lr takes a number"),
        (
            ["train", "cnn", "--data", "digits", "--device", "gpu"],
            "unknown device 'gpu'. Did you mean 'cuda'?",
        ),
        (["train", "cnn", "--data", "digits", "--precision", "fp8"], "unknown precision 'fp8'"),
        (["train", "cnn", "--epochs", "x"], "'x' is not a valid integer"),
        (
            ["train", "cnn", "--data", "digits", "--out", "/dev/null/x"],
            "cannot create a run folder",
        ),
        (["train", "--resume", "nowhere"], "run folder nowhere does not exist"),
        (["evaluate", "cn"], "Did you mean 'cnn'"),
        (["evaluate", "latest"], "there is no run here yet"),
        (["evaluate", "."], "it has no run.json"),
        (["runs", "nowhere"], "unknown run 'nowhere'. List yours with: torchcamp runs"),
        (["data", "fetch", "mnits"], "Did you mean 'mnist'"),
        (["start", "--workspace", "/dev/null/x"], "cannot create the workspace"),
        (["start", "--port", "99999"], "99999"),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_2(tmp_path: Path, args: list[str], words: str):
    result = torchcamp(*args, cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    assert words in one_line(result)
    assert result.stdout == ""
    assert not (tmp_path / "runs").exists()


def test_one_class_is_refused_before_anything_is_written(tmp_path: Path):
    from PIL import Image

    (tmp_path / "pictures" / "cat").mkdir(parents=True)
    for number in range(3):
        Image.new("L", (28, 28)).save(tmp_path / "pictures" / "cat" / f"{number}.png")
    result = torchcamp("train", "cnn", "--data", "folder:pictures", cwd=tmp_path)
    assert result.returncode == 2
    assert "only one class" in one_line(result)
    assert not (tmp_path / "runs").exists()


def test_a_divergence_is_said(tmp_path: Path):
    result = torchcamp("train", "cnn", *SMALL, "--set", "lr=1e30", cwd=tmp_path)
    assert result.returncode == 2
    assert "training diverged" in one_line(result)


def test_data_commands(tmp_path: Path, idx_folder: Path):
    (tmp_path / "data").mkdir()
    idx_folder.rename(tmp_path / "data" / "mnist")
    here = {"TORCHCAMP_DATA": str(tmp_path / "data")}
    where = torchcamp("data", "where", "mnist", cwd=tmp_path, **here)
    assert where.returncode == 0
    assert str(tmp_path / "data" / "mnist") in where.stdout
    verify = torchcamp("data", "verify", "mnist", cwd=tmp_path, **here)
    assert verify.returncode == 1
    assert verify.stdout.count("not the published file") == 4
    assert torchcamp("data", "where", "mnist", cwd=tmp_path).returncode == 1
    assert torchcamp("data", "where", cwd=tmp_path).returncode == 0


def test_verify_the_real_one(tmp_path: Path, mnist_root: Path):
    result = torchcamp("data", "verify", "mnist", cwd=tmp_path, TORCHCAMP_DATA=str(mnist_root))
    assert result.returncode == 0
    assert result.stdout.count("the published content") == 4


@pytest.mark.parametrize("launched", [False, True])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_whom_the_launcher_ends_leaves_it_to_tell(
    launched: bool, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
):
    """A failed process takes the others with it, by SIGTERM: one sentence tells of it."""
    if launched:
        monkeypatch.setenv(LAUNCHED, "1")
    silent = launched and number == signal.SIGTERM
    for code in (
        f"from torchcamp.base import leaving; leaving.leave({int(number)}, None)",
        "from torchcamp.cli import main; from torchcamp.cli.shared import Stopped; "
        f"raise SystemExit(main._told(Stopped({int(number)})))",
    ):
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert ended.returncode == 128 + number
        said = "" if silent else f"torchcamp: stopped by {number.name}\n"
        assert ended.stderr == said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_after_the_last_sentence_adds_none(number: signal.Signals, tmp_path: Path):
    """torchrun ends, by SIGTERM, a process that has just said which other one failed."""
    code = (
        "import atexit, os, signal, time\n"
        f"signal.signal({int(number)}, signal.SIG_DFL)\n"
        "from torchcamp.cli.main import main\n"
        f"atexit.register(lambda: (os.kill(os.getpid(), {int(number)}), time.sleep(30)))\n"
        "main(['unknown'])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert ended.returncode == 128 + number
    assert ended.stderr.count("torchcamp: ") == 1
    assert "unknown" in ended.stderr
