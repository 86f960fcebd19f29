"""A process that decodes blocks of pictures: `python -m torchcamp.data.decoding_worker`.

It reads the job from standard input, then one number of a block per line, and writes one line of JSON
for each block. It ends when its input does, and so with the process that started it.
"""

import json
import pickle
import sys

from torchcamp.data.decoding import decode_block


def main() -> None:
    size = int.from_bytes(sys.stdin.buffer.read(8), "little")
    pixels, files, decoding = pickle.loads(sys.stdin.buffer.read(size))
    for line in sys.stdin.buffer:
        print(json.dumps(decode_block(pixels, files, decoding, int(line))), flush=True)


if __name__ == "__main__":
    main()
