"""What the home page says about this machine: `python -m torchcamp.course.server.machine`, as JSON."""

import json

import torch

from torchcamp.data import fetch
from torchcamp.training.devices import resolve_device


def machine() -> dict[str, str]:
    """The device that training uses, and the data set that `auto` means when offline."""
    device = resolve_device("auto")
    names = {"cpu": f"CPU, {torch.get_num_threads()} threads", "mps": "Apple GPU"}
    name = names.get(device.type) or torch.cuda.get_device_name(device)
    folder = fetch.locate("mnist")
    return {
        "device": name,
        "data": "MNIST, 70,000 digits" if folder else "digits, 1,797 small scans",
        "data_hint": str(folder) if folder else "torchcamp data fetch mnist gets the larger set",
    }


if __name__ == "__main__":
    print(json.dumps(machine()))
