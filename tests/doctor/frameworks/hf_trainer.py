"""A small BERT on made-up sentences, trained and evaluated by Hugging Face's Trainer."""

import numpy as np
import torch
from torch.utils.data import Dataset
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    Trainer,
    TrainingArguments,
    set_seed,
)

set_seed(0)


class Sentences(Dataset):
    def __init__(self, num_sentences, seed):
        generator = torch.Generator().manual_seed(seed)
        self.labels = torch.randint(3, (num_sentences,), generator=generator)
        self.lengths = torch.randint(6, 13, (num_sentences,), generator=generator)
        self.words = torch.randint(3, 50, (num_sentences, 12), generator=generator)
        self.words[:, 0] = self.labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        length = int(self.lengths[index])
        mask = (torch.arange(12) < length).long()
        return {
            "input_ids": self.words[index] * mask,
            "attention_mask": mask,
            "labels": self.labels[index],
        }


def compute_metrics(prediction):
    return {
        "accuracy": float((np.argmax(prediction.predictions, -1) == prediction.label_ids).mean())
    }


model = BertForSequenceClassification(
    BertConfig(
        vocab_size=50,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=16,
        num_labels=3,
    )
)
args = TrainingArguments(
    output_dir="out",
    num_train_epochs=2,
    per_device_train_batch_size=16,
    per_device_eval_batch_size=32,
    learning_rate=1e-3,
    eval_strategy="epoch",
    save_strategy="no",
    report_to=[],
    use_cpu=True,
    seed=0,
)
trainer = Trainer(
    model=model,
    args=args,
    train_dataset=Sentences(400, 1),
    eval_dataset=Sentences(100, 2),
    compute_metrics=compute_metrics,
)
trainer.train()
print(trainer.evaluate())
