"""The child's half of a diagnosis: `python -m torchcamp.doctor.worker REQUEST.json REPLY.json`.

The reply holds the diagnosis or, under `error`, one line for the person who typed the command.
"""

import ast
import builtins
import io
import json
import os
import sys
import threading
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import torch

from torchcamp.base.errors import ReadError, UserError
from torchcamp.doctor.diagnose import Names, as_findings, find_all
from torchcamp.doctor.diagnosis import Diagnosis, Watched
from torchcamp.doctor.findings.text import has_step, scales_gradient
from torchcamp.doctor.ignoring import split_ignored
from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.loaders import watch_loaders
from torchcamp.doctor.loops import Loops
from torchcamp.doctor.process import Request
from torchcamp.doctor.recording import Recording
from torchcamp.doctor.sandbox import copy_when_written, mirror, mirror_above
from torchcamp.doctor.script import LocalModules, run_script
from torchcamp.doctor.stand_ins import Installed, install
from torchcamp.doctor.target import Script, find_script
from torchcamp.doctor.watch import Watch
from torchcamp.reading.cpu_for_cuda import stay_on_cpu
from torchcamp.reading.guard import HARMLESS, Guard
from torchcamp.reading.notebooks import source_of

MAX_THREADS = 2  # of torch: small batches do not gain from more
MAX_WORDS = 300  # characters of an exception


@dataclass
class Session:
    """One script under watch.

    Attributes:
        ended: how the script ended, once it has.
    """

    request: Request
    script: Script
    names: Names
    recording: Recording
    watch: Watch
    guard: Guard
    begun: float
    stand_ins: Installed
    ended: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


def main(request_file: str, reply_file: str) -> None:
    """Watch what the request names, write the reply and end the process."""
    request = Request.from_json(json.loads(Path(request_file).read_text(encoding="utf-8")))
    reply = os.open(reply_file + ".part", os.O_WRONLY | os.O_CREAT)  # before the guard starts
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")
    try:
        session = _prepare(request)
        timer = threading.Timer(request.limit, _answer, (session, reply, reply_file, "time limit"))
        timer.daemon = True
        timer.start()
        ended = _run(session)
    except UserError as error:
        _write(reply, reply_file, {"error": str(error)})
        return
    _answer(session, reply, reply_file, ended)


def _prepare(request: Request) -> Session:
    """Mirror the folder, start the guard and the witnesses."""
    torch.set_num_threads(min(torch.get_num_threads(), MAX_THREADS))
    os.chdir(request.root)
    given = find_script(request.target, module=request.module)
    base = Path(os.path.realpath(request.work))
    work = base.joinpath(*given.folder.parts[1:])
    mirror(given.folder, work)
    mirror_above(given.folder, work)
    script = Script(
        file=work / given.file.relative_to(given.folder),
        folder=work,
        module=given.module,
        function=given.function,
    )
    source_of(script.file)  # a file that is not Python is told before anything runs
    recording = Recording()
    lines = UserLines(work)
    watch = Watch(recording, lines)
    loops = Loops(recording, request.steps)
    for name, function in loops.names().items():
        setattr(builtins, name, function)
    watch_loaders(recording, lines, request.steps)
    watch.start()
    sys.meta_path.insert(0, LocalModules(work))
    tree = ast.parse(source_of(script.file))
    recording.text_has_step, recording.text_scales_gradient = has_step(tree), scales_gradient(tree)
    here = Path(request.root)
    inside = given.folder == here or here.is_relative_to(given.folder)
    os.chdir(work / here.relative_to(given.folder) if inside else work)
    guard = Guard(base.parent)
    stand_ins = install()
    stay_on_cpu(lambda: stand_ins.note("CUDA is not available: the script ran on the CPU"))
    stand_ins.loaded = lambda network: recording.loaded.update(id(m) for m in network.modules())
    copy_when_written(base.parent, guard)
    guard.start()
    return Session(
        request=request,
        script=script,
        names=Names(work, given.folder, here),
        recording=recording,
        watch=watch,
        guard=guard,
        stand_ins=stand_ins,
        begun=time.monotonic(),
    )


