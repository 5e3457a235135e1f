"""The forms of the city's pages."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City, DataSet

LANGUAGES = ("ko", "en", "ja")
SYSTEMS = (
    ("", _("As the file says")),
    ("EPSG:5186", "EPSG:5186 (GRS80 중부 60만)"),
    ("EPSG:5179", "EPSG:5179 (UTM-K)"),
    ("EPSG:5181", "EPSG:5181 (GRS80 중부 50만)"),
    ("EPSG:5185", "EPSG:5185 (GRS80 서부)"),
    ("EPSG:5187", "EPSG:5187 (GRS80 동부)"),
    ("EPSG:5174", "EPSG:5174 (Bessel 중부)"),
    ("EPSG:4326", "EPSG:4326 (WGS84)"),
)


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files]


class AskedForm(forms.Form):
    """What the person says of a file that it may not say itself."""

    crs = forms.ChoiceField(
        label=_("Coordinate system"),
        choices=SYSTEMS,
        required=False,
        help_text=_("Only where the file does not say it, such as a shapefile without .prj."),
    )
    date = forms.DateField(
        label=_("Day the data speaks of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Only where the file has no date of its own."),
    )

    def asked(self) -> dict[str, str]:
        """The answers that were given, as an import keeps them."""
        given = {name: self.cleaned_data[name] for name in ("crs", "date")}
        return {name: str(value) for name, value in given.items() if value}


class UploadForm(AskedForm):
    upload = FilesField(
        label=_("Files"),
        help_text=_(
            "CSV, Excel, GeoJSON, GeoPackage, OpenStreetMap, zip, or a shapefile with all its parts."
            " What a file is, is known by its columns."
        ),
    )
    field_order = ("upload", "crs", "date")


class DataSetForm(forms.ModelForm):  # type: ignore[type-arg]
    """The words of a data set; its names are a field a language."""

    class Meta:
        model = DataSet
        fields = ("source", "licence", "attribution", "as_of")
        labels = {
            "source": _("Publisher"),
            "licence": _("Licence"),
            "attribution": _("Attribution"),
            "as_of": _("Day the data speaks of"),
        }
        help_texts = {
            "source": "",
            "attribution": _("Shown on every map and in every export."),
            "as_of": _("Leave it empty if it is not known."),
        }
        widgets = {
            "source": forms.TextInput,
            "licence": forms.TextInput,
            "attribution": forms.TextInput,
            "as_of": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def words(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class CityForm(forms.Form):
    """A city's names and time zone."""

    ko = forms.CharField(label=_("Name in Korean"), max_length=60)
    en = forms.CharField(label=_("Name in English"), max_length=60, required=False)
    ja = forms.CharField(label=_("Name in Japanese"), max_length=60, required=False)
    time_zone = forms.CharField(label=_("Time zone"), max_length=60)

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise forms.ValidationError(
                _("There is no time zone “%s”; say it as Asia/Seoul.") % zone
            )
        return zone

    def names(self) -> dict[str, str]:
        return {code: self.cleaned_data[code] for code in LANGUAGES if self.cleaned_data[code]}

    @classmethod
    def of(cls, city: City, data: Any = None) -> CityForm:
        return cls(data, initial={**city.names, "time_zone": city.time_zone})
