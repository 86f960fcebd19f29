"""Style: tags for the words of sentences, with a collate function. Trap: words and tags have a padding of their own each, and the tags' is left out."""

import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(3)
torch.manual_seed(3)
WORDS, TAGS, PAD_WORD, PAD_TAG = 30, 4, 0, -1


def sentence():
    words = [random.randint(1, WORDS - 1) for _ in range(random.randint(3, 9))]
    tags = [(word + before) % TAGS for before, word in zip([0, *words], words, strict=False)]
    return torch.tensor(words), torch.tensor(tags)


def collate(batch):
    words, tags = zip(*batch, strict=True)
    return (
        pad_sequence(words, batch_first=True, padding_value=PAD_WORD),
        pad_sequence(tags, batch_first=True, padding_value=PAD_TAG),
    )


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, 16, padding_idx=PAD_WORD)
        self.lstm = nn.LSTM(16, 24, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.1)
        self.out = nn.Linear(48, TAGS)

    def forward(self, words):
        hidden, _ = self.lstm(self.embedding(words))
        return self.out(self.dropout(hidden))


train_loader = DataLoader([sentence() for _ in range(400)], 25, shuffle=True, collate_fn=collate)
dev_loader = DataLoader([sentence() for _ in range(100)], 50, collate_fn=collate)
model = Tagger()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss(ignore_index=PAD_TAG)

for epoch in range(4):
    model.train()
    for words, tags in train_loader:
        loss = criterion(model(words).view(-1, TAGS), tags.view(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    right = total = 0
    with torch.no_grad():
        for words, tags in dev_loader:
            real = tags != PAD_TAG
            right += (model(words).argmax(2)[real] == tags[real]).sum().item()
            total += real.sum().item()
    print(f"epoch {epoch}: {right / total:.3f}")
    torch.save(
        {"epoch": epoch, "model": model.state_dict(), "optimizer": optimizer.state_dict()},
        "tagger.pt",
    )
