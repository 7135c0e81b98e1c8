"""What people fill in on the imports pages: an upload, a filter, the purpose of looking, a column map, a source."""

from collections.abc import Mapping

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from carewright.exchange import wording
from carewright.exchange.files.checking import FORMATS
from carewright.exchange.models import Delivery, SensitiveSource
from carewright.exchange.words import kind_said
from carewright.warehouse.layout import layouts

NOT_READ = ""


class Upload(forms.Form):
    """A file from this computer, and the feed it belongs to."""

    file = forms.FileField(
        label=_("File"), help_text=_("CSV, CSV.gz, Parquet, FHIR JSON or NDJSON, or a ZIP file of these; up to 20 GB.")
    )
    source = forms.CharField(
        label=_("Feed"), required=False, max_length=80,
        help_text=_("Who regularly sends such files, such as “meridian claims”. Empty: what the file says itself."),
    )  # fmt: skip


class Filter(forms.Form):
    """Which deliveries a list shows."""

    source = forms.CharField(required=False, max_length=80)
    kind = forms.CharField(required=False, max_length=40)
    state = forms.ChoiceField(required=False, choices=[("", ""), *Delivery.State.choices])


class Purpose(forms.Form):
    """Why somebody looks at rows that hold patients' data; written into the access log."""

    purpose = forms.CharField(
        label=_("What is it for?"), max_length=300,
        help_text=_("Rows set aside hold people's data. Your reason is written into the access log."),
    )  # fmt: skip


class TakeBack(forms.Form):
    """Why a load is taken back; shown on its report and in every chart a fact of it leaves."""

    because = forms.CharField(
        label=_("Why?"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: the wrong month. It is shown on this report and in the charts; name no patient."),
    )  # fmt: skip


class MapName(forms.Form):
    """The head of a column map: what it is called, where its rows land, whose feed it is."""

    name = forms.CharField(label=_("Name of this map"), max_length=120)
    table = forms.ChoiceField(label=_("Its rows are"))
    source = forms.CharField(label=_("Feed"), required=False, max_length=80)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["table"].choices = [  # type: ignore[attr-defined]
            (shape.table, f"{kind_said(shape.table)}: {wording.said(shape.meaning)}") for shape in layouts().values()
        ]


class DeclareSource(forms.Form):
    """A provider or a feed protected by 42 CFR Part 2."""

    kind = forms.ChoiceField(label=_("What it is"), choices=SensitiveSource.Kind.choices)
    value = forms.CharField(label=_("NPI or name of the feed"), max_length=80)
    because = forms.CharField(label=_("Why it is protected"), max_length=500)


class EndSource(forms.Form):
    """Why a source is not protected any more."""

    because = forms.CharField(label=_("Why"), max_length=500)


def holds_nul(posted: QueryDict) -> bool:
    """Whether any field that was sent holds the character NUL, which no database keeps in text."""
    return any("\0" in value for _name, values in posted.lists() for value in values)


def without_nul(posted: QueryDict) -> dict[str, str]:
    """What was sent, each field without the character NUL, so that the form can be shown again."""
    return {name: str(value).replace("\0", "") for name, value in posted.items()}


def columns_from(posted: Mapping[str, str], names: tuple[str, ...], table: str) -> list[dict]:
    """
    The column map that a form describes.

    For their column number N the form holds `means-N` (our column, or empty), `format-N` (how its dates are written),
    `codes-N` (`theirs=ours; …`) and `money-N` (dollars, cents); for our columns that no column fills, `constant-<name>`,
    or for the number that tells rows apart `of-row-<name>`.
    """
    shape, columns = layouts()[table], []
    for number, name in enumerate(names):
        ours = posted.get(f"means-{number}", NOT_READ)
        if ours not in shape.by_name:
            continue
        said: dict = {"ours": ours, "theirs": name}
        if posted.get(f"format-{number}") in FORMATS and shape.by_name[ours].type in ("DATE", "TIMESTAMP"):
            said["date_format"] = posted[f"format-{number}"]
        codes = [pair.split("=", 1) for pair in posted.get(f"codes-{number}", "").split(";") if "=" in pair]
        if codes:
            said["codes"] = [[theirs.strip(), written.strip()] for theirs, written in codes]
        if posted.get(f"money-{number}") in ("dollars", "cents"):
            said[posted[f"money-{number}"]] = True
        columns.append(said)
    mapped = {said["ours"] for said in columns}
    for column in shape.columns:
        if column.name == shape.numbered_by:
            if column.name not in mapped and posted.get(f"of-row-{column.name}"):
                columns.append({"ours": column.name, "theirs": "", "of_row": True})
            continue
        constant = posted.get(f"constant-{column.name}", "").strip()
        if constant and column.name not in mapped:
            columns.append({"ours": column.name, "theirs": "", "constant": constant})
    return columns
