"""What the policy on fixed cameras says that no register knows: who answers, where it is kept and seen."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.people.models import Account


class Policy(models.Model):
    """One version of the city's own words of its policy (법 §25⑦, 영 §25). The newest counts.

    Rows are written once: what people could read on a day can still be read. An empty field was not
    recorded, and the page says so.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(editable=False)
    responsible = models.CharField(
        _("Who is responsible"),
        max_length=200,
        blank=True,
        help_text=_("Position and department, for example the head of the safety centre."),
    )
    phone = models.CharField(_("Telephone"), max_length=60, blank=True)
    storage = models.CharField(_("Where footage is kept"), max_length=300, blank=True)
    deletion = models.CharField(
        _("How it is deleted"),
        max_length=300,
        blank=True,
        help_text=_("When its time is over, so that nobody can bring it back."),
    )
    viewing = models.TextField(
        _("How and where footage can be seen"),
        max_length=1000,
        blank=True,
        help_text=_("The room, its address, and when it is open."),
    )
    physical = models.TextField(
        _("Locks and other safeguards of rooms"), max_length=1000, blank=True
    )
    other = models.TextField(_("What else there is to know"), max_length=2000, blank=True)
    since = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "number"], name="camera_policy_number"),
            models.CheckConstraint(condition=Q(number__gt=0), name="camera_policy_from_one"),
        ]
