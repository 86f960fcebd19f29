"""Every option of the command line does what it says: a table of the tests that watch each.

A new option without an entry in `WITNESSES` fails here. An entry's test uses the option and fails
when the command does not hear it.
"""

import contextlib
import importlib
import inspect
import itertools
import json
import signal
import stat
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import numpy as np
import pytest
from safetensors.torch import load_file

from tests.cli.program import one_line, torchcamp
from tests.conftest import write_set
from tests.described import described
from torchcamp import __version__
from torchcamp.cli import main
from torchcamp.course.content import course
from torchcamp.course.server import launch

# Command and option -> the test that watches it, `FILE::TEST` below tests/.
HERE, CLI, READ, DOCTOR, EXPLAIN, GENERATE, PRACTICE, PREDICT = (
    f"cli/test_{name}.py::test_"
    for name in ("options", "cli", "read", "doctor", "explain", "generate", "practice", "predict")
)
OWN_CONTENT = "cli/test_own_content.py::test_"
SHARDING = "training/test_sharding.py::test_"
NOTEBOOK = "course/test_notebook.py::test_"
GRADE, PROGRESS = "cli/test_grade.py::test_", "course/test_progress.py::test_"
BENCH = "bench/test_command.py::test_"
TUNING, OWN, TRUST = (
    f"recipes/test_{name}.py::test_" for name in ("fine_tuning", "own_pictures", "trust")
)
WITNESSES = {
    "--version": HERE + "the_version_is_printed",
    "start --workspace": HERE + "start_serves_the_workspace_that_is_named_at_the_port",
    "start --port": HERE + "start_serves_the_workspace_that_is_named_at_the_port",
    "start --socket": HERE + "start_listens_on_the_socket_that_is_named",
    "start --kernels": HERE + "start_keeps_as_many_kernels_as_it_is_told",
    "start --tools": HERE + "start_allows_marimos_tools_when_asked",
    "start --no-browser": HERE + "start_opens_a_browser_unless_told_not_to",
    "start --content": OWN_CONTENT + "start_remembers_content_and_language",
    "start --language": OWN_CONTENT + "start_remembers_content_and_language",
    "start --yes": OWN_CONTENT + "a_strangers_workspace_is_asked_about",
    "practice --content": OWN_CONTENT + "content_is_chosen_by_option_or_environment",
    "check --content": OWN_CONTENT + "content_is_chosen_by_option_or_environment",
    "hint --content": OWN_CONTENT + "content_is_chosen_by_option_or_environment",
    "reset --content": OWN_CONTENT + "content_is_chosen_by_option_or_environment",
    "solution --content": OWN_CONTENT + "content_is_chosen_by_option_or_environment",
    "notebook --content": OWN_CONTENT + "content_is_chosen_by_option_or_environment",
    "slides --content": OWN_CONTENT + "content_is_chosen_by_option_or_environment",
    "dev show --content": OWN_CONTENT + "content_is_chosen_by_option_or_environment",
    "dev mutants --content": OWN_CONTENT + "content_is_chosen_by_option_or_environment",
    "practice --language": OWN_CONTENT + "the_language_is_chosen_by_option_or_environment",
    "check --language": OWN_CONTENT + "the_language_is_chosen_by_option_or_environment",
    "hint --language": OWN_CONTENT + "the_language_is_chosen_by_option_or_environment",
    "reset --language": OWN_CONTENT + "the_language_is_chosen_by_option_or_environment",
    "solution --language": OWN_CONTENT + "the_language_is_chosen_by_option_or_environment",
    "notebook --language": OWN_CONTENT + "the_language_is_chosen_by_option_or_environment",
    "slides --language": OWN_CONTENT + "the_language_is_chosen_by_option_or_environment",
    "grade --content": OWN_CONTENT + "a_class_is_graded_with_own_checks",
    "dev new --content": OWN_CONTENT + "from_an_empty_folder_to_a_link",
    "dev behaviours --content": OWN_CONTENT + "from_an_empty_folder_to_a_link",
    "practice --list": HERE + "practice_lists_even_where_an_exercise_is_next",
    "practice --json": PRACTICE + "a_lessons_exercises_are_listed",
    "check --all": PRACTICE + "several_and_whole_lessons_are_checked",
    "check --file": PRACTICE + "a_file_elsewhere_is_not_recorded",
    "check --watch": PRACTICE + "watch_checks_after_every_change",
    "check --json": PRACTICE + "from_practice_to_solved",
    "notebook -o": NOTEBOOK + "the_commands_write_what_they_say",
    "slides -o": NOTEBOOK + "the_commands_write_what_they_say",
    "train --preset": HERE + "what_train_is_told_stands_in_its_run",
    "train --data": HERE + "what_train_is_told_stands_in_its_run",
    "train --epochs": HERE + "what_train_is_told_stands_in_its_run",
    "train --seed": HERE + "what_train_is_told_stands_in_its_run",
    "train --lr": TUNING + "a_run_begins_with_anothers_weights_and_names_it",
    "train --batch-size": TUNING + "without_a_recipe_a_run_goes_on_with_its_parents_settings",
    "train --from": TUNING + "a_run_begins_with_anothers_weights_and_names_it",
    "train --freeze": TUNING + "frozen_features_stay_and_the_last_layer_learns",
    "train --size": OWN + "size_and_colour_may_be_chosen",
    "train --colour": OWN + "size_and_colour_may_be_chosen",
    "train --encoding": "cli/test_decode.py::test_text_in_another_encoding_and_alphabet",
    "decode --trust": TRUST + "every_command_that_runs_it_takes_trust",
    "decode --json": "cli/test_decode.py::test_likelihoods_and_paths_are_hmmlearns",
    "decode --csv": "cli/test_decode.py::test_a_table_holds_one_row_for_each_sequence",
    "train --device": HERE + "an_unknown_device_is_refused",
    "train --precision": HERE + "what_train_is_told_stands_in_its_run",
    "train --set": HERE + "what_train_is_told_stands_in_its_run",
    "train --out": HERE + "what_train_is_told_stands_in_its_run",
    "train --log": HERE + "train_also_logs_where_it_is_told_to",
    "train --resume": "cli/test_resume.py::test_a_finished_run_is_left_alone",
    "train --processes": HERE + "train_starts_as_many_processes_as_it_is_told",
    "train --shard": SHARDING + "sharded_processes_compute_as_whole_ones",
    "train --sync-batch-norm": SHARDING
    + "a_training_with_synchronised_batch_norm_is_that_of_one_process",
    "train --graphs": HERE + "graphs_are_used_as_asked_and_as_the_run_began",
    "train --max-restarts": HERE + "train_starts_as_many_processes_as_it_is_told",
    "train --trust": TRUST + "every_command_that_runs_it_takes_trust",
    "train --json": HERE + "what_train_is_told_stands_in_its_run",
    "find-lr --preset": HERE + "find_lr_takes_what_train_takes",
    "find-lr --data": HERE + "find_lr_takes_what_train_takes",
    "find-lr --set": HERE + "find_lr_takes_what_train_takes",
    "find-lr --steps": HERE + "find_lr_takes_what_train_takes",
    "find-lr --device": HERE + "an_unknown_device_is_refused",
    "find-lr --json": HERE + "find_lr_takes_what_train_takes",
    "find-lr -o": HERE + "find_lr_draws_its_picture",
    "sweep --preset": HERE + "sweep_takes_what_train_takes",
    "sweep --data": HERE + "sweep_takes_what_train_takes",
    "sweep --epochs": HERE + "sweep_takes_what_train_takes",
    "sweep --seed": HERE + "sweep_takes_what_train_takes",
    "sweep --set": HERE + "sweep_takes_what_train_takes",
    "sweep --trials": HERE + "sweep_takes_what_train_takes",
    "sweep --hours": HERE + "a_sweep_ends_after_its_hours",
    "sweep --device": HERE + "an_unknown_device_is_refused",
    "sweep --precision": HERE + "sweep_takes_what_train_takes",
    "sweep --out": HERE + "sweep_takes_what_train_takes",
    "sweep --json": HERE + "sweep_takes_what_train_takes",
    "data show -o": "cli/test_data.py::test_a_sheet_has_a_row_of_examples_for_each_class",
    "runs --html": HERE + "runs_on_one_page",
    "runs --json": CLI + "train_evaluate_runs",
    "evaluate --data": HERE + "evaluate_measures_on_the_data_that_are_named",
    "evaluate --fresh": HERE + "evaluate_shows_what_is_known_unless_told_to_measure",
    "evaluate --device": HERE + "an_unknown_device_is_refused",
    "evaluate --trust": TRUST + "every_command_that_runs_it_takes_trust",
    "evaluate --json": HERE + "evaluate_shows_what_is_known_unless_told_to_measure",
    "predict --top": PREDICT + "a_run_names_the_classes_of_new_pictures",
    "predict --csv": PREDICT + "rows_are_written_as_csv",
    "predict --no-invert": PREDICT + "a_dark_digit_on_white_is_inverted_unless_it_must_not_be",
    "predict --device": HERE + "an_unknown_device_is_refused",
    "predict --trust": TRUST + "every_command_that_runs_it_takes_trust",
    "predict --json": PREDICT + "a_run_names_the_classes_of_new_pictures",
    "export --format": PREDICT + "an_exported_classifier_gives_our_logits",
    "export -o": PREDICT + "the_check_is_on_the_runs_own_pictures",
    "export --trust": TRUST + "every_command_that_runs_it_takes_trust",
    "export --json": PREDICT + "an_exported_classifier_gives_our_logits",
    "sample -n": GENERATE + "a_picture_and_an_array",
    "sample --label": GENERATE + "a_picture_and_an_array",
    "sample --prompt": GENERATE + "text_and_dice_go_to_standard_output",
    "sample --temperature": HERE + "a_temperature_near_zero_writes_the_likeliest_text",
    "sample --seed": HERE + "samples_of_another_seed_are_others",
    "sample -o": GENERATE + "bits_have_no_labels",
    "sample --device": HERE + "an_unknown_device_is_refused",
    "sample --trust": TRUST + "every_command_that_runs_it_takes_trust",
    "sample --json": GENERATE + "a_picture_and_an_array",
    "compare --fresh": HERE + "compare_shows_what_is_known_unless_told_to_measure",
    "compare -o": GENERATE + "runs_side_by_side",
    "compare --device": HERE + "an_unknown_device_is_refused",
    "compare --trust": TRUST + "every_command_that_runs_it_takes_trust",
    "compare --json": GENERATE + "runs_side_by_side",
    "bench --only": BENCH + "json_holds_what_it_promises",
    "bench --pairs": BENCH + "json_holds_what_it_promises",
    "bench --quick": BENCH + "quick_takes_the_fast_preset_and_fewer_sizes",
    "bench --device": HERE + "an_unknown_device_is_refused",
    "bench --precision": BENCH + "a_precision_is_the_one_that_was_asked_for",
    "bench -o": BENCH + "a_page_is_written",
    "bench --json": BENCH + "an_option_before_the_name_of_a_command_is_not_lost",
    "bench speedrun --seeds": BENCH + "a_speedrun_is_a_table_of_seeds",
    "bench speedrun --device": HERE + "an_unknown_device_is_refused",
    "bench speedrun -o": BENCH + "a_speedrun_is_a_table_of_seeds",
    "bench speedrun --json": BENCH + "a_speedrun_is_a_table_of_seeds",
    "read --input": READ + "a_model_that_crashes_is_shown_and_exits_with_1",
    "read --args": READ + "a_function_with_its_arguments",
    "read --call": READ + "make_input_and_call",
    "read --argv": HERE + "a_script_that_is_read_gets_its_arguments",
    "read --dtype": "reading/test_dtype.py::test_it_is_an_option",
    "read --html": HERE + "read_writes_a_page_in_place_of_the_listing",
    "read --markdown": HERE + "read_writes_tables_in_place_of_the_listing",
    "read --diff": HERE + "two_files_are_compared_in_every_form",
    "read --full-import": HERE + "the_whole_file_runs_where_it_is_told_to",
    "read --limit": READ + "the_time_limit",
    "read --json": HERE + "a_script_that_is_read_gets_its_arguments",
    "doctor --module": DOCTOR + "what_is_typed_reaches_the_watching_half",
    "doctor --steps": DOCTOR + "what_is_typed_reaches_the_watching_half",
    "doctor --limit": DOCTOR + "what_is_typed_reaches_the_watching_half",
    "doctor --html": DOCTOR + "a_page_is_written_beside_the_listing",
    "doctor --list": DOCTOR + "every_code_is_listed_or_the_one_that_is_named",
    "doctor --json": DOCTOR + "as_json_it_is_one_object_on_one_line",
    "explain --list": EXPLAIN + "all_messages_are_listed_and_each_is_explained_by_name",
    "explain --html": EXPLAIN + "the_page_is_written",
    "explain --json": EXPLAIN + "as_json_it_is_one_object_on_one_line",
    "new --in": HERE + "a_project_is_begun_in_the_folder_that_is_named",
    "dev check --json": PRACTICE + "dev_check",
    "dev check --content": PRACTICE + "dev_check",
    "dev check --disturb": PRACTICE + "dev_check_lists_what_passes_of_a_disturbed_solution",
    "dev check --coverage": (
        "instructor/test_catalogue.py"
        "::test_coverage_prints_sentences_where_they_are_shown_and_why_not"
    ),
    "grade --exercises": GRADE + "exercises_and_lesson",
    "grade --lesson": GRADE + "exercises_and_lesson",
    "grade --jobs": GRADE + "jobs",
    "grade --html": GRADE + "a_second_run_judges_nothing_and_writes_the_same",
    "grade --csv": GRADE + "points",
    "grade --sheet": GRADE + "the_sheet_suits_where_the_answers_come_from",
    "grade --points": GRADE + "points",
    "grade --json": GRADE + "a_second_run_judges_nothing_and_writes_the_same",
    "grade --junit": GRADE + "junit_is_written",
    "grade --classroom": GRADE + "github_classroom_takes_one_repository",
    "grade --state": GRADE + "verdicts_are_kept_in_the_users_cache_or_where_they_are_wanted",
    "grade --fresh": GRADE + "jobs",
    "progress --json": PROGRESS + "progress_tells_them",
    "export-progress --out": PROGRESS + "what_is_handed_over",
    "export-progress --answers": PROGRESS + "what_is_handed_over",
    "dev mutants --json": HERE + "surviving_mutants_as_json",
}


