"""What was seen while a script ran: the raw material of every finding.

The witnesses (`watch`, `loaders`, `ledger`, `functions`) write it, the detectors read it.
"""

import weakref
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor, nn

T = TypeVar("T")
Arguments = tuple[tuple[Any, ...], dict[str, Any]]
MAX_COMPARED = 1024  # numbers of a parameter by which it is seen to move


class Where(NamedTuple):
    """A line of the user's."""

    file: str
    line: int


class Marks(Generic[T]):
    """A value for each of some tensors, by identity, for as long as they live.

    The `id` of a tensor that is gone is soon another one's: an entry counts only while its weak
    reference is to that very tensor.
    """

    def __init__(self) -> None:
        self._entries: dict[int, tuple[weakref.ref[Any], T]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, tensor: Any, value: T) -> None:
        """Mark a tensor, or mark it anew."""
        if len(self._entries) > 2048:
            self._entries = {key: e for key, e in self._entries.items() if e[0]() is not None}
        self._entries[id(tensor)] = (weakref.ref(tensor), value)

    def get(self, tensor: Any) -> T | None:
        """A tensor's mark, if it has one."""
        entry = self._entries.get(id(tensor))
        return entry[1] if entry is not None and entry[0]() is tensor else None


class Counting(Protocol):
    """What counts steps and backward passes in the loops that run; `loops.Loops` does."""

    def count(self, kind: str) -> None: ...

    def note_loader_cut(self) -> None: ...


@dataclass(eq=False)
class Network:
    """A module that the script calls itself, not from within another one."""

    module: nn.Module
    where: Where
    calls: Counter[bool] = field(default_factory=Counter)
    """How often with gradients (True) and without."""
    batch: "Call | None" = None
    """Its last call whose output was trained on: with what the probes try it."""
    inner_laws: set[tuple[str, torch.Size]] = field(default_factory=set)
    """Noise that it drew itself while it ran with gradients: the law, and the shape of a row."""
    target_laws: set[str] = field(default_factory=set)
    """Laws of noise that its output was to equal."""
    kinds: set[str] = field(default_factory=set)
    """What in it depends on the mode: dropout, batch norm."""
    reorders: bool = False
    """Inside it, a tensor was viewed with its axes' lengths in another order."""

    @property
    def name(self) -> str:
        return type(self.module).__name__


@dataclass(eq=False, kw_only=True)
class Call:
    """One call of a network by the script.

    Attributes:
        active: the kinds of layers that were in training mode and differ then: dropout, batch norm.
        dropped: a dropout function was told that it trains; no layer is at work.
        training: the mode of the network itself.
        episode: the pass through a loader that was under way.
        time: when it began (`Recording.now`).
        arguments: what the network got, tensors detached.
        laws: of arguments that are noise: the distribution they were drawn from, by position.
        repeats_training: the same tensor had just been trained on.
        trained_on: something computed from its output requires a gradient or was backpropagated.
        consumed: something was computed from its output.
        judged: it went into a loss, and `scored`, without passing through anything else, or as classes.
        judged_on: how many numbers it was compared with, each time.
    """

    network: Network
    where: Where
    training: bool
    grad: bool
    active: tuple[str, ...]
    episode: "Episode | None"
    time: int
    arguments: Arguments = ((), {})
    dropped: bool = False
    laws: tuple[str, ...] = ()
    has_noise: bool = False
    repeats_training: bool = False
    trained_on: bool = False
    consumed: bool = False
    judged: bool = False
    scored: bool = False
    judged_on: set[int] = field(default_factory=set)
    from_loader: bool = False
    has_rows: bool = False
    """Its first tensor was computed, row by row, from a batch of a loader's."""
    targets: list[Tensor] = field(default_factory=list)
    """Integer targets of the losses between it and the backward pass that it was trained by."""
    output_shape: tuple[int, ...] | None = None
    generated_by: "list[Call]" = field(default_factory=list)
    """Calls of other networks whose output this one was given."""
    reaches_generator: bool = False
    """Gradients go back into one of them."""
    maker: str = ""
    """The operation that made its output: `Sigmoid`, `Tanh`."""
    weight_layers: int = 0
    """Layers with weights behind the output, where nothing between them is nonlinear."""
    bare_pairs: "list[tuple[nn.Linear, nn.Linear]]" = field(default_factory=list)
    """Linear layers that follow one another with nothing nonlinear between them."""
    resting: frozenset[int] = frozenset()
    """`id`s of dropouts and norms that were in eval mode while the network itself was in training mode."""
    frozen_norms: tuple[str, ...] = ()
    """Names of batch norms with frozen weights that moved their statistics in this call."""
    in_norm_update: bool = False
    """`update_bn` is at work."""


