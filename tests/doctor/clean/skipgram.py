"""Style: word2vec, skip-gram with negative sampling. Trap: two embedding tables, one for neighbours, and a loss made of logsigmoid."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(90)
TOPICS, PER_TOPIC, WINDOW, NEGATIVES = 4, 6, 2, 5
VOCAB = TOPICS * PER_TOPIC


def write_corpus(sentences=150, length=10):
    topics = torch.randint(0, TOPICS, (sentences, 1))
    return topics * PER_TOPIC + torch.randint(0, PER_TOPIC, (sentences, length))


def pairs(corpus):
    centres, contexts = [], []
    for offset in range(1, WINDOW + 1):
        left, right = corpus[:, :-offset].flatten(), corpus[:, offset:].flatten()
        centres += [left, right]
        contexts += [right, left]
    return torch.cat(centres), torch.cat(contexts)


class SkipGram(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.words = nn.Embedding(VOCAB, dim)
        self.neighbours = nn.Embedding(VOCAB, dim)
        nn.init.uniform_(self.words.weight, -0.5, 0.5)
        nn.init.uniform_(self.neighbours.weight, -0.5, 0.5)

    def forward(self, centre, context):
        return (self.words(centre).unsqueeze(1) * self.neighbours(context)).sum(dim=2)


corpus = write_corpus()
counts = torch.bincount(corpus.flatten(), minlength=VOCAB).float()
noise = counts.pow(0.75)
loader = DataLoader(TensorDataset(*pairs(corpus)), batch_size=256, shuffle=True)
model = SkipGram()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(4):
    running = 0.0
    for centre, context in loader:
        negatives = torch.multinomial(noise, len(centre) * NEGATIVES, replacement=True)
        scores = model(centre, torch.cat([context[:, None], negatives.view(-1, NEGATIVES)], dim=1))
        positive = F.logsigmoid(scores[:, 0])
        negative = F.logsigmoid(-scores[:, 1:]).sum(dim=1)
        loss = -(positive + negative).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(centre)
    print(f"epoch {epoch}: {running / len(loader.dataset):.4f}")

with torch.no_grad():
    vectors = F.normalize(model.words.weight, dim=1)
    nearest = (vectors @ vectors.t() - 2 * torch.eye(VOCAB)).argmax(dim=1)
    same = nearest // PER_TOPIC == torch.arange(VOCAB) // PER_TOPIC
print("nearest word of the same topic:", same.float().mean().item())
