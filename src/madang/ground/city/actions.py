from django.utils.translation import gettext_lazy as _

from madang.ground.trail.public import declare

declare("city.made", _("City made"))
declare("city.import.applied", _("Data set imported"))
declare("city.import.undone", _("Import undone"))
declare("city.settings_changed", _("City settings changed"))
declare("city.data_set_changed", _("Words of a data set changed"))
