from django.utils.translation import gettext_lazy as _

from madang.ground.notify.public import declare as declare_notice
from madang.ground.trail.public import declare

declare("climate.table_brought", _("Class table of carbon and heat brought"))
declare("climate.surface_brought", _("Surface of the city brought"))
declare("climate.scenario_made", _("Plan of carbon and heat made"))
declare("climate.scenario_edited", _("Plan of carbon and heat changed"))
declare("climate.fit_used", _("Fit of the heat model to stations put to use or taken back"))
declare_notice(
    "climate.plan_changed", _("The plan “%(name)s” that you follow was changed."), "leaf"
)
