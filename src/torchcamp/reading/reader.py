"""Read a callable: run it forward and backward once, and say what each line did."""

from collections.abc import Callable, Mapping
from typing import Any

from torchcamp.pages.numbers import amount
from torchcamp.reading.assembling import assemble
from torchcamp.reading.passes import (
    Run,
    as_written,
    fresh,
    module_names,
    modules_of,
    parameter_names,
    time_untraced,
    unchanged,
)
from torchcamp.reading.reading import Reading
from torchcamp.reading.stack import is_user_file
from torchcamp.reading.tracer import Tracer


def read(
    call: Callable[..., Any],
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    target: str = "",
    is_user: Callable[[str], bool] = is_user_file,
    root: str = "",
    seed: int = 0,
) -> Reading:
    """Run `call(*args, **kwargs)` and its backward pass, and write down what each line did.

    Parameters, buffers, gradients, random states, train and eval flags, and whatever traced before
    are as they were afterwards. Inputs are copied, so they are too.

    Args:
        call: a module, one of its methods, or a function.
        target: the name that the reading carries.
        is_user: which files are listed.
        root: a folder that file names are written relative to.
        seed: of the random numbers that the passes draw.

    Returns:
        The reading; its `crash` says where an exception ended it.
    """
    kwargs = dict(kwargs or {})
    modules = modules_of(call, args, kwargs)
    with unchanged(list(modules.values()), seed) as begin_again, as_written():
        seconds = time_untraced(call, args, kwargs, modules, begin_again)

        def traced(saved: bool) -> Run:
            begin_again()
            names = parameter_names(modules)
            tracer = Tracer(
                is_user=is_user, names=names, modules=module_names(modules), saved=saved
            )
            run = Run(tracer)
            run.forward_and_backward(call, fresh(args), fresh(kwargs), modules)
            return run

        notes = []
        run = traced(saved=True)
        if run.error is not None and "saved tensor hooks" in str(run.error):
            notes.append(
                "bytes kept for backward were not seen: torch.func's gradients forbid the hook"
            )
            run = traced(saved=False)
        notes += [
            f"{name}: {amount(ours)} FLOPs; torch.utils.flop_counter says {amount(theirs)}, because "
            "it leaves the groups of a convolution out of the gradient of its weights"
            for name, (ours, theirs) in run.tracer.operations.disagreements.items()
        ]
    return assemble(
        run, modules, target=target, args=args, kwargs=kwargs, seconds=seconds, notes=notes,
        root=root,
    )  # fmt: skip