@dataclass(frozen=True, kw_only=True)
class Switch:
    """The script put a module into training mode or eval mode."""

    module: int
    """Its `id`."""
    training: bool
    time: int


@dataclass(eq=False, kw_only=True)
class Loader:
    """A DataLoader of the script's."""

    loader: Any
    where: Where
    episodes: "list[Episode]" = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class Episode:
    """One pass through a loader.

    Attributes:
        steps, backwards: on how many of its batches there was one.
        labels: of its first batches, where a batch has a vector of integers.
        last_labels: of the loader's true last batch.
        sampler_epoch: `epoch` of a DistributedSampler that shuffles.
        has_short_last: its last batch has fewer rows than the others.
    """

    loader: Loader
    where: Where
    start: int
    batches: int = 0
    backwards: int = 0
    steps: int = 0
    is_open: bool = True
    counted: dict[str, int] = field(default_factory=dict)
    labels: list[Tensor] = field(default_factory=list)
    last_labels: Tensor | None = None
    sampler_epoch: int | None = None
    has_short_last: bool = False
    networks: set[int] = field(default_factory=set)
    """`id`s of the modules that were called in it."""
    trains: bool = False
    """A backward pass in it was not one that asks about an input, as an attack does."""
    rows: list[int] = field(default_factory=list)
    """Hashes of the items that it gave, where each is a handful of numbers with a fraction."""

    def looks(self) -> bool:
        """Networks ran in it, and nothing was trained."""
        return bool(self.networks) and not self.steps and not self.trains

    def count(self, kind: str) -> None:
        """A "step" or a "backward" happened on this batch."""
        if self.counted.get(kind) == self.batches:
            return
        self.counted[kind] = self.batches
        if kind == "step":
            self.steps += 1
        else:
            self.backwards += 1


@dataclass(eq=False, kw_only=True)
class Backward:
    """One backward pass.

    Attributes:
        reached: `id`s of the parameters that its graph leads to.
        reaches_input: it leads to a leaf that is not a parameter: an image under attack, a latent.
        nodes: of the graph.
        value: of a scalar loss.
        wiped, used: in how many of the reached parameters its gradient was wiped before any step
            used it; in how many a step used it.
        used_by: the optimizers whose steps used it.
    """

    index: int
    where: Where
    time: int
    reached: frozenset[int]
    reaches_input: bool
    nodes: int
    value: float | None
    keeps_graph: bool
    divided: bool
    steps_before: int
    episode: Episode | None
    wiped: int = 0
    used: int = 0
    used_by: "set[int]" = field(default_factory=set)
    used_after: int = -1
    """Index of the latest backward pass when a step first used it: a later one was not there yet."""
    graph_is_cut: bool = False
    """It leads to no parameter, although networks ran."""


@dataclass(eq=False, kw_only=True)
class Stepped:
    """What one step of an optimizer used.

    Attributes:
        filled: parameters with a gradient inside.
        stale: those of them whose sum holds a pass that this optimizer has used before.
        foreign: those whose sum holds an older pass that another optimizer has used.
        wiped: a backward pass since the last step reached its parameters, and was wiped.
        passes: backward passes summed in one parameter, at most.
    """

    where: Where
    time: int
    filled: int
    stale: int
    foreign: int
    wiped: bool
    passes: int
    norm_used: float | None = None
    norm_own: float | None = None
    cosine: float | None = None
    backwards: tuple[int, ...] = ()
    in_closure: bool = False
    """What the closure left behind, each time it was called."""
    ratio: float | None = None
    """Length of the update by length of the weights: the median of its matrices."""


@dataclass(eq=False, kw_only=True)
class HandStep:
    """A step that the script took by hand.

    Attributes:
        where: the line that wrote to the weights; `backward`, that of the pass after it.
        leaves: how many moved, and `stale`, those of them whose gradient held passes that an earlier
            step had used.
        passes: backward passes summed in one gradient, at most.
    """

    where: Where
    backward: Where
    time: int
    leaves: int
    stale: int
    passes: int