def options(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Option]]:
    """Each option of a command and of the commands below it, as `train --seed`."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield f"{name} {parameter.opts[-1]}".strip(), parameter
    if isinstance(command, click.Group):
        context = click.Context(command)
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from options(found, f"{name} {below}".strip())


def test_every_option_has_a_witness():
    assert {name for name, _ in options(main.torchcamp)} == WITNESSES.keys()


@pytest.mark.parametrize("option", WITNESSES)
def test_the_witness_of_an_option_uses_it(option: str):
    file, _, test = WITNESSES[option].partition("::")
    module = importlib.import_module("tests." + file.removesuffix(".py").replace("/", "."))
    assert f'"{option.split()[-1]}"' in inspect.getsource(getattr(module, test))


# --- The course --------------------------------------------------------------------------


def test_the_version_is_printed(tmp_path: Path):
    result = torchcamp("--version", cwd=tmp_path)
    assert result.stdout == f"torchcamp {__version__}\n"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, int | Path | None, int, bool]]:
    """What `start` would serve; the server ends at once, as with Ctrl-C."""
    asked: list[tuple[Path, int | Path | None, int, bool]] = []

    def interrupted() -> None:
        raise KeyboardInterrupt

    @contextlib.contextmanager
    def serve(
        folder: Path, port: int | None, *, behind: Path | None, kernels: int, tools: bool
    ) -> Iterator[Any]:
        asked.append((folder, behind or port, kernels, tools))
        addresses = itertools.count()
        yield SimpleNamespace(
            new_address=lambda: f"http://here/{next(addresses)}",
            process=SimpleNamespace(wait=interrupted),
        )

    monkeypatch.setattr(launch, "serve", serve)
    monkeypatch.setattr(signal, "signal", lambda *args: None)
    monkeypatch.setattr("webbrowser.open", lambda address: True)
    return asked


def test_start_serves_the_workspace_that_is_named_at_the_port(
    tmp_path: Path, served: list[tuple[Path, int | Path | None, int, bool]]
):
    port = launch.free_port()
    other = launch.free_port(port + 7)
    result = torchcamp("start", "--workspace", "mine", "--port", str(other), cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert [(each[0].resolve(), each[1]) for each in served] == [(tmp_path / "mine", other)]
    assert (tmp_path / "mine" / ".torchcamp").is_dir()


def test_start_listens_on_the_socket_that_is_named(
    tmp_path: Path,
    served: list[tuple[Path, int | Path | None, int, bool]],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("torchcamp.cli.start.die_with_parent", lambda parent: None)
    result = torchcamp("start", "--socket", "camp.sock", cwd=tmp_path)
    assert [each[1] for each in served] == [Path("camp.sock")]
    assert "listening on camp.sock" in result.stdout
    assert "http://" not in result.stdout
    both = torchcamp("start", "--socket", "camp.sock", "--port", "2718", cwd=tmp_path)
    assert (both.returncode, len(served)) == (2, 1)
    assert "leave one out" in both.stderr


def test_start_keeps_as_many_kernels_as_it_is_told(
    tmp_path: Path, served: list[tuple[Path, int | Path | None, int, bool]]
):
    for options in ([], ["--kernels", "5"]):
        assert torchcamp("start", "--no-browser", *options, cwd=tmp_path).returncode == 0
    assert [each[2] for each in served] == [2, 5]
    assert "is not in the range" in torchcamp("start", "--kernels", "0", cwd=tmp_path).stderr


def test_start_allows_marimos_tools_when_asked(
    tmp_path: Path, served: list[tuple[Path, int | Path | None, int, bool]]
):
    assert torchcamp("start", "--tools", cwd=tmp_path).returncode == 0
    assert [each[3] for each in served] == [True]


def test_start_opens_a_browser_unless_told_not_to(
    tmp_path: Path,
    served: list[tuple[Path, int | Path | None, int, bool]],
    monkeypatch: pytest.MonkeyPatch,
):
    """The browser is given a file that only its owner can read, as everybody sees command lines."""
    opened: list[tuple[str, int, str]] = []

    def look(address: str) -> bool:
        page = Path(urllib.request.url2pathname(address.removeprefix("file:")))
        opened.append((address, stat.S_IMODE(page.stat().st_mode), page.read_text()))
        return True

    monkeypatch.setattr("webbrowser.open", look)
    quiet = torchcamp("start", "--no-browser", "--workspace", "camp", cwd=tmp_path)
    assert opened == []
    assert "open: http://here/0" in quiet.stdout
    loud = torchcamp("start", "--workspace", "camp", cwd=tmp_path).stdout
    assert "opened in the browser" in loud
    assert "open: http://here/1" in loud  # the first is the browser's
    [(address, mode, page)] = opened
    assert address == (tmp_path / "camp" / "open-course.html").as_uri()
    assert mode == 0o600
    assert "url=http://here/0" in page
    assert not (tmp_path / "camp" / "open-course.html").exists()


def test_practice_lists_even_where_an_exercise_is_next(tmp_path: Path):
    (tmp_path / ".torchcamp").mkdir()
    listed = torchcamp("practice", "--list", cwd=tmp_path).stdout
    assert all(f" {name} " in listed for name in course().exercises)
    assert listed.splitlines()[-1] == f"0 of {len(course().exercises)} solved"


# --- Training ----------------------------------------------------------------------------


def test_what_train_is_told_stands_in_its_run(tmp_path: Path):
    write_set(tmp_path / "small")
    result = torchcamp(
        "train", "cnn", "--preset", "best", "--data", "idx:small", "--epochs", "2",
        "--seed", "5", "--precision", "bf16", "--set", "channels=2,3,4", "--set", "batch_size=20",
        "--out", "there", "--device", "cpu", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    printed = json.loads(result.stdout)
    (run,) = (tmp_path / "there").iterdir()
    assert printed["run"] == f"there/{run.name}"
    described = json.loads((run / "run.json").read_text())
    assert described["preset"] == "best"
    assert described["data"]["name"] == "idx:small"
    assert described["precision"] == "bf16"
    numbers = described["numbers"]
    assert (numbers["epochs"], numbers["seed"], numbers["batch_size"]) == (2, 5, 20)
    assert numbers["average_decay"] == 0.998  # of that preset
    assert numbers["model"]["channels"] == [2, 3, 4]
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert rows[-1]["step"] == 2 * (40 // 20)
    assert load_file(run / "weights.safetensors")["conv1.0.weight"].shape[0] == 2


def test_graphs_are_used_as_asked_and_as_the_run_began(tmp_path: Path):
    write_set(tmp_path / "small")
    args = ["mlp", "--data", "idx:small", "--epochs", "1", "--device", "cpu"]
    why = "no CUDA graphs: the device is cpu"
    assert why not in torchcamp("train", *args, "--out", "without", cwd=tmp_path).stderr
    assert why in torchcamp("train", *args, "--graphs", cwd=tmp_path).stderr
    (run,) = (tmp_path / "runs").iterdir()
    for asked, expected in (([], True), (["--no-graphs"], False), ([], False)):
        described = json.loads((run / "run.json").read_text("utf-8"))
        (run / "run.json").write_text(json.dumps(described | {"finished": None}), "utf-8")
        result = torchcamp("train", "--resume", f"runs/{run.name}", *asked, cwd=tmp_path)
        assert (why in result.stderr) is expected
        assert json.loads((run / "run.json").read_text("utf-8"))["graphs"] is expected


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_precision_is_the_one_that_was_asked_for(tmp_path: Path, precision: str):
    """What the processor would choose by itself is one of the two."""
    write_set(tmp_path / "small")
    torchcamp(
        "train", "mlp", "--data", "idx:small", "--epochs", "1", "--set", "hidden_dims=2",
        "--precision", precision, cwd=tmp_path,
    )  # fmt: skip
    (run,) = (tmp_path / "runs").iterdir()
    assert json.loads((run / "run.json").read_text())["precision"] == precision


@pytest.mark.parametrize(
    "args",
    [
        ["train", "mlp", "--data", "digits"],
        ["find-lr", "mlp", "--data", "digits"],
        ["sweep", "mlp", "--data", "digits", "--set", "lr=1..2"],
        ["evaluate", "cnn"],
        ["predict", "cnn", "x.png"],
        ["sample", "gan"],
        ["compare"],
        ["bench"],
        ["bench", "speedrun"],
    ],
    ids=" ".join,
)
def test_an_unknown_device_is_refused(tmp_path: Path, args: list[str]):
    result = torchcamp(*args, "--device", "gpu", cwd=tmp_path)
    assert result.returncode == 2
    assert "unknown device 'gpu'" in one_line(result)
    assert list(tmp_path.iterdir()) == []


def test_train_starts_as_many_processes_as_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    started = []
    monkeypatch.setattr(
        "torchcamp.training.launch.launch", lambda *given: started.append(given) or 3
    )
    args = ["train", "cnn", "--processes", "4", "--max-restarts", "2", "--epochs", "1"]
    assert torchcamp(*args, cwd=tmp_path).returncode == 3
    assert started == [(args, 4, 2)]
    refused = torchcamp("train", "cnn", "--max-restarts", "2", cwd=tmp_path)
    assert "--processes" in one_line(refused)


def test_train_also_logs_where_it_is_told_to(tmp_path: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    args = ("train", "mlp", "--data", "digits", "--epochs", "2", "--set", "hidden_dims=4")
    result = torchcamp(*args, "--log", "tensorboard", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    run = tmp_path / json.loads(result.stdout)["run"]
    events = EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    for name in ("loss", "test_accuracy"):
        logged = [(event.step, event.value) for event in events.Scalars(name)]
        expected = [(row["step"], pytest.approx(row[name])) for row in rows if name in row]
        assert logged == expected
        assert logged
    final = json.loads((run / "run.json").read_text())["measures"]["macro_f1"]["value"]
    assert events.Scalars("final/macro_f1")[0].value == pytest.approx(final)
    refused = torchcamp(*args, "--log", "tensorbord", cwd=tmp_path)
    assert refused.returncode == 2
    assert "Did you mean 'tensorboard'?" in one_line(refused)
    assert len(list((tmp_path / "runs").iterdir())) == 1


# --- Looking for settings ------------------------------------------------------------------


def test_find_lr_takes_what_train_takes(tmp_path: Path):
    write_set(tmp_path / "small")
    result = torchcamp(
        "find-lr", "cnn", "--preset", "best", "--data", "idx:small", "--set", "channels=2,3,4",
        "--set", "lr=0.5", "--steps", "70", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    printed = json.loads(result.stdout)
    assert (printed["recipe"], printed["preset"]) == ("cnn", "best")
    assert (printed["data"], printed["own"]) == ("idx:small", 0.5)
    assert printed["rates"][1] / printed["rates"][0] == pytest.approx(1e7 ** (1 / 69))
    assert len(printed["rates"]) == len(printed["losses"])
    assert printed["command"] == (
        "torchcamp train cnn --preset best --data idx:small --set channels=2,3,4 "
        f"--lr {printed['suggestion']:g}"
    )
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == ["small"]


def test_find_lr_draws_its_picture(tmp_path: Path):
    args = ("find-lr", "mlp", "--data", "digits", "--set", "hidden_dims=16")
    for name, begin in (("lr.svg", "<svg "), ("lr.html", "<!doctype html>")):
        result = torchcamp(*args, "-o", name, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert (tmp_path / name).read_text().startswith(begin)
        *_, suggested, following = result.stdout.splitlines()
        assert "a tenth of the rate" in suggested
        rate = following.removeprefix(
            "next: torchcamp train mlp --data digits --set hidden_dims=16 --lr "
        )
        assert suggested.startswith(f"lr={rate} ")
        assert f"lr = {rate}" in (tmp_path / name).read_text()
    refused = torchcamp(*args, "-o", "lr.gif", cwd=tmp_path)
    assert refused.returncode == 2
    assert ".html or .svg" in one_line(refused)


def test_sweep_takes_what_train_takes(tmp_path: Path):
    write_set(tmp_path / "small")
    result = torchcamp(
        "sweep", "cnn", "--preset", "best", "--data", "idx:small", "--epochs", "2", "--seed", "5",
        "--precision", "bf16", "--device", "cpu", "--set", "channels=2,3,4",
        "--set", "batch_size=5,10", "--set", "lr=1e-3..1e-2", "--trials", "2", "--out", "there",
        "--json", cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    printed = json.loads(result.stdout)
    assert len(printed["trials"]) == 2
    assert printed["sweep"].startswith("there/sweep-cnn-")
    folder = tmp_path / printed["sweep"]
    for trial in printed["trials"]:
        described = json.loads((folder / trial["run"] / "run.json").read_text())
        numbers = described["numbers"]
        assert described["preset"] == "best"
        assert described["data"]["name"] == "idx:small"
        assert described["precision"] == "bf16"
        assert (numbers["epochs"], numbers["seed"]) == (2, 5)
        assert numbers["model"]["channels"] == [2, 3, 4]
        assert numbers["batch_size"] == int(trial["settings"]["batch_size"])
        assert numbers["lr"] == float(trial["settings"]["lr"])
    best = printed["best"]["settings"]
    assert printed["command"] == (
        "torchcamp train cnn --preset best --data idx:small --epochs 2 --seed 5 "
        f"--set channels=2,3,4 --set batch_size={best['batch_size']} --set lr={best['lr']}"
    )
    # Sweeps are not among the runs.
    assert json.loads(torchcamp("runs", "--json", cwd=tmp_path).stdout) == []


def test_a_sweep_ends_after_its_hours(tmp_path: Path):
    args = (
        "sweep", "mlp", "--data", "digits", "--epochs", "1", "--set", "hidden_dims=4",
        "--set", "lr=0.01,0.02",
    )  # fmt: skip
    result = torchcamp(*args, "--hours", "0", cwd=tmp_path)
    assert result.returncode == 1
    assert "no trial came to its end" in result.stdout
    result = torchcamp(*args, "--hours", "1", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "best: validation accuracy" in result.stdout
    told = [line for line in result.stderr.splitlines() if line.startswith("trial ")]
    assert [line.split(":")[0] for line in told] == ["trial 1 of 2", "trial 2 of 2"]
    assert told[0].endswith(" s left")
    assert "not on the test set" in result.stderr


# --- Judging and sampling ------------------------------------------------------------------


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small run of an MLP, of an HMM and of a text."""
    path = tmp_path_factory.mktemp("runs")
    write_set(path / "small")
    (path / "t.txt").write_text("to be or not to be, that is the question. " * 300)
    for args in (
        ["mlp", "--data", "idx:small", "--set", "hidden_dims=4"],
        ["hmm", "--data", "digits", "--set", "num_states=4"],
        ["rnn", "--data", "text:t.txt", "--set", "hidden_size=8"],
    ):
        result = torchcamp("train", *args, "--epochs", "1", "--device", "cpu", cwd=path)
        assert result.returncode == 0, result.stderr
    return path


