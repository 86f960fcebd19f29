"""The one function mode: what the script's own calls of torch say about its losses, noise and dropout.

It sees each torch function at the level at which a person wrote it (`F.cross_entropy`, `a - b`) and not
what runs inside. Values are looked at after the call and never changed.
"""

import math
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from torchcamp.doctor import tape
from torchcamp.doctor.hand import Hand
from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.recording import Backward, Call, Marks, Network, Recording, Where

unwatched = torch._C.DisableTorchFunction
ROW_SUM = 1e-3  # by which the sum of a row of probabilities may miss 1
MAX_PENDING = 64
# Steps from which on a loss is still alive: more than a script with several networks has losses.
MANY_KEPT = 6
MAX_LOOKS = 12  # losses of weights without a network whose graph is looked at
SAME_NUMBERS = {
    "detach", "view", "reshape", "squeeze", "unsqueeze", "flatten", "to", "cpu", "cuda", "contiguous",
    "clone", "expand", "view_as", "float", "requires_grad_", "type", "detach_", "pin_memory",
}  # fmt: skip
SET_DATA = "data.__set__"
WRITES = {
    "copy_", "lerp_", "mul_", "__imul__", SET_DATA, "_foreach_copy_", "_foreach_lerp_", "_foreach_mul_",
    "_foreach_add_",
}  # fmt: skip
MAX_WRITTEN = 100_000
ROW_WISE = {
    "masked_fill", "where", "clamp", "add", "__add__", "__radd__", "sub", "__sub__", "__rsub__", "mul",
    "__mul__", "__rmul__", "div", "__truediv__", "one_hot", "long", "double", "half", "int", "bool",
    "clone", "normalize", "pad", "roll", "flip",
}  # fmt: skip
UNIFORM, NORMAL = "uniform between 0 and 1", "standard normal"
LAWS = {"rand": UNIFORM, "rand_like": UNIFORM, "randn": NORMAL, "randn_like": NORMAL}

LOSSES = {
    "cross_entropy", "nll_loss", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss",
    "binary_cross_entropy", "binary_cross_entropy_with_logits",
}  # fmt: skip

Handler = Callable[[str, tuple[Any, ...], dict[str, Any], Any], None]


