"""Who may look after the platform itself."""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, demo_keeper, steward

allow("platform.operate", _("See and mend the platform's own work"), steward | demo_keeper)
