"""What every page here shares: doing something with a form, and saying how it went."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect

from carewright.kernel.errors import BadInput, CannotDo
from carewright.staff.requests import StaffRequest


def done(request: StaffRequest, act: Callable[[], object], said: str) -> bool:
    """Do something; say that it is done, or the sentence that says why it is not."""
    try:
        with transaction.atomic():
            act()
    except (CannotDo, BadInput) as refusal:
        messages.error(request, str(refusal))
        return False
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return False
    messages.success(request, said)
    return True


def with_form(
    request: StaffRequest, form: Form, act: Callable[[dict], object], said: str, back: str, *args, **kwargs
) -> HttpResponse:
    """Do something with what was filled in, and go back; what is missing is said at the top of that page."""
    if form.is_valid():
        done(request, lambda: act(form.cleaned_data), said)
    else:
        messages.error(request, problems(form))
    return redirect(back, *args, **kwargs)


def problems(form: Form) -> str:
    """What is wrong with a form, in one line: each field by its label."""
    lines = []
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        said = " ".join(str(error) for error in errors)
        lines.append(f"{label}: {said}" if label else said)
    return " ".join(lines)
