from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import FromDataSet


class StreetNetwork(FromDataSet):
    """One version of a street network: what a source said, mended. The newest of a city is in force.

    content is the mended draft (domain.networks packs and unpacks it); repairs are [kind, thing, figures]
    each, kinds as in sentences.REPAIRS. key names the source and the content, so that a file that changed
    is another version and the same file again is none.
    """

    class Kind(models.TextChoices):
        SUMO = "sumo", _("SUMO network")
        PARTS = "parts", _("Nodes, edges, connections, signal centre")
        OSM = "osm", "OpenStreetMap"
        STANDARD = "standard", _("Standard node-link network")

    name = models.TextField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    nodes = models.PositiveIntegerField()
    edges = models.PositiveIntegerField()
    turns = models.PositiveIntegerField()
    signals = models.PositiveIntegerField()
    kilometres = models.FloatField()
    repairs = models.JSONField(default=list)
    content = models.BinaryField()

    class Meta(FromDataSet.Meta):
        abstract = False
        verbose_name = _("street network")
        verbose_name_plural = _("street networks")
        constraints = [
            *FromDataSet.Meta.constraints,
            models.CheckConstraint(condition=Q(edges__gt=0), name="traffic_network_has_edges"),
        ]
        indexes = [models.Index(fields=["city", "-id"], name="traffic_network_newest")]


class Crossing(FromDataSet):
    """Which controller stands at which crossing: the signal centre's number beside the network's node."""

    controller = models.TextField(help_text="교차로번호, the signal centre's")
    name = models.TextField(blank=True)
    node = models.TextField(help_text="the node's name in the source")
    group = models.TextField(blank=True, help_text="the group of crossings run together")

    class Meta(FromDataSet.Meta):
        abstract = False
        verbose_name = _("signalled crossing")
        verbose_name_plural = _("signalled crossings")
        indexes = [models.Index(fields=["city", "controller"], name="traffic_crossing_number")]


class SignalPhase(FromDataSet):
    """One phase of one plan of a crossing, as a row of the 신호운영표. Seconds throughout.

    states has a letter for each light (engine.signals.LETTERS); clearance is [[states, seconds], …];
    starts is [[second of the day, days], …], when the plan begins to run; since is the day from which
    the plan holds, unknown where the source does not say.
    """

    crossing = models.TextField(help_text="교차로번호")
    crossing_name = models.TextField(blank=True)
    since = models.DateField(null=True)
    plan = models.TextField()
    starts = models.JSONField(default=list)
    offset_s = models.FloatField()
    ring = models.PositiveSmallIntegerField(default=0)
    barrier = models.PositiveSmallIntegerField(default=0)
    phase = models.PositiveSmallIntegerField(help_text="현시")
    states = models.TextField()
    green_s = models.FloatField()
    least_s = models.FloatField(default=0)
    most_s = models.FloatField(default=0)
    walk_s = models.FloatField(default=0)
    flash_s = models.FloatField(default=0)
    clearance = models.JSONField(default=list)
    assumed = models.BooleanField(default=False)

    class Meta(FromDataSet.Meta):
        abstract = False
        verbose_name = _("signal phase")
        verbose_name_plural = _("signal phases")
        constraints = [
            *FromDataSet.Meta.constraints,
            models.CheckConstraint(
                condition=Q(green_s__gte=0, green_s__lte=3600, offset_s__gte=0),
                name="traffic_phase_seconds",
            ),
            models.CheckConstraint(
                condition=Q(least_s__gte=0) & (Q(most_s=0) | Q(most_s__gte=F("least_s"))),
                name="traffic_phase_bounds",
            ),
        ]
        indexes = [models.Index(fields=["city", "crossing"], name="traffic_phase_crossing")]


class TurnRule(FromDataSet):
    """TURNINFO of 표준노드링크: how one link may follow another at a node."""

    class Kind(models.TextChoices):
        UNPROTECTED = "001", _("turn without a signal of its own")
        BUSES = "002", _("turn for buses only")
        BANNED = "003", _("turn banned")
        U_TURN = "011", _("U-turn")
        P_TURN = "012", _("P-turn")
        NO_LEFT = "101", _("left turn banned")
        NO_STRAIGHT = "102", _("straight on banned")
        NO_RIGHT = "103", _("right turn banned")

    BANS = ("002", "003", "101", "102", "103")

    node = models.TextField()
    from_link = models.TextField()
    to_link = models.TextField()
    kind = models.CharField(max_length=3, choices=Kind.choices)

    class Meta(FromDataSet.Meta):
        abstract = False
        verbose_name = _("turn rule")
        verbose_name_plural = _("turn rules")
        indexes = [models.Index(fields=["city", "from_link"], name="traffic_turnrule_from")]
