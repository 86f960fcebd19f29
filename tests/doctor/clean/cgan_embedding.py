"""Style: conditional GAN with embedded labels (as PyTorch-GAN's). Trap: G draws its own labels, and D gets these with the fakes."""

import argparse

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--n_epochs", type=int, default=3)
parser.add_argument("--batch_size", type=int, default=50)
parser.add_argument("--latent_dim", type=int, default=20)
parser.add_argument("--n_classes", type=int, default=4)
parser.add_argument("--img_size", type=int, default=8)
opt = parser.parse_args()
img_shape = (1, opt.img_size, opt.img_size)
np.random.seed(0)
torch.manual_seed(0)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.label_emb = nn.Embedding(opt.n_classes, opt.n_classes)

        def block(in_feat, out_feat, normalize=True):
            layers = [nn.Linear(in_feat, out_feat)]
            if normalize:
                layers.append(nn.BatchNorm1d(out_feat, 0.8))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            return layers

        self.model = nn.Sequential(
            *block(opt.latent_dim + opt.n_classes, 32, normalize=False),
            *block(32, 64),
            nn.Linear(64, int(np.prod(img_shape))),
            nn.Tanh(),
        )

    def forward(self, noise, labels):
        gen_input = torch.cat((self.label_emb(labels), noise), -1)
        img = self.model(gen_input)
        return img.view(img.size(0), *img_shape)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.label_embedding = nn.Embedding(opt.n_classes, opt.n_classes)
        self.model = nn.Sequential(
            nn.Linear(opt.n_classes + int(np.prod(img_shape)), 64),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(64, 64),
            nn.Dropout(0.4),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(64, 1),
        )

    def forward(self, img, labels):
        d_in = torch.cat((img.view(img.size(0), -1), self.label_embedding(labels)), -1)
        return self.model(d_in)


adversarial_loss = nn.MSELoss()
generator = Generator()
discriminator = Discriminator()
classes = torch.arange(400) % opt.n_classes
stripes = torch.zeros(400, *img_shape)
for k in range(opt.n_classes):
    stripes[classes == k, :, :, 2 * k : 2 * k + 2] = 1.0
images = ((stripes + 0.2 * torch.rand_like(stripes)) / 1.2) * 2 - 1
dataloader = DataLoader(TensorDataset(images, classes), batch_size=opt.batch_size, shuffle=True)
optimizer_G = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.999))
optimizer_D = torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))

for epoch in range(opt.n_epochs):
    for _i, (imgs, labels) in enumerate(dataloader):
        batch_size = imgs.shape[0]
        valid = torch.ones(batch_size, 1)
        fake = torch.zeros(batch_size, 1)

        optimizer_G.zero_grad()
        z = torch.tensor(np.random.normal(0, 1, (batch_size, opt.latent_dim)), dtype=torch.float32)
        gen_labels = torch.randint(0, opt.n_classes, (batch_size,))
        gen_imgs = generator(z, gen_labels)
        validity = discriminator(gen_imgs, gen_labels)
        g_loss = adversarial_loss(validity, valid)
        g_loss.backward()
        optimizer_G.step()

        optimizer_D.zero_grad()
        d_real_loss = adversarial_loss(discriminator(imgs, labels), valid)
        d_fake_loss = adversarial_loss(discriminator(gen_imgs.detach(), gen_labels), fake)
        d_loss = (d_real_loss + d_fake_loss) / 2
        d_loss.backward()
        optimizer_D.step()
    print(f"[Epoch {epoch}/{opt.n_epochs}] [D {d_loss.item():.3f}] [G {g_loss.item():.3f}]")

generator.eval()
with torch.no_grad():
    z = torch.tensor(np.random.normal(0, 1, (20, opt.latent_dim)), dtype=torch.float32)
    sampled = generator(z, torch.arange(20) % opt.n_classes)
print("brightest column of each class", sampled.mean((1, 2)).argmax(-1)[: opt.n_classes].tolist())
