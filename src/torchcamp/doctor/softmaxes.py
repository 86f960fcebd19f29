"""Which axis probabilities sum to 1 over, and which one they are read along afterwards."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from torchcamp.doctor import tape
from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.recording import Recording, Where

ROW_SUM = 1e-3  # by which the sum of a row of probabilities may miss 1


class Softmaxes:
    """Looks at softmaxes and at what picks classes from them."""

    def __init__(self, recording: Recording, lines: UserLines) -> None:
        self._recording = recording
        self._lines = lines

    def handlers(self) -> dict[str, Callable[..., None]]:
        """What looks at torch's functions, by their names."""
        return {
            **dict.fromkeys(("softmax", "log_softmax"), self._softmax),
            **dict.fromkeys(("max", "argmax", "topk", "multinomial"), self._along_classes),
            "kl_div": self._pair,
            "gather": self._gathered,
        }

    def _softmax(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        given = args[0] if args else None
        axis = kwargs.get("dim", args[1] if len(args) > 1 else None)
        if not isinstance(given, Tensor) or not isinstance(out, Tensor):
            return
        if isinstance(axis, int) and given.dim() > 1 and axis in (-1, given.dim() - 1):
            self._check_length(given, self._lines.here(3))
        if given.dim() != 2 or axis not in (0, -2) or given.shape[1] < 2:
            return
        where = self._lines.here(3)
        if where is None:
            return
        if len(given) == 1:
            self._recording.lone_softmaxes.put(out, where)
            if self._recording.is_output(given) and given.requires_grad:
                self._recording.see("softmax-over-the-batch", where)
        elif self._recording.is_output(given):
            self._recording.batch_softmaxes.put(out, where)

    def check_classes(self, scores: Tensor, where: Where) -> None:
        """Cross-entropy over a single class, which is 0 whatever the score."""
        if scores.requires_grad and scores.shape[1] == 1 and scores.numel() > 1:
            self._recording.see("softmax-of-one", where, shape=tuple(scores.shape), axis=1)

    def _check_length(self, given: Tensor, where: Where | None) -> None:
        """A softmax along the one number that a layer gives; not along steps of time, of which there may be one."""
        if given.shape[-1] > 1:
            if where is not None:
                self._recording.long_softmaxes.add(where)
        elif given.numel() > 1 and tape.is_of_one_unit(given):
            axis = given.dim() - 1
            self._recording.see("softmax-of-one", where, shape=tuple(given.shape), axis=axis)

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

    def check_axis(self, scores: Tensor, where: Where) -> None:
        """A softmax along the wrong axis: columns, not rows, sum to 1."""
        values = scores.detach()
        if values.dim() != 2 or min(values.shape) < 2:
            return
        if tape.softmax_axis(scores) == 0 and not are_probabilities(values.exp()):
            self._recording.see("softmax-over-the-batch", where)  # perhaps of some rows alone
            return
        for form in (values, values.exp()):
            if bool((form >= 0).all()) and bool(((form.sum(0) - 1).abs() < ROW_SUM).all()):
                if not bool(((form.sum(1) - 1).abs() < ROW_SUM).all()):
                    self._recording.see("softmax-over-the-batch", where)
                return

    def _pair(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        self.check_pair(two(args, kwargs))

    def check_pair(self, given: tuple[Any, Any]) -> None:
        """Probabilities over the batch, which are to equal others over the classes."""
        pair = [each for each in given if isinstance(each, Tensor)]
        if len(pair) < 2 or pair[0].shape != pair[1].shape:
            return
        marks = [self._recording.batch_softmaxes.get(each) for each in pair]
        for where, other in ((marks[0], pair[1]), (marks[1], pair[0])):
            if where is not None and marks.count(None) == 1:
                values = other.detach()
                if are_probabilities(values) or are_probabilities(values.exp()):
                    self._recording.see("softmax-over-the-batch", where)
        if marks.count(None) == 2 and {normalized(each) for each in pair} == {0, 1}:
            self._recording.see("softmax-over-the-batch", self._lines.here(4))

    def _gathered(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """The score of each item's class is picked by hand: `scores.gather(1, target[:, None])`."""
        scores, axis, index = (*args, *kwargs.values(), None, None)[:3]
        if isinstance(index, Tensor) and axis in (1, -1) and index.shape[1:] == (1,):
            self.pick(scores)

    def pick(self, scores: Any) -> None:
        """Somebody reads one number of each row: are these rows what sums to 1?"""
        if isinstance(scores, Tensor) and scores.requires_grad and normalized(scores) == 0:
            self._recording.see("softmax-over-the-batch", self._lines.here(4))


def two(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """Input and target of a loss function, given by position or by name."""
    first = args[0] if args else kwargs.get("input")
    second = args[1] if len(args) > 1 else kwargs.get("target")
    return first, second


def normalized(values: Tensor) -> int | None:
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


def are_probabilities(values: Tensor) -> bool:
    """Whether each row is not negative and sums to 1, along axis 1."""
    return bool((values >= 0).all()) and bool(((values.float().sum(1) - 1).abs() < ROW_SUM).all())
