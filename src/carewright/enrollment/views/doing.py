"""What every page here shares: doing something with a form, and saying how it went."""

from collections.abc import Callable, Iterable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect

from carewright.kernel.errors import BadInput, CannotDo
from carewright.plumbing.problems import PLAIN
from carewright.staff.requests import StaffRequest
from carewright.tasks.returning import did


def done(request: StaffRequest, act: Callable[[], object], said: str) -> bool:
    """Do something that nothing was typed for; say that it is done, or the sentence that says why it is not."""
    try:
        with transaction.atomic():
            act()
    except (CannotDo, BadInput) as refusal:
        messages.error(request, PLAIN.said(refusal))
        return False
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return False
    messages.success(request, said)
    return True


def with_form(
    request: StaffRequest, form: Form, act: Callable[[dict], object], said: str, page: Callable[[Form], HttpResponse],
    back: str, *args, **kwargs,
) -> HttpResponse:  # fmt: skip
    """
    Do something with what was filled in, and go back.

    What is refused shows the page again with that form as it was filled in: nobody types anything twice. The form has
    the `auto_id` that it has on the page, which is how the page knows it among the others (`as_typed`).
    """
    if form.is_valid() and did(form, lambda: act(form.cleaned_data)):
        messages.success(request, said)
        return redirect(back, *args, **kwargs)
    return page(form)


def as_typed(fresh: Form, kept: Form | None) -> Form:
    """The form of a page as it was filled in, when it is the one that was refused; otherwise as it begins."""
    return kept if isinstance(kept, type(fresh)) and kept.auto_id == fresh.auto_id else fresh


def lost(kept: Form | None, *, here: Iterable[object]) -> Form | None:
    """The refused form, when the page has no such form any more because things changed meanwhile."""
    return kept if kept is not None and kept.auto_id not in set(here) else None


def status_of(kept: Form | None) -> int:
    """The status of a page that shows a refused form: 422, what was sent could not be done."""
    return 422 if kept is not None else 200
