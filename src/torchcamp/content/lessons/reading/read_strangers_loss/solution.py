loss_line = "return F.cross_entropy(scores.flatten(0, 1), tags.flatten(), ignore_index=UNKNOWN)"
scores_shape = (16, 12, 3)
num_counted = 128
