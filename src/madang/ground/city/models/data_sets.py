from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from madang.ground.city.models.city import City
from madang.ground.ids import new_id


class DataSet(models.Model):
    """A body of rows from one source: where it comes from, of which day, on which terms.

    simulated travels from here to every row, screen and export. version grows with every change of
    the rows, so that whatever was computed from them knows when it is old.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="data_sets")
    key = models.SlugField(max_length=60)
    names = models.JSONField(default=dict, help_text="name by language code")
    source = models.TextField(blank=True, help_text="who publishes it")
    licence = models.TextField(blank=True)
    attribution = models.TextField(blank=True, help_text="the words its terms ask for")
    as_of = models.DateField(null=True, help_text="the day the rows speak of; unknown is unknown")
    simulated = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=0)
    changed = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "key"], name="city_dataset_key"),
            models.UniqueConstraint(fields=["id", "city"], name="city_dataset_of_city"),
        ]

    def __str__(self) -> str:
        return self.name("ko")

    def name(self, language: str) -> str:
        names: dict[str, str] = self.names
        return names.get(language) or next(iter(names.values()), self.key)


class Import(models.Model):
    """One file brought into the city: what was read of it and what became of every row.

    Applied is one transaction: an import that stopped on its way has changed nothing.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        READING = "reading"
        PREVIEWED = "previewed"
        CONFIRMED = "confirmed"
        APPLIED = "applied"
        REFUSED = "refused"
        INTERRUPTED = "interrupted"
        UNDONE = "undone"
        DISCARDED = "discarded"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="imports")
    data_set = models.ForeignKey(DataSet, models.PROTECT, null=True, related_name="imports")
    recogniser = models.SlugField(max_length=60, blank=True)
    file = models.TextField(help_text="the name the person gave it, for people only")
    stored = models.TextField(blank=True, help_text="where an upload waits to be applied")
    asked = models.JSONField(default=dict, help_text="what the person said of it: crs, date")
    crs = models.TextField(blank=True, help_text="the coordinate system it was read in")
    size = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the file")
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    problem = models.JSONField(null=True, help_text="why it was refused or stopped: a note")
    notes = models.JSONField(default=list, help_text="what a reader of the report should know")
    progress = models.FloatField(default=0, help_text="0 to 1, of the file read")
    seen = models.PositiveIntegerField(default=0, help_text="rows met so far while it is read")
    read = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    derived = models.PositiveIntegerField(
        default=0, help_text="rows made beside those of the file, such as a gu of its dong"
    )
    tables = models.JSONField(default=dict, help_text="new, changed and same by table")
    preview = models.JSONField(default=list, help_text="the first rows that would change")
    before = models.JSONField(null=True, help_text="the data set's own words before it")
    actor = models.UUIDField(null=True)
    actor_name = models.TextField(default="system")
    began = models.DateTimeField(db_default=Now())
    ended = models.DateTimeField(null=True)
    undone = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(read=F("new") + F("changed") + F("same") + F("rejected")),
                name="city_import_counts_add_up",
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1), name="city_import_progress"
            ),
        ]
        indexes = [models.Index(fields=["city", "-began"], name="city_import_recent")]


class Rejection(models.Model):
    """A row that was not taken: its number in the file, why, and what it said."""

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(Import, models.CASCADE, related_name="rejections")
    number = models.PositiveIntegerField()
    reason = models.SlugField(max_length=30, help_text="a key of reasons.SENTENCES")
    figures = models.JSONField(default=dict, help_text="the sentence's numbers and words")
    content = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["of", "number"], name="city_rejection_number")]


class PreviousRow(models.Model):
    """A row as it was before an import changed it, so that the import can be undone."""

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(Import, models.CASCADE, related_name="previous_rows")
    table = models.TextField()
    row = models.UUIDField()
    content = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["of", "table", "row"], name="city_previousrow_once")
        ]
        indexes = [models.Index(fields=["table", "row"], name="city_previousrow_row")]
