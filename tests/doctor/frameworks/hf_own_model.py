"""An own network with its loss inside, given to Hugging Face's Trainer."""

import torch
from torch import nn
from torch.utils.data import TensorDataset
from transformers import Trainer, TrainingArguments, set_seed

set_seed(0)
centres = torch.randn(4, 20)


def points(num):
    labels = torch.randint(4, (num,))
    return TensorDataset(centres[labels] + torch.randn(num, 20), labels)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(0.2))
        self.head = nn.Linear(64, 4)
        self.loss = nn.CrossEntropyLoss()

    def forward(self, features=None, labels=None):
        logits = self.head(self.body(features))
        if labels is None:
            return {"logits": logits}
        return {"loss": self.loss(logits, labels), "logits": logits}


def collate(rows):
    return {
        "features": torch.stack([row[0] for row in rows]),
        "labels": torch.stack([row[1] for row in rows]),
    }


trainer = Trainer(
    model=Classifier(),
    args=TrainingArguments(
        output_dir="out",
        max_steps=40,
        per_device_train_batch_size=32,
        learning_rate=5e-3,
        eval_strategy="steps",
        eval_steps=20,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        remove_unused_columns=False,
        label_names=["labels"],
    ),
    train_dataset=points(600),
    eval_dataset=points(200),
    data_collator=collate,
)
trainer.train()
