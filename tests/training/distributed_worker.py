"""What the processes of `test_distributed.py` do: `torchrun ... distributed_worker.py OUT JOBS`.

JOBS is a JSON list. Each process does all of them, one after the other, and writes what they printed to
OUT/RANK.json: one pair of processes so serves many tests. A job has one of

    run      a command line of torchcamp; a `*` in it stands for the one path that fits
    fit      a recipe and its settings: its steps alone, without measures; OUT/NAME.RANK.pt gets its state
             of its Adams, `eps`; with `shard`, weights and optimizer are shared out
    agree    steps, each with the ranks that want to stop and what it reduces ("gradients", "totals" or
             nothing): OUT/NAME.RANK.pt gets what was agreed after each, and its number of reductions
    norm     names of NETWORKS: how far synchronised batch norm takes each one's gradients from those of
             one process that has the whole batch, in float64, is what OUT/NAME.RANK.pt gets

and may have `stop_after`: the second process is asked to stop after so many steps; `copy`: what it
wrote is copied there; and `contiguous`: networks keep the memory layout that sharding needs, in which
convolutions add up in another order than in ours.
"""

import contextlib
import copy
import glob
import io
import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn

from torchcamp.cli.main import run
from torchcamp.cli.train import Stop
from torchcamp.models import cnn, resnet
from torchcamp.recipes.train import Request, prepare
from torchcamp.training.batch_norm import synchronise
from torchcamp.training.checkpoint import capture
from torchcamp.training.distributed import Ranks, joined, part
from torchcamp.training.loop import fit
from torchcamp.training.sharded_tensors import own_part, whole

RANK = int(os.environ.get("RANK", "0"))
SMALL = (8, 8, 8, 8)
NETWORKS = {
    "cnn": lambda: cnn.CNN(cnn.CNNConfig(image_shape=(3, 32, 32))),
    "pool": lambda: resnet.ResNet(resnet.ResNetConfig(channels=SMALL)),
    "stride": lambda: resnet.ResNet(
        resnet.ResNetConfig(channels=SMALL, blocks=(1, 1, 1, 1), downsampling="stride")
    ),
}


def set_eps(state: dict[str, Any], eps: float | None) -> None:
    """Of Adam: with the usual 1e-8, the sign of a gradient that is nearly zero decides a whole step."""
    for optimizer in state.values():
        if eps and isinstance(optimizer, torch.optim.Optimizer):
            for group in optimizer.param_groups:
                group["eps"] = eps


def bytes_of(optimizer: torch.optim.Optimizer) -> int:
    """What this process holds of the parameters and of their optimizer's state."""
    tensors = [p for group in optimizer.param_groups for p in group["params"]]
    tensors += [v for state in optimizer.state.values() for v in state.values()]
    return sum(own_part(tensor).nbytes for tensor in tensors)


def difference(network: nn.Module, group: Ranks) -> float:
    """The largest, of gradients as a share of the largest of their tensor, and of running statistics."""
    network, alone = network.double(), copy.deepcopy(network).double()
    images, labels = torch.rand(11, 3, 32, 32).double(), torch.arange(11) % 10
    F.cross_entropy(alone(images), labels).backward()
    own = part(11, group.rank, group.size)
    group.share = (own.stop - own.start) / 11
    synchronise({"network": network})
    F.cross_entropy(network(images[own]), labels[own]).backward()
    worst = [0.0]
    for ours, theirs in zip(network.parameters(), alone.parameters(), strict=True):
        if ours.grad is not None and theirs.grad is not None:
            total = ours.grad * group.share
            dist.all_reduce(total)
            worst.append(float((total - theirs.grad).abs().max() / theirs.grad.abs().max()))
    for ours, theirs in zip(network.buffers(), alone.buffers(), strict=True):
        worst.append(float((ours - theirs).abs().max()))
    return max(worst)


def agreements(steps: list[tuple[list[int], str]], group: Ranks) -> dict[str, list[Any]]:
    """What `agreed` says after each step, and how many reductions the step took with it."""
    group.total({"counts": torch.ones(1)})
    group.agreed(True)  # in a training before this one, which it stopped
    weight = nn.Parameter(torch.ones(3))
    batches = SimpleNamespace(batch_size=5, part=None)  # shares of 0.4 and 0.6
    state = {"network": nn.ParameterList([weight]), "optimizer": torch.optim.SGD([weight], lr=0.1)}
    group.attach(SimpleNamespace(state=state, batches=batches, split=()))  # pyright: ignore[reportArgumentType]
    found: dict[str, list[Any]] = {"agreed": [], "reductions": [], "sums": []}
    for wanting, what in steps:
        with mock.patch.object(dist, "all_reduce", wraps=dist.all_reduce) as reduce:
            sums = [float("nan")]
            if what == "gradients":
                weight.grad = torch.zeros(3)
                (weight * torch.arange(1.0, 4.0)).sum().backward()
                sums = weight.grad.tolist()
            elif what == "totals":
                sums = group.total({"counts": torch.arange(1.0, 4.0)})["counts"].tolist()
            found["agreed"].append(group.agreed(group.rank in wanting))
        found["sums"].append(sums)
        found["reductions"].append(reduce.call_count)
    return found


def do(job: dict[str, Any], out: Path) -> int:
    if "agree" in job:
        with joined() as group:
            torch.save(agreements(job["agree"], group), out / f"{job['name']}.{RANK}.pt")
        return 0
    if "norm" in job:
        torch.manual_seed(0)
        with joined() as group:
            found = {name: difference(NETWORKS[name](), group) for name in job["norm"]}
        torch.save(found, out / f"{job['name']}.{RANK}.pt")
        return 0
    if "fit" in job:
        name, *settings = job["fit"]
        with joined() as group:
            _, _, prepared = prepare(Request(name, data="digits", settings=settings), print)
            training = prepared.training
            training.evaluate, training.sample = dict, None
            set_eps(training.state, job.get("eps"))
            group.sharded = job.get("shard", False)
            fit(training, num_epochs=1, device=prepared.device)
            state: dict[str, Any] = capture(training.state)
            if group.sharded:
                state = {"network": {k: whole(v) for k, v in state["network"].items()}}
                state["bytes"] = bytes_of(training.state["optimizer"])
        torch.save(state, out / f"{job['name']}.{RANK}.pt")
        return 0
    steps = 0

    def asked(stop: Stop) -> bool:
        nonlocal steps
        steps += 1
        return stop.wanted or (RANK == 1 and steps == job.get("stop_after"))

    command = [glob.glob(word)[0] if "*" in word else word for word in job["run"]]
    with contextlib.ExitStack() as patches:
        patches.enter_context(mock.patch.object(Stop, "asked", asked))
        for recipes in ("cnn", "resnet") if job.get("contiguous") else ():
            name = f"torchcamp.recipes.{recipes}.channels_last"
            patches.enter_context(mock.patch(name, lambda network: network))
        code = run(command)
    if "copy" in job and RANK == 0:
        shutil.copytree(out / job["name"], out / job["copy"])
    return code


def main(out: Path, jobs: list[dict[str, Any]]) -> None:
    results = []
    for job in jobs:
        written, said = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(written), contextlib.redirect_stderr(said):
            code = do(job, out)
        results.append({"code": code, "out": written.getvalue(), "err": said.getvalue()})
    (out / f"{RANK}.json").write_text(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
