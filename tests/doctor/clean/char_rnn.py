"""Style: character LSTM after the word-language-model example. Trap: truncated BPTT in text order with a detached state, sampling one by one."""

import torch
import torch.nn as nn

torch.manual_seed(1111)
text = " ".join(f"{i} and {i + 1} make {2 * i + 1}." for i in range(300))
chars = sorted(set(text))
stoi = {c: i for i, c in enumerate(chars)}
data = torch.tensor([stoi[c] for c in text])
cut = len(data) * 9 // 10
BPTT, BATCH = 20, 10


def batchify(stream, batch):
    steps = len(stream) // batch
    return stream[: steps * batch].view(batch, steps).t().contiguous()  # (time, batch)


def get_batch(source, i):
    length = min(BPTT, len(source) - 1 - i)
    return source[i : i + length], source[i + 1 : i + 1 + length].reshape(-1)


class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp=24, nhid=64):
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid)
        self.decoder = nn.Linear(nhid, ntoken)

    def forward(self, tokens, hidden):
        output, hidden = self.rnn(self.drop(self.encoder(tokens)), hidden)
        return self.decoder(self.drop(output)), hidden


def repackage_hidden(h):
    return tuple(v.detach() for v in h)


train_data, val_data = batchify(data[:cut], BATCH), batchify(data[cut:], BATCH)
model = RNNModel(len(chars))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(1, 4):
    model.train()
    hidden = None
    for i in range(0, train_data.size(0) - 1, BPTT):
        tokens, targets = get_batch(train_data, i)
        if hidden is not None:
            hidden = repackage_hidden(hidden)
        optimizer.zero_grad()
        output, hidden = model(tokens, hidden)
        loss = criterion(output.view(-1, len(chars)), targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()

    model.eval()
    total, hidden = 0.0, None
    with torch.no_grad():
        for i in range(0, val_data.size(0) - 1, BPTT):
            tokens, targets = get_batch(val_data, i)
            output, hidden = model(tokens, hidden)
            total += len(tokens) * criterion(output.view(-1, len(chars)), targets).item()
    print(f"epoch {epoch}: train {loss.item():.3f}, valid {total / (len(val_data) - 1):.3f}")

token, hidden, written = torch.tensor([[stoi["1"]]]), None, "1"
with torch.no_grad():
    for _ in range(60):
        output, hidden = model(token, hidden)
        token = torch.multinomial(output[-1].softmax(dim=-1), 1)
        written += chars[token.item()]
print(written)
