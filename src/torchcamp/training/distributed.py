"""Many processes, one training: what `torchrun` starts joins here, and steps as one.

Every process (a rank) has all of the networks and takes its part of each batch. What the parts give
is put together where the step's meaning asks for it: gradients are averaged while the backward pass
goes on, the statistics of an RBM or an HMM are added up between `statistics` and `update`. So N ranks
do what one process would do with the whole batch, apart from noise, which each rank draws for itself,
and batch norm, which each rank computes over its own part unless `batch_norm` synchronises it. Where
they are `sharded`, each has a part of the networks only; see `sharding`.

The first rank alone writes, evaluates and speaks; the others wait for it. `ranks()` is always
there: in an ordinary process it is a group of one, whose methods do nothing.

Not `DistributedDataParallel`: it averages only what is called as `network(batch)`, and steps also call
methods of networks (`rnn.nats`) and have two players. Its parts are here: hooks that fire as a gradient
is ready, buckets, reductions that run beside the backward pass.
"""

import contextlib
import datetime
import io
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous
from torch.optim import Optimizer

from torchcamp.base.errors import RunError, ToldElsewhere, UserError
from torchcamp.base.leaving import LAUNCHED
from torchcamp.base.seeding import seed_everything
from torchcamp.training.checkpoint import modules
from torchcamp.training.sharded_tensors import is_sharded

if TYPE_CHECKING:
    from torchcamp.training.sharding import Shards

T = TypeVar("T")
BUCKET = 4 * 2**20  # bytes of gradients that are reduced at once
BEAT = 1.0  # seconds between two signs of life
UNANSWERED = "another process has not answered"
ENDED = "another process has ended"
PATIENCE = 30.0  # seconds without an answer or a sign of life until a rank counts as lost


class Shared(Protocol):
    """What of a `loop.Training` several processes share; see there."""

    step: Any
    batches: Any
    state: dict[str, Any]
    network: nn.Module
    split: Sequence[tuple[nn.Module, str]]


class Lost(RunError):
    """Another process of the training has ended, or no longer answers."""


