"""One tree, one stable code for each class."""

from comity.core import errors
from comity.core.errors import ComityError


def test_every_error_is_of_the_tree_and_has_a_code_of_its_own() -> None:
    found = [each for each in vars(errors).values() if isinstance(each, type)]
    tree = [each for each in found if issubclass(each, ComityError)]
    codes = [each.code for each in tree]
    assert len(codes) == len(set(codes)) == 12
