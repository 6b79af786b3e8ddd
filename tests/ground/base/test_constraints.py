"""NoOverlap and AppendOnly give the same verdicts on SQLite and PostgreSQL."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.writer import MigrationWriter
from django.test.utils import isolate_apps

from tests.append_only import lifted
from weiduan.ground.base.constraints import AppendOnly, NoOverlap

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def a_table(model: type[models.Model], *others: type[models.Model]) -> Iterator[None]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    with connection.schema_editor() as editor:
        for each in (*others, model):
            editor.create_model(each)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for each in (model, *others):
                editor.delete_model(each)


def a_stay(
    *, equal: tuple[str, ...] = ("place",), time: type[models.Field] = models.DateField, among: dict | None = None
) -> type[models.Model]:  # fmt: skip
    class Stay(models.Model):
        place = models.CharField(max_length=20, null=True)
        number = models.IntegerField(default=0)
        key = models.UUIDField(default=uuid.UUID(int=0))
        since = time()
        until = time(null=True)

        class Meta:
            app_label = "base"
            constraints = (NoOverlap(name="a_place_holds_one_stay", equal=equal, among=among),)

    return Stay


def a_note() -> type[models.Model]:
    class Note(models.Model):
        text = models.CharField(max_length=20)

        class Meta:
            app_label = "base"
            constraints = (AppendOnly(name="a_note_stays"),)

    return Note


def day(number: int) -> date:
    return date(2018, 10, number)


def refused(model: type[models.Model], **values: object) -> bool:
    try:
        with transaction.atomic():
            model.objects.create(**values)
    except IntegrityError as error:
        assert "a_place_holds_one_stay" in str(error)
        return True
    return False


@isolate_apps("weiduan.ground.base")
def test_two_rows_for_the_same_thing_may_touch_but_not_overlap():
    Stay = a_stay()
    with a_table(Stay):
        Stay.objects.create(place="a", since=day(10), until=day(20))

        assert not refused(Stay, place="a", since=day(20), until=day(21))
        assert not refused(Stay, place="a", since=day(5), until=day(10))
        assert not refused(Stay, place="b", since=day(10), until=day(20))
        for since, until in ((9, 11), (19, 25), (12, 13), (1, 30), (10, 20)):
            assert refused(Stay, place="a", since=day(since), until=day(until))
        assert refused(Stay, place="a", since=day(1), until=None)


@isolate_apps("weiduan.ground.base")
def test_an_open_end_reaches_for_ever():
    Stay = a_stay()
    with a_table(Stay):
        Stay.objects.create(place="a", since=day(10), until=None)

        assert refused(Stay, place="a", since=date(9999, 12, 30), until=None)
        assert refused(Stay, place="a", since=day(1), until=day(11))
        assert not refused(Stay, place="a", since=day(1), until=day(10))


@isolate_apps("weiduan.ground.base")
def test_an_empty_time_and_an_empty_field_meet_nothing():
    Stay = a_stay()
    with a_table(Stay):
        Stay.objects.create(place="a", since=day(10), until=day(20))
        Stay.objects.create(place=None, since=day(10), until=day(20))

        assert not refused(Stay, place="a", since=day(15), until=day(15))
        assert not refused(Stay, place="a", since=day(15), until=day(15))
        assert not refused(Stay, place=None, since=day(10), until=day(20))


@isolate_apps("weiduan.ground.base")
def test_a_change_that_would_overlap_is_refused_and_others_pass():
    Stay = a_stay()
    with a_table(Stay):
        first = Stay.objects.create(place="a", since=day(10), until=day(20))
        second = Stay.objects.create(place="a", since=day(20), until=day(25))

        with pytest.raises(IntegrityError), transaction.atomic():
            Stay.objects.filter(pk=second.pk).update(since=day(19))
        with pytest.raises(IntegrityError), transaction.atomic():
            Stay.objects.filter(pk=first.pk).update(until=None)
        Stay.objects.filter(pk=first.pk).update(until=day(15), number=7)
        first.refresh_from_db()
        assert (first.until, first.number) == (day(15), 7)


@isolate_apps("weiduan.ground.base")
def test_rows_are_the_same_thing_only_when_all_fields_agree():
    Stay = a_stay(equal=("place", "number", "key"))
    with a_table(Stay):
        same = {"place": "a", "number": 1, "key": uuid.UUID(int=5)}
        Stay.objects.create(**same, since=day(10))

        assert refused(Stay, **same, since=day(10))
        assert not refused(Stay, **same | {"number": 2}, since=day(10))
        assert not refused(Stay, **same | {"key": uuid.UUID(int=6)}, since=day(10))


@isolate_apps("weiduan.ground.base")
def test_rows_of_other_values_than_those_named_are_left_alone():
    Stay = a_stay(equal=("place", "number"), among={"place": ["a", "it's"]})
    with a_table(Stay):
        for place in ("a", "it's", "b"):
            Stay.objects.create(place=place, since=day(10))

        assert refused(Stay, place="a", since=day(11))
        assert refused(Stay, place="it's", since=day(11))
        assert not refused(Stay, place="a", number=1, since=day(11))
        assert not refused(Stay, place="b", since=day(11))
        with pytest.raises(IntegrityError), transaction.atomic():
            Stay.objects.filter(place="b").update(place="a")
        with pytest.raises(ValidationError):
            Stay(place="a", since=day(12)).validate_constraints()
        Stay(place="b", since=day(12)).validate_constraints()


@isolate_apps("weiduan.ground.base")
def test_a_field_that_is_looked_at_without_being_equal_is_watched_too():
    Stay = a_stay(among={"number": [1]})
    with a_table(Stay):
        Stay.objects.create(place="a", number=1, since=day(10))
        other = Stay.objects.create(place="a", number=2, since=day(10))

        with pytest.raises(IntegrityError), transaction.atomic():
            Stay.objects.filter(pk=other.pk).update(number=1)


@isolate_apps("weiduan.ground.base")
def test_times_of_day_are_kept_apart_too():
    Stay = a_stay(time=models.DateTimeField)
    with a_table(Stay):
        Stay.objects.create(
            place="a", since=datetime(2018, 10, 1, 9, tzinfo=UTC), until=datetime(2018, 10, 1, 10, tzinfo=UTC)
        )

        assert refused(Stay, place="a", since=datetime(2018, 10, 1, 9, 59, 59, tzinfo=UTC))
        assert not refused(Stay, place="a", since=datetime(2018, 10, 1, 10, tzinfo=UTC))


@isolate_apps("weiduan.ground.base")
def test_a_foreign_key_is_compared_by_its_column():
    class Place(models.Model):
        class Meta:
            app_label = "base"

    class Stay(models.Model):
        place = models.ForeignKey(Place, on_delete=models.CASCADE)
        since = models.DateField()
        until = models.DateField(null=True)

        class Meta:
            app_label = "base"
            constraints = (NoOverlap(name="a_place_holds_one_stay", equal=["place"]),)

    with a_table(Stay, Place):
        here, there = Place.objects.create(), Place.objects.create()
        Stay.objects.create(place=here, since=day(1))

        assert refused(Stay, place=here, since=day(2))
        assert not refused(Stay, place=there, since=day(2))


@isolate_apps("weiduan.ground.base")
def test_the_rule_outlives_every_kind_of_change_to_the_table():
    Stay = a_stay()
    with a_table(Stay):
        Stay.objects.create(place="a", since=day(10))
        longer = models.CharField(max_length=50, null=True)
        longer.set_attributes_from_name("place")
        flag = models.BooleanField(default=False)
        flag.set_attributes_from_name("flag")
        with connection.schema_editor() as editor:
            editor.alter_field(Stay, Stay._meta.get_field("place"), longer)
            editor.add_field(Stay, flag)
            editor.remove_field(Stay, flag)
            editor.alter_db_table(Stay, "base_stay", "base_stay_renamed")
            editor.alter_db_table(Stay, "base_stay_renamed", "base_stay")

        assert refused(Stay, place="a", since=day(11))
        assert not refused(Stay, place="a", since=day(1), until=day(10))


@isolate_apps("weiduan.ground.base")
def test_it_can_be_added_to_a_table_and_taken_away_again():
    Stay = a_stay()
    [constraint] = Stay._meta.constraints
    Stay._meta.constraints = []
    with a_table(Stay):
        Stay._meta.constraints = [constraint]
        with connection.schema_editor() as editor:
            editor.add_constraint(Stay, constraint)
        Stay.objects.create(place="a", since=day(10))
        assert refused(Stay, place="a", since=day(11))

        Stay._meta.constraints = []
        with connection.schema_editor() as editor:
            editor.remove_constraint(Stay, constraint)
        assert not refused(Stay, place="a", since=day(11))


@isolate_apps("weiduan.ground.base")
def test_a_form_hears_of_an_overlap_before_the_database_does():
    Stay = a_stay()
    with a_table(Stay):
        kept = Stay.objects.create(place="a", since=day(10), until=day(20))

        with pytest.raises(ValidationError, match="同一时间"):
            Stay(place="a", since=day(19), until=None).validate_constraints()
        Stay(place="a", since=day(20), until=None).validate_constraints()
        Stay(place="a", since=day(15), until=day(15)).validate_constraints()
        kept.validate_constraints()


@isolate_apps("weiduan.ground.base")
def test_a_note_can_be_added_but_neither_changed_nor_removed():
    Note = a_note()
    with a_table(Note):
        note = Note.objects.create(text="once")

        with pytest.raises(IntegrityError, match="a_note_stays"), transaction.atomic():
            Note.objects.update(text="twice")
        with pytest.raises(IntegrityError, match="a_note_stays"), transaction.atomic():
            note.delete()
        with pytest.raises(ValidationError, match="不能修改"):
            note.validate_constraints()
        assert Note.objects.get().text == "once"


@isolate_apps("weiduan.ground.base")
def test_a_table_of_notes_can_not_be_truncated():
    if connection.vendor != "postgresql":
        return  # SQLite has no TRUNCATE; its DELETE is refused above
    Note = a_note()
    with a_table(Note), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('TRUNCATE "base_note"')


@isolate_apps("weiduan.ground.base")
def test_notes_stay_after_their_table_was_made_anew():
    Note = a_note()
    with a_table(Note):
        Note.objects.create(text="once")
        longer = models.CharField(max_length=50)
        longer.set_attributes_from_name("text")
        with connection.schema_editor() as editor:
            editor.alter_field(Note, Note._meta.get_field("text"), longer)

        with pytest.raises(IntegrityError), transaction.atomic():
            Note.objects.all().delete()
        assert Note.objects.get().text == "once"


@isolate_apps("weiduan.ground.base")
def test_append_only_can_be_added_taken_away_and_lifted():
    Note = a_note()
    [constraint] = Note._meta.constraints
    Note._meta.constraints = []
    with a_table(Note):
        Note._meta.constraints = [constraint]
        with connection.schema_editor() as editor:
            editor.add_constraint(Note, constraint)
        Note.objects.create(text="once")
        with pytest.raises(IntegrityError), transaction.atomic():
            Note.objects.update(text="twice")

        with lifted(connection, Note):
            Note.objects.update(text="twice")
        with pytest.raises(IntegrityError), transaction.atomic():
            Note.objects.update(text="three times")

        Note._meta.constraints = []
        with connection.schema_editor() as editor:
            editor.remove_constraint(Note, constraint)
        Note.objects.update(text="four times")
        assert Note.objects.get().text == "four times"


def test_both_can_be_written_into_a_migration_and_read_back():
    made = NoOverlap(name="one", equal=["area"], since="begin", until="end", violation_error_code="taken")
    text, imports = MigrationWriter.serialize(made)

    assert imports == {"import weiduan.ground.base.constraints"}
    read = eval(text, {"weiduan": __import__("weiduan.ground.base.constraints")})
    assert read == made
    assert read != NoOverlap(name="one", equal=["area"], since="begin", until="end")
    assert "among" not in text  # what was written before there was such a thing stays as it is
    some = made.clone()
    some.among = {"area": ("x", "y")}
    text, _imports = MigrationWriter.serialize(some)
    assert eval(text, {"weiduan": __import__("weiduan.ground.base.constraints")}) == some != made
    assert AppendOnly(name="one") != NoOverlap(name="one", equal=["area"])
    assert AppendOnly(name="one").clone() == AppendOnly(name="one")


@isolate_apps("weiduan.ground.base")
def test_a_field_that_is_not_there_is_found_by_the_system_check():
    Stay = a_stay(equal=("plaice",))

    errors = Stay._check_constraints(["default"])

    assert [error.id for error in errors] == ["models.E012"]