def part(number: int, rank: int, size: int) -> slice:
    """Which of `number` items rank `rank` of `size` takes: all are taken, each once."""
    return slice(number * rank // size, number * (rank + 1) // size)


def in_first_process() -> bool:
    """Whether this process speaks: the first of those that a launcher has started, or the only one."""
    return os.environ.get("RANK", "0") == "0"


class Ranks:
    """The processes of a training. Of one process, unless `joined` made it.

    rank, size: this process's number, and how many there are.
    share: the part of each batch that this rank takes; with unequal parts, means are weighted by it.
    sharded: whether the ranks share the networks and optimizers out, too.
    run: the folder of the training's run, once there is one; only the first rank need see it, unless
        they are sharded.
    """

    def __init__(self, rank: int = 0, size: int = 1, store: Store | None = None) -> None:
        self.rank, self.size = rank, size
        self.share = 1 / size
        self.sharded = False
        self.run: Path | None = None
        self._store = store
        self._round = 0
        self._deaf = False  # the store no longer answers
        self._flag: bool | None = None  # what this rank told `agreed`, until a reduction takes it
        self._asked: tuple[dist.Work | None, Tensor] | None = None  # a reduction of the flag alone
        self._answer = False  # what the flags came to that went along with another reduction
        self._taken_along = False  # whether the step had a reduction that can take a flag along
        self._split: list[tuple[nn.Module, str, int]] = []
        self._totals = False  # whether the step adds up statistics itself
        self._shards: Shards | None = None

    # --- Agreeing -------------------------------------------------------------------------------

    def from_first(self, what: Callable[[], T]) -> T:
        """What `what` returns on the first rank, on every rank; only the first calls it.

        The answer must survive JSON. However long it takes, the others wait, as long as the first
        one is alive.

        Raises:
            ToldElsewhere: `what` failed on the first rank, which raises what it raised.
            Lost: the first rank has gone.
        """
        if self.size == 1:
            return what()
        key = self._next_key()
        if self.rank == 0:
            try:
                answer = what()
            except (UserError, OSError) as error:
                self._post(key, {"error": str(error)})
                raise
            self._post(key, {"answer": answer})
            return answer
        told = self._read(key, 0)
        if "error" in told:
            raise ToldElsewhere(told["error"])
        return told["answer"]

    def together(
        self, what: Callable[[], T], same: Callable[[T], dict[str, str]] = lambda result: {}
    ) -> T:
        """What `what` returns on this rank, once it has succeeded on all of them.

        Args:
            same: from the result, what must be the same on all ranks, by name.

        Raises:
            UserError: it failed on this rank or on another, or the ranks differ; the first rank
                tells, on the others it is a `ToldElsewhere`.
        """
        if self.size == 1:
            return what()
        key, error, results = self._next_key(), None, []
        try:
            results.append(what())
            answer: dict[str, Any] = {"facts": same(results[0])}
        except (UserError, OSError) as raised:
            error, answer = raised, {"error": " ".join(str(raised).split())}
        self._post(f"{key}/{self.rank}", {**answer, "host": socket.gethostname()})
        complaint = self.from_first(
            lambda: _complaint([self._read(f"{key}/{rank}", rank) for rank in range(self.size)])
        )
        if complaint is None:
            return results[0]
        if self.rank:
            raise ToldElsewhere(complaint)
        raise error or RunError(complaint)

    def agreed(self, flag: bool) -> bool:
        """Whether any rank said so, one step ago: the same answer on all, at no cost in waiting.

        A flag goes along with the first reduction of the next step. Where the last step had none that
        can take it, it is reduced by itself, beside the next step.
        """
        if self.size == 1:
            return flag
        if self._flag is not None:  # this step, unlike the one before, took no flag along
            self._ask_all()
        before = self.settle()
        self._flag = flag
        if not self._taken_along:
            self._ask_all()
        self._taken_along = False
        return before

    def settle(self) -> bool:
        """What the flags before the last `agreed` came to; waits for a reduction of their own."""
        answer, self._answer = self._answer, False
        if self._asked is not None:
            (work, flag), self._asked = self._asked, None
            with talking():
                if work is not None:
                    work.wait()
            answer = bool(flag.item())
        return answer

    def take_along(self, like: Tensor) -> list[Tensor]:
        """The flag as one more number for a sum of numbers such as `like`; nothing if it is on its way.

        Never on a GPU, where reading the sum would wait for the device. The sum goes to `heard`.
        """
        if like.device.type != "cpu":
            return []
        self._taken_along = True
        if self._flag is None:
            return []
        flag, self._flag = self._flag, None
        return [like.new_tensor([flag])]

    def heard(self, flags: Tensor) -> None:
        """Take note of the sum of what `take_along` gave, one number or none."""
        if len(flags):
            self._answer = bool(flags.item())

    def _ask_all(self) -> None:
        flag, self._flag = torch.tensor(float(self._flag or False)), None
        with talking():
            self._asked = dist.all_reduce(flag, dist.ReduceOp.MAX, async_op=True), flag

    # --- Adding up ------------------------------------------------------------------------------

    def mean(self, values: dict[str, float]) -> dict[str, float]:
        """Each value's mean over the ranks, by their shares of a batch."""
        if self.size == 1 or not values:
            return values
        numbers = torch.tensor(list(values.values()), dtype=torch.float64) * self.share
        with talking():
            dist.all_reduce(numbers)
        return dict(zip(values, numbers.tolist(), strict=True))

    def total(self, statistics: dict[str, Tensor]) -> dict[str, Tensor]:
        """Sums over a batch, added up over the ranks' parts of it."""
        if self.size == 1:
            return statistics
        self._totals = True
        numbers = [value.reshape(-1) for value in statistics.values()]
        numbers += self.take_along(numbers[0])
        flat = torch.cat(numbers)
        with talking():
            dist.all_reduce(flat)
        totals, end = {}, 0
        for name, value in statistics.items():
            start, end = end, end + value.numel()
            totals[name] = flat[start:end].view(value.shape).to(value.dtype)
        self.heard(flat[end:])
        return totals

    def broadcast(self, content: bytes | None) -> bytes | None:
        """The first rank's `content` on every rank."""
        if self.size == 1:
            return content
        length = self.from_first(lambda: None if content is None else len(content))
        if not length:
            return None
        data = torch.empty(length, dtype=torch.uint8)
        if content is not None and self.rank == 0:
            data = torch.frombuffer(bytearray(content), dtype=torch.uint8)
        with talking():
            dist.broadcast(data, 0)
        return data.numpy().tobytes()

    def gathered(self, mine: Any) -> list[Any]:
        """What every rank gave, on the first rank; an empty list on the others."""
        if self.size == 1:
            return [mine]
        everything: list[Any] = [None] * self.size
        with talking():
            dist.gather_object(mine, everything if self.rank == 0 else None)
        return everything if self.rank == 0 else []

    # --- A training -----------------------------------------------------------------------------

    def require_shares(self, training: Shared) -> None:
        """Refuse a training of which not every rank gets a part.

        Raises:
            RunError: a batch has fewer items than there are ranks, or there are fewer chains.
        """
        counts = {"batch": getattr(training.batches, "batch_size", self.size)}
        counts |= {
            f"set of {name}": len(getattr(network, name)) for network, name in training.split
        }
        for name, count in counts.items():
            if count < self.size:
                raise RunError(
                    f"a {name} of {count} cannot be shared by {self.size} processes: start fewer "
                    "processes, or make it larger"
                )

    def require_shardable(self, training: Shared) -> None:
        """Refuse a training that ranks cannot share out but for its batches.

        Raises:
            RunError: its step is not that of one network and one optimizer.
        """
        from torchcamp.training.sharding import require_shardable

        require_shardable(training)

    def require_same_disk(self, path: Path) -> None:
        """Refuse sharded ranks of which not all see the run's folder `path`: each writes its part there.

        Raises:
            RunError: on another machine it is not there.
        """
        if self.sharded:
            self.together(lambda: _require_seen(path))

    def attach(self, training: Shared) -> None:
        """Let `training` step together with the other ranks': its weights are the first rank's.

        Where the ranks are sharded, the parameters are new ones afterwards, and of each tensor of the
        optimizer's state this rank keeps its part.
        """
        if self.size == 1:
            return
        self.settle()
        self._flag = None  # of a training before this one
        self._spread(training)
        batch_size = getattr(training.batches, "batch_size", None)
        if batch_size is not None and hasattr(training.batches, "part"):
            own = part(batch_size, self.rank, self.size)
            training.batches.part = own
            self.share = (own.stop - own.start) / batch_size
        else:
            training.batches = _Parts(training.batches, self)
        for network, name in training.split:
            rows = getattr(network, name)
            self._split.append((network, name, len(rows)))
            setattr(network, name, rows[part(len(rows), self.rank, self.size)].clone())
        if self.sharded:
            from torchcamp.training.sharding import Shards

            self._shards = Shards(training, self.size, lambda: self.share, _as_lost)
        parameters = [p for network in modules(training.state) for p in network.parameters()]
        _Gradients(self, parameters, training.state)

    def _spread(self, training: Shared) -> None:
        """Give every rank the first one's weights."""
        tensors = _tensors(training.state).values()
        parameters = [p for network in modules(training.state) for p in network.parameters()]
        with talking(), torch.no_grad():
            for tensor in dict.fromkeys([*parameters, *tensors]):
                whole = tensor.detach().contiguous()
                dist.broadcast(whole, 0)
                tensor.copy_(whole)

    @contextlib.contextmanager
    def whole(self, training: Shared) -> Iterator[None]:
        """Meanwhile, every rank has what belongs to all: means of running statistics, all chains."""
        if self.size == 1:
            yield
            return
        restore = self._gather(training)
        try:
            yield
        finally:
            restore()

    @contextlib.contextmanager
    def assembled(self) -> Iterator[None]:
        """Meanwhile, the first rank may compute with its networks alone, also if they are sharded."""
        if self._shards is None:
            yield
            return
        with talking():
            self._shards.assemble(here=self.rank == 0)
        try:
            yield
        finally:
            self._shards.disassemble()

    def weights(self, network: nn.Module) -> dict[str, Tensor]:
        """The state dict of `network`, whole, on the first rank; if sharded, the others' is empty."""
        if self._shards is None:
            return network.state_dict()
        with talking():
            return self._shards.weights(network, here=self.rank == 0)

    def save_shards(self, captured: dict[str, Any], folder: Path) -> dict[str, Any]:
        """Write the sharded tensors of a captured state into `folder`; returns what is left of it.

        Raises:
            OSError: a rank could not write; the first rank tells, on the others it is a `ToldElsewhere`.
        """
        from torchcamp.training import sharded_checkpoint

        rest, tensors = sharded_checkpoint.divided(captured)

        def write() -> None:
            with talking():
                sharded_checkpoint.write(folder, tensors)

        self.together(write)
        return rest

    def load_shards(self, rest: dict[str, Any], folder: Path) -> dict[str, Any]:
        """What `save_shards` was given: whole tensors, or this rank's parts where it is sharded.

        Raises:
            RunError: the folder is missing or damaged.
        """
        from torchcamp.training import sharded_checkpoint

        if self._shards is None:
            return sharded_checkpoint.united(rest, sharded_checkpoint.read(folder))
        mesh = self._shards.mesh

        def read() -> dict[str, Tensor]:
            with talking():
                return sharded_checkpoint.read(folder, mesh)

        return sharded_checkpoint.united(rest, self.together(read))

    def detach(self, training: Shared) -> None:
        """Leave `training` with what belongs to all, after its last step."""
        if self.size > 1:
            self.settle()
            self._gather(training)
            self._split, self._totals = [], False

    def release(self) -> None:
        """Leave the networks of a training whole on the first rank, for good."""
        if self._shards is not None:
            with talking():
                self._shards.assemble(here=self.rank == 0)
            self._shards = None

    def _gather(self, training: Shared) -> Callable[[], None]:
        """Give every rank what belongs to all; returns what gives each its own back."""
        split = {id(getattr(network, name)) for network, name, _ in self._split}
        buffers = [b for b in _buffers(training.state).values() if id(b) not in split]
        before = [buffer.clone() for buffer in buffers]
        rows = [getattr(network, name) for network, name, _ in self._split]
        with talking(), torch.no_grad():
            if buffers:
                flat = torch.cat([buffer.reshape(-1) for buffer in buffers]) / self.size
                dist.all_reduce(flat)
                for buffer, mean in zip(
                    buffers, flat.split([b.numel() for b in buffers]), strict=True
                ):
                    buffer.copy_(mean.view_as(buffer))
            for (network, name, count), own in zip(self._split, rows, strict=True):
                every = own.new_zeros(count, *own.shape[1:])
                every[part(count, self.rank, self.size)] = own
                dist.all_reduce(every)  # the parts do not overlap
                setattr(network, name, every)

        def restore() -> None:
            with torch.no_grad():
                for buffer, value in zip(buffers, before, strict=True):
                    buffer.copy_(value)
            for (network, name, _), own in zip(self._split, rows, strict=True):
                setattr(network, name, own)

        return restore

    def own_tensors(self, training: Shared) -> dict[str, Tensor]:
        """What of a training's state differs between ranks: buffers, and tensors in it as such."""
        return {} if self.size == 1 else _tensors(training.state)

    def reseed(self) -> None:
        """Let each rank draw its own numbers from here on; the first one's stay as they are.

        The seeds come from the state of torch's generator, which is the same on all ranks.
        """
        if self.rank:
            generator = torch.Generator()
            generator.set_state(torch.get_rng_state())
            seed_everything(int(torch.randint(2**62, (), generator=generator)) + self.rank)

    def require_equal_weights(self, training: Shared) -> None:
        """Refuse to go on with ranks whose networks have come apart.

        Raises:
            RunError: they have: the recipe's step changes weights by other means than gradients.
        """
        if self.size == 1:
            return
        parameters = [
            parameter
            for network in modules(training.state)
            for parameter in network.parameters()
            if not is_sharded(parameter)
        ]
        total = torch.zeros((), dtype=torch.float64)
        with torch.no_grad():
            for number, parameter in enumerate(parameters):
                total += (number + 1) * parameter.sum(dtype=torch.float64).cpu()
        ends = torch.stack([total, -total]).nan_to_num()
        with talking():
            dist.all_reduce(ends, dist.ReduceOp.MAX)
        if ends[0] != -ends[1]:
            raise RunError(
                "the processes' weights have come apart: this recipe's step changes them by other "
                "means than gradients and optimizers; train it in one process"
            )

    # --- The store ------------------------------------------------------------------------------

    def said(self) -> bool:
        """Whether another rank has told the user already what went wrong; from now on, this one has."""
        try:
            return self._ask(lambda store: store.add("said", 1), 3 * BEAT) > 1
        except Lost:  # the store is gone with the rank, or the machine, that held it
            return False

    def silent(self) -> list[int]:
        """The ranks that give no sign of life for some seconds."""
        try:
            before = [self._beat(rank) for rank in range(self.size)]
            time.sleep(3 * BEAT)
            now = [self._beat(rank) for rank in range(self.size)]
        except Lost:
            return []
        return [r for r in range(self.size) if before[r] == now[r] and r != self.rank]

    def _next_key(self) -> str:
        self._round += 1
        return f"round-{self._round}"

    def _post(self, key: str, value: Any) -> None:
        self._ask(lambda store: store.set(key, json.dumps(value)))

    def _beat(self, rank: int) -> bytes:
        key = f"beat-{rank}"
        return self._ask(lambda store: store.get(key) if store.check([key]) else b"")

    def _ask(self, what: Callable[[Any], Any], seconds: float | None = None) -> Any:
        """What `what` gets from the store, asked in a thread: on a cable that is cut it waits for ever."""
        answers, errors = [], []

        def ask() -> None:
            try:
                answers.append(what(self._store))
            except RuntimeError as error:
                errors.append(error)

        asking = threading.Thread(target=ask, daemon=True)
        if not self._deaf:
            asking.start()
            asking.join(seconds or patience())
        if not answers and not errors:
            self._deaf = True
            raise Lost("the other processes cannot be reached any more")
        if errors:
            raise Lost(ENDED) from errors[0]
        return answers[0]

    def _read(self, key: str, rank: int) -> Any:
        """The value that `rank` posts, however late, as long as it gives signs of life."""
        beat, heard, pause = b"", time.monotonic(), 0.001
        # Not the store's `wait`, which complains on standard error about each time-out.
        while not self._ask(lambda store: store.check([key])):
            time.sleep(pause)
            pause = min(2 * pause, 0.1)
            if (now := self._beat(rank)) != beat:
                beat, heard = now, time.monotonic()
            elif time.monotonic() - heard > patience():
                raise Lost(_lost([rank], self.size))
        return json.loads(self._ask(lambda store: store.get(key)))


class _Parts:
    """This rank's part of batches from a source of one's own, which makes them whole."""

    def __init__(self, whole: Any, ranks: Ranks) -> None:
        self.whole, self.ranks = whole, ranks

    @property
    def steps_per_epoch(self) -> int:
        return self.whole.steps_per_epoch

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Any]:
        for batch in self.whole.epoch(epoch, start):
            number = _length(batch)
            own = part(number, self.ranks.rank, self.ranks.size)
            if number < self.ranks.size:
                raise RunError(
                    f"a batch of {number} cannot be shared by {self.ranks.size} processes"
                )
            self.ranks.share = (own.stop - own.start) / number
            yield _cut(batch, own)


