import re

from shoplens import errors


def family(error: type[Exception]) -> set[type[Exception]]:
    return {error}.union(*(family(child) for child in error.__subclasses__()))


def test_the_tree_is_small_named_alike_and_drawn_in_the_docstring() -> None:
    ours = {e for e in family(errors.ShoplensError) if e.__module__ == errors.__name__}
    drawn = set(re.findall(r"\w+Error", errors.__doc__ or ""))
    assert {e.__name__ for e in ours} == drawn
    assert len(ours) <= 12


def test_every_error_of_the_package_is_in_the_tree() -> None:
    assert all(e.__module__ == errors.__name__ for e in family(errors.ShoplensError))
