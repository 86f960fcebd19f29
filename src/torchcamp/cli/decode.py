"""`torchcamp decode`"""

import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from torchcamp.base.terminal import echo
from torchcamp.cli.shared import allow_own_code, json_option, print_json, say, trust_option
from torchcamp.course.workspace import run_roots

if TYPE_CHECKING:
    from torchcamp.recipes.decoding import Decoded


@click.command("decode")
@click.argument("model", metavar="RUN_OR_MODEL")
@click.argument("file")
@click.option(
    "--csv",
    "table",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="F",
    help="Also write a table, one row for each sequence.",
)
@trust_option
@json_option
def command(model: str, file: str, table: Path | None, trust: bool, as_json: bool) -> int:
    """Log-likelihood in nats and likeliest path of states (Viterbi) of each sequence in FILE, by an
    HMM trained with `train hmm --data sequences:FILE`.

    FILE is a .csv, .jsonl or .txt file of sequences, or - for standard input. Sequences and states are
    counted from 0. An impossible sequence has log-likelihood -inf and no path; --json, which has no
    word for that, gives null, and "impossible": true.
    """
    from torchcamp.data.symbol_files import parse_sequences, read_sequences
    from torchcamp.recipes.decoding import decode_sequences
    from torchcamp.recipes.hmm import side_by_side
    from torchcamp.recipes.trained import load_trained

    allow_own_code(model, trust)
    trained = load_trained(model, run_roots())
    encoding = getattr(trained.recipe, "encoding", "utf-8")
    if file == "-":
        content = sys.stdin.buffer.read()
        sequences = parse_sequences(content, "standard input", encoding, say)
    else:
        sequences = read_sequences(Path(file).expanduser(), encoding, say)
    decoded = decode_sequences(trained, sequences)
    if table is not None:
        _write_table(table, decoded)
    if as_json:
        print_json([_as_json(number, each) for number, each in enumerate(decoded)])
        return 0
    for number, (symbols, each) in enumerate(zip(sequences, decoded, strict=True)):
        if each.impossible:
            echo(f"sequence {number}: log-likelihood -inf, impossible for this model")
            continue
        echo(
            f"sequence {number}: log-likelihood {each.log_likelihood:.4f} nats, "
            f"with its likeliest path {each.path_log_probability:.4f}"
        )
        echo(side_by_side(symbols, each.path))
    return 0


def _as_json(number: int, decoded: "Decoded") -> dict[str, object]:
    possible = not decoded.impossible
    return {
        "sequence": number,
        "log_likelihood": decoded.log_likelihood if possible else None,
        "path": list(decoded.path) if possible else None,
        "path_log_probability": decoded.path_log_probability if possible else None,
        "impossible": decoded.impossible,
    }


def _write_table(table: Path, decoded: "list[Decoded]") -> None:
    from torchcamp.base.files import save_text

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["sequence", "log_likelihood", "path_log_probability", "path"])
    for number, each in enumerate(decoded):
        path = " ".join(map(str, each.path))
        writer.writerow([number, each.log_likelihood, each.path_log_probability, path])
    try:
        table.parent.mkdir(parents=True, exist_ok=True)
        save_text(table, text.getvalue())
    except OSError as error:
        raise click.UsageError(f"cannot write {table}: {error.strerror}") from error
    say(f"{len(decoded)} sequences -> {table}")
