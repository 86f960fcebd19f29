"""Style: torchvision's ResNet with a new last layer, ImageFolder-like data. Trap: pretrained, only fc in the optimizer."""

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset
from torchvision import models

torch.manual_seed(0)
labels = torch.randint(2, (96,))
tint = torch.tensor([[1.0, 0.0, -1.0], [-1.0, 0.0, 1.0]])[labels].view(-1, 3, 1, 1)
images = 0.5 * torch.randn(96, 3, 64, 64) + tint
sets = {
    "train": TensorDataset(images[:64], labels[:64]),
    "val": TensorDataset(images[64:], labels[64:]),
}
dataloaders = {
    phase: DataLoader(sets[phase], batch_size=16, shuffle=phase == "train") for phase in sets
}


def build(num_classes):
    net = models.resnet18(weights="IMAGENET1K_V1")
    for param in net.parameters():
        param.requires_grad = False
    net.fc = nn.Linear(net.fc.in_features, num_classes)
    return net


def train_model(model, criterion, optimizer, scheduler, num_epochs=2):
    for epoch in range(num_epochs):
        for phase in ["train", "val"]:
            if phase == "train":
                model.eval()
                model.fc.train()
            else:
                model.eval()
            running_loss, running_corrects = 0.0, 0
            for inputs, targets in dataloaders[phase]:
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    outputs = model(inputs)
                    loss = criterion(outputs, targets)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
                running_loss += loss.item() * inputs.size(0)
                running_corrects += torch.sum(outputs.argmax(1) == targets)
            if phase == "train":
                scheduler.step()
            size = len(sets[phase])
            print(f"{epoch} {phase} {running_loss / size:.3f} {running_corrects / size:.3f}")
    return model


net = build(2)
optimizer = optim.SGD(net.fc.parameters(), lr=0.01, momentum=0.9)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)
net = train_model(net, nn.CrossEntropyLoss(), optimizer, scheduler)
