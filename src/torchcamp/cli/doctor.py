"""`torchcamp doctor`"""

from pathlib import Path

import click

from torchcamp.cli.shared import Finite, json_option, print_json, say


class _Command(click.Command):
    """A command that says where the script's own options belong."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise click.UsageError(
                f"no such option: {error.option_name}. Options of the script itself come after --: "
                f"torchcamp doctor train.py -- {error.option_name}"
            ) from error


@click.command("doctor", cls=_Command)
@click.argument("target", metavar="SCRIPT", required=False)
@click.argument("arguments", metavar="[-- ARGS]", nargs=-1)
@click.option(
    "-m", "--module", is_flag=True, help="SCRIPT is a module: pkg.train, as in python -m."
)
@click.option(
    "--steps", type=click.IntRange(min=2), default=6, show_default=True,
    help="Optimizer steps that each training loop may take.",
)  # fmt: skip
@click.option(
    "--limit", type=Finite(min=1), default=60.0, show_default=True,
    help="Seconds, after which what was seen is judged.",
)  # fmt: skip
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path),
    help="Also write a page, one file: the source with the findings beside their lines.",
)  # fmt: skip
@click.option(
    "--list", "list_codes", is_flag=True,
    help="Explain every finding, with an example; or only the one named in the place of SCRIPT.",
)  # fmt: skip
@json_option
def command(
    target: str | None, arguments: tuple[str, ...], module: bool, steps: int, limit: float,
    html: Path | None, list_codes: bool, as_json: bool,
) -> int:  # fmt: skip
    """Find the bugs in a training script that raise no error.

    SCRIPT is FILE.py, FILE.ipynb or FILE.py:function; what follows -- goes to the script. It runs for
    a few steps under watch, in a copy of its folder: nothing of yours changes. A line with the
    comment "# torchcamp: ignore[code]" is not reported.

    This runs the script. Network, programs and writing elsewhere are blocked and reported, but that
    is not a sandbox: do not run what you do not trust.

    Exit codes: 0 nothing found (notes aside), 1 errors or warnings, 2 the script could not run.
    """
    if list_codes:
        return _list(target, as_json)
    if not target:
        raise click.UsageError("which script? torchcamp doctor train.py")
    from torchcamp.doctor.process import diagnose

    say(f"running {target} for a few steps under watch: this is not a sandbox")
    diagnosis = diagnose(target, module=module, argv=arguments, steps=steps, limit=limit)
    if html:
        from torchcamp.base.files import save_text
        from torchcamp.doctor.page import render_diagnosis

        page = render_diagnosis(diagnosis)
        try:
            save_text(html, page)
        except OSError as error:
            raise click.UsageError(f"cannot write {html}: {error.strerror}") from error
        say(f"page: {html}")
    if as_json:
        print_json(diagnosis.as_json())
    else:
        from torchcamp.doctor.terminal import print_diagnosis

        print_diagnosis(diagnosis)
    if diagnosis.has_findings():
        return 1
    if diagnosis.could_not_run():
        from torchcamp.doctor.words import ended

        say(f"torchcamp: no training was seen in {target}: {ended(diagnosis.watched)}")
        return 2
    return 0


def _list(name: str | None, as_json: bool) -> int:
    from dataclasses import asdict

    from torchcamp.doctor.codes import CODES, find_code

    codes = [find_code(name)] if name else list(CODES.values())
    if as_json:
        print_json([asdict(code) for code in codes])
        return 0
    from torchcamp.doctor.terminal import print_codes

    print_codes(codes)
    return 0
