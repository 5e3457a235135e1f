from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City, FromDataSet, Located, Outlined
from madang.ground.city.models.rows import box_index, point_index
from madang.ground.ids import new_id


class Coefficient(models.TextChoices):
    """What a class of land cover is worth; pools in t C/ha, uptake a year, the others as shares."""

    SHADE = "shade", _("shade")
    KC = "kc", _("crop coefficient Kc")
    ALBEDO = "albedo", _("albedo")
    GREEN = "green", _("green area")
    INTENSITY = "intensity", _("building intensity")
    ABOVEGROUND = "aboveground", _("carbon above ground")
    BELOWGROUND = "belowground", _("carbon below ground")
    SOIL = "soil", _("carbon in soil")
    DEAD = "dead", _("carbon in dead wood")
    UPTAKE = "uptake", _("yearly uptake of carbon")
    BIOTOPE = "biotope", _("weight in the biotope area ratio")


class Layer(models.TextChoices):
    """What a surface of the city holds of each cell."""

    LAND = "land", _("land cover")
    EVAPOTRANSPIRATION = "eto", _("reference evapotranspiration")
    HEIGHT = "height", _("height of what stands there")
    ALBEDO = "albedo", _("albedo")
    SHADE = "shade", _("shade of tree crowns")
    ELEVATION = "ground", _("height of the ground")
    ROOF = "roof", _("roof")
    PEOPLE = "people", _("residents")
    RED = "red", _("red light of an image")
    INFRARED = "nir", _("near infrared light of an image")
    BIOTOPE = "biotope", _("grade of the biotope, 1 the best")


class Roof(models.IntegerChoices):
    """What a roof is made of: the codes of the building register (건축물대장), and planted roofs."""

    CONCRETE = 10, _("concrete")
    TILE = 20, _("tile")
    SLATE = 30, _("slate")
    PLANTED = 40, _("planted")
    OTHER = 90, _("other")


class Kind(models.TextChoices):
    """What an edit of a plan does to the cells it is drawn over."""

    LAND = "land", _("another land cover")
    TREES = "trees", _("street trees")
    ROOF = "roof", _("green roof")
    COOL = "cool", _("cool roof")


class ClassTable(models.Model):
    """A table of classes as one file brought it. A newer one is another; none is ever changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    simulated = models.BooleanField(default=False)
    brought = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "city"], name="climate_table_of_city"),
            models.CheckConstraint(condition=~Q(name=""), name="climate_table_named"),
        ]
        indexes = [models.Index(fields=["city", "-brought"], name="climate_table_newest")]

    def __str__(self) -> str:
        return self.name


class ClassRow(models.Model):
    """One coefficient of one class: its value, who says so, and as of when. Without a source, none."""

    id = models.BigAutoField(primary_key=True)
    table = models.ForeignKey(ClassTable, models.CASCADE, related_name="rows")
    code = models.IntegerField(help_text="the number of the class in rasters")
    name = models.CharField(max_length=200)
    coefficient = models.CharField(max_length=12, choices=Coefficient.choices)
    value = models.FloatField()
    source = models.TextField()
    as_of = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "code", "coefficient"], name="climate_classrow_once"
            ),
            models.CheckConstraint(
                condition=~Q(source__regex=r"^\s*$"),
                name="climate_classrow_has_source",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0, value__lte=1_000), name="climate_classrow_value"
            ),
        ]


class Surface(FromDataSet):
    """One layer of the city as a file brought it, whole. The newest of a layer is in force.

    file is the GeoTIFF itself; grid fields say what is in it, so that layers can be compared unopened.
    """

    layer = models.CharField(max_length=8, choices=Layer.choices)
    rows = models.PositiveIntegerField()
    columns = models.PositiveIntegerField()
    cell = models.FloatField(help_text="metres")
    west = models.FloatField()
    north = models.FloatField()
    crs = models.PositiveIntegerField(help_text="EPSG")
    known = models.PositiveIntegerField(help_text="cells that hold a value")
    digest = models.CharField(max_length=64, help_text="SHA-256 of file")
    file = models.BinaryField()
    brought = models.DateTimeField(db_default=Now())

    class Meta(FromDataSet.Meta):
        abstract = False
        verbose_name = _("surface")
        verbose_name_plural = _("surfaces")
        constraints = [
            *FromDataSet.Meta.constraints,
            models.CheckConstraint(
                condition=Q(rows__gt=0, columns__gt=0, cell__gt=0, known__gt=0)
                & Q(known__lte=F("rows") * F("columns")),
                name="climate_surface_has_cells",
            ),
            models.UniqueConstraint(
                fields=["city", "layer", "digest"], name="climate_surface_once"
            ),
        ]
        indexes = [models.Index(fields=["city", "layer", "-brought"], name="climate_surface_new")]


class Tree(FromDataSet, Located):
    """A tree of an inventory: its kind in the inventory's word, and its trunk at breast height."""

    species = models.CharField(max_length=100)
    equation = models.CharField(max_length=40, help_text="a key of engine.trees.EQUATIONS")
    dbh = models.FloatField(help_text="cm")
    height = models.FloatField(null=True, help_text="metres")
    as_of = models.DateField(null=True)

    class Meta(FromDataSet.Meta):
        abstract = False
        verbose_name = _("tree")
        verbose_name_plural = _("trees")
        constraints = [
            *FromDataSet.Meta.constraints,
            models.CheckConstraint(condition=Q(dbh__gt=0, dbh__lte=300), name="climate_tree_dbh"),
        ]
        indexes = [
            models.Index(fields=["city"], name="climate_tree_city"),
            point_index("climate_tree_point"),
        ]


