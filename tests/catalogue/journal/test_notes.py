import pytest
from sqlalchemy import Engine

from shoplens.catalogue.journal.notes import Notes
from shoplens.errors import NotFoundError


def test_the_newest_value_of_a_note_wins(engine: Engine) -> None:
    notes = Notes(engine)
    notes.put("encoder", "a1")
    notes.put("other", "")
    notes.put("encoder", "b2")
    assert notes.get("encoder") == "b2"
    assert Notes(engine).get("other") == ""


def test_a_note_that_was_never_written_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFoundError, match="no note called 'encoder'"):
        Notes(engine).get("encoder")
