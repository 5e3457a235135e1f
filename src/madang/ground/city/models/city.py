from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models

from madang.ground.ids import new_id

RESERVED_KEYS = frozenset(
    [
        "account",
        "api",
        "healthz",
        "live",
        "media",
        "metrics",
        "new",
        "platform",
        "readyz",
        "static",
        "trail",
    ]
)


class City(models.Model):
    """One city. Several live side by side; every row of every system belongs to one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.SlugField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9-]*$")],
        help_text="the word in the address of its pages: /suwon/",
    )
    names = models.JSONField(default=dict, help_text="name by language code")
    time_zone = models.CharField(max_length=60, default="Asia/Seoul")
    crs = models.CharField(max_length=20, default="EPSG:5186", help_text="metric CRS of x and y")
    west = models.FloatField(null=True, blank=True)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    simulated = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(key__in=sorted(RESERVED_KEYS)), name="city_key_not_reserved"
            )
        ]

    def __str__(self) -> str:
        return self.name("ko")

    def name(self, language: str) -> str:
        """The city's name in language, else in the first language it has one in, else its key."""
        names: dict[str, str] = self.names
        return names.get(language) or next(iter(names.values()), self.key)