def named(folder: Path, recipe: str) -> str:
    (run,) = (folder / "runs").glob(f"{recipe}-*")
    return str(run.relative_to(folder))


@contextlib.contextmanager
def known_as(run: Path, measure: str, value: float) -> Iterator[None]:
    """Let the run say that this is what was measured."""
    file = run / "run.json"
    text = file.read_text()
    content = json.loads(text)
    content["measures"][measure]["value"] = value
    file.write_text(json.dumps(content))
    yield
    file.write_text(text)


def test_evaluate_shows_what_is_known_unless_told_to_measure(runs: Path):
    run = named(runs, "mlp")
    measured = json.loads((runs / run / "run.json").read_text())["measures"]["accuracy"]["value"]
    with known_as(runs / run, "accuracy", 0.321):
        values = [
            json.loads(torchcamp("evaluate", run, *more, "--json", cwd=runs).stdout)["measures"]
            for more in ([], ["--fresh"])
        ]
    assert [each["accuracy"]["value"] for each in values] == [0.321, measured]


def test_evaluate_measures_on_the_data_that_are_named(runs: Path):
    result = torchcamp("evaluate", named(runs, "mlp"), "--data", "digits", "--json", cwd=runs)
    printed = json.loads(result.stdout)
    assert printed["data"] == "digits"
    assert printed["measures"]["accuracy"]["num_samples"] == 360


