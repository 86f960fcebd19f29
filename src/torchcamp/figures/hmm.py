"""Lesson 8: a casino's trellis, and the states that an HMM learned from the rows of pictures."""

from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.base.plain import plain
from torchcamp.base.wire import Answer, State
from torchcamp.data.images import Images
from torchcamp.data.sequences import FAIR_TO_LOADED, LOADED_SIX, LOADED_TO_FAIR
from torchcamp.figures.arrays import to_bytes
from torchcamp.models import hmm
from torchcamp.widgets.row_states import RowStates
from torchcamp.widgets.trellis import Trellis

# Shown first; 5 is a six. The best path and the likeliest single states differ at 11 of these throws.
THROWS = [5, 5, 3, 2, 4, 5, 3, 1, 4, 1, 5, 4, 0, 5]
NUM_PICTURES = 40
NUM_NEXT = 6  # most probable next states shown


def trellis() -> Trellis:
    """The dishonest casino: two dice, one of them loaded."""
    state = {
        "throws": THROWS,
        "leave_fair": FAIR_TO_LOADED,
        "leave_loaded": LOADED_TO_FAIR,
        "six": LOADED_SIX,
        "do": "look",
        "seed": 0,
    }
    return Trellis(answer=walk_trellis, state=state, setup={"names": ["fair", "loaded"]})


def casino(state: State) -> hmm.HMM:
    """The casino as an HMM: its three tables."""
    model = hmm.HMM(hmm.HMMConfig(num_states=2, num_symbols=6, bernoulli=False))
    away, back, six = (float(state[key]) for key in ("leave_fair", "leave_loaded", "six"))
    model.initial.copy_(torch.tensor([0.5, 0.5]))
    model.transition.copy_(torch.tensor([[1 - away, away], [back, 1 - back]]))
    model.emission.copy_(torch.tensor([[1 / 6] * 6, [(1 - six) / 5] * 5 + [six]]))
    return model


def walk_trellis(state: State) -> Answer:
    """Forward, backward, posterior and best path for the given throws, or for new ones."""
    model = casino(state)
    throws, truth = [int(throw) for throw in state["throws"]], None
    if state["do"] == "throw":
        generator = torch.Generator().manual_seed(int(state["seed"]))
        symbols, states = hmm.sample(model, 1, len(throws), generator=generator)
        throws, truth = symbols[0].tolist(), states[0].tolist()
    symbols, lengths = torch.tensor([throws]), torch.tensor([len(throws)])
    probs, _ = hmm.emission_probs(model, symbols, lengths)
    alpha, scales = hmm.forward_pass(model, probs)
    beta, _ = hmm.backward_pass(model, probs, scales)
    path, log_joint = hmm.decode(model, symbols, lengths)
    posterior = hmm.state_posterior(model, symbols, lengths)[0]
    # The flow along each edge, as a share of everything that arrives at that step.
    forward = alpha[:-1, 0, :, None] * model.transition * probs[1:, 0, None, :]
    arriving = (probs[1:] * beta[1:])[:, 0, None, :] * model.transition
    reply = {
        "throws": throws,
        "truth": truth,
        "forward": alpha[:, 0].tolist(),
        "backward": _shares(beta[:, 0]).tolist(),
        "both": posterior.tolist(),
        "path": path[0].tolist(),
        "forwardFlow": _shares(forward.flatten(1)).tolist(),
        "backwardFlow": _shares(arriving.flatten(1)).tolist(),
        "bothFlow": _shares((alpha[:-1, 0, :, None] * arriving).flatten(1)).tolist(),
        "scales": scales[:, 0, 0].tolist(),
        "logP": scales.log().sum().item(),
        "logJoint": log_joint.item(),
        "transition": model.transition.tolist(),
    }
    return plain(reply), []


def _shares(values: Tensor) -> Tensor:
    """Each row divided by its sum."""
    return values / values.sum(dim=-1, keepdim=True)


def row_states(network: nn.Module, images: Images) -> RowStates:
    """Test pictures, read row by row by an HMM."""
    model: Any = network
    bits = (images.test_images[:NUM_PICTURES] > 127).float().squeeze(1)

    def answer(state: State) -> Answer:
        number, row = int(state["picture"]), int(state["row"])
        rows, lengths = bits[number][None], torch.tensor([bits.shape[1]])
        path, log_joint = hmm.decode(model, rows, lengths)
        states = path[0]
        here = int(states[row])
        probs, following = model.transition[here].topk(NUM_NEXT)
        reply = {
            "path": states.tolist(),
            "state": here,
            "row": row,
            "label": images.class_names[int(images.test_labels[number])],
            "nats": -hmm.log_likelihood(model, rows, lengths).item(),
            "joint": -log_joint.item(),
            "next": probs.tolist(),
            "nextStates": following.tolist(),
            "numStates": model.config.num_states,
        }
        return plain(reply), [
            to_bytes(bits[number]),
            to_bytes(model.emission[states]),
            to_bytes(model.emission[here]),
            to_bytes(model.emission[following]),
        ]

    return RowStates(
        answer=answer, state={"picture": 0, "row": 9}, setup={"pictures": NUM_PICTURES}
    )


def rows_of(images: Images, number: int) -> tuple[Tensor, Tensor]:
    """The first test pictures as sequences of rows (N, 28, 28), and their lengths."""
    rows = (images.test_images[:number] > 127).float().squeeze(1)
    return rows, torch.full((number,), rows.shape[1])


def one_update(network: hmm.HMM, rows: Tensor, lengths: Tensor) -> None:
    """One step of EM, for the lesson to quote; the reader restores the tables."""
    hmm.update(network, hmm.statistics(network, (rows, lengths)))
