"""What several processes do when one of them, its network or its files break.

Each fault ends in one sentence within 60 seconds, or in a run that goes on; never in a hang, never in
a run folder that cannot be resumed.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import torchcamp
from torchcamp.training.run_folder import RunFolder

pytestmark = pytest.mark.fault

ENDLESS = ["train", "cnn", "--data", "digits", "--epochs", "100000", "--out", "runs", "--json"]
SMALL = ["--set", "model.channels=4,4,4"]
PATIENCE = 10.0  # in place of the usual half minute


def command(*launcher: str) -> list[str]:
    return [sys.executable, "-m", "torch.distributed.run", *launcher, "-m", "torchcamp"]


def start(
    folder: Path, *args: str, prefix: tuple[str, ...] = (), **environment: str
) -> subprocess.Popen[str]:
    """A process in `folder`, whose output goes to the files out and err there, in a session of its own."""
    err = f"err{environment.get('NODE', '')}"
    with (
        (folder / f"out{environment.get('NODE', '')}").open("w") as out,
        (folder / err).open("w") as said,
    ):
        return subprocess.Popen(
            [*prefix, *args],
            cwd=folder,
            env={
                **os.environ,
                "OMP_NUM_THREADS": "1",
                "HOME": str(folder),
                "XDG_CACHE_HOME": str(folder / "cache"),
                "TORCHCAMP_PATIENCE": str(PATIENCE),
                **environment,
            },
            stdout=out,
            stderr=said,
            start_new_session=True,
            text=True,
        )


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """`start`, whose processes and their children are gone after the test."""
    processes: list[subprocess.Popen[str]] = []

    def start_one(*args: Any, **options: Any) -> subprocess.Popen[str]:
        processes.append(start(*args, **options))
        return processes[-1]

    yield start_one
    for process in processes:
        for pid in [*descendants(process.pid), process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [each for child in map(int, children) for each in (*descendants(child), child)]


def rank_process(launcher: subprocess.Popen[str], rank: int) -> int:
    """The process of a rank, among those that `launcher` has started."""
    for pid in descendants(launcher.pid):
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        if f"RANK={rank}".encode() in variables:
            return pid
    raise AssertionError(f"no process has rank {rank}")


def until(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """What `condition` returns as soon as it is true."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return value


def checkpoint(folder: Path) -> Path | None:
    return next((folder / "runs").glob("*/checkpoint.pt"), None)


def sentences(folder: Path, node: str = "") -> list[str]:
    lines = (folder / f"err{node}").read_text().splitlines()
    return [line for line in lines if line.startswith("torchcamp: ")]


def require_resumable(folder: Path) -> None:
    """The run is as its last checkpoint left it: one process goes on with it for a step, and stops."""
    (run,) = (folder / "runs").iterdir()
    folder_now = RunFolder.open(run)
    saved = folder_now.load_checkpoint()
    assert saved is not None
    folder_now.load_weights()
    process = start(folder, sys.executable, "-m", "torchcamp", "train", "--resume", str(run))
    try:
        until(lambda: (s := RunFolder(run).load_checkpoint()) and s["step"] > saved["step"])
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("sharded", [[], ["--shard"]])
def test_a_killed_rank_ends_the_training_in_one_sentence(
    tmp_path: Path, started: Any, sharded: list[str]
):
    launcher = started(
        tmp_path, *command("--standalone", "--nproc-per-node", "2"), *ENDLESS, *SMALL, *sharded
    )
    until(lambda: checkpoint(tmp_path))
    os.kill(rank_process(launcher, 1), signal.SIGKILL)
    assert launcher.wait(60) == 1
    (sentence,) = sentences(tmp_path)
    assert "another process has ended" in sentence
    assert "--resume" in sentence
    require_resumable(tmp_path)


def test_the_first_rank_may_be_killed_too(tmp_path: Path, started: Any):
    launcher = started(
        tmp_path, *command("--standalone", "--nproc-per-node", "2"), *ENDLESS, *SMALL
    )
    until(lambda: checkpoint(tmp_path))
    os.kill(rank_process(launcher, 0), signal.SIGKILL)
    assert launcher.wait(60) == 1
    assert len(sentences(tmp_path)) == 1
    require_resumable(tmp_path)