def test_compare_shows_what_is_known_unless_told_to_measure(runs: Path):
    run = named(runs, "hmm")
    measured = json.loads((runs / run / "run.json").read_text())["measures"]["coverage"]["value"]
    with known_as(runs / run, "coverage", 0.321):
        rows = [
            json.loads(torchcamp("compare", run, *more, "--json", cwd=runs).stdout)
            for more in ([], ["--fresh"])
        ]
    assert [row["coverage"] for (row,) in rows] == [0.321, measured]


def test_runs_side_by_side_list_the_settings_that_differ(tmp_path: Path):
    for name, lr in (("one", 0.125), ("two", 0.25)):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        numbers = {"lr": lr, "seed": 7, "model": {"dropout": 0.5}}
        (folder / "run.json").write_text(json.dumps(described(recipe="mlp", numbers=numbers)))
    shown = torchcamp("runs", "one", "two", cwd=tmp_path).stdout
    rows = {line.split()[0]: line.split()[1:] for line in shown.splitlines() if line.split()}
    assert rows["lr"] == ["0.125", "0.25"]
    assert not {"seed", "dropout", "recipe", "preset"} & rows.keys()


def test_runs_on_one_page(runs: Path):
    names = named(runs, "mlp"), named(runs, "hmm")
    result = torchcamp("runs", *names, "--html", "both.html", cwd=runs)
    assert result.returncode == 0, result.stderr
    page = (runs / "both.html").read_text()
    assert all(Path(name).name in page for name in names)
    assert "Settings that differ" in page
    assert "hidden_dims" in page
    assert "balanced accuracy" in page
    refused = torchcamp("runs", "--html", "none.html", cwd=runs)
    assert refused.returncode == 2
    assert "name the runs to show" in one_line(refused)
    assert not (runs / "none.html").exists()


