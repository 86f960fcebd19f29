"""`python -m torchcamp` and the installed `torchcamp` command."""

from torchcamp.base.leaving import leave_when_asked


def main() -> None:
    """Run the command line; a signal is answered in one sentence also while it is loaded."""
    leave_when_asked()
    from torchcamp.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
