"""The one function mode: each call of torch that the script makes itself, handed to what looks at it.

It sees each torch function at the level at which a person wrote it (`F.cross_entropy`, `a - b`) and not
what runs inside. Values are looked at after the call and never changed. What losses, softmaxes,
arithmetic and noise show is judged in modules of their own; here tensors are followed through calls.
"""

from collections.abc import Callable
from typing import Any

import numpy
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from torchcamp.doctor import tape
from torchcamp.doctor.arithmetic import Arithmetic
from torchcamp.doctor.hand import Hand
from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.losses import Losses
from torchcamp.doctor.noise import Noise
from torchcamp.doctor.recording import Backward, Call, Marks, Network, Recording
from torchcamp.doctor.softmaxes import Softmaxes

unwatched = torch._C.DisableTorchFunction
MAX_PENDING = 64
LEAST_ITEMS = 4  # in a batch that is put together by hand
SAME_NUMBERS = {
    "detach", "view", "reshape", "squeeze", "unsqueeze", "flatten", "to", "cpu", "cuda", "contiguous",
    "clone", "expand", "view_as", "float", "requires_grad_", "type", "detach_", "pin_memory",
}  # fmt: skip
ROW_WISE = {
    "masked_fill", "where", "clamp", "add", "__add__", "__radd__", "sub", "__sub__", "__rsub__", "mul",
    "__mul__", "__rmul__", "div", "__truediv__", "one_hot", "long", "double", "half", "int", "bool",
    "clone", "normalize", "pad", "roll", "flip",
}  # fmt: skip
DROPOUTS = (
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout",
)  # fmt: skip

Handler = Callable[[str, tuple[Any, ...], dict[str, Any], Any], None]


