from django.utils.translation import gettext_lazy as _

from madang.ground.trail.public import declare

for _name, _alarm, _incident in (
    ("raised", _("Alarm raised"), _("Incident raised")),
    ("escalated", _("Alarm escalated"), _("Incident escalated")),
    ("cleared", _("Alarm cleared"), _("Incident cleared")),
    ("returned", _("Alarm came back"), _("Incident came back")),
    ("acknowledged", _("Alarm acknowledged"), _("Incident taken")),
    ("linked", _("Alarm linked"), _("Incident linked")),
    ("attached", _("Alarm put to an incident"), _("Alarm put to the incident")),
    ("detached", _("Alarm taken out of an incident"), _("Alarm taken out of the incident")),
    ("noted", _("Note on an alarm"), _("Note on an incident")),
    ("opened", _("Alarm opened"), _("Incident opened")),
    ("closed", _("Alarm closed"), _("Incident closed")),
    ("reopened", _("Alarm opened again"), _("Incident opened again")),
):
    declare(f"alarm.{_name}", _alarm)
    declare(f"incident.{_name}", _incident)
declare("threshold.set", _("Threshold set"))