def _length(batch: Any) -> int:
    if isinstance(batch, Tensor):
        return len(batch)
    return _length(next(iter(batch.values() if isinstance(batch, Mapping) else batch)))


def _cut(batch: Any, own: slice) -> Any:
    if isinstance(batch, Tensor):
        return batch[own]
    if isinstance(batch, Mapping):
        return {name: _cut(value, own) for name, value in batch.items()}
    return type(batch)(_cut(value, own) for value in batch)


class _Gradients:
    """Averages gradients over the ranks while the backward pass goes on.

    As each gradient is ready it joins a bucket; a full bucket is reduced beside the rest of the
    backward pass, and all are waited for at its end, so that the step sees averaged gradients only
    and may clip them. Gradients that a step sets by itself are averaged before the optimizer steps.
    An average of averages is the same average: several backward passes may add to one gradient.
    """

    def __init__(self, ranks: Ranks, parameters: Iterable[Tensor], state: dict[str, Any]) -> None:
        self.ranks = ranks
        self.bucket: list[Tensor] = []
        self.bytes = 0
        self.flights: list[tuple[dist.Work | None, Tensor, list[Tensor]]] = []
        self.averaged: set[int] = set()
        self.in_backward = False
        optimizers = [value for value in state.values() if isinstance(value, Optimizer)]
        owned = [p for o in optimizers for group in o.param_groups for p in group["params"]]
        for parameter in dict.fromkeys([*parameters, *owned]):
            if parameter.requires_grad and not is_sharded(parameter):
                parameter.register_post_accumulate_grad_hook(self._ready)
        for optimizer in optimizers:
            optimizer.register_step_pre_hook(self._before_step)

    def _ready(self, parameter: Tensor) -> None:
        if not self.in_backward:
            self.in_backward = True
            engine = torch.autograd.Variable._execution_engine  # what DDP asks as well
            engine.queue_callback(self._finish)
        assert parameter.grad is not None
        self.bucket.append(parameter)
        self.bytes += parameter.grad.nbytes
        if self.bytes >= BUCKET:
            self._launch()

    def _launch(self) -> None:
        numbers = [p.grad.reshape(-1) for p in self.bucket if p.grad is not None]
        numbers += self.ranks.take_along(numbers[0])
        flat = torch.cat(numbers).mul_(self.ranks.share)
        with talking():
            self.flights.append((dist.all_reduce(flat, async_op=True), flat, self.bucket))
        self.bucket, self.bytes = [], 0

    @torch.no_grad()
    def _finish(self) -> None:
        self.in_backward = False
        if self.bucket:
            self._launch()
        for work, flat, bucket in self.flights:
            with talking():
                if work is not None:
                    work.wait()
            end = 0
            for parameter in bucket:
                start, end = end, end + parameter.numel()
                mean = flat[start:end]
                assert parameter.grad is not None
                parameter.grad.copy_(mean.view_as(parameter.grad))
                self.averaged.add(id(parameter))
            self.ranks.heard(flat[end:])
        self.flights = []

    def _before_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        owned = [
            parameter
            for group in optimizer.param_groups
            for parameter in group["params"]
            if parameter.grad is not None and not is_sharded(parameter)
        ]
        if not self.ranks._totals:
            self.bucket = [p for p in owned if id(p) not in self.averaged]
            self._finish()
        self.averaged.difference_update(id(p) for p in owned)


