"""Style: GRU encoder and decoder, word by word with teacher forcing. Trap: the decoder is unrolled in a loop, padding has no part in the loss."""

import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

SEED = 9
random.seed(SEED)
torch.manual_seed(SEED)
PAD, SOS, EOS, TOKENS = 0, 1, 2, 13


def make_pair():
    digits = [random.randint(3, TOKENS - 1) for _ in range(random.randint(3, 7))]
    return torch.tensor([*digits, EOS]), torch.tensor([SOS, *reversed(digits), EOS])


def collate_fn(pairs):
    src, trg = zip(*pairs, strict=True)
    return pad_sequence(src, padding_value=PAD), pad_sequence(
        trg, padding_value=PAD
    )  # (time, batch)


class Encoder(nn.Module):
    def __init__(self, emb=16, hid=48):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, emb, padding_idx=PAD)
        self.rnn = nn.GRU(emb, hid)

    def forward(self, src):
        lengths = (src != PAD).sum(0)
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(src), lengths, enforce_sorted=False
        )
        return self.rnn(packed)[1]


class Decoder(nn.Module):
    def __init__(self, emb=16, hid=48):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, emb, padding_idx=PAD)
        self.rnn = nn.GRU(emb, hid)
        self.dropout = nn.Dropout(0.1)
        self.fc_out = nn.Linear(hid, TOKENS)

    def forward(self, token, hidden):
        output, hidden = self.rnn(self.dropout(self.embedding(token.unsqueeze(0))), hidden)
        return self.fc_out(output.squeeze(0)), hidden


class Seq2Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()

    def forward(self, src, trg, teacher_forcing_ratio=0.7):
        hidden, token, outputs = self.encoder(src), trg[0], []
        for t in range(1, len(trg)):
            output, hidden = self.decoder(token, hidden)
            outputs.append(output)
            token = trg[t] if random.random() < teacher_forcing_ratio else output.argmax(1)
        return torch.stack(outputs)


pairs = [make_pair() for _ in range(560)]
train_loader = DataLoader(pairs[:480], batch_size=32, shuffle=True, collate_fn=collate_fn)
valid_loader = DataLoader(pairs[480:], batch_size=40, collate_fn=collate_fn)
model = Seq2Seq()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)

for epoch in range(3):
    model.train()
    for src, trg in train_loader:
        optimizer.zero_grad()
        output = model(src, trg)
        loss = criterion(output.flatten(0, 1), trg[1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1)
        optimizer.step()

    model.eval()
    with torch.no_grad():
        losses = []
        for src, trg in valid_loader:
            output = model(src, trg, teacher_forcing_ratio=0.0)
            losses.append(criterion(output.flatten(0, 1), trg[1:].flatten()).item())
    print(f"epoch {epoch}: train {loss.item():.3f} valid {sum(losses) / len(losses):.3f}")
