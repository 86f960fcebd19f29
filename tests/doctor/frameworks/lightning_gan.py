"""A GAN on points of a circle as a LightningModule with manual optimization."""

import lightning as L
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

L.seed_everything(0)
angles = 2 * torch.pi * torch.rand(512)
circle = TensorDataset(torch.stack([angles.cos(), angles.sin()], 1))


class GAN(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.automatic_optimization = False
        self.generator = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2))
        self.discriminator = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))

    def training_step(self, batch, batch_idx):
        (real,) = batch
        g_optimizer, d_optimizer = self.optimizers()
        noise = torch.randn(len(real), 8)
        fake = self.generator(noise)

        real_scores = self.discriminator(real)
        fake_scores = self.discriminator(fake.detach())
        d_loss = F.binary_cross_entropy_with_logits(real_scores, torch.ones_like(real_scores))
        d_loss = d_loss + F.binary_cross_entropy_with_logits(
            fake_scores, torch.zeros_like(fake_scores)
        )
        d_optimizer.zero_grad()
        self.manual_backward(d_loss)
        d_optimizer.step()

        scores = self.discriminator(fake)
        g_loss = F.binary_cross_entropy_with_logits(scores, torch.ones_like(scores))
        g_optimizer.zero_grad()
        self.manual_backward(g_loss)
        g_optimizer.step()
        self.log_dict({"g_loss": g_loss, "d_loss": d_loss})

    def configure_optimizers(self):
        return (
            torch.optim.Adam(self.generator.parameters(), lr=2e-3, betas=(0.5, 0.999)),
            torch.optim.Adam(self.discriminator.parameters(), lr=2e-3, betas=(0.5, 0.999)),
        )


trainer = L.Trainer(
    max_epochs=2,
    accelerator="cpu",
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
)
trainer.fit(GAN(), DataLoader(circle, batch_size=64, shuffle=True, drop_last=True))
