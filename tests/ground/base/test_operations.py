"""Changing a table people write to: they go on writing."""

import threading
from contextlib import contextmanager, suppress

import pytest
from django.db import OperationalError, connection, models
from django.db.migrations.operations import AddIndex
from django.db.migrations.state import ProjectState

from weiduan.ground.base.operations import AddCheckBeside, AddIndexBeside

APP, TABLE = "scratch", "scratch_thing"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def thing():
    """A table of its own with a row in it, and the state that knows it."""
    state = ProjectState()
    state.add_model(_model_state())
    model = state.apps.get_model(APP, "Thing")
    with connection.schema_editor() as editor:
        editor.create_model(model)
    model.objects.create(size=3)
    yield state
    with connection.schema_editor() as editor:
        editor.delete_model(model)


def _model_state():
    from django.db.migrations.state import ModelState

    fields = [("id", models.BigAutoField(primary_key=True)), ("size", models.IntegerField())]
    return ModelState(APP, "Thing", fields)


def _apply(operation, state):
    after = state.clone()
    operation.state_forwards(APP, after)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards(APP, editor, state, after)


def _names():
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, TABLE))


def _index(name="by_size"):
    return models.Index(name=name, fields=["size"])


def _check(condition):
    return models.CheckConstraint(name="a_thing_has_a_size", condition=condition)


def test_an_index_is_there_afterwards_and_may_be_made_again(thing, on_postgresql):
    _apply(AddIndexBeside("thing", _index()), thing)
    if on_postgresql:  # a first try that broke down has left one that holds nothing
        _apply(AddIndexBeside("thing", _index()), thing)
    assert "by_size" in _names()


def test_a_check_holds_for_old_rows_and_new(thing):
    _apply(AddCheckBeside("thing", _check(models.Q(size__gt=0))), thing)
    with pytest.raises(Exception, match="a_thing_has_a_size"), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (size) VALUES (0)")


def test_a_check_that_old_rows_break_is_refused(thing):
    with pytest.raises(Exception, match="a_thing_has_a_size"):
        _apply(AddCheckBeside("thing", _check(models.Q(size__gt=9))), thing)


@contextmanager
def _somebody_writing():
    """Another connection that has written a row and not committed yet."""
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (size) VALUES (1)")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def _can_write() -> bool:
    """Whether a third one gets a row in within half a second."""
    third = connection.copy()
    try:
        with third.cursor() as cursor:
            cursor.execute("SET lock_timeout = '500ms'")
            cursor.execute(f"INSERT INTO {TABLE} (size) VALUES (2)")
    except OperationalError:
        return False
    finally:
        third.close()
    return True


@pytest.mark.parametrize("operation, others_write", [(AddIndexBeside, True), (AddIndex, False)])
def test_others_write_while_it_waits_for_its_turn_and_with_an_ordinary_index_they_dont(
    thing, on_postgresql, operation, others_write
):
    if not on_postgresql:
        pytest.skip("one writer at a time there, whatever is done")

    def change():
        with suppress(OperationalError):
            _apply(operation("thing", _index()), thing)
        connection.close()

    waiting = threading.Thread(target=change)
    with _somebody_writing():
        waiting.start()
        waiting.join(0.7)
        assert waiting.is_alive()
        assert _can_write() is others_write
    waiting.join(20)
    assert "by_size" in _names()