@pytest.mark.parametrize("sharded", [[], ["--shard"]])
def test_a_rank_that_hangs_is_named(tmp_path: Path, started: Any, sharded: list[str]):
    launcher = started(
        tmp_path, *command("--standalone", "--nproc-per-node", "2"), *ENDLESS, *SMALL, *sharded
    )
    until(lambda: checkpoint(tmp_path))
    os.kill(rank_process(launcher, 1), signal.SIGSTOP)
    (sentence,) = until(lambda: sentences(tmp_path), PATIENCE + 15)
    assert "process 1 of 2" in sentence
    assert launcher.wait(60) == 1  # torchrun gives a process half a minute to end
    require_resumable(tmp_path)


def test_with_processes_a_killed_rank_is_said_once(tmp_path: Path, started: Any):
    program = [sys.executable, "-m", "torchcamp"]
    launcher = started(tmp_path, *program, *ENDLESS, *SMALL, "--processes", "2")
    until(lambda: checkpoint(tmp_path))
    os.kill(rank_process(launcher, 1), signal.SIGKILL)
    assert launcher.wait(60) == 2
    assert len(sentences(tmp_path)) == 1, (tmp_path / "err").read_text()
    assert "Traceback" not in (tmp_path / "err").read_text()


def test_ctrl_c_stops_all_after_the_same_step(tmp_path: Path, started: Any):
    program = [sys.executable, "-m", "torchcamp"]
    launcher = started(tmp_path, *program, *ENDLESS, *SMALL, "--processes", "2")
    until(lambda: checkpoint(tmp_path))
    launcher.send_signal(signal.SIGINT)
    assert launcher.wait(60) == 130
    assert (tmp_path / "err").read_text().count("stopped; continue with") == 1
    require_resumable(tmp_path)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_restart_goes_on_from_the_checkpoint(tmp_path: Path, started: Any, rank: int):
    many = ["train", "cnn", "--data", "digits", "--epochs", "12", "--out", "runs", "--json", *SMALL]
    if rank == 0:
        two = ("--standalone", "--nproc-per-node", "2", "--max-restarts", "1")
        launcher = started(tmp_path, *command(*two), *many)
    else:
        many += ["--processes", "2", "--max-restarts", "1"]
        launcher = started(tmp_path, sys.executable, "-m", "torchcamp", *many)
    saved = until(lambda: checkpoint(tmp_path))
    os.kill(rank_process(launcher, rank), signal.SIGKILL)
    assert launcher.wait(180) == 0, (tmp_path / "err").read_text()
    answer = json.loads((tmp_path / "out").read_text())
    assert answer["run"] == str(saved.parent.relative_to(tmp_path))
    assert len(list((tmp_path / "runs").iterdir())) == 1
    assert "started again" in (tmp_path / "err").read_text()
    rows = RunFolder(saved.parent).rows("metrics.jsonl")
    evaluated = [row["step"] for row in rows if "test_accuracy" in row]
    assert evaluated == [11 * epoch for epoch in range(1, 13)]


def test_a_port_in_use_is_said(tmp_path: Path, started: Any):
    """Without torchrun, as SLURM starts processes: the first one opens the port itself."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        where = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2", "RANK": "0"}
        process = started(tmp_path, sys.executable, "-m", "torchcamp", *ENDLESS, **where)
        assert process.wait(60) == 2
    (sentence,) = sentences(tmp_path)
    assert f"127.0.0.1:{port}" in sentence
    assert not (tmp_path / "runs").exists()


def test_a_process_that_nobody_joins_gives_up(tmp_path: Path, started: Any):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    where = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2", "RANK": "0"}
    process = started(tmp_path, sys.executable, "-m", "torchcamp", *ENDLESS, **where)
    assert process.wait(60) == 2
    (sentence,) = sentences(tmp_path)
    assert "process 0 of 2 cannot reach the others" in sentence


def pair_of_nodes(
    started: Any, folder: Path, commands: tuple[list[str], list[str]], **environment: str
) -> list[subprocess.Popen[str]]:
    """Two processes that find each other as on two machines, each with a command of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    where = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2", **environment}
    return [
        started(
            folder,
            sys.executable,
            "-m",
            "torchcamp",
            *args,
            NODE=str(rank),
            RANK=str(rank),
            **where,
        )
        for rank, args in enumerate(commands)
    ]