def _buffers(state: Mapping[str, Any]) -> dict[str, Tensor]:
    """The floating-point buffers that belong to a network's state, by place."""
    found = {}
    for number, network in enumerate(modules(state)):
        parameters = {id(p) for p in network.parameters()}
        for name, value in network.state_dict(keep_vars=True).items():
            if id(value) not in parameters and value.is_floating_point():
                found[f"{number}.{name}"] = value
    return found


def _tensors(state: Mapping[str, Any], prefix: str = "") -> dict[str, Tensor]:
    """Buffers, and the tensors that stand in `state` as such, by place."""
    found = _buffers(state) if not prefix else {}
    for name, value in state.items():
        if isinstance(value, Tensor):
            found[f"{prefix}{name}"] = value
        elif isinstance(value, Mapping):
            found |= _tensors(value, f"{prefix}{name}/")
    return found


# --- The processes themselves ---------------------------------------------------------------

_current = Ranks()
_launched: Store | None = None  # the launcher's store, which outlives a training
_sessions = 0


def ranks() -> Ranks:
    """The processes of the training in progress; one, outside of `joined`."""
    return _current


def total(statistics: dict[str, Tensor]) -> dict[str, Tensor]:
    """Sums over a batch, added up over all processes of the training."""
    return _current.total(statistics)


