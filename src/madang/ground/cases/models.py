from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from madang.ground.cases.kinds import Severity
from madang.ground.city.models import City
from madang.ground.ids import new_id


class AlarmState(models.TextChoices):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class IncidentState(models.TextChoices):
    OPEN = "open"
    CLOSED = "closed"


class Outcome(models.TextChoices):
    """What an alarm turned out to be; the control room's 정탐 and 오탐, and why there was nothing to do."""

    TRUE = "true"
    FALSE = "false"
    PASSED = "passed"
    DUPLICATE = "duplicate"
    TEST = "test"


class Case(models.Model):
    """What an alarm and an incident have in common: what, where, when, how grave.

    x and y are metres in the city's CRS, lon and lat degrees (WGS 84); all four or none. The district is
    named by its key without a foreign key: a case outlives the data set that drew the district. version
    counts the entries of the timeline: the database lets nothing but a repetition change a case
    without a new one.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.TextField()
    severity = models.SmallIntegerField(choices=Severity.choices)
    place = models.TextField(blank=True, help_text="where, in words")
    district = models.TextField(blank=True, help_text="key of the district it lies in")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    simulated = models.BooleanField(default=False)
    happened = models.DateTimeField()
    closed = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    closed_by_name = models.TextField(blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        abstract = True


def case_constraints(name: str) -> list[models.BaseConstraint]:
    """What holds for every case, under names that begin with name."""
    return [
        models.CheckConstraint(
            condition=Q(severity__in=Severity.values), name=f"{name}_severity_known"
        ),
        models.CheckConstraint(
            condition=Q(lon=None, lat=None, x=None, y=None)
            | Q(
                lon__isnull=False,
                lat__isnull=False,
                x__isnull=False,
                y__isnull=False,
                lon__range=(-180, 180),
                lat__range=(-90, 90),
            ),
            name=f"{name}_point_whole_or_absent",
        ),
    ]


class Incident(Case):
    """A situation that people handle, under a number that they can say aloud (2026-000123)."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="incidents")
    year = models.SmallIntegerField()
    number = models.IntegerField()
    title = models.TextField()
    state = models.TextField(choices=IncidentState.choices, default=IncidentState.OPEN)
    opened = models.DateTimeField(default=timezone.now)
    opened_by = models.UUIDField(null=True)
    opened_by_name = models.TextField()
    result = models.TextField(blank=True, help_text="how it ended, in words")

    class Meta:
        constraints = [
            *case_constraints("incident"),
            models.UniqueConstraint(fields=["city", "year", "number"], name="incident_number"),
            models.CheckConstraint(
                condition=Q(state="open", closed=None)
                | Q(state="closed", closed__isnull=False, closed__gte=F("opened")) & ~Q(result=""),
                name="incident_state_and_times",
            ),
        ]
        indexes = [models.Index(fields=["city", "state", "-opened"])]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        """The number as people write it."""
        return f"{self.year}-{self.number:06d}"


