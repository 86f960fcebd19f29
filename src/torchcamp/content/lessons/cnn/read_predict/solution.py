probs_need_grad = False
eval_afterwards = False
statistics_moved = True
