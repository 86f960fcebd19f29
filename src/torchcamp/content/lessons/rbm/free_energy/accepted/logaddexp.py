from torch import Tensor


def free_energy(v: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
    pull = hidden_bias + v.matmul(weight)
    return -(pull.logaddexp(pull.new_zeros(())).sum(-1) + (v * visible_bias).sum(-1))
