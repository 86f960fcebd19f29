visible_shape = (5, 6)
visible_values = {0.0, 1.0}
probs_changed = False
