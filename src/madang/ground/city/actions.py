from django.utils.translation import gettext_lazy as _

from madang.ground.trail.public import declare

declare("city.made", _("City made"))
declare("city.import.applied", _("Data set imported"))
