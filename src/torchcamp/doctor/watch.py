"""The witnesses: hooks on modules, backward passes and optimizers, and a few replaced functions.

None of them changes a value. They stay for the rest of the process, which is the script's own.
"""

import functools
import inspect
import os
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from torchcamp.doctor import tape
from torchcamp.doctor.functions import NORMAL, UNIFORM, Functions, normal, uniform
from torchcamp.doctor.hand import Hand
from torchcamp.doctor.ledger import Ledger
from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.recording import (
    Backward,
    Call,
    Marks,
    Network,
    Recording,
    Stepped,
    Switch,
    Watching,
    Where,
    tensors,
)

MAX_RATIOS = 8  # steps of an optimizer whose update is measured
MAX_LOOKS = 12  # calls of a network whose graph is looked at
MAX_MEASURED = 50_000_000  # parameters of a network up to which it is
NUMPY_LAWS = {
    "rand": UNIFORM, "random": UNIFORM, "random_sample": UNIFORM, "randn": NORMAL, "standard_normal": NORMAL,
    "uniform": None, "normal": None,
}  # fmt: skip
unwatched = torch._C.DisableTorchFunction


@dataclass
class _Kept:
    """A state dict that the script took: after how many steps, and where.

    Attributes:
        lived: it was still kept when another step was taken.
    """

    state: weakref.ref[Any]
    steps: int
    where: Where
    lived: bool = False