def patience() -> float:
    """Seconds to wait for a rank that gives no sign of life; `TORCHCAMP_PATIENCE` in the environment."""
    return float(os.environ.get("TORCHCAMP_PATIENCE", PATIENCE))


def local_rank() -> int:
    """This process's number among those on its machine."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def job() -> str | None:
    """What a launcher's first try and its restarts have in common; None without one."""
    run = os.environ.get("TORCHELASTIC_RUN_ID")
    return f"{run}@{socket.gethostname()}:{os.getppid()}" if run else None


def restarted() -> bool:
    """Whether a launcher has started this process again after a failure."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0


@contextlib.contextmanager
def joined() -> Iterator[Ranks]:
    """Join the processes that `torchrun` (or another launcher that sets RANK, WORLD_SIZE, MASTER_ADDR
    and MASTER_PORT) has started; in an ordinary process, or when joined already, change nothing.

    Raises:
        RunError: the others cannot be reached.
        ToldElsewhere: in place of an error of which another rank has told.
    """
    global _current, _launched, _sessions
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1 or _current.size > 1:
        yield _current
        return
    rank = int(os.environ["RANK"])
    timeout = datetime.timedelta(seconds=patience())
    try:
        if _launched is None:
            _launched, _, _ = next(rendezvous("env://", timeout=timeout))
        _launched.set_timeout(timeout)
        _sessions += 1
        attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
        store = PrefixStore(f"torchcamp-{attempt}-{_sessions}", _launched)
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        dist.init_process_group(
            backend,
            store=PrefixStore("group", store),
            rank=rank,
            world_size=size,
            timeout=timeout,
        )
    except (RuntimeError, ValueError) as error:
        address = f"{os.environ.get('MASTER_ADDR')}:{os.environ.get('MASTER_PORT')}"
        raise RunError(
            f"process {rank} of {size} cannot reach the others at {address}: "
            f"{str(error).splitlines()[0]}"
        ) from error
    _current = Ranks(rank, size, store)
    stop = threading.Event()
    beating = threading.Thread(target=_beat, args=(_clone(store), rank, stop), daemon=True)
    beating.start()
    try:
        yield _current
        _current.settle()
    except (UserError, OSError) as error:
        raise _to_tell(error) from error
    finally:
        stop.set()
        beating.join(BEAT)
        _current = Ranks()
        with contextlib.suppress(RuntimeError):
            dist.destroy_process_group()


def _clone(store: Any) -> Store:
    """The same store by a connection of its own, which another thread may use."""
    return store.clone()


def _beat(store: Store, rank: int, stop: threading.Event) -> None:
    for number in range(2**62):
        with contextlib.suppress(RuntimeError):
            store.set(f"beat-{rank}", str(number))
        if stop.wait(BEAT):
            return


def _to_tell(error: Exception) -> Exception:
    """`error`, or `ToldElsewhere` where another rank tells of it; a loss, with the ranks' names."""
    told = ToldElsewhere(str(error))
    if isinstance(error, ToldElsewhere):
        return error
    if not isinstance(error, Lost):
        if _current.rank:
            time.sleep(BEAT)  # most errors meet all ranks alike: the first one tells
        return told if _current.said() and _current.rank else error
    if UNANSWERED in str(error) and (silent := _current.silent()):
        error = Lost(_lost(silent, _current.size))
    elif ENDED in str(error) and LAUNCHED in os.environ:
        return told  # the launcher knows which one, and how
    if _current.said():
        return told
    where = f": go on with torchcamp train --resume {_current.run}" if _current.run else ""
    return Lost(f"{error}; the run stays at its last checkpoint{where}") if where else error


