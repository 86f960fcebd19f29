"""`python -m torchcamp` and the installed `torchcamp` command."""

from torchcamp.cli.main import main

if __name__ == "__main__":
    main()
