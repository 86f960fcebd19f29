"""A device that can be asked how late it is; then the first call, the median, the number of calls."""


class Device:
    """Work is queued: a call returns at once, and the device is busy for its time."""

    def __init__(self, work=1.0, first=0.0, asking=0.01, slow=()):
        self.now = 0.0
        self.done = 0.0
        self.calls = 0
        self.work, self.first, self.asking, self.slow = work, first, asking, slow

    def clock(self):
        return self.now

    def function(self):
        self.now += self.asking
        time = self.work + (self.first if self.calls == 0 else 0.0)
        time += 10.0 if self.calls in self.slow else 0.0
        self.calls += 1
        self.done = max(self.done, self.now) + time

    def synchronise(self):
        self.now = max(self.now, self.done)


def run(submission, device, num_runs=5):
    return float(submission.bench(device.function, device.synchronise, device.clock, num_runs))


def check_waits(submission):
    """Until the device is done."""
    found = run(submission, Device())
    assert abs(found - 1.01) < 1e-6, (
        f"Queueing a call takes 0.01 s and the work 1 s: together 1.01 s; you measured {found:.2f}."
    )


def check_first_call(submission):
    """Without the warm-up."""
    device = Device(first=5.0)
    found = run(submission, device, 1)
    assert abs(found - 1.01) < 1e-6, (
        f"The first call takes 5 s more, once; a call takes 1.01 s, and you measured {found:.2f}."
    )


def check_runs(submission):
    """As many as asked for, and one before."""
    device = Device()
    run(submission, device, 7)
    assert device.calls == 8, f"7 runs and one warm-up are 8 calls; yours made {device.calls}."


def check_median(submission):
    """One slow run among five."""
    found = run(submission, Device(slow=(2,)))
    assert abs(found - 1.01) < 1e-6, (
        f"One of five calls was disturbed and took 10 s more; the median is 1.01 s, yours is {found:.2f}."
    )
    found = run(submission, Device(slow=(1, 2, 4)))
    assert abs(found - 11.01) < 1e-6, (
        f"Three of five calls took 10 s more; the median is 11.01 s, yours is {found:.2f}."
    )


def observe(submission, rng):
    import torch

    work = 1.0 + float(torch.rand((), generator=rng))
    devices = [
        Device(work),
        Device(work, first=5.0),
        Device(work, slow=(2,)),
        Device(work, first=3.0, slow=(3, 4)),
        Device(work, slow=(1, 2, 4)),
    ]
    return [[round(run(submission, device), 4), device.calls] for device in devices]
