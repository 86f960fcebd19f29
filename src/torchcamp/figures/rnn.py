"""Lesson 11: hidden states over the rows of a picture, and over a text while it is written."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.base.plain import plain
from torchcamp.base.wire import Answer, State
from torchcamp.data.images import Images
from torchcamp.data.sequences import Text, decode, encode
from torchcamp.figures.arrays import signed_shares, to_bytes
from torchcamp.models import rnn
from torchcamp.widgets.unrolled import Unrolled
from torchcamp.widgets.writing import Writing

NUM_COMPLETIONS = 6
NUM_UNITS = 96  # units of the hidden state shown
MAX_STEPS = 20  # the most for one message
NUM_NEXT = 6  # most probable next characters shown
NUM_WRITTEN = 120
BEGINNING = "The statement is "


def unrolled(network: nn.Module, images: Images) -> Unrolled:
    """A picture's rows through a recurrent network, and its completions from any row."""
    model: Any = network
    bits = (images.test_images[:60] > 127).float()

    @torch.no_grad()
    def answer(state: State) -> Answer:
        if state["pixels"] is not None:
            picture = (torch.tensor(state["pixels"]).view(1, 28, 28) > 100).float()
        else:
            picture = bits[int(state["example"]) % len(bits)]
        given = int(state["given"])
        rows = picture.squeeze(0)
        states, _ = model.gru(F.pad(rows[None, :-1], (0, 0, 1, 0)))
        logits = model.row_logits(states[0], rows)
        nats = F.binary_cross_entropy_with_logits(logits, rows, reduction="none").sum(dim=1)
        generator = torch.Generator().manual_seed(int(state["seed"]))
        given_rows = picture[None].expand(NUM_COMPLETIONS, -1, -1, -1)[:, :, :given]
        completions = rnn.sample(
            model,
            NUM_COMPLETIONS,
            temperature=float(state["temperature"]),
            generator=generator,
            begun=given_rows if given else None,
        )
        reply = {
            "nats": nats.tolist(),
            "total": nats.sum().item(),
            "given": given,
            "units": NUM_UNITS,
            "numUnits": states.shape[2],
        }
        heat = states[0, :, :NUM_UNITS]
        return plain(reply), [
            to_bytes(rows),
            signed_shares(heat),
            to_bytes(torch.sigmoid(logits)),
            to_bytes(completions),
        ]

    state = {"pixels": None, "example": 0, "given": 12, "temperature": 1.0, "seed": 0}
    return Unrolled(answer=answer, state=state)


def writing(text: Text) -> Writing:
    """A network of 96 units that learns to write like `text`."""
    return Writing(
        answer=Writer(text).answer,
        state={"do": "look", "steps": 4, "text": BEGINNING, "temperature": 0.8, "seed": 0},
    )


class Writer:
    """The network, its training, and the text it writes."""

    def __init__(self, text: Text) -> None:
        self.characters = text.characters
        self.symbols = text.train
        self._reset()

    def _reset(self) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.network = rnn.CharRNN(
                rnn.CharRNNConfig(
                    num_symbols=len(self.characters), embedding_dim=24, hidden_size=NUM_UNITS
                )
            )
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=6e-3)
        self.generator = torch.Generator().manual_seed(0)
        self.num_steps, self.losses = 0, [float(torch.tensor(len(self.characters)).log())]

    def answer(self, state: State) -> Answer:
        """Train some steps; read the typed text and continue it."""
        if state["do"] == "reset":
            self._reset()
        elif state["do"] == "steps":
            for _ in range(min(int(state["steps"]), MAX_STEPS)):
                starts = torch.randint(len(self.symbols) - 49, (16, 1), generator=self.generator)
                batch = self.symbols[starts + torch.arange(49)]
                loss = rnn.train_step(self.network, self.optimizer, batch)["loss"]
                self.losses.append(loss.item())
                self.num_steps += 1
        typed = "".join(c if c in self.characters else " " for c in str(state["text"]))[-60:] or " "
        prompt = encode(typed, self.characters)
        with torch.no_grad():
            states, _ = self.network.gru(self.network.embedding(prompt[None]))
            probs = self._probs(self.network.output(states[0, -1]), float(state["temperature"]))
        shares, following = probs.topk(NUM_NEXT)
        written = rnn.sample_text(
            self.network,
            prompt,
            NUM_WRITTEN,
            temperature=float(state["temperature"]),
            generator=torch.Generator().manual_seed(int(state["seed"])),
        )
        recent = self.losses[-20:]
        reply = {
            "numSteps": self.num_steps,
            "loss": sum(recent) / len(recent),
            "guess": self.losses[0],
            "typed": typed,
            "next": [self.characters[int(i)] for i in following],
            "shares": shares.tolist(),
            "written": decode(written, self.characters),
            "units": NUM_UNITS,
            "losses": self.losses[-300:],
        }
        return plain(reply), [signed_shares(states[0])]

    @staticmethod
    def _probs(logits: Tensor, temperature: float) -> Tensor:
        return torch.softmax(logits / temperature, dim=0)


def one_step(network: Any, images: Images) -> Tensor:
    """A step of the cell over a row of two pictures, for the lesson to quote."""
    rows = (images.test_images[:2, 0, 10] > 127).float()
    return rnn.gru_cell(network.gru, rows, torch.zeros(2, network.config.hidden_size))
