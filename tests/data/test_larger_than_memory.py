"""Sets of pictures that are larger than what a process may allocate.

The limit is RLIMIT_DATA, which counts what a process has for itself (heap, stacks, private mappings) but
not a file that it maps and shares, as the decoded pictures are.

The program's peak is 413 MB, of which 180 MB are torch: the largest VmData in /proc/PID/status, looked up
every 5 ms during `torchcamp train cnn --data folder:DIR --size 192 --epochs 1 --device cpu --set
channels=2,2,2 --set max_shift=0 --set batch_size=32` with 400 pictures and two threads (340 to 365 MB with one).
The slow test below holds that 17,000 pictures need no more than 460 MB.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="RLIMIT_DATA limits allocations on Linux only"
)

LIMIT_MB = 460  # of the whole program; it takes 413 to train on a handful of these pictures


def write_pictures(folder: Path, count: int) -> None:
    """Two classes of small files, without red and without green, that are decoded large."""
    rng = np.random.default_rng(0)
    for number in range(count):
        pixels = rng.integers(0, 256, (8, 8, 3), np.uint8)
        pixels[..., number % 2] = 0
        path = folder / ("without_red", "without_green")[number % 2] / f"{number:05}.bmp"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)


SMALL = """
import resource, sys
from pathlib import Path
from torchcamp.data.batches import Batches
from torchcamp.data.decoding import survey
from torchcamp.data.picture_cache import decoded
from torchcamp.data.picture_files import list_files

files = list_files(Path(sys.argv[1]), print).pictures
read = decoded(files, survey(files, size="256"))
batches = Batches(read.images, batch_size=5)
next(batches.epoch(0))  # starts threads of torch, of which a stack alone is 8 MB
inside = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
allowed = inside + read.images.numel() // 4
resource.setrlimit(resource.RLIMIT_DATA, (allowed, allowed))
sums = 0
for epoch in range(2):
    for (images,) in batches.epoch(epoch):
        sums += int(images.numpy().sum(dtype='int64'))
print(sums == 2 * int(read.images.numpy().sum(dtype='int64')))
try:
    read.images.clone()
except RuntimeError as error:
    print("can't allocate memory" in str(error))
"""


def test_a_set_four_times_what_may_be_allocated_is_read_in_batches(tmp_path: Path):
    """69 MB of pixels; 17 MB may be allocated beyond what the process has, so a copy of them fails."""
    write_pictures(tmp_path / "set", 350)
    out = subprocess.run(
        [sys.executable, "-c", SMALL, str(tmp_path / "set")], capture_output=True, text=True
    )
    assert (out.stdout, out.stderr) == ("True\nTrue\n", "")


LARGE = """
import resource, sys
limit = int(sys.argv.pop(1)) * 2**20
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
from torchcamp.__main__ import main
main()
"""


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_set_four_times_the_limit_of_the_process_trains(tmp_path: Path):
    """1,840 MB of pixels against 460 MB for everything that the program allocates."""
    size = 192
    num_pictures = 4 * LIMIT_MB * 2**20 // (3 * size * size) + 1
    write_pictures(tmp_path / "set", num_pictures)
    settings = ["channels=2,2,2", "max_shift=0", "batch_size=32", "lr=0.003"]
    out = subprocess.run(
        [
            *(sys.executable, "-c", LARGE, str(LIMIT_MB)),
            *("train", "cnn", "--data", f"folder:{tmp_path / 'set'}", "--size", str(size)),
            *("--epochs", "1", "--device", "cpu", "--json", "--out", str(tmp_path / "runs")),
            *(part for setting in settings for part in ("--set", setting)),
        ],
        capture_output=True,
        text=True,
    )
    assert out.returncode == 0, out.stderr
    (pixels,) = (tmp_path / "cache").rglob("pixels.u8")
    assert pixels.stat().st_size >= 4 * LIMIT_MB * 2**20
    assert json.loads(out.stdout)["test_accuracy"] > 0.95
