"""Stop when a held-out measure no longer improves, and keep the weights that were best."""

from typing import Any

from torch import nn


class EarlyStopping:
    """Watches one measure after each epoch; an entry of `Training.state`, so a resumed run agrees.

    Args:
        network: whose weights are kept: the network that is evaluated.
        measure: the name of the measure, lower is better.
        patience: epochs without a new best before the training ends.
    """

    def __init__(self, network: nn.Module, measure: str, patience: int) -> None:
        self.network = network
        self.measure = measure
        self.patience = patience
        self.best_epoch = 0  # counted from 1; 0 before the first
        self.num_epochs = 0
        self.best = float("inf")
        self.best_weights: dict[str, Any] = {}

    def update(self, measures: dict[str, float]) -> None:
        """Take the measures of one more epoch; keeps the weights if they are the best so far."""
        self.num_epochs += 1
        if measures[self.measure] < self.best:
            self.best, self.best_epoch = measures[self.measure], self.num_epochs
            weights = self.network.state_dict()
            self.best_weights = {name: value.clone() for name, value in weights.items()}

    @property
    def stopped(self) -> bool:
        """Whether the training should end."""
        return self.num_epochs - self.best_epoch >= self.patience

    def keep_best(self) -> None:
        """Give the network its best weights back."""
        if self.best_weights:
            self.network.load_state_dict(self.best_weights)

    def state_dict(self) -> dict[str, Any]:
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "num_epochs": self.num_epochs,
            "best_weights": self.best_weights,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self.num_epochs, self.best_weights = state["num_epochs"], dict(state["best_weights"])
