"""Style: sparse embeddings with an optimizer of their own. Trap: two optimizers step after one backward."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(26)
USERS, FILMS, RANK = 80, 50, 6

user_taste = torch.randn(USERS, 3)
film_style = torch.randn(FILMS, 3)
who = torch.randint(USERS, (3000,))
what = torch.randint(FILMS, (3000,))
stars = (user_taste[who] * film_style[what]).sum(1) + 0.2 * torch.randn(3000)
stars = (stars - stars[:2400].mean()) / stars[:2400].std()
train_data = TensorDataset(who[:2400], what[:2400], stars[:2400])
val_data = TensorDataset(who[2400:], what[2400:], stars[2400:])


class Recommender(nn.Module):
    def __init__(self):
        super().__init__()
        self.users = nn.Embedding(USERS, RANK, sparse=True)
        self.films = nn.Embedding(FILMS, RANK, sparse=True)
        self.mlp = nn.Sequential(nn.Linear(3 * RANK, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, user, film):
        u, f = self.users(user), self.films(film)
        return self.mlp(torch.cat([u, f, u * f], dim=1)).flatten()


model = Recommender()
embeddings = [*model.users.parameters(), *model.films.parameters()]
sparse_optimizer = torch.optim.SparseAdam(embeddings, lr=0.02)
dense_optimizer = torch.optim.Adam(model.mlp.parameters(), lr=5e-3)
loss_fn = nn.MSELoss()
train_loader = DataLoader(train_data, batch_size=100, shuffle=True)
val_loader = DataLoader(val_data, batch_size=200)

best = float("inf")
for epoch in range(8):
    model.train()
    for user, film, rating in train_loader:
        sparse_optimizer.zero_grad()
        dense_optimizer.zero_grad()
        loss = loss_fn(model(user, film), rating)
        loss.backward()
        sparse_optimizer.step()
        dense_optimizer.step()

    model.eval()
    squares = 0.0
    with torch.no_grad():
        for user, film, rating in val_loader:
            squares += ((model(user, film) - rating) ** 2).sum().item()
    val_mse = squares / len(val_data)
    if val_mse < best:
        best = val_mse
        torch.save(model.state_dict(), "best.pt")
    print(f"epoch {epoch}: validation MSE {val_mse:.3f}")

model.load_state_dict(torch.load("best.pt", weights_only=True))
print(f"kept the network with {best:.3f}")
