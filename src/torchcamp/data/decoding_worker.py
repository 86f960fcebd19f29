"""A process that decodes blocks of pictures: `python -m torchcamp.data.decoding_worker`.

It reads the arguments of `decode_block`, pickled, one block after another from standard input, and writes
one line of JSON for each block to standard output. It ends when its input does, and so with the
process that started it.
"""

import json
import pickle
import sys

from torchcamp.data.decoding import decode_block


def main() -> None:
    """Decode what comes until nothing does."""
    while True:
        try:
            task = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            found = decode_block(*task)
        except (OSError, MemoryError) as error:
            found = {"errno": getattr(error, "errno", None), "error": str(error) or "out of memory"}
        try:
            print(json.dumps(found), flush=True)
        except BrokenPipeError:  # the process that started this one is gone
            sys.stdout = None  # type: ignore[assignment]  # or Python would flush it once more
            return


if __name__ == "__main__":
    main()