def test_samples_of_another_seed_are_others(runs: Path):
    drawn = []
    for number, more in enumerate([[], ["--seed", "0"], ["--seed", "1"]]):
        file = f"{number}.npz"
        result = torchcamp("sample", named(runs, "hmm"), "-n", "4", *more, "-o", file, cwd=runs)
        assert result.returncode == 0, result.stderr
        with np.load(runs / file) as content:
            drawn.append(content["images"])
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_a_temperature_near_zero_writes_the_likeliest_text(runs: Path):
    def written(seed: str, *more: str) -> str:
        args = ("sample", named(runs, "rnn"), "-n", "40", "--seed", seed, *more)
        result = torchcamp(*args, cwd=runs)
        assert result.returncode == 0, result.stderr
        return result.stdout

    assert written("0", "--temperature", "0.0001") == written("1", "--temperature", "0.0001")
    assert written("0") != written("1")


# --- Reading -------------------------------------------------------------------------------


def test_a_script_that_is_read_gets_its_arguments(tmp_path: Path):
    (tmp_path / "net.py").write_text(
        "import argparse\nfrom torch import nn\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--width', type=int, default=3)\nargs = parser.parse_args()\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.fc = nn.Linear(2, args.width)\n"
        "    def forward(self, x):\n        return self.fc(x)\n"
    )
    result = torchcamp(
        "read", "net.py:Net", "--input", "1x2", "--argv", "--width 7", "--json", cwd=tmp_path
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["totals"]["parameters"] == 7 * 2 + 7


def test_the_whole_file_runs_where_it_is_told_to(tmp_path: Path):
    """The class does not need the loop, so it is left out otherwise."""
    (tmp_path / "net.py").write_text(
        "from torch import nn\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(2, 3)\n"
        "    def forward(self, x):\n        return self.fc(x)\n"
        "for _ in range(3):\n    print('here I train')\n"
    )
    skipped = []
    for more in ([], ["--full-import"]):
        result = torchcamp("read", "net.py:Net", "--input", "1x2", *more, "--json", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        skipped.append(json.loads(result.stdout)["skipped_statements"])
    assert skipped[0]
    assert not skipped[1]


def test_read_writes_a_page_in_place_of_the_listing(tmp_path: Path):
    args = ("read", "torch.nn:Linear", "--args", "in_features=2, out_features=3", "--input", "4x2")
    paged = torchcamp(*args, "--html", "page.html", cwd=tmp_path)
    assert paged.stdout == ""
    assert "<title>" in (tmp_path / "page.html").read_text()


def test_read_writes_tables_in_place_of_the_listing(tmp_path: Path):
    args = ("read", "torch.nn:Linear", "--args", "in_features=2, out_features=3", "--input", "4x2")
    result = torchcamp(*args, "--markdown", "tables.md", cwd=tmp_path)
    assert result.stdout == ""
    assert "tables: tables.md" in result.stderr
    assert "9 parameters" in (tmp_path / "tables.md").read_text()
    nowhere = torchcamp(*args, "--markdown", "no/where.md", cwd=tmp_path)
    assert nowhere.returncode == 2
    assert "cannot write no/where.md" in one_line(nowhere)


OLD = (
    "from torch import nn\nclass Net(nn.Module):\n    def __init__(self, width):\n"
    "        super().__init__()\n        self.fc = nn.Linear(2, width)\n"
    "    def forward(self, x):\n        return self.fc(x)\n"
)


def test_two_files_are_compared_in_every_form(tmp_path: Path):
    """The other's name may be left out; inputs and arguments go to both."""
    (tmp_path / "old.py").write_text(OLD)
    (tmp_path / "new.py").write_text(OLD.replace("self.fc(x)", "self.fc(x).relu()"))
    args = ("read", "old.py:Net", "--args", "width=3", "--input", "4x2")
    printed = torchcamp(*args, "--diff", "new.py", cwd=tmp_path)
    assert printed.returncode == 0, printed.stderr
    assert "-     7      return self.fc(x)\n" in printed.stdout
    assert "+     7      return self.fc(x).relu()\n" in printed.stdout
    assert "9" in printed.stdout
    same = torchcamp(*args, "--diff", "old.py:Net", "--json", cwd=tmp_path)
    assert json.loads(same.stdout)["before"]["totals"]["parameters"] == 9
    assert {pair["changed"] == [] for pair in json.loads(same.stdout)["functions"][0]["pairs"]} == {True}  # fmt: skip
    files = torchcamp(
        *args, "--diff", "new.py", "--html", "d.html", "--markdown", "d.md", cwd=tmp_path
    )
    assert files.stdout == ""
    assert "relu" in (tmp_path / "d.html").read_text()
    assert "**Net.forward**" in (tmp_path / "d.md").read_text()


@pytest.mark.slow
def test_two_files_that_cannot_be_compared(tmp_path: Path):
    (tmp_path / "old.py").write_text(OLD)
    args = ("read", "old.py:Net", "--args", "width=3", "--input", "4x2")
    (tmp_path / "new.py").write_text(OLD.replace("self.fc(x)", "self.fc(x.T)"))
    crashed = torchcamp(*args, "--diff", "new.py", cwd=tmp_path)
    assert crashed.returncode == 1
    assert "fails at new.py:7" in crashed.stdout
    for wrong in (("gone.py", "gone.py does not exist"), ("new.py:Nett", "Net")):
        result = torchcamp(*args, "--diff", wrong[0], cwd=tmp_path)
        assert result.returncode == 2
        assert wrong[1] in one_line(result)
    outline = torchcamp("read", "old.py", "--diff", "new.py", cwd=tmp_path)
    assert outline.returncode == 2
    assert "--diff compares classes or functions: name one, old.py:NAME" in one_line(outline)


# --- Writing -------------------------------------------------------------------------------


def test_a_project_is_begun_in_the_folder_that_is_named(tmp_path: Path):
    result = torchcamp("new", "leaves", "--in", "there", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert (tmp_path / "there" / "leaves" / "model.py").is_file()


def test_surviving_mutants_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from torchcamp.instructor import mutants

    one = mutants.Mutant(as_if="", line=3, words="left out: x", source="")
    each = mutants.Survivors(exercise="softmax", num_mutants=9, passed=(one,))
    monkeypatch.setattr(mutants, "survivors", lambda exercises, tell: iter([each]))
    result = torchcamp("dev", "mutants", "softmax", "--json", cwd=tmp_path)
    assert json.loads(result.stdout) == {
        "softmax": {"mutants": 9, "passed": [{"line": 3, "words": "left out: x"}]}
    }
