"""`torchcamp export`"""

from dataclasses import asdict
from pathlib import Path

import click

from torchcamp.cli.shared import allow_own_code, json_option, print_json, say, trust_option
from torchcamp.course.workspace import run_roots

FORMATS = ("safetensors", "onnx", "pt2")


@click.command("export")
@click.argument("model", metavar="RUN_OR_MODEL")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(FORMATS),
    help="What to write.  [default: what the name after -o ends with, else safetensors]",
)
@click.option(
    "-o",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file.  [default: NAME.FORMAT]",
)
@trust_option
@json_option
def command(
    model: str, file_format: str | None, output: Path | None, trust: bool, as_json: bool
) -> int:
    """Write a trained model for use elsewhere, and check what was written.

    RUN_OR_MODEL is a run (a folder, its name, or `latest`) or a model that ships trained. The graph
    of a classifier (onnx, pt2) takes pixels (B, C, H, W) in [0, 1] and returns logits; that of a
    vae, gan or cgan draws pictures. Class names and preprocessing stand in the file's metadata.
    """
    from torchcamp.pages.numbers import size
    from torchcamp.recipes.exporting import export
    from torchcamp.recipes.trained import load_trained

    ending = output.suffix.removeprefix(".") if output else ""
    wanted = file_format or (ending if ending in FORMATS else "safetensors")
    if ending in FORMATS and ending != wanted:
        raise click.UsageError(f"-o {output} does not go with --format {wanted}")
    allow_own_code(model, trust)
    trained = load_trained(model, run_roots())
    output = output or Path(f"{Path(trained.name).name}.{wanted}")
    try:
        exported = export(trained, wanted, output)
    except OSError as error:
        raise click.UsageError(f"cannot write {output}: {error.strerror or error}") from error
    if as_json:
        print_json({"model": trained.name} | asdict(exported) | {"file": str(output)})
        return 0
    say(f"{output} ({size(output.stat().st_size)})")
    if exported.inputs:
        say(f"{_shapes(exported.inputs)} -> {_shapes(exported.outputs)}")
    say(f"checked on {exported.checked_on}: largest difference {exported.largest_difference:.2g}")
    return 0


def _shapes(shapes: dict[str, list[int | str]]) -> str:
    return ", ".join(f"{name} ({', '.join(map(str, each))})" for name, each in shapes.items())