def test_ranks_with_other_code_are_refused(tmp_path: Path, started: Any):
    assert torchcamp("new", "own", cwd=tmp_path).returncode == 0
    assert torchcamp("new", "other", cwd=tmp_path).returncode == 0
    commands = [
        ["train", f"{name}/recipe.py:quick", "--data", "digits"] for name in ("own", "other")
    ]
    processes = pair_of_nodes(started, tmp_path, (commands[0], commands[1]))
    assert [process.wait(60) for process in processes] == [2, 2]
    (sentence,) = sentences(tmp_path, "0")
    assert "process 1" in sentence
    assert "has other code than process 0" in sentence
    assert sentences(tmp_path, "1") == []
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("what", ["data", "settings"])
def test_ranks_with_other_data_or_settings_are_refused(tmp_path: Path, started: Any, what: str):
    if what == "data":
        (tmp_path / "a.txt").write_text("a b a b\n" * 40)
        (tmp_path / "b.txt").write_text("a b b a\n" * 40)
        first, second = (["train", "hmm", "--data", f"sequences:{name}.txt"] for name in "ab")
    else:
        first = ["train", "cnn", "--data", "digits", "--epochs", "1"]
        second = [*first, "--lr", "0.5"]
    processes = pair_of_nodes(started, tmp_path, (first, second))
    assert [process.wait(60) for process in processes] == [2, 2]
    (sentence,) = sentences(tmp_path, "0")
    assert f"has other {what} than process 0" in sentence


@pytest.mark.parametrize("sharded", [[], ["--shard"]])
def test_a_full_disk_is_said_once(tmp_path: Path, started: Any, sharded: list[str]):
    """A limit on the size of a file stands for the disk: the checkpoint cannot be written."""
    limit = ("prlimit", "--fsize=20000", "--")
    launcher = started(
        tmp_path,
        *command("--standalone", "--nproc-per-node", "2", "--log-dir", str(tmp_path / "log")),
        *ENDLESS,
        *sharded,
        prefix=limit,
    )
    assert launcher.wait(60) == 1
    (sentence,) = sentences(tmp_path)
    assert "large" in sentence or "space" in sentence


# --- Two machines, on this one ---------------------------------------------------------------


@pytest.fixture
def two_machines() -> Iterator[tuple[str, str]]:
    """Two network namespaces with a cable between them: 10.77.0.1 and 10.77.0.2."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("network namespaces need root and iproute2")
    names = f"torchcamp-a-{os.getpid()}", f"torchcamp-b-{os.getpid()}"
    made = ip("netns", "add", names[0]) and ip("netns", "add", names[1])
    made = made and ip(
        "link", "add", "tca", "netns", names[0], "type", "veth", "peer", "tcb", "netns", names[1]
    )
    try:
        if not made:
            pytest.skip("this machine does not let us make network namespaces")
        for number, (name, cable) in enumerate(zip(names, ("tca", "tcb"), strict=True), start=1):
            assert ip("-n", name, "addr", "add", f"10.77.0.{number}/24", "dev", cable)
            assert ip("-n", name, "link", "set", cable, "up")
            assert ip("-n", name, "link", "set", "lo", "up")
        yield names
    finally:
        for name in names:
            ip("netns", "delete", name)


def ip(*args: str) -> bool:
    return subprocess.run(["ip", *args], capture_output=True).returncode == 0


def on_machines(
    started: Any, folder: Path, machines: tuple[str, str], *args: str
) -> list[subprocess.Popen[str]]:
    """`torchrun --nnodes 2` on both; the second one's disk is a folder of its own."""
    processes = []
    for number, (machine, cable) in enumerate(zip(machines, ("tca", "tcb"), strict=True)):
        disk = folder / f"disk{number}"
        disk.mkdir(exist_ok=True)
        launcher = command(
            "--nnodes", "2", "--node-rank", str(number), "--nproc-per-node", "1",
            "--master-addr", "10.77.0.1", "--master-port", "29511",
        )  # fmt: skip
        prefix = ("ip", "netns", "exec", machine)
        processes.append(started(disk, *launcher, *args, prefix=prefix, GLOO_SOCKET_IFNAME=cable))
    return processes