def _lost(lost: list[int], size: int) -> str:
    names = f"process{'es' if len(lost) > 1 else ''} {', '.join(map(str, lost))}"
    return f"{names} of {size} (counted from 0) gave no sign of life for some time"


@contextlib.contextmanager
def talking() -> Iterator[None]:
    """What fails inside is another rank's end.

    Raises:
        Lost: it has ended, or does not answer.
    """
    try:
        yield
    except RuntimeError as error:
        raise _as_lost(error) from error


def _as_lost(error: Exception) -> Lost:
    """What an error of a collective means."""
    if "Timed out" in str(error) or "timeout" in str(error).lower():
        return Lost(f"{UNANSWERED} for {patience():.0f} s")
    return Lost(ENDED)


def _require_seen(path: Path) -> None:
    if not (path / "run.json").is_file():
        raise RunError(
            f"with --shard every process writes its part of the checkpoint, but {path.absolute()} is not "
            "there: choose a folder that all machines share with --out"
        )


def _complaint(answers: list[dict[str, Any]]) -> str | None:
    """What is wrong with the ranks' answers, in one sentence: a failure, or a difference."""
    for rank, answer in enumerate(answers):
        if "error" in answer:
            return f"process {rank} on {answer['host']}: {answer['error']}"
    first = answers[0]["facts"]
    for rank, answer in enumerate(answers):
        for name, value in first.items():
            if answer["facts"].get(name) != value:
                return (
                    f"process {rank} on {answer['host']} has other {name} than process 0 on "
                    f"{answers[0]['host']}: all must have the same"
                )
    return None


def packed(value: Any) -> bytes:
    """`value` as `torch.save` writes it."""
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def unpacked(content: bytes) -> Any:
    """What `packed` made, on the CPU; only plain values and tensors are read."""
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
