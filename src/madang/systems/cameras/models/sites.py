from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import FromDataSet, Located
from madang.ground.city.models.rows import point_index
from madang.ground.people.models import ControlDomain, LawBasis


class Purpose(models.TextChoices):
    """설치목적구분 of 전국CCTV표준데이터; a camera may be used for the purpose it was installed for."""

    CRIME = "crime"  # 생활방범
    SCHOOL_ZONE = "school-zone"  # 어린이보호
    ENFORCEMENT = "enforcement"  # 교통단속
    TRAFFIC = "traffic"  # 교통정보수집
    DISASTER = "disaster"  # 재난재해
    FACILITY = "facility"  # 시설물관리
    PARK = "park"  # 공원안전
    WASTE = "waste"  # 쓰레기단속
    SEVERAL = "several"  # 다목적
    OTHER = "other"  # 기타


class Site(FromDataSet, Located):
    """A pole with cameras, as the national register has it. What the register leaves out is null.

    Why the law allows it (basis), which control domain uses it (domain) and when it films (hours) are not
    in the national register: they are empty until somebody of the city says so, and an import leaves them
    alone.
    """

    by_hand: ClassVar[frozenset[str]] = frozenset(["basis", "domain", "hours"])

    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    institution = models.TextField(blank=True)
    road_address = models.TextField(blank=True)
    lot_address = models.TextField(blank=True)
    cameras = models.PositiveSmallIntegerField()
    megapixels = models.FloatField(null=True)
    direction = models.TextField(blank=True, help_text="촬영방면정보, in the register's words")
    kept_days = models.PositiveSmallIntegerField(null=True, help_text="보관일수")
    installed = models.DateField(null=True, help_text="the month's first day")
    phone = models.TextField(blank=True)
    as_of = models.DateField(null=True)
    details = models.JSONField(default=dict)
    basis = models.CharField(
        _("Legal basis"), max_length=12, choices=LawBasis.choices, blank=True, default=""
    )
    domain = models.CharField(
        _("Control domain"), max_length=16, choices=ControlDomain.choices, blank=True, default=""
    )
    hours = models.CharField(_("Hours of filming"), max_length=60, blank=True, default="")

    class Meta(FromDataSet.Meta):
        abstract = False
        verbose_name = _("camera site")
        verbose_name_plural = _("camera sites")
        constraints = [
            *FromDataSet.Meta.constraints,
            models.CheckConstraint(condition=Q(cameras__gt=0), name="cameras_site_has_cameras"),
            models.CheckConstraint(
                condition=Q(basis__in=["", *LawBasis.values]), name="cameras_site_basis_known"
            ),
            models.CheckConstraint(
                condition=Q(domain__in=["", *ControlDomain.values]),
                name="cameras_site_domain_known",
            ),
        ]
        indexes = [
            point_index("cameras_site_point"),
            models.Index(fields=["city", "purpose"], name="cameras_site_purpose"),
        ]
