"""Style: LSTM text classifier with a collate function and packed sequences. Trap: reviews of different lengths, the last true state counts."""

import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

random.seed(2)
torch.manual_seed(2)

GOOD, BAD = ["great", "lovely", "fine", "superb"], ["dull", "awful", "weak", "bad"]
FILLER = "the film was it and we saw actors at end of a scene".split()
vocab = {word: i for i, word in enumerate(["<pad>", *GOOD, *BAD, *FILLER])}


def write_review():
    label = random.randint(0, 1)
    words = random.choices(FILLER, k=random.randint(3, 12))
    for _ in range(2):
        words.insert(random.randint(0, len(words)), random.choice(GOOD if label else BAD))
    return [vocab[w] for w in words], label


def collate(batch):
    texts = [torch.tensor(text) for text, _ in batch]
    lengths = torch.tensor([len(text) for text in texts])
    labels = torch.tensor([label for _, label in batch], dtype=torch.float32)
    return pad_sequence(texts, batch_first=True, padding_value=vocab["<pad>"]), lengths, labels


class SentimentLSTM(nn.Module):
    def __init__(self, vocab_size, embed_dim=16, hidden=32, dropout=0.3):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        self.lstm = nn.LSTM(embed_dim, hidden, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(2 * hidden, 1)

    def forward(self, text, lengths):
        embedded = self.embedding(text)
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        _, (hidden, _) = self.lstm(packed)
        both = torch.cat([hidden[-2], hidden[-1]], dim=1)
        return self.fc(self.dropout(both)).squeeze(1)


reviews = [write_review() for _ in range(750)]
train_iter = DataLoader(reviews[:600], batch_size=40, shuffle=True, collate_fn=collate)
valid_iter = DataLoader(reviews[600:], batch_size=75, collate_fn=collate)

model = SentimentLSTM(len(vocab))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.BCEWithLogitsLoss()

for epoch in range(3):
    model.train()
    epoch_loss = 0.0
    for text, lengths, labels in train_iter:
        optimizer.zero_grad()
        predictions = model(text, lengths)
        loss = criterion(predictions, labels)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * len(labels)

    model.eval()
    correct = 0
    with torch.no_grad():
        for text, lengths, labels in valid_iter:
            rounded = (torch.sigmoid(model(text, lengths)) > 0.5).float()
            correct += (rounded == labels).sum().item()
    print(f"epoch {epoch + 1}: loss {epoch_loss / 600:.3f}, valid accuracy {correct / 150:.3f}")
