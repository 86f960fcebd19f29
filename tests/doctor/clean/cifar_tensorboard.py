"""Style: a CIFAR script with SummaryWriter, MultiStepLR, best checkpoint. Trap: stand-ins, save_checkpoint helper."""

import os
import shutil

import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as T
from torch.utils.data import DataLoader, Subset
from torch.utils.tensorboard import SummaryWriter

torch.manual_seed(0)
mean, std = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
augment = T.Compose(
    [T.RandomCrop(32, padding=4), T.RandomHorizontalFlip(), T.ToTensor(), T.Normalize(mean, std)]
)
plain = T.Compose([T.ToTensor(), T.Normalize(mean, std)])
augmented = torchvision.datasets.CIFAR10("./data", train=True, download=True, transform=augment)
held_out = torchvision.datasets.CIFAR10("./data", train=True, download=True, transform=plain)
order = torch.randperm(len(augmented)).tolist()
n_val = len(order) // 10
train_loader = DataLoader(Subset(augmented, order[n_val:]), batch_size=128, shuffle=True)
val_loader = DataLoader(Subset(held_out, order[:n_val]), batch_size=200)


class BasicBlock(nn.Module):
    def __init__(self, c_in, c_out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.shortcut = nn.Sequential()
        if stride != 1 or c_in != c_out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out)
            )

    def forward(self, x):
        out = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(out)) + self.shortcut(x))


def save_checkpoint(state, is_best, filename="checkpoint.pth.tar"):
    torch.save(state, filename)
    if is_best:
        shutil.copyfile(filename, "model_best.pth.tar")


def evaluate(net):
    net.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for images, labels in val_loader:
            predicted = net(images).argmax(1)
            correct += (predicted == labels).sum().item()
            total += labels.size(0)
    return 100 * correct / total


net = nn.Sequential(
    BasicBlock(3, 8, 2),
    BasicBlock(8, 16, 2),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(16, 10),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1, 2], gamma=0.1)
start_epoch, best_acc, step = 0, 0.0, 0
if os.path.exists("checkpoint.pth.tar"):
    checkpoint = torch.load("checkpoint.pth.tar", weights_only=True)
    start_epoch, best_acc = checkpoint["epoch"], checkpoint["best_acc"]
    net.load_state_dict(checkpoint["state_dict"])
    if checkpoint.get("optimizer") is not None:
        optimizer.load_state_dict(checkpoint["optimizer"])

writer = SummaryWriter("runs/resnet")
for epoch in range(start_epoch, 1):
    net.train()
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()
        writer.add_scalar("train/loss", loss.item(), step)
        step += 1
    scheduler.step()
    acc = evaluate(net)
    writer.add_scalar("val/accuracy", acc, epoch)
    is_best, best_acc = acc > best_acc, max(acc, best_acc)
    state = {"epoch": epoch + 1, "state_dict": net.state_dict(), "best_acc": best_acc}
    state["optimizer"] = optimizer.state_dict()
    save_checkpoint(state, is_best)
    print(f"epoch {epoch}: {acc:.2f} %")
writer.close()