@dataclass(eq=False, kw_only=True)
class Watching:
    """An optimizer of the script's."""

    optimizer: torch.optim.Optimizer
    where: Where
    born: int
    steps: list[Stepped] = field(default_factory=list)
    reached: set[int] = field(default_factory=set)
    """`id`s of its parameters that a backward pass has reached since it was made."""
    has_seen_grad: bool = False
    """One of its steps found a gradient, wherever it came from."""
    uses_closure: bool = False

    def parameters(self) -> Iterator[nn.Parameter]:
        for group in self.optimizer.param_groups:
            yield from group["params"]


@dataclass(eq=False, kw_only=True)
class Unregistered:
    """A parameter that was used inside a network that does not have it."""

    parameter: weakref.ref[Any]
    where: Where
    module: str
    root: str
    times: int


@dataclass(eq=False, kw_only=True)
class Sighting:
    """Something that a witness judged on the spot, at a line: one occurrence of a finding."""

    code: str
    where: Where
    time: int
    numbers: dict[str, Any]
    related: tuple[Where, ...] = ()
    cause: int | None = None
    """`id` of the network whose output it is about."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A dict that the script gave to `torch.save` after training had begun.

    Attributes:
        name: of the file; empty where it is not a path.
        steps: how many had been taken.
        tensors: floating ones inside.
        progress: whole numbers that say how far the script had come: `{"epoch": 2}`.
        has_state: an optimizer's state is inside.
    """

    where: Where
    name: str
    steps: int
    tensors: int
    progress: dict[str, int]
    has_state: bool


