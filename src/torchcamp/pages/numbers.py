"""Numbers, and the names of what is measured, in human-readable form.

Does not import jinja2: the command line uses it too.
"""

WRITTEN = {
    "elbo": "ELBO", "kl": "KL", "nll": "NLL", "f1": "F1", "d": "D", "g": "G", "lr": "learning rate",
    "frechet": "Fréchet",
}  # fmt: skip


def amount(number: int, unknown: bool = False) -> str:
    """`4.5 k`, `6.58 M`; if part of it is unknown, `≥ 4.5 k` or `not counted`."""
    if unknown and not number:
        return "not counted"
    if not number:
        return ""
    for unit, scale in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= scale:
            return f"{'≥ ' if unknown else ''}{number / scale:.3g} {unit}"
    return f"{'≥ ' if unknown else ''}{number}"


def size(number: int) -> str:
    """`74 kB`, `6.61 MB`; powers of 1,000."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= scale:
            return f"{number / scale:.3g} {unit}"
    return f"{number} B"


def duration(seconds: float) -> str:
    """`0.85 ms`, `1.1 s`, `83 s`."""
    return f"{1000 * seconds:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def minutes_in_words(minutes: int) -> str:
    """`35 min`, `2 h`, `1 h 58 min`."""
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours))


def counted(number: int, noun: str) -> str:
    """`1 node`, `2 nodes`, `4,000 nodes`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def name_in_words(name: str) -> str:
    """`test accuracy`, `macro F1`, `negative ELBO` for `test_accuracy`, `macro_f1`, `negative_elbo`."""
    return " ".join(WRITTEN.get(word, word) for word in name.split("_"))


def heading(name: str) -> str:
    """The same with a capital at its beginning: `Test accuracy`."""
    words = name_in_words(name)
    return words[:1].upper() + words[1:]


def times(number: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")
