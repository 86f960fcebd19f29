"""Losses, and what they are fed: scores, targets, and how long the losses live."""

import math
import weakref
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from torchcamp.base.plain import tensors
from torchcamp.doctor import tape
from torchcamp.doctor.arithmetic import check_broadcast
from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.recording import Marks, Recording, Where
from torchcamp.doctor.softmaxes import Softmaxes, are_probabilities, two

# Steps from which on a loss is still alive: more than a script with several networks has losses.
MANY_KEPT = 6
MAX_LOOKS = 12  # losses of weights without a network whose graph is looked at
MAX_BEFORE = 4  # calls before a loss whose tokens are looked at
LEAST_PADDING = 0.02  # share of the targets


class Losses:
    """Looks at loss functions.

    Args:
        laws: of tensors that are plain noise, the distribution.
    """

    def __init__(
        self, recording: Recording, lines: UserLines, softmaxes: Softmaxes, laws: Marks[str]
    ) -> None:
        self._recording = recording
        self._lines = lines
        self._softmaxes = softmaxes
        self._laws = laws
        self._looks = 0
        self._terms: dict[Where, list[tuple[weakref.ref[Any], int]]] = {}
        self._trained: dict[Where, list[weakref.ref[Any]]] = {}
        self._kept_embeddings: dict[int, list[tuple[int, int]]] = {}

    def handlers(self) -> dict[str, Callable[..., None]]:
        """What looks at loss functions, by their names."""
        return {
            "cross_entropy": self._cross_entropy,
            "nll_loss": self._nll_loss,
            "binary_cross_entropy": self._paired_loss,
            "binary_cross_entropy_with_logits": self._bce_with_logits,
            "mse_loss": self._paired_loss,
            "l1_loss": self._paired_loss,
            "smooth_l1_loss": self._paired_loss,
            "huber_loss": self._paired_loss,
            "ctc_loss": self._ctc_loss,
        }

    def note_trained(self, where: Where, root: Tensor) -> None:
        """A backward pass begins at a loss: do those of the passes before still live?"""
        kept = self._trained.setdefault(where, [])
        kept.append(weakref.ref(root))
        alive = sum(each() is not None for each in kept)
        if alive > 3 and alive * 2 > len(kept):
            self._recording.see("loss-keeps-graph", where, kept=alive, form="list")

    def keep(self, out: Any) -> None:
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

    def _cross_entropy(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        scores, target = two(args, kwargs)
        if not isinstance(scores, Tensor) or not isinstance(target, Tensor) or scores.dim() < 2:
            return
        where = self._lines.here(3)
        recording = self._recording
        if where is None:
            return
        classes = scores.shape[1]
        if not target.is_floating_point():
            self._softmaxes.check_classes(scores, where)
        if scores.requires_grad and classes > 1:
            values = scores.detach()
            if are_probabilities(values):
                floor = math.log(1 + (classes - 1) / math.e)
                recording.see(
                    "softmax-before-cross-entropy",
                    where,
                    of=scores,
                    classes=classes,
                    floor=round(floor, 4),
                )
            self._softmaxes.check_axis(scores, where)
        if out.numel() == 1 and scores.requires_grad:
            is_plain = kwargs.get("weight") is None and kwargs.get("reduction", "mean") == "mean"
            value = float(out.detach())
            recording.cross_entropies.append((where, classes, recording.now, value, is_plain))
        self._keep_target(target, kwargs, classes, where)
        self._is_linear(scores, where)

    def _is_linear(self, scores: Tensor, where: Where) -> None:
        """Weights that are plain tensors: nothing nonlinear between the products with them?"""
        if not scores.requires_grad or self._looks >= MAX_LOOKS:
            return
        if self._recording.networks and not tape.in_transform():
            return  # judged where it is called
        self._looks += 1
        layers = tape.weight_layers_if_linear(scores)
        if layers >= 2:
            self._recording.see("no-nonlinearity", where, layers=layers)

    def _keep_target(self, target: Any, kwargs: dict[str, Any], classes: int, where: Where) -> None:
        if not isinstance(target, Tensor) or target.is_floating_point():
            return
        recent = self._recording.recent_targets
        recent.append((self._recording.now, target.detach()))
        del recent[:-8]
        if kwargs.get("reduction", "mean") == "none":
            return  # what does not count may be left out afterwards
        found = self._padding(target, classes)
        if found is None:
            return
        padding, share = found
        weight = kwargs.get("weight")
        is_left_out = padding == kwargs.get("ignore_index", -100) or (
            weight is not None and float(weight[padding]) == 0
        )
        if share > LEAST_PADDING and not is_left_out:
            self._recording.see("padding-in-loss", where, padding=padding, share=share)

    def _padding(self, target: Tensor, classes: int) -> tuple[int, float] | None:
        """The class that is the padding among the targets, and its share of them."""
        padded = self._recording.padded.get(target)
        if padded is not None:
            value, share = padded
            is_there = 0 <= value < classes and float((target == value).float().mean()) > share / 2
            return padded if is_there else None
        for network in self._recording.networks.values():
            for index, size in self._embeddings(network.module):
                share = float((target == index).float().mean()) if size == classes else 0.0
                if share > LEAST_PADDING:
                    return index, share
        return self._padding_behind(target)

    def _padding_behind(self, target: Tensor) -> tuple[int, float] | None:
        """The same where targets have a padding of their own: what they are wherever the input is padded."""
        for call in self._recording.calls[:-MAX_BEFORE:-1]:
            for index, _ in self._embeddings(call.network.module) if call.grad else ():
                for tokens in tensors(call.arguments):
                    if tokens.is_floating_point() or tokens.dim() != 2 or len(tokens) < 2:
                        continue
                    if tokens.numel() != target.numel():
                        continue
                    is_padding = tokens == index
                    values = target.reshape(tokens.shape)
                    share = float(is_padding.float().mean())
                    if not share or share == 1 or not _ends_rows(is_padding):
                        continue
                    value = int(values[is_padding][0])
                    others = values[~is_padding]
                    if value >= 0 and bool((values[is_padding] == value).all()):
                        return (value, share) if bool((others != value).any()) else None
        return None

    def _embeddings(self, module: nn.Module) -> list[tuple[int, int]]:
        """The padding and the number of tokens of each embedding in a network that has a padding."""
        kept = self._kept_embeddings.get(id(module))
        if kept is None:
            kept = self._kept_embeddings[id(module)] = [
                (each.padding_idx, each.num_embeddings)
                for each in nn.Module.modules(module)
                if isinstance(each, nn.Embedding) and each.padding_idx is not None
            ]
        return kept

    def note_padding(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """`pad_sequence` makes whole numbers of one length: targets, perhaps."""
        sequences = args[0] if args else None
        if not isinstance(out, Tensor) or out.is_floating_point() or out.dim() != 2:
            return
        if not isinstance(sequences, list | tuple):
            return
        value = kwargs.get("padding_value", args[2] if len(args) > 2 else 0)
        missing = out.numel() - sum(len(each) for each in sequences)
        if missing:
            self._recording.padded.put(out, (int(value), missing / out.numel()))

    def _ctc_loss(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        scores = args[0] if args else kwargs.get("log_probs")
        where = self._lines.here(3)
        if not isinstance(scores, Tensor) or scores.dim() < 2 or where is None:
            return
        if scores.requires_grad and scores.shape[-1] > 1:
            self._check_logarithms(scores.detach().flatten(0, -2), where)

    def _nll_loss(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        scores, target = two(args, kwargs)
        where = self._lines.here(3)
        if not isinstance(scores, Tensor) or scores.dim() < 2 or where is None:
            return
        self._keep_target(target, kwargs, scores.shape[1], where)
        if not scores.requires_grad or scores.shape[1] < 2:
            return
        values = scores.detach()
        if not are_probabilities(values) and not _are_logarithms(values):
            before = len(self._recording.sightings["softmax-over-the-batch", where])
            self._softmaxes.check_axis(scores, where)
            if len(self._recording.sightings["softmax-over-the-batch", where]) > before:
                return
        self._check_logarithms(values, where)

    def _check_logarithms(self, values: Tensor, where: Where) -> None:
        """Scores that are to be logarithms of probabilities, along axis 1."""
        if are_probabilities(values):
            self._recording.see("nll-on-probabilities", where, largest=float(values.max()))
            return
        if not _are_logarithms(values):
            row_sum = float(values.exp().sum(1).median())
            self._recording.see("nll-on-logits", where, row_sum=row_sum)

    def _bce_with_logits(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        scores, target = two(args, kwargs)
        where = self._lines.here(3)
        if isinstance(scores, Tensor) and scores.requires_grad and tape.maker(scores) == "Sigmoid":
            self._recording.see(
                "sigmoid-before-bce-with-logits",
                where,
                of=scores,
                largest=float(scores.detach().max()),
            )
        weight = kwargs.get("weight", args[2] if len(args) > 2 else None)
        is_plain = weight is None and kwargs.get("reduction", "mean") != "none"
        self._check_pair(scores, target, where, is_logits=True, counts_all=is_plain)
        if isinstance(scores, Tensor) and where is not None:
            self._is_linear(scores, where)

    def _paired_loss(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        scores, target = two(args, kwargs)
        where = self._lines.here(3)
        check_broadcast(self._recording, self._lines, scores, target, where)
        self._check_pair(scores, target, where, is_logits=False, counts_all=True)
        if isinstance(scores, Tensor) and where is not None:
            self._is_linear(scores, where)
        self._softmaxes.check_pair((scores, target))
        law = self._laws.get(target) if isinstance(target, Tensor) else None
        made_by = self._recording.generated.get(scores) if law is not None else None
        if law is not None and made_by is not None:
            made_by.network.target_laws.add(law)

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
                    "data-range-mismatch", where, of=scores, output="a sigmoid, inside this loss", low=low,
                    high=high, reach="0 to 1", reachable=False,
                )  # fmt: skip
        elif made_by == "Sigmoid" and (low < -1e-3 or high > 1 + 1e-3):
            self._recording.see(
                "data-range-mismatch", where, of=scores, output="a sigmoid", low=low, high=high,
                reach="0 to 1", reachable=False,
            )  # fmt: skip
        elif made_by == "Tanh" and (low < -1 - 1e-3 or high > 1 + 1e-3):
            self._recording.see(
                "data-range-mismatch", where, of=scores, output="a tanh", low=low, high=high,
                reach="-1 to 1", reachable=False,
            )  # fmt: skip
        elif made_by == "Relu" and low < -1e-3:
            self._recording.see(
                "data-range-mismatch", where, of=scores, output="a ReLU", low=low, high=high,
                reach="0 and more", reachable=False,
            )  # fmt: skip
        elif made_by == "Tanh" and target.dim() > 1 and low >= 0 and high > 0.9:
            self._recording.see(
                "data-range-mismatch", where, of=scores, output="a tanh", low=low, high=high,
                reach="-1 to 1", reachable=True,
            )  # fmt: skip


def _are_logarithms(values: Tensor) -> bool:
    """Whether each row holds the logarithms of probabilities, along axis 1."""
    return bool(((values.exp().sum(1) - 1).abs() < 1e-2).all())


def _ends_rows(is_padding: Tensor) -> bool:
    """Whether what is padded comes last, along one axis."""
    return any(bool((is_padding.long().diff(dim=axis) >= 0).all()) for axis in (0, 1))
