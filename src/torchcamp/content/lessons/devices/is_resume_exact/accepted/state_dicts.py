import copy
from collections.abc import Callable
from typing import Any


def is_resume_exact(make: Callable[[int], Any], num_steps: int, half: int) -> bool:
    def run(number, state=None, seed=0):
        training = make(seed)
        if state is not None:
            training.load(state)
        for _ in range(number):
            training.step()
        return training

    once = run(num_steps)
    again = run(num_steps - half, copy.deepcopy(run(half).state()), seed=99)
    a, b = once.network.state_dict(), again.network.state_dict()
    return all(bool((a[name] == b[name]).all()) for name in a)
