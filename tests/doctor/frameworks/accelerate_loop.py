"""A hand-written loop prepared by Accelerate, with accumulated gradients."""

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

set_seed(0)
accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
centres = torch.randn(3, 10)
labels = torch.randint(3, (480,))
train, val = random_split(TensorDataset(centres[labels] + torch.randn(480, 10), labels), [400, 80])
train_loader = DataLoader(train, batch_size=16, shuffle=True)
val_loader = DataLoader(val, batch_size=40)

model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 3))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, total_iters=50)
loss_fn = nn.CrossEntropyLoss()
model, optimizer, train_loader, val_loader, scheduler = accelerator.prepare(
    model, optimizer, train_loader, val_loader, scheduler
)
for epoch in range(3):
    model.train()
    for x, y in train_loader:
        with accelerator.accumulate(model):
            loss = loss_fn(model(x), y)
            accelerator.backward(loss)
            if accelerator.sync_gradients:
                accelerator.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
    model.eval()
    right = 0
    for x, y in val_loader:
        with torch.no_grad():
            answers = model(x).argmax(1)
        answers, y = accelerator.gather_for_metrics((answers, y))
        right += (answers == y).sum().item()
    accelerator.print(f"epoch {epoch + 1}: {right / len(val):.3f}")
accelerator.wait_for_everyone()
accelerator.save(accelerator.unwrap_model(model).state_dict(), "model.pt")
