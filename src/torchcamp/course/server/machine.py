"""What the home page says of this machine: `python -m torchcamp.course.server.machine` prints JSON."""

import json

import torch

from torchcamp.data import fetch
from torchcamp.training.devices import resolve_device


def machine() -> dict[str, str]:
    """The device that training takes and the data that `auto` stands for when offline."""
    device = resolve_device("auto")
    words = {"cpu": f"CPU, {torch.get_num_threads()} threads", "mps": "Apple GPU"}
    name = words.get(device.type) or torch.cuda.get_device_name(device)
    found = fetch.locate("mnist")
    return {
        "device": name,
        "data": "MNIST, 70,000 digits" if found else "digits, 1,797 small scans",
        "data_hint": str(found) if found else "torchcamp data fetch mnist gets the larger set",
    }


if __name__ == "__main__":
    print(json.dumps(machine()))