def _run(session: Session) -> str:
    """Run the script; how it ended."""
    sys.stdout = sys.stderr = io.StringIO()
    try:
        with session.watch.functions:
            run_script(session.script, session.request.argv)
    except SystemExit as error:
        return "end" if error.code in (None, 0) else f"exit {error.code}"
    except ReadError:
        raise
    except BaseException as error:
        return f"{type(error).__name__}: {_first_line(error)}"
    finally:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    return "end"


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0][:MAX_WORDS]


def _answer(session: Session, reply: int, reply_file: str, ended: str) -> None:
    """Judge what was seen, write it down and end the process; whoever comes second waits."""
    if not session.lock.acquire(blocking=False):
        time.sleep(3600)
    session.ended = session.names.plain(ended)
    session.recording.is_closed = True
    diagnosis = _judge(session)
    _write(reply, reply_file, {"diagnosis": diagnosis.as_json()}, session.guard)


def _write(
    reply: int, reply_file: str, answer: dict[str, object], guard: Guard | None = None
) -> None:
    if guard is not None:
        guard.on = False
    os.write(reply, json.dumps(answer).encode())
    os.close(reply)
    os.replace(reply_file + ".part", reply_file)
    os._exit(0)  # threads and exit handlers of the user's code do not matter


def _judge(session: Session) -> Diagnosis:
    recording, names = session.recording, session.names
    recording.made_data = session.stand_ins.made_data
    texts = _texts(session.script)
    trees = {file: ast.parse(text) for file, text in texts.items()}
    found, failed = find_all(recording, session.watch.functions, trees)
    findings = as_findings(found, names)
    sources = {names.of(file): text for file, text in texts.items()}
    kept, ignored, unknown = split_ignored(findings, sources)
    return Diagnosis(
        target=session.request.target,
        findings=kept,
        ignored=ignored,
        watched=Watched(
            steps=recording.num_steps,
            backwards=len(recording.backwards),
            forwards=len(recording.calls),
            validation_batches=_validation_batches(recording),
            ended=session.ended,
            seconds=round(time.monotonic() - session.begun, 2),
        ),
        stand_ins=session.stand_ins.used,
        cut=names.cuts(recording),
        not_watched=[
            *_not_watched(recording, session.ended),
            *unknown,
            *failed,
            *_failures(recording),
        ],
        blocked=[
            names.plain(each) for each in session.guard.blocked if not each.endswith(HARMLESS)
        ],
        sources=sources,
    )


def _texts(script: Script) -> dict[str, str]:
    """The user's files that findings may lie in: the script and what it imported from beside it."""
    work = str(script.folder) + os.sep
    files = {str(script.file)} | {
        file
        for module in list(sys.modules.values())
        if isinstance(file := getattr(module, "__file__", None), str)
        and file.startswith(work)
        and file.endswith(".py")
    }
    texts = {}
    for file in sorted(files):
        try:
            texts[file] = source_of(Path(file))
        except ReadError:
            continue
    return texts


def _failures(recording: Recording) -> list[str]:
    return [
        f"a bug in torchcamp: {what} failed ({error})" for what, error in recording.failures.items()
    ]


def _validation_batches(recording: Recording) -> int:
    return sum(
        episode.batches
        for loader in recording.loaders
        for episode in loader.episodes
        if episode.networks and not episode.backwards and not episode.steps
    )


def _not_watched(recording: Recording, ended: str) -> list[str]:
    """What this run could not tell."""
    missing = []
    if ended == "time limit":
        missing.append("the time limit ended the run: later parts of the script were not seen")
    elif ended != "end":
        missing.append(f"the script ended early ({ended}): later parts were not seen")
    if not recording.num_steps:
        missing.append("no optimizer took a step")
    looked = any(
        not call.trained_on and (not call.grad or not call.training) for call in recording.calls
    )
    if recording.num_steps and not looked:
        missing.append("no validation ran within the steps")
    if recording.made_data:
        missing.append("the data was made up, so nothing is said about the data itself")
    if not recording.networks:
        missing.append("no network with parameters was called")
    missing.append(
        "whether rates, constants, augmentation, metrics and labels are the right ones is beyond a few steps"
    )
    return missing


if __name__ == "__main__":
    main(*sys.argv[1:])