class Watch:
    """All witnesses, writing to one recording."""

    def __init__(self, recording: Recording, lines: UserLines) -> None:
        self.recording = recording
        self.lines = lines
        self.ledger = Ledger()
        self.hand = Hand(recording)
        self.functions = Functions(recording, lines, self.hand)
        self._awaits_bytes = False
        self._running: list[nn.Module] = self.functions.stack
        self._calls: list[Call | None] = self.functions.calls  # None for inner modules
        self._is_switching = False
        self._active: dict[int, tuple[int, list[tuple[str, nn.Module]]]] = {}
        self._owned: dict[int, set[int]] = {}
        self._weights_before: dict[int, list[tuple[nn.Parameter, Tensor]]] = {}
        self._makers: Marks[str] = Marks()  # of losses that a scaler multiplied: what made them
        self._scaled = False
        self._unscaled: set[int] = set()
        self._state_dicts: list[_Kept] = []

    def start(self) -> None:
        """Begin to watch; the function mode is entered apart, by the caller."""
        register_module_forward_pre_hook(self._before_forward)
        register_module_forward_hook(self._after_forward, with_kwargs=True, always_call=True)
        register_optimizer_step_pre_hook(self._before_step)
        register_optimizer_step_post_hook(self._after_step)
        self._replace_backward()
        self._replace_optimizer()
        self._replace_clipping()
        self._replace_scaler()
        self._replace_schedulers()
        self._replace_state()
        self._replace_mode()
        self._replace_noise()

    # --- Modules ---------------------------------------------------------------------------

    def _before_forward(self, module: nn.Module, args: Any) -> None:
        is_root = not self._running
        self._running.append(module)
        if self.recording.is_closed:
            self._calls.append(None)
            return
        call: Call | None = None
        with unwatched():
            try:
                if is_root:
                    call = self._root_call(module, args)
                else:
                    self._check_owned(module)
                if self._awaits_bytes and module._parameters:
                    self._check_bytes(module, args)
            except Exception as error:  # a mistake of ours must not reach the script
                self.recording.fail("watching a forward pass", error)
        self._calls.append(call)

    def _root_call(self, module: nn.Module, args: tuple[Any, ...]) -> Call | None:
        """Write down that the script calls a network."""
        where = self.lines.here(2)
        if where is None or next(module.parameters(), None) is None:
            return None
        recording = self.recording
        network = recording.networks.get(id(module))
        if network is None:
            network = recording.networks[id(module)] = Network(module, where)
        network.calls[torch.is_grad_enabled()] += 1
        active = tuple(sorted({kind for kind, part in self._parts(module) if part.training}))
        first = next((each for each in args if isinstance(each, Tensor)), None)
        call = Call(
            network=network,
            where=where,
            training=module.training,
            grad=torch.is_grad_enabled(),
            active=active,
            episode=recording.episode(),
            time=recording.tick(),
            laws=tuple(self.functions.law_of(each) for each in args if isinstance(each, Tensor)),
            from_loader=first is not None and recording.batches.get(first) is not None,
        )
        network.kinds |= {kind for kind, _ in self._parts(module)}
        call.has_noise = any(call.laws) or self.functions.goes_on_from_noise(network, args)
        was_trained = network.batch is not None
        self._awaits_bytes = (call.grad or was_trained) and network.calls[call.grad] <= MAX_LOOKS
        if call.episode is not None:
            call.episode.networks.add(id(module))
        if first is not None:
            call.repeats_training = self.functions.was_trained_on(module, first)
        for each in args:
            if isinstance(each, Tensor):
                made_by = self.functions.generated.get(each)
                if made_by is not None and made_by.network is not network:
                    call.generated_by.append(made_by)
                    call.reaches_generator |= each.requires_grad
        if active and not call.grad:
            call.in_norm_update = _is_updating_norms()
        recording.calls.append(call)
        return call

    def _parts(self, module: nn.Module) -> list[tuple[str, nn.Module]]:
        """The dropouts and norms inside a module, kept as long as it has as many modules."""
        kept = self._active.get(id(module))
        number = len(module._modules)
        if kept is not None and kept[0] == number:
            return kept[1]
        parts = [
            (kind, each) for each in nn.Module.modules(module) if (kind := _kind(each)) is not None
        ]
        self._active[id(module)] = (number, parts)
        return parts

    def _check_owned(self, module: nn.Module) -> None:
        """A module that runs inside a network should be one of its modules."""
        if not module._parameters or next(module.parameters(False), None) is None:
            return
        root = self._running[0]
        owned = self._owned.get(id(root))
        if owned is None or id(module) not in owned:
            owned = self._owned[id(root)] = {id(each) for each in nn.Module.modules(root)}
        if id(module) in owned or id(module) in self.recording.networks:
            return
        where = self.lines.here(2)
        if where is None:
            return
        for parameter in module.parameters(False):
            self.recording.note_unregistered(parameter, module, root, where)

    def _check_bytes(self, module: nn.Module, args: tuple[Any, ...]) -> None:
        """Does the first layer with parameters get pixels from 0 to 255, or differences of them?"""
        self._awaits_bytes = False
        pixels = args[0] if args else None
        if (
            not isinstance(module, nn.Linear | _ConvNd)
            or not isinstance(pixels, Tensor)
            or not pixels.is_floating_point()
            or pixels.dim() < 2
            or pixels.numel() < 256
        ):
            return
        low, high = (float(each) for each in pixels.detach().aminmax())
        if not torch.equal(pixels, pixels.round()):
            return
        # Differences of bytes have a sign; a table of whole numbers may well have one, too.
        are_differences = (
            isinstance(module, _ConvNd) and low >= -255 and 100 < max(-low, high) <= 255
        )
        if not (are_differences if low < 0 else 200 <= high <= 255):
            return
        if len(pixels.detach().flatten()[:4096].unique()) < 16:
            return  # marks, not brightness
        self.recording.see("bytes-unnormalised", self.lines.here(3), low=low, high=high)

    def _after_forward(self, module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        if self._running:
            self._running.pop()
            call = self._calls.pop()
        else:
            call = None
        if call is None or self.recording.is_closed:
            return
        with unwatched():
            outputs = list(tensors(output))
            if outputs:
                call.output_shape = tuple(outputs[0].shape)
                if outputs[0].requires_grad and call.network.calls[True] <= MAX_LOOKS:
                    call.maker = tape.maker(outputs[0])
                    call.weight_layers = tape.weight_layers_if_linear(outputs[0])
                if call.training and call.grad:
                    call.frozen_norms = self._frozen_norms(call.network.module)
            call.arguments = (
                tuple(_detached(each) for each in args),
                {name: _detached(value) for name, value in kwargs.items()},
            )
            given = next(tensors([args, kwargs]), None)
            call.has_rows = given is not None and self.recording.rows.get(given) is not None
            self.functions.follow(call, outputs)

    def _frozen_norms(self, module: nn.Module) -> tuple[str, ...]:
        """Batch norms in training mode whose weights are frozen: their statistics still move."""
        norms = [
            each for kind, each in self._parts(module) if kind == "batch norm" and each.training
        ]
        frozen = {
            id(each) for each in norms
            if each.weight is not None and not each.weight.requires_grad  # type: ignore[union-attr]
        }  # fmt: skip
        if not frozen:
            return ()
        return tuple(name for name, each in module.named_modules() if id(each) in frozen)

    # --- Backward passes -------------------------------------------------------------------

    def _replace_backward(self) -> None:
        original = torch.autograd.backward
        signature = inspect.signature(original)

        @functools.wraps(original)
        def backward(*args: Any, **kwargs: Any) -> None:
            if self.recording.is_closed:
                return original(*args, **kwargs)
            with unwatched():
                bound = signature.bind(*args, **kwargs).arguments
                try:
                    seen = self._before_backward(bound)
                except Exception as error:
                    self.recording.fail("watching a backward pass", error)
                    seen = None
            original(*args, **kwargs)
            if seen is not None:
                with unwatched():
                    record, parameters, by_hand = seen
                    self.ledger.after_backward(parameters, record)
                    self.hand.after_backward(by_hand)
                self.recording.count("backward")

        torch.autograd.backward = backward
        differentiate = torch.autograd.grad

        @functools.wraps(differentiate)
        def grad(*args: Any, **kwargs: Any) -> Any:
            self.recording.used_autograd_grad = True
            return differentiate(*args, **kwargs)

        torch.autograd.grad = grad

    def _before_backward(
        self, bound: dict[str, Any]
    ) -> tuple[Backward, list[Tensor], list[Tensor]] | None:
        """The pass, the parameters that it reaches, and the leaves that no optimizer holds."""
        where = self.lines.here(3)
        if where is None:
            return None
        recording = self.recording
        given = bound["tensors"]
        roots = [given] if isinstance(given, Tensor) else list(given)
        walked = tape.walk(roots)
        chosen = bound.get("inputs")
        leaves = list(walked.leaves)
        if chosen is not None:
            ids = {id(each) for each in ([chosen] if isinstance(chosen, Tensor) else chosen)}
            leaves = [leaf for leaf in leaves if id(leaf) in ids]
        owned = {id(p) for each in recording.optimizers.values() for p in each.parameters()}
        parameters = [p for p in leaves if tape.is_parameter(p) or id(p) in owned]
        self.ledger.before_backward(parameters)
        by_hand = [leaf for leaf in leaves if id(leaf) not in owned and not leaf.is_sparse]
        self.hand.before_backward(by_hand, where)
        root = roots[0]
        value = float(root.detach()) if len(roots) == 1 and root.numel() == 1 else None
        record = Backward(
            index=len(recording.backwards),
            where=where,
            time=recording.tick(),
            reached=frozenset(id(p) for p in parameters),
            reaches_input=len(parameters) < len(leaves),
            nodes=walked.nodes,
            value=value,
            keeps_graph=bool(bound.get("retain_graph") or bound.get("create_graph")),
            divided=(self._makers.get(root) or tape.maker(root)) in ("Div", "Mul"),
            steps_before=recording.num_steps,
            episode=recording.episode(),
        )
        recording.backwards.append(record)
        if record.episode is not None and not record.reaches_input:
            record.episode.trains = True
        for parameter in parameters:
            recording.note_reached(parameter)
        for watching in recording.optimizers.values():
            watching.reached |= record.reached & {id(p) for p in watching.parameters()}
        self.functions.after_loss(record, root)
        return record, parameters, by_hand

    # --- Optimizers ------------------------------------------------------------------------

    def _replace_optimizer(self) -> None:
        owner: Any = Optimizer
        original = owner.__init__

        @functools.wraps(original)
        def __init__(optimizer: Any, *args: Any, **kwargs: Any) -> None:
            original(optimizer, *args, **kwargs)
            where = self.lines.here()
            if where is not None:
                self._watching(optimizer, where)

        owner.__init__ = __init__

    def _watching(self, optimizer: Optimizer, where: Where) -> Watching:
        watching = self.recording.optimizers.get(id(optimizer))
        if watching is None:
            watching = Watching(optimizer=optimizer, where=where, born=self.recording.tick())
            self.recording.optimizers[id(optimizer)] = watching
        return watching

    def _before_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> Any:
        """Look at the gradients; a closure is replaced by one that is looked at, too."""
        where = self.lines.here(2)
        if where is None or self.recording.is_closed:
            return None
        with unwatched():
            watching = self._watching(optimizer, where)
            closure = args[1] if len(args) > 1 else kwargs.get("closure")
            if closure is not None:  # it runs after this: the gradients are not there yet
                watching.steps.append(_blank_step(where, self.recording.tick()))
                watched = self._closing(optimizer, watching, closure)
                if len(args) > 1:
                    return (args[0], watched, *args[2:]), kwargs
                return args, kwargs | {"closure": watched}
            parameters = self._looked_at(watching)
            previous = watching.steps[-1].time if watching.steps else watching.born
            use = self.ledger.step(parameters, id(optimizer))
            ids = {id(p) for p in parameters}
            wiped = not use.filled and any(
                each.time > previous
                and each.reached & ids
                and each.wiped
                and not each.used
                and not each.reaches_input
                for each in self.recording.backwards[-8:]
            )
            watching.steps.append(
                Stepped(
                    where=where,
                    time=self.recording.tick(),
                    filled=use.filled,
                    stale=use.stale,
                    foreign=use.foreign,
                    wiped=wiped,
                    passes=use.passes,
                    norm_used=use.norm_used,
                    norm_own=use.norm_own,
                    cosine=use.cosine,
                    backwards=tuple(sorted(use.backwards)),
                )
            )
            if len(watching.steps) <= MAX_RATIOS:
                matrices = [p for p in parameters if p.dim() > 1 and p.grad is not None]
                if sum(p.numel() for p in matrices) <= MAX_MEASURED:
                    self._weights_before[id(optimizer)] = [
                        (p, p.detach().clone()) for p in matrices
                    ]
        self.functions.stepping = True
        return None

    @staticmethod
    def _looked_at(watching: Watching) -> list[nn.Parameter]:
        """An optimizer's parameters, after a note of whether any has a gradient."""
        parameters = [p for p in watching.parameters() if isinstance(p, Tensor)]
        if not watching.has_seen_grad:
            watching.has_seen_grad = any(p.grad is not None for p in parameters)
        return parameters

    def _closing(
        self, optimizer: Optimizer, watching: Watching, closure: Callable[..., Any]
    ) -> Callable[..., Any]:
        """The closure, and a look at the gradients that it left, which the optimizer goes on to use."""

        @functools.wraps(closure)
        def watched(*args: Any, **kwargs: Any) -> Any:
            before = len(self.recording.backwards)
            result = closure(*args, **kwargs)
            if len(self.recording.backwards) > before:  # Lightning also gives one that does nothing
                watching.uses_closure = True
            if not self.recording.is_closed and self.recording.backwards:
                with unwatched():
                    use = self.ledger.step(self._looked_at(watching), id(optimizer))
                    watching.steps.append(
                        Stepped(
                            where=self.recording.backwards[-1].where,
                            time=self.recording.tick(),
                            filled=use.filled,
                            stale=use.stale,
                            foreign=0,
                            wiped=False,
                            passes=use.passes,
                            norm_used=use.norm_used,
                            norm_own=use.norm_own,
                            backwards=tuple(sorted(use.backwards)),
                            in_closure=True,
                        )
                    )
            return result

        return watched

    def _after_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        self.functions.stepping = False
        watching = self.recording.optimizers.get(id(optimizer))
        if watching is None or self.recording.is_closed:
            return
        self.recording.num_steps += 1
        self.recording.count("step")
        for kept in self._state_dicts:
            kept.lived = kept.lived or kept.state() is not None
        before = self._weights_before.pop(id(optimizer), None)
        if not before or not watching.steps:
            return
        with unwatched():
            ratios = sorted(
                float((now.detach() - old).norm() / old.norm())
                for now, old in before
                if float(old.norm()) > 0
            )
            if ratios:
                watching.steps[-1].ratio = ratios[len(ratios) // 2]

    # --- Clipping and scaling --------------------------------------------------------------

    def _replace_clipping(self) -> None:
        for name in ("clip_grad_norm_", "clip_grad_value_"):
            original = getattr(nn.utils, name)
            clip = self._clipping(original)
            for module in (nn.utils, nn.utils.clip_grad):
                setattr(module, name, clip)

    def _clipping(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def clip(parameters: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(parameters, Tensor):
                parameters = [parameters]
            parameters = list(parameters)
            with unwatched():
                self._before_clip(parameters, original.__name__)
            result = original(parameters, *args, **kwargs)
            with unwatched():
                self.ledger.refresh(parameters)
            return result

        return clip

    def _before_clip(self, parameters: list[Tensor], name: str) -> None:
        where = self.lines.here(3)
        recording = self.recording
        if where is None or recording.is_closed:
            return
        recording.tick()
        entries = self.ledger.entries(parameters)
        if not entries:
            if not any(p.grad is not None and bool(p.grad.count_nonzero()) for p in parameters):
                recording.see("clip-without-gradient", where, function=name)
        elif all(entry.used_by for account in entries for entry in account):
            recording.see("clip-after-step", where, function=name)
        elif self._scaled and not self._unscaled:
            recording.see("clip-before-unscale", where, function=name)

    def _replace_scaler(self) -> None:
        scaler: Any = torch.amp.grad_scaler.GradScaler
        scale, unscale, step = scaler.scale, scaler.unscale_, scaler.step

        @functools.wraps(scale)
        def watched_scale(self_: Any, outputs: Any) -> Any:
            self._scaled = True
            self._unscaled.clear()
            self.recording.scaler_used = True
            scaled = scale(self_, outputs)
            if isinstance(outputs, Tensor) and isinstance(scaled, Tensor):
                with unwatched():
                    self._makers.put(scaled, tape.maker(outputs))
            return scaled

        @functools.wraps(unscale)
        def watched_unscale(self_: Any, optimizer: Optimizer) -> Any:
            self._unscaled.add(id(optimizer))
            result = unscale(self_, optimizer)
            with unwatched():
                self.ledger.refresh(p for group in optimizer.param_groups for p in group["params"])
            return result

        @functools.wraps(step)
        def watched_step(self_: Any, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
            result = step(self_, optimizer, *args, **kwargs)
            self._scaled = False
            return result

        scaler.scale, scaler.unscale_, scaler.step = watched_scale, watched_unscale, watched_step

    # --- Schedulers ------------------------------------------------------------------------

    def _replace_schedulers(self) -> None:
        known = [LRScheduler, ReduceLROnPlateau]
        classes: set[Any] = {
            each
            for each in vars(torch.optim.lr_scheduler).values()
            if inspect.isclass(each) and issubclass(each, tuple(known)) and "step" in vars(each)
        }
        for each in classes:
            each.step = self._scheduling(each.step)

    def _scheduling(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def step(scheduler: Any, *args: Any, **kwargs: Any) -> Any:
            optimizer = getattr(scheduler, "optimizer", None)
            by_user = getattr(scheduler, "_step_count", 0) >= 1
            before = _rates(optimizer)
            result = original(scheduler, *args, **kwargs)
            watching = self.recording.optimizers.get(id(optimizer))
            if (
                by_user
                and watching is not None
                and not watching.steps
                and not self.recording.scaler_used
                and _rates(optimizer) != before
            ):
                self.recording.see(
                    "scheduler-before-optimizer", self.lines.here(), before=before[0],
                    after=_rates(optimizer)[0],
                )  # fmt: skip
            return result

        return step

    # --- Modes -----------------------------------------------------------------------------

    def _replace_mode(self) -> None:
        owner: Any = nn.Module
        original = owner.train

        @functools.wraps(original)
        def train(module: nn.Module, mode: bool = True) -> nn.Module:
            if self._is_switching or self.recording.is_closed:  # a part of what is switched
                return original(module, mode)
            recording = self.recording
            recording.switches.append(
                Switch(module=id(module), training=bool(mode), time=recording.tick())
            )
            self._is_switching = True
            try:
                return original(module, mode)
            finally:
                self._is_switching = False

        owner.train = train

    # --- Noise of NumPy's ------------------------------------------------------------------

    def _replace_noise(self) -> None:
        for name, law in NUMPY_LAWS.items():
            setattr(numpy.random, name, self._drawing(getattr(numpy.random, name), law))

    def _drawing(self, original: Callable[..., Any], law: str | None) -> Callable[..., Any]:
        @functools.wraps(original)
        def draw(*args: Any, **kwargs: Any) -> Any:
            drawn = original(*args, **kwargs)
            if isinstance(drawn, numpy.ndarray) and drawn.ndim > 1 and drawn.size >= 8:
                words = law or _law(original.__name__, args, kwargs)
                if words:
                    first = drawn.flat[:8].astype(numpy.float32).tolist()
                    self.functions.note_drawn(drawn.shape, first, words)
            return drawn

        return draw

    # --- Weights taken and put back --------------------------------------------------------

    def _replace_state(self) -> None:
        owner: Any = nn.Module
        take, put, save = owner.state_dict, owner.load_state_dict, torch.save

        @functools.wraps(take)
        def state_dict(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            state = take(module, *args, **kwargs)
            where = self.lines.here()
            if where is not None and not kwargs.get("prefix") and isinstance(state, dict):
                self._state_dicts = self._state_dicts[-31:]
                kept = _Kept(weakref.ref(state), self.recording.num_steps, where)
                self._state_dicts.append(kept)
            return state

        @functools.wraps(put)
        def load_state_dict(module: nn.Module, state: Any, *args: Any, **kwargs: Any) -> Any:
            if not self.recording.is_closed:
                with unwatched():
                    own = {p.data_ptr() for p in module.parameters()}
                    self._check_alias(state, own, loads=True)
                if not any(self.recording.was_reached(id(p)) for p in module.parameters()):
                    self.recording.loaded |= {id(each) for each in nn.Module.modules(module)}
            return put(module, state, *args, **kwargs)

        @functools.wraps(save)
        def watched_save(value: Any, *args: Any, **kwargs: Any) -> Any:
            if not self.recording.is_closed:
                with unwatched():
                    live = {
                        p.data_ptr()
                        for watching in self.recording.optimizers.values()
                        for p in watching.parameters()
                    }
                    for each in value.values() if isinstance(value, dict) else ():
                        self._check_alias(each, live)
                    self._check_alias(value, live)
            place, *others = args or (kwargs.pop("f"),)
            if not isinstance(place, str | os.PathLike):
                return save(value, place, *others, **kwargs)
            with open(place, "wb") as file:  # torch's own writer opens files where no guard sees it
                return save(value, file, *others, **kwargs)

        owner.state_dict = state_dict
        owner.load_state_dict = load_state_dict
        torch.save = watched_save

    def _check_alias(self, state: Any, live: set[int], *, loads: bool = False) -> None:
        """Weights that were kept some steps ago and are the network's own tensors are not a copy.

        Args:
            loads: they are put back into the network that they are already part of.
        """
        if not isinstance(state, dict):
            return
        tensors = [v for v in state.values() if isinstance(v, Tensor) and v.is_floating_point()]
        used = self.lines.here(3)
        if not tensors or used is None or not self.recording.num_steps:
            return
        if sum(tensor.data_ptr() in live for tensor in tensors) * 2 <= len(tensors):
            return
        kept = next((each for each in self._state_dicts if each.state() is state), None)
        if kept is None:  # a shallow copy
            if loads:
                self.recording.see("best-weights-are-an-alias", used, steps=0)
            return
        since = self.recording.num_steps - kept.steps
        lived = any(each.lived for each in self._state_dicts if each.where == kept.where)
        if since or (loads and lived):  # at the same line others were kept while steps went on
            self.recording.see("best-weights-are-an-alias", kept.where, used, steps=since)


def _kind(module: nn.Module) -> str | None:
    if isinstance(module, _DropoutNd) and module.p > 0:
        return "dropout"
    if isinstance(module, _BatchNorm) and module.track_running_stats:
        return "batch norm"
    if isinstance(module, nn.RNNBase) and module.dropout > 0 and module.num_layers > 1:
        return "dropout"
    if isinstance(module, nn.MultiheadAttention) and module.dropout > 0:
        return "dropout"
    return None


def _detached(value: Any) -> Any:
    return value.detach() if isinstance(value, Tensor) else value


def _rates(optimizer: Any) -> list[float]:
    return [float(group["lr"]) for group in getattr(optimizer, "param_groups", [])] or [0.0]


def _law(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """What `numpy.random.normal` or `uniform` was asked for; "" where each number has its own law."""
    is_uniform = name == "uniform"
    names = ("low", "high") if is_uniform else ("loc", "scale")
    given = dict(zip(names, (0, 1), strict=True)) | dict(zip(names, args, strict=False)) | kwargs
    first, second = (given[each] for each in names)
    if not isinstance(first, int | float) or not isinstance(second, int | float):
        return ""
    return uniform(first, second) if is_uniform else normal(first, second)


def _is_updating_norms() -> bool:
    """Whether `torch.optim.swa_utils.update_bn` is at work, which needs training mode."""
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code.co_name == "update_bn":
            return True
        frame = frame.f_back
    return False


def _blank_step(where: Where, time: int) -> Stepped:
    return Stepped(where=where, time=time, filled=0, stale=0, foreign=0, wiped=False, passes=0)
