after_first_pooling = (16, 48, 8, 8)
num_features = 1024
raises_at = "logits = self.output(x)"
