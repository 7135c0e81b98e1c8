"""The link an administrator gives: somebody chooses their password with it, once."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from carewright.access import people
from carewright.web.administration.forms import Password


@login_not_required
@never_cache
@sensitive_post_parameters()
def invitation(request: HttpRequest, code: str) -> HttpResponse:
    """Choose a password; a link that was used or is too old says so and whom to ask."""
    person = people.invited(code)
    if person is None:
        return render(request, "web/invitation_over.html", status=410)
    form = Password(request.POST or None, person=person)
    if form.is_valid():
        people.choose_password(person=person, password=form.cleaned_data["password"], by=person)
        get_adapter(request).reopen_door(request, person.email)
        messages.success(request, _("Your password is kept. Sign in with it now."))
        return redirect("account_login")
    return render(
        request, "web/invitation.html", {"form": form, "person": person}, status=422 if form.is_bound else 200
    )
