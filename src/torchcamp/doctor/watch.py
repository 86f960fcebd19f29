"""The witnesses: hooks on modules, backward passes and optimizers, and a few replaced functions.

None of them changes a value. They stay for the rest of the process, which is the script's own.
"""

import functools
import inspect
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)

from torchcamp.base.plain import tensors
from torchcamp.doctor import tape
from torchcamp.doctor.clipping import Clipping
from torchcamp.doctor.functions import Functions
from torchcamp.doctor.hand import Hand
from torchcamp.doctor.ledger import Ledger
from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.recording import (
    Backward,
    Call,
    Network,
    Recording,
    Switch,
)
from torchcamp.doctor.steps import Steps
from torchcamp.doctor.weights import Weights

MAX_LOOKS = 12  # calls of a network whose graph is looked at
unwatched = torch._C.DisableTorchFunction


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
        self.clipping = Clipping(recording, lines, self.ledger)
        self.weights = Weights(recording, lines)
        self.steps = Steps(recording, lines, self.ledger, self.functions, self.weights)

    def start(self) -> None:
        """Begin to watch; the function mode is entered apart, by the caller."""
        register_module_forward_pre_hook(self._before_forward)
        register_module_forward_hook(self._after_forward, with_kwargs=True, always_call=True)
        self._replace_backward()
        self.steps.replace()
        self.clipping.replace()
        self.weights.replace()
        self._replace_mode()
        self.functions.noise.replace_numpy()

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
        if where is None or next(module.parameters(), None) is None or tape.in_transform():
            return None
        recording = self.recording
        network = recording.networks.get(id(module))
        if network is None:
            network = recording.networks[id(module)] = Network(module, where)
        network.calls[torch.is_grad_enabled()] += 1
        parts = self._parts(module)
        active = tuple(sorted({kind for kind, part in parts if part.training}))
        first = next((each for each in args if isinstance(each, Tensor)), None)
        call = Call(
            network=network,
            where=where,
            training=module.training,
            grad=torch.is_grad_enabled(),
            active=active,
            episode=recording.episode(),
            time=recording.tick(),
            laws=tuple(
                self.functions.noise.law_of(each) for each in args if isinstance(each, Tensor)
            ),
            from_loader=first is not None and recording.batches.get(first) is not None,
        )
        network.kinds |= {kind for kind, _ in parts}
        if module.training:
            call.resting = frozenset(id(part) for _, part in parts if not part.training)
        call.has_noise = any(call.laws) or self.functions.goes_on_from_noise(network, args)
        was_trained = network.batch is not None
        self._awaits_bytes = (call.grad or was_trained) and network.calls[call.grad] <= MAX_LOOKS
        if call.episode is not None:
            call.episode.networks.add(id(module))
        if first is not None:
            call.repeats_training = self.functions.was_trained_on(module, first)
        for each in args:
            if isinstance(each, Tensor):
                made_by = recording.generated.get(each)
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
                    call.bare_pairs = tape.bare_pairs(outputs, self._linear(call.network.module))
                if call.training:
                    call.frozen_norms = self._frozen_norms(call.network.module, call.grad)
            call.arguments = (
                tuple(_detached(each) for each in args),
                {name: _detached(value) for name, value in kwargs.items()},
            )
            given = next(tensors([args, kwargs]), None)
            call.has_rows = given is not None and self.recording.rows.get(given) is not None
            self.functions.follow(call, outputs)

    def _linear(self, module: nn.Module) -> dict[int, nn.Linear]:
        """The plain linear layers of a network, by the `id` of their weight."""
        return {
            id(each.weight): each for each in nn.Module.modules(module) if type(each) is nn.Linear
        }

    def _frozen_norms(self, module: nn.Module, grad: bool) -> tuple[str, ...]:
        """Batch norms in training mode whose weights are frozen: their statistics still move.

        Args:
            grad: whether gradients are on; where they are not, all weights are frozen.
        """
        norms = [
            each for kind, each in self._parts(module) if kind == "batch norm" and each.training
        ]
        frozen = {
            id(each) for each in norms
            if each.weight is not None and not (grad and each.weight.requires_grad)  # type: ignore[union-attr]
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
            divided=(self.clipping.makers.get(root) or tape.maker(root)) in ("Div", "Mul"),
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


def _is_updating_norms() -> bool:
    """Whether `torch.optim.swa_utils.update_bn` is at work, which needs training mode."""
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code.co_name == "update_bn":
            return True
        frame = frame.f_back
    return False
