from django.utils.translation import gettext_lazy as _

from madang.ground.trail.public import declare

declare("platform.job.retried", _("Failed job begun again"))
declare("platform.job.cancelled", _("Job called off"))