class Functions(TorchFunctionMode):
    """Sees every torch function that the script calls.

    Attributes:
        laws: of tensors that are plain noise, the distribution.
        generated: of a network's outputs, detached or reshaped too, the call that made them.
        stack: the modules that run, outermost first, and `calls`, their calls where the script made
            them; `Watch` fills both.
        stepping: an optimizer is at work: nothing of it is looked at.
        probing: watch although the script has ended.
    """

    def __init__(self, recording: Recording, lines: UserLines, hand: Hand) -> None:
        super().__init__()
        self._hand = hand
        self._recording = recording
        self._lines = lines
        self.laws: Marks[str] = Marks()
        self.generated: Marks[Call] = Marks()
        self._drawn: deque[tuple[tuple[int, ...], tuple[float, ...], str]] = deque(maxlen=8)
        self.stack: list[nn.Module] = []
        self.calls: list[Call | None] = []
        self.stepping = False
        self.probing = False
        self._followed: Marks[list[Call]] = Marks()
        self._pending: list[Call] = []
        self._parameters: dict[int, frozenset[int]] = {}
        self._looks = 0
        self._terms: dict[Where, list[tuple[weakref.ref[Any], int]]] = {}
        self._sums: dict[Where, list[tuple[int, int, int]]] = {}
        self._losses: dict[Where, list[weakref.ref[Any]]] = {}
        self._handlers: dict[Any, tuple[Handler | None, bool]] = {}
        self._by_name = self._table()

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
            if func.__name__ in LOSSES:
                self._keep_loss(out)
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
                self._recording.fail(f"watching {name}", error)

    def _table(self) -> dict[str, Handler]:
        self._before: set[Handler] = {self._wraps_in_place}
        table: dict[str, Handler] = {
            "cross_entropy": self._cross_entropy,
            "nll_loss": self._nll_loss,
            "binary_cross_entropy": self._paired_loss,
            "binary_cross_entropy_with_logits": self._bce_with_logits,
            "mse_loss": self._paired_loss,
            "l1_loss": self._paired_loss,
            "smooth_l1_loss": self._paired_loss,
            "huber_loss": self._paired_loss,
            "sub": self._difference,
            "__sub__": self._difference,
            "__rsub__": self._difference,
            "subtract": self._difference,
            "log": self._log,
            "log2": self._log,
            "log10": self._log,
            "softmax": self._softmax,
            "log_softmax": self._softmax,
            **dict.fromkeys(("max", "argmax", "topk", "multinomial"), self._along_classes),
            "kl_div": self._paired_probabilities,
            "dropout": self._dropout,
            "dropout1d": self._dropout,
            "dropout2d": self._dropout,
            "dropout3d": self._dropout,
            "alpha_dropout": self._dropout,
            "feature_alpha_dropout": self._dropout,
            "scaled_dot_product_attention": self._attention,
            "add": self._sum,
            "__add__": self._sum,
            "__radd__": self._sum,
            "__iadd__": self._sum,
            "add_": self._sum,
            **dict.fromkeys(WRITES, self._writes),
            "tensor": self._copied,
            "as_tensor": self._copied,
            "__mul__": self._wraps, "mul": self._wraps, "__rmul__": self._wraps,
            "neg": self._wraps, "__neg__": self._wraps,
            "__isub__": self._wraps_in_place, "sub_": self._wraps_in_place,
            "uniform_": self._in_place_noise, "normal_": self._in_place_noise,
        }  # fmt: skip
        table |= dict.fromkeys(SAME_NUMBERS, self._same_numbers)
        table["__getitem__"] = self._columns
        table["gather"] = self._gathered
        table |= dict.fromkeys(LAWS, self._noise)
        return table

    # --- Following tensors -----------------------------------------------------------------

    def follow(self, call: Call, outputs: list[Tensor]) -> None:
        """A network returned these."""
        for tensor in outputs:
            where = self._recording.lone_softmaxes.get(tensor)
            if where is not None and tensor.requires_grad:  # each probability is 1
                self._recording.see("softmax-over-the-batch", where)
            self.generated.put(tensor, call)
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
        is_loss = name in LOSSES
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
            call.scored |= is_loss and self.generated.get(scored) is call
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
        law = self.laws.get(source)
        if law is not None:
            self.laws.put(out, law)
        made_by = self.generated.get(source)
        if made_by is not None:
            self.generated.put(out, made_by)
        episode = self._recording.batches.get(source)
        if episode is not None and out.shape[:1] == source.shape[:1]:
            self._recording.batches.put(out, episode)
        if self._recording.rows.get(source) and out.shape[:1] == source.shape[:1]:
            self._recording.rows.put(out, True)
        if name in ("view", "reshape") and _reorders(source.shape, out.shape):
            network = self._running_network()
            if network is not None:
                network.reorders = True

    def _columns(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """`batch[:, 1:]` has the batch's rows; `scores[range(n), target]` picks each item's class."""
        source, index = args[:2]
        if isinstance(index, tuple) and len(index) == 2 and isinstance(index[1], Tensor):
            if index[1].dim() == 1 and isinstance(index[0], Tensor | range | list):
                self._picked(source)
            return
        if not isinstance(index, tuple) or not index or index[0] != slice(None):
            return
        episode = self._recording.batches.get(source)
        if episode is not None:
            self._recording.batches.put(out, episode)
        if self._recording.rows.get(source):
            self._recording.rows.put(out, True)

    def _running_network(self) -> Network | None:
        """The network that the script has called and that is at work now."""
        return self._recording.networks.get(id(self.stack[0])) if self.stack else None

    def _mark_noise(self, noise: Tensor, law: str) -> None:
        self.laws.put(noise, law)
        network = self._running_network()
        if network is not None and noise.dim() > 1 and torch.is_grad_enabled():
            network.inner_laws.add((law, noise.shape[1:]))

    def _noise(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        self._mark_noise(out, LAWS[name])

    def _in_place_noise(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        first, second = (*args[1:], None, None)[:2]
        if name == "uniform_":
            low = kwargs.get("from", first if first is not None else 0)
            high = kwargs.get("to", second if second is not None else 1)
            self._mark_noise(out, uniform(low, high))
        else:
            mean = kwargs.get("mean", first if first is not None else 0)
            std = kwargs.get("std", second if second is not None else 1)
            self._mark_noise(out, normal(mean, std))

    def note_drawn(self, shape: tuple[int, ...], values: Iterable[float], law: str) -> None:
        """NumPy drew noise: some of its numbers, by which a tensor made of it is known."""
        self._drawn.append((shape, tuple(values), law))

    def law_of(self, tensor: Tensor) -> str:
        """The distribution of a tensor that is plain noise, torch's or NumPy's; "" of others."""
        law = self.laws.get(tensor)
        if law is None and self._drawn and tensor.is_floating_point():
            shape = tuple(tensor.shape)
            for drawn, values, its_law in self._drawn:
                if drawn == shape:
                    first = tensor.detach().flatten()[: len(values)].float()
                    if torch.equal(first, torch.tensor(values)):
                        return its_law
        return law or ""

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
        kept = self._losses.setdefault(backward.where, [])
        kept.append(weakref.ref(root))
        alive = sum(each() is not None for each in kept)
        if alive > 3 and alive * 2 > len(kept):
            self._recording.see("loss-keeps-graph", backward.where, kept=alive, form="list")

    def _reaches(self, module: nn.Module, reached: frozenset[int]) -> bool:
        own = self._parameters.get(id(module))
        if own is None or not own & reached:
            own = self._parameters[id(module)] = frozenset(id(p) for p in module.parameters())
        return bool(own & reached)

    # --- Losses ----------------------------------------------------------------------------

    def _cross_entropy(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        scores, target = _two(args, kwargs)
        if not isinstance(scores, Tensor) or not isinstance(target, Tensor) or scores.dim() < 2:
            return
        where = self._lines.here(3)
        recording = self._recording
        if where is None:
            return
        classes = scores.shape[1]
        if scores.requires_grad and classes > 1:
            values = scores.detach()
            if _are_probabilities(values):
                floor = math.log(1 + (classes - 1) / math.e)
                recording.see(
                    "softmax-before-cross-entropy", where, classes=classes, floor=round(floor, 4)
                )
            self._is_over_the_batch(scores, where)
        if out.numel() == 1 and scores.requires_grad:
            is_plain = kwargs.get("weight") is None and kwargs.get("reduction", "mean") == "mean"
            value = float(out.detach())
            recording.cross_entropies.append((where, classes, recording.now, value, is_plain))
        self._keep_target(target, kwargs.get("ignore_index", -100), classes, where)
        self._is_linear(scores, where)

    def _keep_loss(self, out: Any) -> None:
        """Losses that stay alive while steps go on: a term that is kept, and not the sum that trains."""
        where = self._lines.here(3)
        if where is None or not isinstance(out, Tensor) or not out.requires_grad or out.numel() > 1:
            return
        kept = [each for each in self._terms.get(where, ()) if each[0]() is not None]
        kept.append((weakref.ref(out), self._recording.num_steps))
        self._terms[where] = kept[-64:]
        alive = len({steps for _, steps in kept})
        if alive >= MANY_KEPT:
            self._recording.see("loss-keeps-graph", where, kept=alive, form="term")

    def _is_linear(self, scores: Tensor, where: Where) -> None:
        """Weights that are plain tensors: nothing nonlinear between the products with them?"""
        if not scores.requires_grad or self._recording.networks or self._looks >= MAX_LOOKS:
            return
        self._looks += 1
        layers = tape.weight_layers_if_linear(scores)
        if layers >= 2:
            self._recording.see("no-nonlinearity", where, layers=layers)

    def _keep_target(self, target: Any, ignored: int, classes: int, where: Where) -> None:
        if not isinstance(target, Tensor) or target.is_floating_point():
            return
        recent = self._recording.recent_targets
        recent.append((self._recording.now, target.detach()))
        del recent[:-8]
        self._check_padding(target, ignored, classes, where)

    def _check_padding(self, target: Tensor, ignored: int, classes: int, where: Where) -> None:
        """Is the padding of the network's embedding among the targets that count?"""
        for network in self._recording.networks.values():
            for module in nn.Module.modules(network.module):
                if (
                    isinstance(module, nn.Embedding)
                    and module.padding_idx is not None
                    and module.num_embeddings == classes
                    and module.padding_idx != ignored
                ):
                    share = float((target == module.padding_idx).float().mean())
                    if share > 0.02:
                        self._recording.see(
                            "padding-in-loss", where, padding=module.padding_idx, share=share
                        )
                        return

    def _is_over_the_batch(self, scores: Tensor, where: Where) -> None:
        """A softmax along the wrong axis: columns, not rows, sum to 1."""
        values = scores.detach()
        if values.dim() != 2 or min(values.shape) < 2:
            return
        if tape.softmax_axis(scores) == 0 and not _are_probabilities(values.exp()):
            self._recording.see("softmax-over-the-batch", where)  # perhaps of some rows alone
            return
        for form in (values, values.exp()):
            if bool((form >= 0).all()) and bool(((form.sum(0) - 1).abs() < ROW_SUM).all()):
                if not bool(((form.sum(1) - 1).abs() < ROW_SUM).all()):
                    self._recording.see("softmax-over-the-batch", where)
                return

    def _nll_loss(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        scores, target = _two(args, kwargs)
        where = self._lines.here(3)
        if not isinstance(scores, Tensor) or scores.dim() < 2 or where is None:
            return
        self._keep_target(target, kwargs.get("ignore_index", -100), scores.shape[1], where)
        if not scores.requires_grad or scores.shape[1] < 2:
            return
        values = scores.detach()
        sums = values.exp().sum(1)
        if _are_probabilities(values):
            self._recording.see("nll-on-probabilities", where, largest=float(values.max()))
        elif not bool(((sums - 1).abs() < 1e-2).all()):
            before = len(self._recording.sightings["softmax-over-the-batch", where])
            self._is_over_the_batch(scores, where)
            if len(self._recording.sightings["softmax-over-the-batch", where]) == before:
                self._recording.see("nll-on-logits", where, row_sum=float(sums.median()))

    def _bce_with_logits(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        scores, target = _two(args, kwargs)
        where = self._lines.here(3)
        if isinstance(scores, Tensor) and scores.requires_grad and tape.maker(scores) == "Sigmoid":
            self._recording.see(
                "sigmoid-before-bce-with-logits", where, largest=float(scores.detach().max())
            )
        weight = kwargs.get("weight", args[2] if len(args) > 2 else None)
        is_plain = weight is None and kwargs.get("reduction", "mean") != "none"
        self._check_pair(scores, target, where, is_logits=True, counts_all=is_plain)
        if isinstance(scores, Tensor) and where is not None:
            self._is_linear(scores, where)

    def _paired_loss(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        scores, target = _two(args, kwargs)
        where = self._lines.here(3)
        self._check_broadcast(scores, target, where)
        self._check_pair(scores, target, where, is_logits=False, counts_all=True)
        if isinstance(scores, Tensor) and where is not None:
            self._is_linear(scores, where)
        self._paired_probabilities(name, args, kwargs, out)
        law = self.laws.get(target) if isinstance(target, Tensor) else None
        made_by = self.generated.get(scores) if law is not None else None
        if law is not None and made_by is not None:
            made_by.network.target_laws.add(law)

    def _paired_probabilities(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """Probabilities over the batch, which are to equal others over the classes."""
        pair = [each for each in _two(args, kwargs) if isinstance(each, Tensor)]
        if len(pair) < 2 or pair[0].shape != pair[1].shape:
            return
        marks = [self._recording.batch_softmaxes.get(each) for each in pair]
        for where, other in ((marks[0], pair[1]), (marks[1], pair[0])):
            if where is not None and marks.count(None) == 1:
                values = other.detach()
                if _are_probabilities(values) or _are_probabilities(values.exp()):
                    self._recording.see("softmax-over-the-batch", where)
        if marks.count(None) == 2 and {_normalized(each) for each in pair} == {0, 1}:
            self._recording.see("softmax-over-the-batch", self._lines.here(3))

    def _gathered(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """The score of each item's class is picked by hand: `scores.gather(1, target[:, None])`."""
        scores, axis, index = (*args, *kwargs.values(), None, None)[:3]
        if isinstance(index, Tensor) and axis in (1, -1) and index.shape[1:] == (1,):
            self._picked(scores)

    def _picked(self, scores: Any) -> None:
        if isinstance(scores, Tensor) and scores.requires_grad and _normalized(scores) == 0:
            self._recording.see("softmax-over-the-batch", self._lines.here(4))

    def _check_pair(
        self,
        scores: Any,
        target: Any,
        where: Where | None,
        *,
        is_logits: bool,
        counts_all: bool,
    ) -> None:
        """Can the output's last operation reach the target's values at all?

        Args:
            is_logits: the loss applies a sigmoid.
            counts_all: no target is left out by a weight of 0 or later.
        """
        if (
            where is None
            or not counts_all
            or not isinstance(scores, Tensor)
            or not isinstance(target, Tensor)
            or target.requires_grad
            or not scores.requires_grad
            or not target.is_floating_point()
            or target.numel() < 2
        ):
            return
        made_by = tape.maker(scores)
        low, high = (float(each) for each in target.detach().aminmax())
        if is_logits:
            if low < -1e-3 or high > 1 + 1e-3:
                self._recording.see(
                    "data-range-mismatch", where, output="a sigmoid, inside this loss", low=low,
                    high=high, reach="0 to 1", reachable=False,
                )  # fmt: skip
        elif made_by == "Sigmoid" and (low < -1e-3 or high > 1 + 1e-3):
            self._recording.see(
                "data-range-mismatch", where, output="a sigmoid", low=low, high=high,
                reach="0 to 1", reachable=False,
            )  # fmt: skip
        elif made_by == "Tanh" and (low < -1 - 1e-3 or high > 1 + 1e-3):
            self._recording.see(
                "data-range-mismatch", where, output="a tanh", low=low, high=high,
                reach="-1 to 1", reachable=False,
            )  # fmt: skip
        elif made_by == "Relu" and low < -1e-3:
            self._recording.see(
                "data-range-mismatch", where, output="a ReLU", low=low, high=high,
                reach="0 and more", reachable=False,
            )  # fmt: skip
        elif made_by == "Tanh" and target.dim() > 1 and low >= 0 and high > 0.9:
            self._recording.see(
                "data-range-mismatch", where, output="a tanh", low=low, high=high,
                reach="-1 to 1", reachable=True,
            )  # fmt: skip

    # --- Arithmetic ------------------------------------------------------------------------

    def _difference(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        if len(args) < 2:
            return
        self._check_broadcast(args[0], args[1], None)
        self._wraps(name, args, kwargs, out)

    def _check_broadcast(self, a: Any, b: Any, where: Where | None) -> None:
        if not isinstance(a, Tensor) or not isinstance(b, Tensor) or a.dim() == b.dim():
            return
        column, row = (a, b) if a.dim() == 2 else (b, a)
        if (
            column.dim() != 2
            or row.dim() != 1
            or column.shape[1] != 1
            or len(column) != len(row)
            or len(row) < 2
            or not (a.requires_grad or b.requires_grad or self._is_output(a) or self._is_output(b))
            or a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()
        ):
            return
        where = where or self._lines.here(4)
        with torch.no_grad():
            right = float((column[:, 0] - row).float().square().mean())
            wrong = float((column - row).float().square().mean())
        self._recording.see(
            "broadcast-mismatch", where, rows=len(row), mean_square_all_pairs=wrong,
            mean_square=right,
        )  # fmt: skip

    def _is_output(self, tensor: Tensor) -> bool:
        return self.generated.get(tensor) is not None

    def _wraps(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """Bytes count modulo 256."""
        if not isinstance(out, Tensor) or out.dtype is not torch.uint8 or out.numel() < 2:
            return
        self._see_wrapped(name, args)

    def _writes_by_hand(self, args: tuple[Any, ...]) -> None:
        """Is the line that runs a step taken by hand?"""
        first = args[0] if args else None
        if not self.stack and isinstance(first, Tensor) and self._hand.holds(first):
            where = self._lines.here(4)
            if where is not None:
                self._hand.note_write(where)

    def _wraps_in_place(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        self._writes_by_hand(args)
        if args and isinstance(args[0], Tensor) and args[0].dtype is torch.uint8:
            self._see_wrapped(name, args)

    def _see_wrapped(self, name: str, args: tuple[Any, ...]) -> None:
        values = [
            each.detach().to(torch.int32) if isinstance(each, Tensor) else each for each in args
        ]
        plain = name.strip("_").removeprefix("r").removeprefix("i")
        if plain == "neg":
            exact = -values[0]
        elif name == "__rsub__":
            exact = values[1] - values[0]
        elif plain in ("sub", "subtract"):
            exact = values[0] - values[1]
        elif plain == "mul":
            exact = values[0] * values[1]
        else:
            exact = values[0] + values[1]
        if not isinstance(exact, Tensor):
            return
        wrapped = float(((exact < 0) | (exact > 255)).float().mean())
        if wrapped > 0.01:
            self._recording.see("uint8-wraps", self._lines.here(4), share=wrapped)

    def _sum(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """`total += loss`: does the graph behind the total grow from batch to batch?"""
        if name in ("__iadd__", "add_"):
            self._writes(name, args, kwargs, out)
        if not isinstance(out, Tensor):
            return
        if out.dtype is torch.uint8:
            if name not in ("__iadd__", "add_"):
                self._wraps("add", args, kwargs, out)
            return
        if not out.requires_grad or out.numel() != 1 or self.stack:
            return
        where = self._lines.here(3)
        if where is None:
            return
        nodes = tape.walk([out]).nodes
        batch = self._recording.num_batches()
        rows = self._sums.setdefault(where, [])
        if rows and nodes <= rows[-1][0]:
            rows.clear()
        rows.append((nodes, batch, self._recording.num_steps))
        if len(rows) >= 4 and len({row[1] for row in rows}) >= 4:
            self._recording.see(
                "loss-keeps-graph", where, nodes=nodes, first=rows[0][0], form="sum",
                validation=rows[-1][2] == rows[0][2],
            )  # fmt: skip

    def _writes(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """Weights that follow others are written to in place."""
        self._writes_by_hand(args)
        written = self._recording.written
        if not self._recording.num_steps or not args or len(written) > MAX_WRITTEN:
            return
        if name == "__set__":  # of .data: a gradient lies elsewhere
            given = args[1] if len(args) > 1 else None
            if not isinstance(given, Tensor) or given.data_ptr() != args[0].data_ptr():
                return
        for each in args[0] if isinstance(args[0], list | tuple) else args[:1]:
            if isinstance(each, Tensor):
                written.add(each.data_ptr())

    def _log(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        given = args[0] if args else None
        if not isinstance(given, Tensor) or not given.requires_grad:
            return
        if tape.maker(given) == "Sigmoid":
            self._recording.see("log-of-sigmoid", self._lines.here(3), form="log(sigmoid)")
            return
        made_by = tape.maker(given)
        if (
            made_by in ("Rsub", "Add", "Sub")
            and tape.maker(given, (*tape.VIEWS, "Rsub", "Add", "Sub")) == "Sigmoid"
        ):
            form = "log(1 - sigmoid)" if made_by == "Rsub" else "log(sigmoid + epsilon)"
            self._recording.see("log-of-sigmoid", self._lines.here(3), form=form)

    def _softmax(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        given = args[0] if args else None
        axis = kwargs.get("dim", args[1] if len(args) > 1 else None)
        if (
            not isinstance(given, Tensor)
            or not isinstance(out, Tensor)
            or given.dim() != 2
            or axis not in (0, -2)
            or given.shape[1] < 2
        ):
            return
        where = self._lines.here(3)
        if where is None:
            return
        if len(given) == 1:
            self._recording.lone_softmaxes.put(out, where)
            if self._is_output(given) and given.requires_grad:
                self._recording.see("softmax-over-the-batch", where)
        elif self._is_output(given):
            self._recording.batch_softmaxes.put(out, where)

    def _along_classes(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """The most probable class in each row, of probabilities that sum to 1 over the rows."""
        given = args[0] if args else None
        where = self._recording.batch_softmaxes.get(given) if isinstance(given, Tensor) else None
        if where is None:
            return
        last = -1 if name in ("topk", "multinomial") else None
        place = 2 if name == "topk" else 1
        axis = kwargs.get("dim", args[place] if len(args) > place else last)
        if name == "multinomial" or (isinstance(axis, int) and axis in (1, -1)):
            self._recording.see("softmax-over-the-batch", where, self._lines.here(3) or where)

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


def uniform(low: float, high: float) -> str:
    """A uniform distribution in words."""
    return UNIFORM if (low, high) == (0, 1) else f"uniform between {low:g} and {high:g}"


def normal(mean: float, std: float) -> str:
    """A normal distribution in words."""
    return NORMAL if (mean, std) == (0, 1) else f"normal({mean:g}, {std:g})"


def _two(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """Input and target of a loss function, given by position or by name."""
    first = args[0] if args else kwargs.get("input")
    second = args[1] if len(args) > 1 else kwargs.get("target")
    return first, second


def _reorders(before: torch.Size, after: torch.Size) -> bool:
    """Whether a view has the same axes in another order, as only permute may: (B, T, D) as (T, B, D)."""
    sizes, new = ([size for size in shape if size != 1] for shape in (before, after))
    return sizes != new and sorted(sizes) == sorted(new)


def _normalized(values: Tensor) -> int | None:
    """The axis along which probabilities, or their logarithms, sum to 1; of a matrix that is not square.

    Where each item is compared with each other one, either axis is right.
    """
    values = values.detach()
    if values.dim() != 2 or min(values.shape) < 2 or values.shape[0] == values.shape[1]:
        return None
    if not values.is_floating_point():
        return None
    for form in (values, values.exp()) if float(values.max()) <= 1e-6 else (values,):
        if not bool((form >= 0).all()):
            continue
        ones = [bool(((form.float().sum(axis) - 1).abs() < ROW_SUM).all()) for axis in (0, 1)]
        if ones.count(True) == 1:
            return ones.index(True)
    return None


def _are_probabilities(values: Tensor) -> bool:
    """Whether each row is not negative and sums to 1, along axis 1."""
    return bool((values >= 0).all()) and bool(((values.float().sum(1) - 1).abs() < ROW_SUM).all())
