"""Style: GRU over documents in chunks, one step per document. Trap: gradients of the chunks add up on purpose, the state is cut between them."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(6)
VOCAB, CHUNK, LENGTH = 12, 8, 49
jump = torch.randint(1, VOCAB, (VOCAB,))


def document(batch=8):
    """A walk that mostly follows one fixed successor of each token."""
    words = [torch.randint(0, VOCAB, (batch,))]
    for _ in range(LENGTH - 1):
        lost = torch.rand(batch) < 0.15
        words.append(torch.where(lost, torch.randint(0, VOCAB, (batch,)), jump[words[-1]]))
    return torch.stack(words, dim=1)


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, 16)
        self.cell = nn.GRU(16, 32, batch_first=True)
        self.head = nn.Linear(32, VOCAB)

    def forward(self, words, state=None):
        features, state = self.cell(self.embed(words), state)
        return self.head(features), state


reader = Reader()
optimizer = torch.optim.Adam(reader.parameters(), lr=5e-3)
validation = [document() for _ in range(3)]
documents = [document() for _ in range(25)]

for epoch in range(2):
    for number, words in enumerate(documents):
        state, total = None, 0.0
        optimizer.zero_grad()
        chunks = range(0, LENGTH - 1, CHUNK)
        for start in chunks:
            inputs, targets = (
                words[:, start : start + CHUNK],
                words[:, start + 1 : start + CHUNK + 1],
            )
            logits, state = reader(inputs, state)
            state = state.detach()
            loss = F.cross_entropy(logits.transpose(1, 2), targets) / len(chunks)
            loss.backward()
            total += loss.item()
        optimizer.step()
        if number % 10 == 0:
            print(f"epoch {epoch}, document {number}: loss {total:.3f}")

    with torch.no_grad():
        losses = []
        for words in validation:
            logits, _ = reader(words[:, :-1])
            losses.append(F.cross_entropy(logits.flatten(0, 1), words[:, 1:].flatten()).item())
    print("validation", sum(losses) / len(losses))