class Recording:
    """Everything that was seen.

    Attributes:
        now: counts events, so that they can be ordered.
    """

    def __init__(self) -> None:
        self.now = 0
        self.loops: Counting | None = None
        self.cuts: dict[Where, int] = {}
        self.networks: dict[int, Network] = {}
        self.calls: list[Call] = []
        self.batches: Marks[Episode] = Marks()
        """Tensors that a loader with the default collate function handed out."""
        self.rows: Marks[bool] = Marks()
        """Tensors whose rows are the items of a batch: it, or computed from it item by item."""
        self.loaders: list[Loader] = []
        self.subsets: list[Any] = []
        """The Subsets that the script made."""
        self.open: list[Episode] = []
        self.backwards: list[Backward] = []
        self.optimizers: dict[int, Watching] = {}
        self.sightings: dict[tuple[str, Where], list[Sighting]] = defaultdict(list)
        self.num_steps = 0
        self.reached_by_hand: Counter[int] = Counter()
        """How often backward passes reached a leaf that no optimizer held, by `id`."""
        self.hand_steps: list[HandStep] = []
        self.moved_by_hand: set[int] = set()
        """`id`s of the leaves that moved in them."""
        self._first_values: dict[int, tuple[weakref.ref[Any], Tensor]] = {}
        """Of each parameter that a backward pass reached: some of its numbers at the first."""
        self.parameter_names: dict[int, str] = {}
        self.loaded: set[int] = set()
        """`id`s of modules that got weights from elsewhere."""
        self.ran_unregistered: dict[int, Unregistered] = {}
        self.cross_entropies: list[tuple[Where, int, int, float, bool]] = []
        """Line, number of classes, time, value, whether it is a plain mean."""
        self.recent_targets: list[tuple[int, Tensor]] = []
        """Integer targets of the latest losses, with the time."""
        self.generated: Marks[Call] = Marks()
        """Outputs of networks, detached or reshaped too: the call that made them."""
        self.batch_softmaxes: Marks[Where] = Marks()
        """Outputs of networks that the script itself took the softmax of along the batch, and where."""
        self.long_softmaxes: set[Where] = set()
        """Lines of softmaxes along a last axis of several numbers."""
        self.lone_softmaxes: Marks[Where] = Marks()
        """Softmaxes along a batch of one row, which are all 1, and where."""
        self.saved: list[Saved] = []
        self.padded: Marks[tuple[int, float]] = Marks()
        """Whole numbers that `pad_sequence` padded, in any form: with what, and which share of them."""
        self.switches: list[Switch] = []
        self.written: set[int] = set()
        """Where the memory lies that was written to in place, by no optimizer, after training had begun."""
        self.copied_losses: Marks[Where | None] = Marks()
        self.made_data = False
        self.used_autograd_grad = False
        self.text_has_step = False
        self.text_scales_gradient = False
        """It multiplies a gradient by a learning rate."""
        self.scaler_used = False
        self.is_closed = False
        self.failures: dict[str, str] = {}

    def tick(self) -> int:
        """The time of a new event."""
        self.now += 1
        return self.now

    def fail(self, what: str, error: Exception) -> None:
        """A witness made a mistake: the script goes on, and the diagnosis says so."""
        self.failures[what] = repr(error)

    def see(
        self,
        code: str,
        where: Where | None,
        *related: Where,
        of: Tensor | None = None,
        **numbers: Any,
    ) -> None:
        """Write down one occurrence of a finding.

        Args:
            of: what it is about, where that may be the output of a network.
        """
        if where is not None:
            made_by = self.generated.get(of) if of is not None else None
            sighting = Sighting(
                code=code,
                where=where,
                time=self.now,
                numbers=numbers,
                related=related,
                cause=id(made_by.network) if made_by is not None else None,
            )
            self.sightings[code, where].append(sighting)

    def episode(self) -> Episode | None:
        """The innermost pass through a loader that is under way."""
        self.open = [each for each in self.open if each.is_open]
        return self.open[-1] if self.open else None

    def num_batches(self) -> int:
        """A number that is another one for every batch and every step."""
        episode = self.episode()
        return self.num_steps + (episode.start * 1000 + episode.batches if episode else 0)

    def note_reached(self, parameter: Tensor) -> None:
        """A backward pass reaches a parameter: keep some numbers, to see whether it ever moves."""
        known = self._first_values.get(id(parameter))
        if known is None or known[0]() is not parameter:
            values = parameter.detach().flatten()[:MAX_COMPARED].clone()
            self._first_values[id(parameter)] = (weakref.ref(parameter), values)

    def was_reached(self, key: int) -> bool:
        """Whether a backward pass ever reached the parameter with this `id`."""
        return key in self._first_values

    def is_unmoved(self, key: int) -> bool:
        """Whether a parameter that was reached, and lives, still has its first values."""
        reference, values = self._first_values[key]
        parameter = reference()
        if parameter is None:
            return False
        return torch.equal(parameter.detach().flatten()[:MAX_COMPARED], values)

    def note_unregistered(
        self, parameter: Tensor, module: nn.Module, root: nn.Module, where: Where
    ) -> None:
        """A parameter was used inside a network that does not have it."""
        known = self.ran_unregistered.get(id(parameter))
        times = known.times + 1 if known is not None and known.parameter() is parameter else 1
        self.ran_unregistered[id(parameter)] = Unregistered(
            parameter=weakref.ref(parameter),
            where=where,
            module=type(module).__name__,
            root=type(root).__name__,
            times=times,
        )

    def followers(self) -> set[int]:
        """`id`s of networks that no optimizer holds and whose weights move: averages, momentum copies."""
        trained = self.trained()
        found = set()
        for key, network in self.networks.items():
            parameters = list(network.module.parameters())
            moved = sum(p.data_ptr() in self.written for p in parameters)
            if moved * 2 > len(parameters) and not any(id(p) in trained for p in parameters):
                found.add(key)
        return found

    def is_output(self, tensor: Tensor) -> bool:
        """Whether a network that the script called made these numbers."""
        return self.generated.get(tensor) is not None

    def network_of(self, stack: list[nn.Module]) -> Network | None:
        """The network that the script has called and that is at work now."""
        return self.networks.get(id(stack[0])) if stack else None

    def targets_of(self, call: Call) -> list[Tensor]:
        """The integer targets of the losses that followed a call."""
        return [target for time, target in self.recent_targets if time >= call.time][:4]

    def count(self, kind: str) -> None:
        """A "step" or a "backward" happened: in which loops, on which batch?"""
        if self.loops is not None:
            self.loops.count(kind)
        episode = self.episode()
        if episode is not None:
            episode.count(kind)

    def has_open_loader(self) -> bool:
        """Whether a loader that is trained on may still give its last batch."""
        self.open = [each for each in self.open if each.is_open]
        return any(each.steps for each in self.open)

    def trained(self) -> set[int]:
        """`id`s of all parameters that an optimizer which steps holds, or that a script moves by hand."""
        return {
            id(parameter)
            for watching in self.optimizers.values()
            if watching.steps
            for parameter in watching.parameters()
        } | self.moved_by_hand
