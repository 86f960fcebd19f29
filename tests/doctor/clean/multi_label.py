"""Style: several labels an item, bags of words with an own collate_fn. Trap: inputs of many lengths, EmbeddingBag."""

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split

VOCABULARY, TOPICS = 60, 5


class Documents(Dataset):
    """Lists of word numbers; each topic of a document adds some of its own words."""

    def __init__(self, n):
        self.items = []
        for _ in range(n):
            topics = (torch.rand(TOPICS) < 0.3).float()
            words = [torch.randint(0, VOCABULARY, (int(torch.randint(4, 9, ())),))]
            for t in topics.nonzero().flatten().tolist():
                words.append(torch.randint(10 * t, 10 * t + 10, (3,)))
            self.items.append((torch.cat(words), topics))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]


def collate(batch):
    words, topics = zip(*batch, strict=True)
    starts = torch.tensor([0] + [len(w) for w in words[:-1]]).cumsum(0)
    return torch.cat(words), starts, torch.stack(topics)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.EmbeddingBag(VOCABULARY, 32, mode="sum")
        self.classifier = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, TOPICS)
        )

    def forward(self, words, starts):
        return self.classifier(self.embedding(words, starts))


def f1_score(model, loader):
    model.eval()
    tp = fp = fn = 0
    with torch.no_grad():
        for words, starts, topics in loader:
            guess = torch.sigmoid(model(words, starts)) > 0.5
            truth = topics.bool()
            tp += (guess & truth).sum().item()
            fp += (guess & ~truth).sum().item()
            fn += (~guess & truth).sum().item()
    return 2 * tp / max(1, 2 * tp + fp + fn)


torch.manual_seed(16)
train_set, val_set = random_split(Documents(900), [700, 200])
train_loader = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=collate)
val_loader = DataLoader(val_set, batch_size=64, collate_fn=collate)
model = Tagger()
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.full((TOPICS,), 1.5))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(1, 7):
    model.train()
    total, items = 0.0, 0
    for words, starts, topics in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(words, starts), topics)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(topics)
        items += len(topics)
    print(f"epoch {epoch}: loss {total / items:.3f}, F1 {f1_score(model, val_loader):.3f}")