class Functions(TorchFunctionMode):
    """Sees every torch function that the script calls.

    Attributes:
        noise: which tensors are plain noise.
        stack: the modules that run, outermost first, and `calls`, their calls where the script made
            them; `Watch` fills both.
        stepping: an optimizer is at work: nothing of it is looked at.
        probing: watch although the script has ended.
    """

    def __init__(self, recording: Recording, lines: UserLines, hand: Hand) -> None:
        super().__init__()
        self._recording = recording
        self._lines = lines
        self.stack: list[nn.Module] = []
        self.calls: list[Call | None] = []
        self.stepping = False
        self.probing = False
        self._followed: Marks[list[Call]] = Marks()
        self._pending: list[Call] = []
        self._parameters: dict[int, frozenset[int]] = {}
        self.noise = Noise(recording, self.stack)
        self._softmaxes = Softmaxes(recording, lines)
        self._losses = Losses(recording, lines, self._softmaxes, self.noise.laws)
        arithmetic = Arithmetic(recording, lines, hand, self.stack)
        self._names_of_losses = self._losses.handlers().keys()
        self._before = set(arithmetic.handlers_before().values())
        self._handlers: dict[Any, tuple[Handler | None, bool]] = {}
        self._by_name: dict[str, Handler] = {
            **self._losses.handlers(),
            **self._softmaxes.handlers(),
            **arithmetic.handlers(),
            **self.noise.handlers(),
            **dict.fromkeys(DROPOUTS, self._dropout),
            **dict.fromkeys(SAME_NUMBERS, self._same_numbers),
            **dict.fromkeys(("tensor", "as_tensor"), self._copied),
            **dict.fromkeys(("t", "transpose", "permute", "long"), self._pass_on_padding),
            "pad_sequence": self._losses.note_padding,
            "stack": self._stacked,
            "scaled_dot_product_attention": self._attention,
            "__getitem__": self._columns,
        }

    def __torch_function__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if self.stepping:
            return func(*args, **kwargs)
        try:
            handler, keeps_rows = self._handlers[func]
        except KeyError:
            name = getattr(func, "__name__", "")
            if name == "__set__":  # of `data`, `grad`, `requires_grad`
                name = f"{getattr(func.__self__, '__name__', '')}.__set__"
            handler, keeps_rows = self._handlers[func] = self._by_name.get(name), name in ROW_WISE
        if self._recording.is_closed and not self.probing:
            return func(*args, **kwargs)
        if handler is not None and handler in self._before:
            self._look(handler, func.__name__, args, kwargs, None)
            return func(*args, **kwargs)
        out = func(*args, **kwargs)
        if handler is not None:
            self._look(handler, func.__name__, args, kwargs, out)
            if func.__name__ in self._names_of_losses:
                self._losses.keep(out)
        if keeps_rows and not self.stack:
            with unwatched():
                self._pass_on_rows(args, out)
        if len(self._followed) and args:
            with unwatched():
                self._pass_on(func, args, out)
        return out

    def _look(self, handler: Handler, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """Let a handler look at a call; a mistake of ours must not reach the script."""
        with unwatched():
            try:
                handler(name, args, kwargs, out)
            except Exception as error:
                if not tape.in_transform():
                    self._recording.fail(f"watching {name}", error)

    # --- Following tensors -----------------------------------------------------------------

    def follow(self, call: Call, outputs: list[Tensor]) -> None:
        """A network returned these."""
        for tensor in outputs:
            where = self._recording.lone_softmaxes.get(tensor)
            if where is not None and tensor.requires_grad:  # each probability is 1
                self._recording.see("softmax-over-the-batch", where)
            self._recording.generated.put(tensor, call)
            if (call.active or call.dropped) and call.training:
                self._followed.put(tensor, [call])
        if call.grad and any(tensor.requires_grad for tensor in outputs):
            self._pending.append(call)
            del self._pending[:-MAX_PENDING]

    def _pass_on(self, func: Any, args: tuple[Any, ...], out: Any) -> None:
        """What is computed from a followed tensor is followed."""
        calls: list[Call] = []
        for each in args:
            for tensor in each if isinstance(each, list | tuple) else (each,):
                if isinstance(tensor, Tensor):
                    calls += self._followed.get(tensor) or []
        if not calls:
            return
        calls = list(dict.fromkeys(calls))[:16]
        outputs = [
            each
            for each in (out if isinstance(out, list | tuple) else (out,))
            if isinstance(each, Tensor)
        ]
        needs_grad = any(each.requires_grad for each in outputs)
        name = getattr(func, "__name__", "")
        is_loss = name in self._names_of_losses
        scored = args[0] if args else None
        is_compared = name in ("eq", "__eq__")
        if (is_loss or is_compared) and len(args) > 1 and isinstance(args[1], Tensor):
            are_classes = is_compared and isinstance(scored, Tensor) and scored.dtype is torch.int64
            for call in calls:
                call.judged_on.add(args[1].numel())
                call.scored |= are_classes
        for call in calls:
            call.consumed = True
            call.judged |= is_loss
            call.scored |= is_loss and self._recording.generated.get(scored) is call
            if needs_grad and not call.grad:
                call.trained_on = True
        for each in outputs:
            self._followed.put(each, calls)

    def _pass_on_rows(self, args: tuple[Any, ...], out: Any) -> None:
        """What is computed from a batch item by item has its items in its rows."""
        rows = self._recording.rows
        for each in args:
            if isinstance(each, Tensor) and rows.get(each) and isinstance(out, Tensor):
                if out.shape[:1] == each.shape[:1]:
                    rows.put(out, True)
                return

    def _same_numbers(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        source = args[0] if args else None
        if not isinstance(out, Tensor) or not isinstance(source, Tensor) or out is source:
            return
        self._pass_on_padding(name, args, kwargs, out)
        law = self.noise.laws.get(source)
        if law is not None:
            self.noise.laws.put(out, law)
        made_by = self._recording.generated.get(source)
        if made_by is not None:
            self._recording.generated.put(out, made_by)
        episode = self._recording.batches.get(source)
        if episode is not None and out.shape[:1] == source.shape[:1]:
            self._recording.batches.put(out, episode)
        if self._recording.rows.get(source) and out.shape[:1] == source.shape[:1]:
            self._recording.rows.put(out, True)
        if name in ("view", "reshape") and _reorders(source.shape, out.shape):
            network = self._recording.network_of(self.stack)
            if network is not None:
                network.reorders = True

    def _columns(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """`batch[:, 1:]` has the batch's rows, `data[drawn]` items; `scores[range(n), target]` picks each item's class."""
        source, index = args[:2]
        parts = index if isinstance(index, tuple) else (index,)
        if all(isinstance(each, slice | type(...)) for each in parts):
            self._pass_on_padding(name, args, kwargs, out)
        if not self.stack and source.dim() > 1 and _jumps(index):
            self._recording.rows.put(out, True)
            return
        if isinstance(index, tuple) and len(index) == 2 and isinstance(index[1], Tensor):
            if index[1].dim() == 1 and isinstance(index[0], Tensor | range | list):
                self._softmaxes.pick(source)
            return
        if not isinstance(index, tuple) or not index or index[0] != slice(None):
            return
        episode = self._recording.batches.get(source)
        if episode is not None:
            self._recording.batches.put(out, episode)
        if self._recording.rows.get(source):
            self._recording.rows.put(out, True)

    def _stacked(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """Windows of one long series, from places here and there: each is an item of a batch."""
        parts = args[0] if args else None
        axis = kwargs.get("dim", args[1] if len(args) > 1 else 0)
        if (
            self.stack
            or axis != 0
            or not isinstance(parts, list | tuple)
            or len(parts) < LEAST_ITEMS
        ):
            return
        if not isinstance(out, Tensor) or not all(isinstance(each, Tensor) for each in parts):
            return
        series = {each.untyped_storage().data_ptr() for each in parts}
        starts = [each.storage_offset() for each in parts]
        if len(series) == 1 and parts[0].is_contiguous() and _jumps(starts):
            self._recording.rows.put(out, True)

    def _pass_on_padding(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        padded = self._recording.padded.get(args[0]) if args else None
        if padded is not None and isinstance(out, Tensor):
            self._recording.padded.put(out, padded)

    def goes_on_from_noise(self, network: Network, args: tuple[Any, ...]) -> bool:
        """Whether an argument was computed from what the network itself made of noise: sampling in steps."""
        return any(
            call.network is network and call.has_noise
            for each in args
            if isinstance(each, Tensor)
            for call in self._followed.get(each) or ()
        )

    def was_trained_on(self, module: nn.Module, tensor: Tensor) -> bool:
        """Whether the network's last training batch was this very tensor."""
        network = self._recording.networks.get(id(module))
        kept = network.batch if network is not None else None
        candidates = [kept] if kept is not None else []
        candidates += [each for each in self._pending if each.network is network]
        for call in candidates:
            first = next((a for a in call.arguments[0] if isinstance(a, Tensor)), None)
            if (
                first is not None
                and first.shape == tensor.shape
                and first.data_ptr() == tensor.data_ptr()
            ):
                return True
        return False

    def after_loss(self, backward: Backward, root: Tensor) -> None:
        """A backward pass begins: which calls does it train?"""
        left = []
        for call in self._pending:
            if self._reaches(call.network.module, backward.reached):
                call.trained_on = True
                call.network.batch = call
                call.targets = self._recording.targets_of(call)
            else:
                left.append(call)
        # A network with frozen weights may be asked about its input.
        ran = any(p.requires_grad for c in self._pending for p in c.network.module.parameters())
        self._pending = left
        if not backward.reached and ran:
            backward.graph_is_cut = True
        self._losses.note_trained(backward.where, root)

    def _reaches(self, module: nn.Module, reached: frozenset[int]) -> bool:
        own = self._parameters.get(id(module))
        if own is None or not own & reached:
            own = self._parameters[id(module)] = frozenset(id(p) for p in module.parameters())
        return bool(own & reached)

    def _copied(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """`torch.tensor(loss)` is a new leaf: nothing behind it is trained."""
        given = args[0] if args else None
        if isinstance(given, Tensor) and given.requires_grad and out.requires_grad:
            self._recording.copied_losses.put(out, self._lines.here(3))

    # --- Dropout ---------------------------------------------------------------------------

    def _dropout(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        p = kwargs.get("p", args[1] if len(args) > 1 else 0.5)
        training = kwargs.get("training", args[2] if len(args) > 2 else True)
        if p and ("training" in kwargs or len(args) > 2):
            self._follows_mode(bool(training))
        if not training or not p or not self.stack:
            return
        owner = self.stack[-1]
        root = self.stack[0]
        if isinstance(owner, nn.modules.dropout._DropoutNd):  # `nn.Dropout(0.5)(x)` in a forward
            if root.training or any(each is owner for each in nn.Module.modules(root)):
                return
        elif owner.training:
            return
        self._recording.see("dropout-always-on", self._lines.here(3), p=float(p), function=name)

    def _follows_mode(self, training: bool) -> None:
        """A dropout function was told the mode of its module, as it seems: a layer that has none."""
        call = self.calls[0] if self.calls else None
        if call is None or self.stack[-1].training != training:
            return
        call.network.kinds.add("dropout")
        if training and "dropout" not in call.active:
            call.dropped = True

    def _attention(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        p = kwargs.get("dropout_p", args[4] if len(args) > 4 else 0.0)
        if p:
            self._follows_mode(True)
        if p and self.stack and not self.stack[-1].training:
            self._recording.see("dropout-always-on", self._lines.here(3), p=float(p), function=name)


def _jumps(index: Any) -> bool:
    """Whether an index picks several items in no order, as nobody picks steps of time."""
    if isinstance(index, list):
        if not all(isinstance(each, int) for each in index):
            return False
        index = torch.tensor(index, dtype=torch.int64)
    elif isinstance(index, numpy.ndarray):
        index = torch.as_tensor(index) if index.dtype.kind == "i" else None
    if not isinstance(index, Tensor) or index.dim() != 1 or len(index) < LEAST_ITEMS:
        return False
    if index.is_floating_point() or index.dtype in (torch.bool, torch.uint8):
        return False
    steps = index.diff()
    return bool((steps > 0).any()) and bool((steps < 0).any())


def _reorders(before: torch.Size, after: torch.Size) -> bool:
    """Whether a view has the same axes in another order, as only permute may: (B, T, D) as (T, B, D)."""
    sizes, new = ([size for size in shape if size != 1] for shape in (before, after))
    return sizes != new and sorted(sizes) == sorted(new)
