"""What a trained HMM says of the user's own sequences: how likely they are, and by which states."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from torchcamp.base.errors import RecipeError
from torchcamp.data.symbol_files import padded
from torchcamp.models import hmm
from torchcamp.recipes.hmm import DiceRecipe, RowHMMRecipe, SequencesRecipe
from torchcamp.recipes.trained import Trained

CHUNK = 64  # sequences at a time


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """One sequence: its log-likelihood, and its likeliest path of states, counted from 0.

    For a sequence to which the model gives probability zero both logarithms are -inf, and there is no
    path.
    """

    log_likelihood: float  # nats
    path: tuple[int, ...]
    path_log_probability: float  # of the sequence and the path together, nats

    @property
    def impossible(self) -> bool:
        return self.log_likelihood == -torch.inf


def decode_sequences(trained: Trained, sequences: Sequence[Sequence[str]]) -> list[Decoded]:
    """The log-likelihood and Viterbi path of each sequence of symbols, computed in 64 bits.

    Raises:
        RecipeError: the model is not an HMM of symbols.
        DataError: a symbol that the model does not know.
    """
    recipe, network = trained.recipe, trained.network
    if not isinstance(recipe, DiceRecipe | SequencesRecipe) or not isinstance(network, hmm.HMM):
        what = f"is a {type(network).__name__}"
        if isinstance(recipe, RowHMMRecipe):
            what = "is an HMM of the rows of pictures"
        raise RecipeError(
            f"{trained.name} {what}: decode needs an HMM of symbols; train one with: torchcamp train "
            "hmm --data sequences:FILE.csv"
        )
    network = copy.deepcopy(network).cpu().double()
    symbols, lengths = padded(sequences, recipe.symbols)
    decoded: dict[int, Decoded] = {}
    for chunk in lengths.argsort().split(CHUNK):  # of like lengths: little padding
        longest = int(lengths[chunk].max())
        batch = symbols[chunk, :longest], lengths[chunk]
        log_p = hmm.log_likelihood(network, *batch).tolist()
        paths, log_joint = hmm.decode(network, *batch)
        for i, value, path, joint in zip(
            chunk.tolist(), log_p, paths.tolist(), log_joint.tolist(), strict=True
        ):
            path = () if value == -torch.inf else tuple(path[: len(sequences[i])])
            decoded[i] = Decoded(log_likelihood=value, path=path, path_log_probability=joint)
    return [decoded[i] for i in range(len(sequences))]