class Alarm(Case):
    """Something that asks for a person: raised by a system, acknowledged and closed by people.

    cause says what raised it ("device:<id>"), in words of the system that did; while an alarm of a
    cause is not closed, the cause raises no second one and is counted in repeats. cleared is when the
    cause was gone: the alarm itself waits for a person, unless its kind closes itself.
    """

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="alarms")
    cause = models.TextField()
    subject = models.TextField(help_text="what it is about, in words")
    measure = models.JSONField(null=True, help_text="the Measure that raised it, and its threshold")
    state = models.TextField(choices=AlarmState.choices, default=AlarmState.OPEN)
    raised = models.DateTimeField(default=timezone.now)
    repeats = models.IntegerField(default=0)
    last_happened = models.DateTimeField()
    cleared = models.DateTimeField(null=True)
    acknowledged = models.DateTimeField(null=True)
    acknowledged_by = models.UUIDField(null=True)
    acknowledged_by_name = models.TextField(blank=True)
    outcome = models.TextField(choices=Outcome.choices, blank=True)
    incident = models.ForeignKey(
        Incident, null=True, on_delete=models.PROTECT, related_name="alarms"
    )

    class Meta:
        constraints = [
            *case_constraints("alarm"),
            models.UniqueConstraint(
                fields=["city", "kind", "cause"],
                condition=~Q(state="closed"),
                name="alarm_once_while_open",
            ),
            models.CheckConstraint(
                condition=Q(state="open", acknowledged=None, closed=None, outcome="")
                | Q(
                    state="acknowledged",
                    acknowledged__isnull=False,
                    acknowledged__gte=F("raised"),
                    closed=None,
                    outcome="",
                )
                | Q(
                    state="closed",
                    closed__isnull=False,
                    closed__gte=F("raised"),
                    outcome__in=Outcome.values,
                ),
                name="alarm_state_and_times",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged=None, acknowledged_by_name="")
                | Q(acknowledged__isnull=False) & ~Q(acknowledged_by_name=""),
                name="alarm_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(closed=None, closed_by_name="")
                | Q(closed__isnull=False) & ~Q(closed_by_name=""),
                name="alarm_closed_by_somebody",
            ),
            models.CheckConstraint(condition=Q(repeats__gte=0), name="alarm_repeats_counted"),
        ]
        indexes = [
            models.Index(fields=["city", "state", "-severity", "-raised"]),
            models.Index(fields=["city", "-raised"]),
            models.Index(fields=["incident"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"


class Link(models.Model):
    """A thing that has to do with a case: a device, a place, a camera, a call, a document."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, on_delete=models.PROTECT)
    alarm = models.ForeignKey(Alarm, null=True, on_delete=models.PROTECT, related_name="links")
    incident = models.ForeignKey(
        Incident, null=True, on_delete=models.PROTECT, related_name="links"
    )
    thing_kind = models.TextField()
    thing_id = models.TextField()
    label = models.TextField()
    time = models.DateTimeField(default=timezone.now)
    actor_name = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(alarm=None, incident__isnull=False)
                | Q(alarm__isnull=False, incident=None),
                name="link_of_one_case",
            ),
            models.UniqueConstraint(
                fields=["alarm", "thing_kind", "thing_id"], name="link_once_an_alarm"
            ),
            models.UniqueConstraint(
                fields=["incident", "thing_kind", "thing_id"], name="link_once_an_incident"
            ),
            models.CheckConstraint(
                condition=~Q(thing_kind="") & ~Q(thing_id="") & ~Q(label=""), name="link_whole"
            ),
        ]
        indexes = [models.Index(fields=["city", "thing_kind", "thing_id"])]


class Step(models.TextChoices):
    """What an entry of a timeline says happened."""

    RAISED = "raised"
    ESCALATED = "escalated"
    CLEARED = "cleared"
    RETURNED = "returned"
    ACKNOWLEDGED = "acknowledged"
    LINKED = "linked"
    ATTACHED = "attached"
    DETACHED = "detached"
    NOTED = "noted"
    OPENED = "opened"
    CLOSED = "closed"
    REOPENED = "reopened"


class TimelineEntry(models.Model):
    """One line of a case's timeline. The application may add lines and read them, nothing else.

    number is the case's version that the entry made, so a timeline has no gap and no two entries of
    one number, whatever the clocks say.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, on_delete=models.PROTECT)
    alarm = models.ForeignKey(Alarm, null=True, on_delete=models.PROTECT, related_name="timeline")
    incident = models.ForeignKey(
        Incident, null=True, on_delete=models.PROTECT, related_name="timeline"
    )
    number = models.IntegerField()
    time = models.DateTimeField(default=timezone.now)
    step = models.TextField(choices=Step.choices)
    actor = models.UUIDField(null=True)
    actor_name = models.TextField()
    text = models.TextField(blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(alarm=None, incident__isnull=False)
                | Q(alarm__isnull=False, incident=None),
                name="entry_of_one_case",
            ),
            models.UniqueConstraint(fields=["alarm", "number"], name="entry_number_of_alarm"),
            models.UniqueConstraint(fields=["incident", "number"], name="entry_number_of_incident"),
        ]


class IncidentCounter(models.Model):
    """The last incident number given out in a city in a year, so that no number is missing."""

    city = models.ForeignKey(City, on_delete=models.PROTECT)
    year = models.SmallIntegerField()
    last = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "year"], name="incident_counter_once_a_year")
        ]


class Threshold(models.Model):
    """From valid_from on: a reading of quantity by a device of device_kind raises alarm_kind at level.

    It counts when it has held for hold seconds, and the cause is gone when the reading is back beyond
    clear_level: the gap between the two keeps a reading that trembles at the level from raising again
    and again. level None: from then on nothing is raised. The quantity "silence" is the seconds since
    a device was last heard. Rows are never changed: a later one takes the place of an earlier.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="thresholds")
    device_kind = models.TextField()
    quantity = models.TextField()
    unit = models.TextField(help_text="UCUM code of level")
    alarm_kind = models.TextField()
    severity = models.SmallIntegerField(choices=Severity.choices)
    above = models.BooleanField(default=True, help_text="raised above the level, else below")
    level = models.FloatField(null=True)
    clear_level = models.FloatField(null=True)
    hold = models.FloatField(default=0, help_text="seconds it must last")
    valid_from = models.DateTimeField()
    source = models.TextField(help_text="the rule or decision that set it")
    entered = models.DateTimeField(default=timezone.now)
    entered_by_name = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="threshold_severity_known"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="threshold_has_a_source"),
            models.CheckConstraint(
                condition=Q(hold__gte=0, hold__lte=86400), name="threshold_hold_within_a_day"
            ),
            models.CheckConstraint(
                condition=Q(level=None, clear_level=None)
                | Q(level__isnull=False, clear_level__isnull=False)
                & Q(above=True, clear_level__lte=F("level"))
                | Q(level__isnull=False, clear_level__isnull=False)
                & Q(above=False, clear_level__gte=F("level")),
                name="threshold_clears_on_the_safe_side",
            ),
            models.UniqueConstraint(
                fields=["city", "device_kind", "quantity", "severity", "valid_from"],
                name="threshold_one_from_a_time",
            ),
        ]


class Outgoing(models.Model):
    """A message that waits to be published: written with the change, so that neither is without the other.

    message is the id under which the log takes it once, kind and city_key say where it goes.
    """

    id = models.BigAutoField(primary_key=True)
    city = models.ForeignKey(City, on_delete=models.PROTECT)
    made = models.DateTimeField(default=timezone.now)
    message = models.TextField(unique=True)
    kind = models.TextField()
    city_key = models.TextField()
    body = models.BinaryField()