def test_two_machines_train_and_only_the_first_one_writes(
    tmp_path: Path, started: Any, two_machines: tuple[str, str]
):
    args = [*ENDLESS[:4], "--epochs", "2", "--json", *SMALL]
    processes = on_machines(started, tmp_path, two_machines, *args)
    assert [process.wait(120) for process in processes] == [0, 0], (
        tmp_path / "disk1/err"
    ).read_text()
    assert json.loads((tmp_path / "disk0/out").read_text())["test_accuracy"] > 0
    assert (tmp_path / "disk1/out").read_text() == ""
    assert not (tmp_path / "disk1/runs").exists()


def test_sharded_machines_without_a_common_disk_are_refused(
    tmp_path: Path, started: Any, two_machines: tuple[str, str]
):
    processes = on_machines(started, tmp_path, two_machines, *ENDLESS, *SMALL, "--shard")
    assert [process.wait(120) for process in processes] == [1, 1]
    said = sentences(tmp_path / "disk0") + sentences(tmp_path / "disk1")
    (sentence,) = said
    assert "choose a folder that all machines share with --out" in sentence


def test_a_machine_that_is_cut_off_ends_both_in_a_sentence_and_comes_back(
    tmp_path: Path, started: Any, two_machines: tuple[str, str]
):
    processes = on_machines(started, tmp_path, two_machines, *ENDLESS, *SMALL)
    disks = tmp_path / "disk0", tmp_path / "disk1"
    saved = until(lambda: checkpoint(disks[0]))
    assert ip("-n", two_machines[1], "link", "set", "tcb", "down")
    for disk in disks:
        (sentence,) = until(lambda disk=disk: sentences(disk), 60)
        assert "of 2" in sentence or "another process" in sentence
    for process in processes:
        process.wait(60)
    step = RunFolder(saved.parent).load_checkpoint()["step"]  # pyright: ignore[reportOptionalSubscript]
    assert ip("-n", two_machines[1], "link", "set", "tcb", "up")
    resume = ["train", "--resume", str(saved.parent)]
    processes = on_machines(started, tmp_path, two_machines, *resume)
    until(lambda: RunFolder(saved.parent).load_checkpoint()["step"] > step)  # pyright: ignore[reportOptionalSubscript]


# --- What docs/scaling.md tells people to type -------------------------------------------------

SCALING = Path(__file__).parents[2] / "docs" / "scaling.md"


def test_the_sbatch_script_runs(tmp_path: Path, started: Any):
    """With a `srun` that starts each node's task here, and a `scontrol` that names this machine."""
    (script,) = (
        block for block in SCALING.read_text().split("```sh\n") if block.startswith("#!/bin/bash")
    )
    (tmp_path / "job.sh").write_text(script.partition("```")[0])
    tools = tmp_path / "bin"
    tools.mkdir()
    each = 'for node in $(seq "$SLURM_NNODES"); do SLURM_PROCID=$((node - 1)) "$@" & done; wait'
    programs = {
        "srun": each,
        "scontrol": '[ "$3" = "$SLURM_JOB_NODELIST" ] && echo 127.0.0.1 && echo other',
        "torchrun": f'exec {sys.executable} -m torch.distributed.run "$@"',
    }
    for name, text in programs.items():
        (tools / name).write_text(f"#!/bin/bash\n{text}\n")
        (tools / name).chmod(0o755)
    slurm = {
        "SLURM_NNODES": "2",
        "SLURM_JOB_ID": str(os.getpid()),
        "SLURM_JOB_NODELIST": "node[1-2]",
        "PATH": f"{tools}:{os.environ['PATH']}",
    }
    job = started(tmp_path, "bash", "job.sh", **slurm)
    assert job.wait(150) == 0, (tmp_path / "err").read_text()
    (line,) = (tmp_path / "out").read_text().splitlines()
    run = RunFolder.open(tmp_path / json.loads(line)["run"])
    assert run.description()["processes"] == 4
    assert len(list((tmp_path / "runs").iterdir())) == 1
