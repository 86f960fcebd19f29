import errno
import fcntl
import os
import queue
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from torchcamp.base.errors import DataError
from torchcamp.data import picture_cache
from torchcamp.data.decoding import BLOCK, Decoding, decode
from torchcamp.data.fetch import cache_dir
from torchcamp.data.picture_cache import cache_size, clear_cache, decoded
from torchcamp.data.picture_files import PictureFile, list_files

DECODING = Decoding(height=8, width=8, channels=3)
WAIT = 30.0  # seconds that a child process may take under load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """200 different pictures: three blocks and a part of one."""
    rng = np.random.default_rng(0)
    (tmp_path / "set").mkdir()
    for number in range(200):
        pixels = rng.integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "set" / f"{number:03}.png")
    return tmp_path / "set"


def pictures(folder: Path) -> list[PictureFile]:
    return list_files(folder, print).pictures


def expected(files: list[PictureFile]) -> torch.Tensor:
    """The files decoded one by one, here."""
    arrays = [decode(file.read(), DECODING).transpose(2, 0, 1) for file in files]
    return torch.from_numpy(np.stack(arrays))


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the blocks that this process decodes, as they are decoded."""
    seen: list[int] = []
    inner = picture_cache.decode_block

    def counted(pixels: Path, part: Any, decoding: Decoding, block: int) -> dict[str, Any]:
        seen.append(block)
        return inner(pixels, part, decoding, block)

    monkeypatch.setattr(picture_cache, "decode_block", counted)
    monkeypatch.setattr(picture_cache, "SECONDS_ALONE", float("inf"))
    return seen


def set_folder() -> Path:
    """The only set in the cache."""
    (found,) = (cache_dir() / "pictures").iterdir()
    return found


# --- What comes out --------------------------------------------------------------------


def test_pictures_come_in_order_and_are_decoded_once(folder: Path, blocks: list[int]):
    files = pictures(folder)
    first = decoded(files, DECODING)
    assert first.images.dtype == torch.uint8
    assert first.images.shape == (200, 3, 8, 8)
    assert torch.equal(first.images, expected(files))
    assert first.kept == list(range(200))
    assert blocks == [0, 1, 2, 3]
    again = decoded(pictures(folder), DECODING)
    assert blocks == [0, 1, 2, 3]
    assert torch.equal(again.images, first.images)
    assert again.digests == first.digests
    assert sorted(path.name for path in set_folder().iterdir()) == [
        "index.json",
        "lock",
        "pixels.u8",
    ]


@pytest.mark.parametrize("change", ["content", "name", "order", "size", "background", "scale"])
def test_any_change_is_another_set(folder: Path, blocks: list[int], change: str):
    files, decoding = pictures(folder), DECODING
    decoded(files, decoding)
    if change == "content":
        Image.new("RGB", (8, 8)).save(folder / "007.png")
        files = pictures(folder)
    elif change == "name":
        (folder / "007.png").rename(folder / "007b.png")
        files = pictures(folder)
    elif change == "order":
        files = files[::-1]
    else:
        changes = {"size": {"height": 9}, "background": {"background": "black"}}
        decoding = Decoding(**vars(DECODING) | changes.get(change, {"high": 255.0}))
    decoded(files, decoding)
    assert len(blocks) == 8
    assert len(list((cache_dir() / "pictures").iterdir())) == 2


def test_a_tar_that_was_replaced_is_another_set(tmp_path: Path):
    """Even by one whose members have the same names, sizes, dates and places."""
    for colour, value in (("red", [255, 0, 0]), ("blue", [0, 0, 255])):
        Image.new("RGB", (8, 8), colour).save(tmp_path / "a.bmp")
        os.utime(tmp_path / "a.bmp", (1, 1))
        with tarfile.open(tmp_path / "set.tar", "w") as archive:
            archive.add(tmp_path / "a.bmp", "a.bmp")
        images = decoded(pictures(tmp_path / "set.tar"), DECODING).images
        assert images[0, :, 0, 0].tolist() == value


def test_what_looks_suspicious_is_counted(tmp_path: Path):
    """Equal pictures, pictures of one colour, positions that never change."""
    rng = np.random.default_rng(0)
    for number in range(100):
        pixels = np.zeros((8, 8, 3), np.uint8)
        pixels[:2] = rng.integers(1, 256, (2, 8, 3))
        if number == 99:
            pixels[7, 7] = 1  # only here, which a sample might miss
        Image.fromarray(pixels).save(tmp_path / f"{number:03}.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "010.png")
    (tmp_path / "021.png").write_bytes((tmp_path / "020.png").read_bytes())
    read = decoded(pictures(tmp_path), DECODING)
    assert read.digests[20] == read.digests[21]
    assert len(set(read.digests)) == 99
    assert read.blank == 1
    assert read.constant_share == pytest.approx((48 - 1) / 64)


def test_one_picture_has_no_pixels_that_never_change(tmp_path: Path):
    Image.new("RGB", (8, 8)).save(tmp_path / "one.png")
    assert decoded(pictures(tmp_path), DECODING).constant_share == 0


# --- Unreadable pictures ---------------------------------------------------------------


def test_unreadable_pictures_are_named_and_may_be_left_out(folder: Path, blocks: list[int]):
    (folder / "003.png").write_bytes(b"")
    (folder / "150.png").write_bytes(b"text")
    files = pictures(folder)
    with pytest.raises(DataError) as refused:
        decoded(files, DECODING)
    assert str(refused.value) == (
        "cannot read 2 of 200 pictures: 003.png (the file is empty), 150.png (not a picture); "
        "repair them, or leave them out with --set skip_unreadable=true"
    )
    read = decoded(files, DECODING, skip_unreadable=True)
    assert len(blocks) == 4  # what the refused call decoded is used
    assert read.unreadable == [("003.png", "the file is empty"), ("150.png", "not a picture")]
    kept = [number for number in range(200) if number not in (3, 150)]
    assert read.kept == kept
    assert torch.equal(read.images, expected([files[number] for number in kept]))
    assert len(read.digests) == 198
    assert (set_folder() / "pixels.u8").stat().st_size == 198 * 8 * 8 * 3


def test_a_stop_while_gaps_are_closed_starts_again(
    folder: Path, blocks: list[int], monkeypatch: pytest.MonkeyPatch
):
    """The pictures are then no longer where they were when their blocks were recorded."""
    (folder / "003.png").write_bytes(b"")
    files = pictures(folder)
    inner = picture_cache._move_together

    def stopped(*arguments: Any) -> None:
        inner(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(picture_cache, "_move_together", stopped)
        with pytest.raises(KeyboardInterrupt):
            decoded(files, DECODING, skip_unreadable=True)
    read = decoded(files, DECODING, skip_unreadable=True)
    assert torch.equal(read.images, expected(files[:3] + files[4:]))
    assert len(blocks) == 8


def test_at_most_ten_are_named(folder: Path):
    for number in range(12):
        (folder / f"{number:03}.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"cannot read 12 of 200 .*009\.png \([^)]*\) and 2 more; "):
        decoded(pictures(folder), DECODING)


@pytest.mark.parametrize("skip", [False, True])
def test_a_set_of_unreadable_pictures_only_is_refused(tmp_path: Path, skip: bool):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"text")
    for _ in range(2):  # the second time from the cache
        with pytest.raises(DataError, match=r"none of the 2 pictures can be read: a\.png \(not a"):
            decoded(pictures(tmp_path), DECODING, skip_unreadable=skip)


def test_a_file_that_is_gone_is_unreadable(folder: Path):
    files = pictures(folder)
    (folder / "003.png").unlink()
    read = decoded(files, DECODING, skip_unreadable=True)
    assert read.unreadable == [("003.png", "No such file or directory")]


# --- Several processes -----------------------------------------------------------------


def test_processes_decode_what_one_would(
    folder: Path, blocks: list[int], monkeypatch: pytest.MonkeyPatch
):
    """Two of them, and so many blocks that each is given one ahead."""
    (folder / "100.png").write_bytes(b"text")
    monkeypatch.setattr(picture_cache, "SECONDS_ALONE", 0.0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
    files = pictures(folder) * 4
    read = decoded(files, DECODING, skip_unreadable=True)
    assert blocks == [0]  # the others are decoded elsewhere
    right = expected([file for file in files if file.name != "100.png"])
    assert torch.equal(read.images, right)
    assert read.unreadable == [("100.png", "not a picture")] * 4
    digests = read.digests
    clear_cache()
    monkeypatch.setattr(picture_cache, "SECONDS_ALONE", float("inf"))
    assert decoded(files, DECODING, skip_unreadable=True).digests == digests


def test_a_zip_is_decoded_by_processes(folder: Path, monkeypatch: pytest.MonkeyPatch):
    archive = Path(shutil.make_archive(str(folder), "zip", folder))
    monkeypatch.setattr(picture_cache, "SECONDS_ALONE", 0.0)
    read = decoded(pictures(archive), DECODING)
    assert torch.equal(read.images, expected(pictures(folder)))


def test_decoding_processes_do_not_load_torch():
    code = "import torchcamp.data.decoding_worker, sys; print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


STARTED: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl-C works although a shell that starts the tests in the background lets them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def none_left_over() -> Iterator[None]:
    """A test that fails leaves no process to the tests after it."""
    yield
    while STARTED:
        with STARTED.pop() as process:
            process.kill()


def run(
    code: str,
    *arguments: object,
    script: Path | None = None,
    cwd: Path | None = None,
    opens_pipes: Path | None = None,
) -> subprocess.Popen[str]:
    """A Python process that runs `code`, without a `__main__` guard.

    Args:
        opens_pipes: a folder for the module that makes it, and its decoding processes, open a pipe as if it
            were a file, and so wait for it.
    """
    setup = (
        "import sys, time, torch\n"
        "from pathlib import Path\n"
        "from torchcamp.data import picture_cache\n"
        "from torchcamp.data.picture_files import PictureFile, list_files\n"
        "from torchcamp.data.decoding import Decoding\n"
        f"decoding = {DECODING!r}\n"
        "files = list_files(Path(sys.argv[1]), print).pictures\n"
    )
    command = [sys.executable, "-c", setup + code]
    if script is not None:
        script.write_text(setup + code)
        command = [sys.executable, str(script)]
    environment = dict(os.environ)
    if opens_pipes is not None:
        opens_pipes.mkdir()
        (opens_pipes / "sitecustomize.py").write_text(
            "from torchcamp.base import files\nfiles.require_regular = lambda *args: None\n"
        )
        paths = [str(opens_pipes), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
    process = subprocess.Popen(
        [*command, *map(str, arguments)],
        cwd=cwd,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    STARTED.append(process)
    return process


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    return line.strip()


def test_a_script_without_a_main_guard_may_decode_in_processes(folder: Path, tmp_path: Path):
    code = (
        "picture_cache.SECONDS_ALONE = 0.0\n"
        "print(int(picture_cache.decoded(files, decoding).images.sum()))\n"
    )
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "numpy.py").write_text("raise SystemExit('from the current folder')")
    process = run(code, folder, script=tmp_path / "script.py", cwd=tmp_path / "here")
    out, errors = process.communicate(timeout=WAIT)
    assert (out, errors) == (f"{int(expected(pictures(folder)).sum())}\n", "")


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def journal_length() -> int:
    """How many blocks are recorded as done."""
    journals = list((cache_dir() / "pictures").glob("*/blocks.jsonl"))
    return (
        sum(line.startswith("{") for line in journals[0].read_text().splitlines())
        if journals
        else 0
    )


def is_free() -> bool:
    """Whether no process holds the lock; those that decode have it too."""
    with (set_folder() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_a_killed_process_loses_no_finished_block_and_leaves_no_process(
    folder: Path, blocks: list[int], tmp_path: Path
):
    """The last block waits for a file that is a pipe, so the kill comes in the middle for sure."""
    files = [PictureFile(f"{n:03}.png", folder / f"{n:03}.png", stamp=(n,)) for n in range(200)]
    right, content = expected(files), files[199].read()
    files[199].file.unlink()
    os.mkfifo(files[199].file)
    process = run(
        "files = [PictureFile(f'{n:03}.png', Path(sys.argv[1], f'{n:03}.png'), stamp=(n,))\n"
        "         for n in range(200)]\n"
        "picture_cache.SECONDS_ALONE = picture_cache.SECONDS_BETWEEN_SYNCS = 0.0\n"
        "picture_cache.decoded(files, decoding)",
        folder,
        opens_pipes=tmp_path / "opens pipes",
    )
    until(lambda: journal_length() == 3)
    process.kill()
    process.wait()
    assert not is_free()  # a decoding process is still there, and nobody else may begin
    with files[199].file.open("wb") as pipe:
        pipe.write(content)
    until(is_free)
    assert process.communicate() == ("", "")
    files[199].file.unlink()
    files[199].file.write_bytes(content)
    read = decoded(files, DECODING)
    assert blocks == [199 // BLOCK]
    assert torch.equal(read.images, right)


def interrupt(monkeypatch: pytest.MonkeyPatch, at: int, files: list[PictureFile]) -> None:
    """Decode `files` until block `at`, where Ctrl-C is pressed."""
    counted = picture_cache.decode_block

    def interrupted(*task: Any) -> dict[str, Any]:
        if task[3] == at:
            raise KeyboardInterrupt
        return counted(*task)

    with monkeypatch.context() as patched:
        patched.setattr(picture_cache, "decode_block", interrupted)
        with pytest.raises(KeyboardInterrupt):
            decoded(files, DECODING)


def test_ctrl_c_keeps_what_is_done(
    folder: Path, blocks: list[int], monkeypatch: pytest.MonkeyPatch
):
    files = pictures(folder)
    interrupt(monkeypatch, 2, files)
    assert not list(cache_dir().rglob("index.json"))
    read = decoded(files, DECODING)
    assert blocks == [0, 1, 2, 3]
    assert torch.equal(read.images, expected(files))


def test_ctrl_c_ends_the_decoding_processes(folder: Path, tmp_path: Path):
    process = run(
        "import os\n"
        "os.mkfifo(Path(sys.argv[1], 'pipe'))\n"
        "files.append(PictureFile('pipe', Path(sys.argv[1], 'pipe')))\n"
        "picture_cache.SECONDS_ALONE = picture_cache.SECONDS_BETWEEN_SYNCS = 0.0\n"
        "try:\n"
        "    picture_cache.decoded(files, decoding)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n",
        folder,
        opens_pipes=tmp_path / "opens pipes",
    )
    until(lambda: journal_length() == 3)
    assert not is_free()
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=WAIT) == ("interrupted\n", "")
    assert is_free()


def test_ctrl_c_is_seen_although_it_does_not_wake_the_main_thread():
    """So it is when the signal comes just before the wait; here another thread takes it."""
    found: queue.SimpleQueue[dict[str, Any] | Exception] = queue.SimpleQueue()

    def interrupt_then_rescue() -> None:
        time.sleep(0.1)
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        time.sleep(5)
        found.put({})

    thread = threading.Thread(target=interrupt_then_rescue, daemon=True)
    thread.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        picture_cache.next_of(found)
    assert time.monotonic() - started < 4


def test_a_line_that_was_cut_off_costs_one_block(
    folder: Path, blocks: list[int], monkeypatch: pytest.MonkeyPatch
):
    """And not the next one too, which is recorded behind it."""
    files = pictures(folder)
    interrupt(monkeypatch, 2, files)
    journal = set_folder() / "blocks.jsonl"
    journal.write_text(journal.read_text().rstrip()[:-20])
    blocks.clear()
    interrupt(monkeypatch, 2, files)
    assert torch.equal(decoded(files, DECODING).images, expected(files))
    assert blocks == [1, 2, 3]


@pytest.mark.parametrize("damage", ["cut", "gone", "no index"])
def test_half_a_file_is_never_taken_for_a_whole_one(folder: Path, blocks: list[int], damage: str):
    files = pictures(folder)
    decoded(files, DECODING)
    if damage == "cut":
        os.truncate(set_folder() / "pixels.u8", 1000)
    else:
        (set_folder() / ("pixels.u8" if damage == "gone" else "index.json")).unlink()
    assert torch.equal(decoded(files, DECODING).images, expected(files))
    assert len(blocks) == 8


@pytest.mark.parametrize("end", ["finishes", "dies"])
def test_a_second_process_waits_for_the_first(folder: Path, blocks: list[int], end: str):
    """And then uses what it decoded, or decodes itself when it died."""
    finish = "picture_cache._decode_into(folder, files, decoding, print)"
    process = run(
        "folder = picture_cache.cache_dir() / 'pictures' / picture_cache._key(files, decoding)\n"
        "folder.mkdir(parents=True)\n"
        "with picture_cache._locked(folder, print):\n"
        "    print('locked', flush=True)\n"
        "    sys.stdin.read(1)\n"
        f"    {finish if end == 'finishes' else 'time.sleep(1000)'}\n",
        folder,
    )
    assert line_of(process) == "locked"
    files, lines, results = pictures(folder), [], []
    thread = threading.Thread(
        target=lambda: results.append(decoded(files, DECODING, report=lines.append))
    )
    thread.start()
    until(lambda: bool(lines))
    assert lines == ["another process is decoding the same pictures; waiting for it"]
    assert thread.is_alive()
    if end == "dies":
        process.kill()
    process.communicate()  # ends its input
    thread.join(WAIT)
    assert torch.equal(results[0].images, expected(files))
    assert blocks == ([] if end == "finishes" else [0, 1, 2, 3])


# --- When something is in the way ------------------------------------------------------


@pytest.mark.parametrize("where", ["before", "meanwhile"])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, where: str
):
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        if where == "before":
            patched.setattr(os, "posix_fallocate", full, raising=False)
        else:
            patched.setattr(picture_cache, "decode_block", full)
        with pytest.raises(DataError) as refused:
            decoded(pictures(folder), DECODING)
    assert str(refused.value) == (
        f"cannot write decoded pictures into {cache_dir() / 'pictures'}: No space left on device; "
        "free some space, or choose another cache folder with XDG_CACHE_HOME"
    )
    assert list((cache_dir() / "pictures").iterdir()) == []
    assert len(decoded(pictures(folder), DECODING).images) == 200


def test_an_error_in_a_decoding_process_is_raised_here(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    files = pictures(folder)
    tasks = deque[picture_cache.Task]([(tmp_path / "no" / "pixels", files[:BLOCK], DECODING, 0)])
    with pytest.raises(OSError, match="No such file") as raised:
        list(picture_cache._in_processes(tasks))
    assert raised.value.errno == errno.ENOENT


def test_a_decoding_process_that_dies_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(picture_cache, "SECONDS_ALONE", 0.0)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", "/bin/false")
        with pytest.raises(
            DataError, match=r"died between \d+\.png and \d+\.png .*run the command"
        ):
            decoded(pictures(folder), DECODING)
    assert torch.equal(decoded(pictures(folder), DECODING).images, expected(pictures(folder)))


def test_without_a_cache_the_pictures_are_decoded_all_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(picture_cache.tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    lines = []
    read = decoded(pictures(folder), DECODING, report=lines.append)
    assert torch.equal(read.images, expected(pictures(folder)))
    assert lines == [
        f"{cache_dir() / 'pictures'} is not writable: the pictures will be decoded again next time"
    ]
    assert list((tmp_path / "temporary").iterdir()) == []


def test_writing_into_the_pictures_does_not_change_the_cache(folder: Path):
    files = pictures(folder)
    process = run("picture_cache.decoded(files, decoding).images[0] = 7\nprint('written')", folder)
    assert process.communicate(timeout=WAIT)[0] == ""
    assert process.returncode == -signal.SIGSEGV
    assert torch.equal(decoded(files, DECODING).images, expected(files))


# --- Progress and size -----------------------------------------------------------------


def test_progress_has_a_count_a_rate_and_the_time_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(picture_cache, "SECONDS_BETWEEN_LINES", 0.0)
    clock = iter(range(0, 10_000, 10))
    lines: list[str] = []
    progress = picture_cache._Progress(1000, 0, lines.append)
    monkeypatch.setattr(picture_cache.time, "monotonic", lambda: progress.started + next(clock))
    for count in (0, 50, 300, 650):
        progress.add(count)
    assert lines[1:] == [
        "decoding pictures: 50 of 1,000 (5 a second, 3 min left)",
        "decoding pictures: 350 of 1,000 (18 a second, 37 s left)",
        "decoded 1,000 pictures in 30 s",
    ]


def test_a_short_wait_is_silent(folder: Path):
    lines: list[str] = []
    decoded(pictures(folder), DECODING, report=lines.append)
    assert lines == []


def test_the_cache_has_a_size_and_can_be_cleared(folder: Path):
    assert cache_size() == 0
    decoded(pictures(folder), DECODING)
    size = cache_size()
    assert 200 * 8 * 8 * 3 < size < 200 * 8 * 8 * 3 + 20_000
    assert clear_cache() == size
    assert cache_size() == 0
