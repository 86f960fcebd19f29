"""The lessons' figures: what each one computes, with PyTorch, when the page asks."""
