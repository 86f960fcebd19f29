"""Style: DCGAN after the tutorial, two backwards for D. Trap: G's backward also fills D, whose gradients are wiped unused."""

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(999)
nz, ngf, ndf, num_epochs = 32, 8, 8, 3
real_label, fake_label = 1.0, 0.0


def make_blobs(n):
    grid = torch.linspace(-1, 1, 16)
    cx, cy = torch.rand(n, 1, 1) - 0.5, torch.rand(n, 1, 1) - 0.5
    distance = (grid.view(1, 1, 16) - cx) ** 2 + (grid.view(1, 16, 1) - cy) ** 2
    return (2 * torch.exp(-distance / 0.1) - 1).unsqueeze(1)


def weights_init(m):
    if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(m.weight, 0.0, 0.02)
    elif isinstance(m, nn.BatchNorm2d):
        nn.init.normal_(m.weight, 1.0, 0.02)
        nn.init.zeros_(m.bias)


netG = nn.Sequential(
    nn.ConvTranspose2d(nz, ngf * 2, 4, 1, 0, bias=False),
    nn.BatchNorm2d(ngf * 2),
    nn.ReLU(True),
    nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False),
    nn.BatchNorm2d(ngf),
    nn.ReLU(True),
    nn.ConvTranspose2d(ngf, 1, 4, 2, 1, bias=False),
    nn.Tanh(),
)
netD = nn.Sequential(
    nn.Conv2d(1, ndf, 4, 2, 1, bias=False),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
    nn.BatchNorm2d(ndf * 2),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(ndf * 2, 1, 4, 1, 0, bias=False),
    nn.Sigmoid(),
)
netG.apply(weights_init)
netD.apply(weights_init)

dataloader = DataLoader(TensorDataset(make_blobs(256)), batch_size=32, shuffle=True)
criterion = nn.BCELoss()
optimizerD = optim.Adam(netD.parameters(), lr=0.0002, betas=(0.5, 0.999))
optimizerG = optim.Adam(netG.parameters(), lr=0.0002, betas=(0.5, 0.999))
fixed_noise = torch.randn(16, nz, 1, 1)

for epoch in range(num_epochs):
    for i, (data,) in enumerate(dataloader):
        # Update D: maximize log(D(x)) + log(1 - D(G(z)))
        netD.zero_grad()
        b_size = data.size(0)
        label = torch.full((b_size,), real_label)
        errD_real = criterion(netD(data).view(-1), label)
        errD_real.backward()
        noise = torch.randn(b_size, nz, 1, 1)
        fake = netG(noise)
        label.fill_(fake_label)
        errD_fake = criterion(netD(fake.detach()).view(-1), label)
        errD_fake.backward()
        optimizerD.step()

        # Update G: maximize log(D(G(z)))
        netG.zero_grad()
        label.fill_(real_label)
        errG = criterion(netD(fake).view(-1), label)
        errG.backward()
        optimizerG.step()
    print(epoch, i, (errD_real + errD_fake).item(), errG.item())

    netG.eval()
    with torch.no_grad():
        pictures = netG(fixed_noise)
    netG.train()
    print("spread between samples:", pictures.std(0).mean().item())
