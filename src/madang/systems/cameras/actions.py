from django.utils.translation import gettext_lazy as _

from madang.ground.trail.public import declare

declare("cameras.recorded", _("Cameras recorded in the register"))
declare("cameras.planned", _("Camera planned"))
declare("cameras.changed", _("Camera changed in the register"))
declare("cameras.aimed", _("Bearing of a camera recorded"))
declare("cameras.site_changed", _("Legal basis or control domain of a site changed"))
declare("cameras.consulted", _("Consultation before installing cameras recorded"))
declare("cameras.stepped", _("Step in a camera's life"))
declare("cameras.fault_reported", _("Fault of a camera reported"))
declare("cameras.fault_ended", _("Fault of a camera ended"))
declare("cameras.policy_changed", _("Policy on cameras changed"))
declare("cameras.edges_changed", _("Angles within which a camera is steered changed"))
declare("cameras.steering_changed", _("Rules of steering changed"))
declare("cameras.footage_locked", _("Footage kept beyond its term"))
declare("cameras.footage_released", _("Footage no longer kept beyond its term"))
declare("cameras.footage_destroyed", _("Footage destroyed"))
declare("cameras.mask_drawn", _("Part of a camera's picture hidden"))
declare("cameras.mask_ended", _("Part of a camera's picture shown again"))
declare("cameras.visitors_came", _("Pictures made coarse for visitors"))
declare("cameras.visitors_left", _("Pictures shown again after visitors"))
