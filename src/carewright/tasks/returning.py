"""What the small forms of tasks and contacts share: where one goes back to, and how a refusal is shown."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from carewright.kernel.errors import BadInput, CannotDo
from carewright.plumbing.problems import PLAIN
from carewright.staff.requests import StaffRequest


def back_of(request: StaffRequest, otherwise: str = "") -> str:
    """The page somebody came from, as the form carries it; never an address outside this site."""
    address = (request.POST if request.method == "POST" else request.GET).get("back", "")
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if safe and address.startswith("/") else (otherwise or reverse("web:start"))


def did(form: Form, act: Callable[[], object]) -> bool:
    """
    Do something; what is refused is said as it was written, and nothing of it is kept.

    The sentence stands at the field it is about when the form has that field, and on top of the form otherwise.
    """
    try:
        with transaction.atomic():
            act()
    except CannotDo as refusal:
        form.add_error(refusal.at if refusal.at in form.fields else None, str(refusal))
    except BadInput as refusal:
        form.add_error(None, PLAIN.worded(refusal))
    except ValidationError as refusal:
        for field, messages in getattr(refusal, "message_dict", {None: refusal.messages}).items():
            form.add_error(field if field in form.fields else None, " ".join(messages))
    return not form.errors
