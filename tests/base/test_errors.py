"""Unknown names are answered alike everywhere; every error for the user is a `UserError`."""

import ast

import pytest

from torchcamp.base import errors
from torchcamp.base.errors import UserError, suggest
from torchcamp.base.paths import CONTENT, PACKAGE


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cn", "Did you mean 'cnn'?"),
        ("CNN", "Did you mean 'cnn'?"),
        ("learning_rate", "Did you mean 'lr'?"),
        ("learning_rat", "Did you mean 'lr'?"),  # a misspelt alias is understood too
        ("xyz", "Recipes: cnn, lr."),
        ("", "Recipes: cnn, lr."),
    ],
)
def test_the_nearest_name_or_the_list(name: str, expected: str):
    aliases = {"learning_rate": "lr", "momentum": "beta"}
    assert suggest(name, ["cnn", "lr"], listed_as="Recipes", aliases=aliases) == expected


def test_an_alias_of_something_that_is_not_there_is_not_suggested():
    assert suggest("momentum", ["lr"], aliases={"momentum": "beta"}) == "Available: lr."


def test_an_empty_list_and_a_list_too_long_to_print():
    assert suggest("x", []) == "Available: none."
    assert suggest("zzz", ["a", "b"], otherwise="See --list.") == "See --list."
    assert suggest("train_stp", ["train_step"], otherwise="See --list.") == (
        "Did you mean 'train_step'?"
    )


def test_the_hierarchy_is_drawn_as_it_is():
    drawn = {
        line.split("── ")[1].split()[0]
        for line in (errors.__doc__ or "").splitlines()
        if "── " in line
    }
    classes = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, UserError) and value is not UserError
    }
    assert drawn == classes
    assert issubclass(errors.Diverged, errors.RunError)


def test_near_misses_are_found_in_one_place_only():
    files = [file for file in PACKAGE.rglob("*.py") if not file.is_relative_to(CONTENT)]
    assert len(files) > 100
    users = {
        file.relative_to(PACKAGE).as_posix()
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "get_close_matches"
    }
    assert users == {"base/errors.py"}
