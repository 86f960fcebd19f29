needs_grad = False
graphs_kept = 3
second_means = {}