class Parcel(FromDataSet, Outlined):
    """A parcel of the cadastral map; its key is its PNU, a number of 19 digits."""

    address = models.CharField(max_length=100, blank=True)
    area_m2 = models.FloatField()

    class Meta(FromDataSet.Meta):
        abstract = False
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        constraints = [*FromDataSet.Meta.constraints]
        indexes = [
            box_index("climate_parcel_box"),
            models.Index(fields=["city"], name="climate_parcel_city"),
        ]


class Scenario(models.Model):
    """A plan for the city: edits on its land cover, in their order. version is their number.

    Whoever adds an edit says which version they saw: what two people draw at once is never lost
    unseen.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    table = models.ForeignKey(ClassTable, models.PROTECT, related_name="+")
    land = models.ForeignKey(Surface, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    premises = models.JSONField(default=dict, help_text="fields of domain.premises.Premises")
    version = models.PositiveIntegerField(default=0)
    made = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "name"], name="climate_scenario_name"),
            models.CheckConstraint(condition=~Q(name=""), name="climate_scenario_named"),
        ]


class Follower(models.Model):
    """Somebody who wants to be told when a plan changes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="followers")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scenario", "account"], name="climate_follower_once")
        ]


class Edit(models.Model):
    """One change of a plan: something drawn in the city's metres, or an edit that is undone.

    Edits are only added, so that a plan's history is its own; an undone edit stays, and says by whom.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="edits")
    number = models.PositiveIntegerField()
    rings = models.JSONField(null=True, help_text="[[x, y], …] for each ring")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.LAND)
    code = models.IntegerField(null=True, help_text="the class that the cells become")
    what = models.JSONField(default=dict, help_text="fields of domain.measures of its kind")
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    account = models.UUIDField(null=True)
    account_name = models.CharField(max_length=200, blank=True)
    made = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scenario", "number"], name="climate_edit_number"),
            models.CheckConstraint(
                condition=Q(rings__isnull=False, undoes__isnull=True)
                & (
                    Q(kind=Kind.LAND, code__isnull=False)
                    | (~Q(kind=Kind.LAND) & Q(code__isnull=True))
                )
                | Q(rings__isnull=True, code__isnull=True, undoes__isnull=False),
                name="climate_edit_draws_or_undoes",
            ),
        ]


class Reckoning(models.Model):
    """Indicators of all districts of a level as they came out of one set of inputs; never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    level = models.CharField(max_length=10)
    digest = models.CharField(max_length=64, help_text="SHA-256 of inputs")
    inputs = models.JSONField(help_text="digests of surfaces, table, premises, method")
    rows = models.JSONField(help_text="queries.Indicators of each district")
    simulated = models.BooleanField(default=False)
    made = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "level", "digest"], name="climate_reckoning_once"
            )
        ]
        indexes = [models.Index(fields=["city", "level", "-made"], name="climate_reckoning_new")]


class Report(models.Model):
    """A plan's report on paper: asked for, made by a job, offered while what it stands on still holds."""

    class State(models.TextChoices):
        WAITING = "waiting"
        MADE = "made"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="reports")
    language = models.CharField(max_length=5)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what it stands on")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    refusal = models.JSONField(null=True, help_text="why it could not be made: code and words")
    file = models.BinaryField(null=True, help_text="PDF")
    asked = models.DateTimeField(db_default=Now())
    made = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "language", "digest"], name="climate_report_once"
            ),
            models.CheckConstraint(
                condition=Q(state="made", file__isnull=False, made__isnull=False)
                | (~Q(state="made") & Q(file__isnull=True)),
                name="climate_report_made_has_file",
            ),
        ]


class PlanFile(models.Model):
    """A file with things to draw on a plan, as it was read: shown first, then drawn whole and forgotten."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file")
    features = models.PositiveIntegerField()
    drawn = models.JSONField(help_text="kind, rings in metres, code, what of each")
    rejected = models.JSONField(help_text="[number, code, words] of each")
    account = models.UUIDField(null=True)
    brought = models.DateTimeField(db_default=Now())


class Fit(models.Model):
    """The heat model's figures fitted to the city's weather stations once; never changed but for `used`.

    error and null_error: °C, root mean square on blocks of stations left out, of the model and of the
    plain mean of the other stations. used: the city's indicators and new plans stand on it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    made = models.DateTimeField(db_default=Now())
    reference = models.FloatField(help_text="°C of the country around")
    urban_heat = models.FloatField(help_text="°C the city is warmer at most")
    mixing = models.FloatField(help_text="metres")
    park_cooling = models.FloatField(help_text="metres")
    error = models.FloatField()
    null_error = models.FloatField()
    blocks = models.PositiveIntegerField()
    stations = models.JSONField(help_text="key, name, x, y, celsius, model, simulated of each")
    hours = models.JSONField(help_text="the hottest hours, as ISO times")
    inputs = models.JSONField(help_text="digests of what the heat stands on")
    simulated = models.BooleanField(default=False)
    used = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city"], condition=Q(used=True), name="climate_fit_used_once"
            ),
            models.CheckConstraint(
                condition=Q(error__gte=0, null_error__gte=0, urban_heat__gte=0, blocks__gte=3),
                name="climate_fit_figures",
            ),
            models.CheckConstraint(
                condition=Q(used=False) | Q(error__lt=F("null_error")),
                name="climate_fit_used_helps",
            ),
        ]
        indexes = [models.Index(fields=["city", "-made"], name="climate_fit_new")]
