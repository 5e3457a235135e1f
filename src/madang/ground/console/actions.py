from django.utils.translation import gettext_lazy as _

from madang.ground.trail.public import declare

declare("console.push", _("View pushed to a situation board"))
