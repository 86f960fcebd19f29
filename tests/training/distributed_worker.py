"""What the processes of `test_distributed.py` do: `torchrun ... distributed_worker.py WORK`.

WORK is a JSON list of command lines of torchcamp. Each process runs all of them, one after the other,
and writes what it printed to OUT/RANK.json: a pair of processes so serves many tests.
"""

import contextlib
import io
import json
import os
import sys
from pathlib import Path

from torchcamp.cli.main import run

if __name__ == "__main__":
    out, commands = Path(sys.argv[1]), json.loads(sys.argv[2])
    results = []
    for command in commands:
        written, said = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(written), contextlib.redirect_stderr(said):
            code = run(command)
        results.append({"code": code, "out": written.getvalue(), "err": said.getvalue()})
    (out / f"{os.environ['RANK']}.json").write_text(json.dumps(results))
