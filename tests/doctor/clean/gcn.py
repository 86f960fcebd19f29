"""Style: graph convolution on one graph (Kipf), plain tensors, masks. Trap: rows are nodes of a graph, so they do depend on one another."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(42)
NODES, CLASSES = 120, 3
labels = torch.randint(0, CLASSES, (NODES,))
alike = labels[:, None] == labels[None, :]
edges = torch.rand(NODES, NODES) < torch.where(alike, 0.12, 0.01)
edges = torch.triu(edges, diagonal=1)
adjacency = (edges | edges.t()).float() + torch.eye(NODES)
scale = adjacency.sum(1).rsqrt()
adjacency = scale[:, None] * adjacency * scale[None, :]
features = F.one_hot(labels, CLASSES).float() + 1.2 * torch.randn(NODES, CLASSES)
order = torch.randperm(NODES)
idx_train, idx_val, idx_test = order[:30], order[30:70], order[70:]


class GraphConvolution(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_in, n_out))
        self.bias = nn.Parameter(torch.zeros(n_out))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x, adj):
        return adj @ (x @ self.weight) + self.bias


class GCN(nn.Module):
    def __init__(self, hidden=16, dropout=0.5):
        super().__init__()
        self.gc1 = GraphConvolution(CLASSES, hidden)
        self.gc2 = GraphConvolution(hidden, CLASSES)
        self.dropout = dropout

    def forward(self, x, adj):
        x = F.relu(self.gc1(x, adj))
        x = F.dropout(x, self.dropout, training=self.training)
        return F.log_softmax(self.gc2(x, adj), dim=1)


def accuracy(output, index):
    return (output[index].argmax(1) == labels[index]).float().mean().item()


model = GCN()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=5e-4)
for epoch in range(60):
    model.train()
    optimizer.zero_grad()
    output = model(features, adjacency)
    loss_train = F.nll_loss(output[idx_train], labels[idx_train])
    loss_train.backward()
    optimizer.step()

    model.eval()
    with torch.no_grad():
        output = model(features, adjacency)
        loss_val = F.nll_loss(output[idx_val], labels[idx_val])
    if epoch % 20 == 19:
        print(f"{epoch + 1}: train {loss_train.item():.3f} val {loss_val.item():.3f}")
model.eval()
with torch.no_grad():
    print("test", accuracy(model(features, adjacency), idx_test))
