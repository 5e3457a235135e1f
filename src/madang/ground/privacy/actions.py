from django.utils.translation import gettext_lazy as _

from madang.ground.trail.public import declare

declare("privacy.trail.searched", _("Trail searched"), "view")
declare("privacy.month.reviewed", _("Month of the trail reviewed"))
declare("privacy.breach.opened", _("Breach written down"))
declare("privacy.breach.step", _("Step in a breach"))
declare("privacy.request.opened", _("Request for one's own footage"))
declare("privacy.request.appealed", _("Answer to a request for footage appealed"))
declare("privacy.request.decided", _("Request for footage decided"))
declare("privacy.glass.told", _("Privacy officers told of an emergency access"))
declare("privacy.askers.ended", _("Names of who asked for footage ended"))
declare("privacy.contract.added", _("Contract with a processor added"))
