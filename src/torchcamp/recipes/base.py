"""What all our recipes share: the data's name, a seed, a number of epochs and a split."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Generic, Protocol, Self, TypeVar

MOST_SEED = 2**61  # what is added to a seed must not leave torch's 64 bits


class Splittable(Protocol):
    """A data set that can set a part of its training data aside for testing."""

    @property
    def name(self) -> str: ...

    def holding_out(self) -> Self: ...


Data = TypeVar("Data", bound=Splittable)


@dataclass(frozen=True, kw_only=True)
class BaseRecipe(ABC, Generic[Data]):
    """Hyperparameters of any training; see `Recipe` for the methods."""

    data: str
    seed: int = 0
    epochs: int = 1
    hold_out: bool = False  # evaluate on the last sixth of the training data, not on the test set

    def __init_subclass__(cls) -> None:
        """Accept `fitted`, the name of `for_data` up to 0.1: projects and answers define it."""
        super().__init_subclass__()
        if "fitted" in vars(cls) and "for_data" not in vars(cls):
            cls.for_data = vars(cls)["fitted"]

    def __post_init__(self) -> None:
        if self.epochs < 1:
            raise ValueError("epochs must be at least 1")
        if abs(self.seed) > MOST_SEED:
            raise ValueError("seed must lie between -2^61 and 2^61")

    @abstractmethod
    def load_all(self, report: Callable[[str], None]) -> Data:
        """The data set named by `data`, with its own test set."""

    def load(self, report: Callable[[str], None] = lambda line: None) -> Data:
        """The data set named by `data`; with `hold_out`, a part of its training set for testing."""
        data = self.load_all(report)
        return data.holding_out() if self.hold_out else data

    def for_data(self, data: Data) -> Self:
        """This recipe with the name that `data` resolved to."""
        return replace(self, data=data.name)

    def adapted(self, data: Data, chosen: Collection[str], report: Callable[[str], None]) -> Self:
        """This recipe with other hyperparameters for little data.

        Args:
            data: what it is trained on.
            chosen: the fields that the user has chosen, which stay as they are.
            report: called with a sentence about what was changed.
        """
        return self

    @property
    def split(self) -> str:
        """What the evaluation split is called in measures: `test` or `validation`."""
        return "validation" if self.hold_out else "test"
