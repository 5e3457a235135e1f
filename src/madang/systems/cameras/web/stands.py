"""Where a camera's head stands, as people read and write it: in hundredths of what it can reach.

Cameras say it in ONVIF's generic space (pan and tilt from -1 to 1, zoom from 0 to 1), which has neither
degrees nor lens: -100 % is the left and lower end, 100 % the right and upper one, and all of the zoom.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from madang.systems.cameras.steering.edges import Position

DIGITS = 6  # of a share that is kept: two places that differ by less are one


class PercentField(forms.FloatField):
    """A share, kept as from -1 to 1, written as from -100 to 100."""

    default_error_messages = {"invalid": _("Write a number, in %.")}

    def __init__(self, *, least: float = -1.0, **words: Any) -> None:
        super().__init__(**words)
        self._least = least

    def prepare_value(self, value: Any) -> Any:
        return round(value * 100, DIGITS - 2) if isinstance(value, float) else value

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return None if found is None else round(found / 100, DIGITS)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not self._least <= value <= 1:
            message = _("Write %(least)d to 100 %%.") % {"least": round(self._least * 100)}
            raise forms.ValidationError(message)


def place_in(words: str) -> Position | None:
    """Pan, tilt and zoom as they are written, in %; None where nothing is."""
    said = words.replace("%", " ").replace("·", " ").replace(",", " ").split()
    try:
        pan, tilt, zoom = (float(one) for one in said) if said else (0.0, 0.0, 0.0)
    except ValueError:
        raise forms.ValidationError(_("Write pan, tilt and zoom as three numbers.")) from None
    return Position(*(round(one / 100, DIGITS) for one in (pan, tilt, zoom))) if said else None


def place_words(pan: float, tilt: float, zoom: float) -> str:
    """The same in words, as the panel below the picture has it."""
    said = {"pan": f"{pan:+.1%}", "tilt": f"{tilt:+.1%}", "zoom": f"{zoom:.1%}"}
    return say("pan {pan} · tilt {tilt} · zoom {zoom}").format(**said).replace("-", "−")
