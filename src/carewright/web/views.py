"""The shell's small pages: preferences, the session's clock, one's own account, sign-in and help with a password."""

from allauth.account import views as allauth_account
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from carewright.access import guard
from carewright.audit import actions as audit
from carewright.staff.requests import StaffRequest
from carewright.web import accounts, demo_users, first_run_state, sessions
from carewright.web import preferences as chosen
from carewright.web.second_factor import must_have


@guard.for_all_staff
@require_POST
def preferences(request: StaffRequest) -> HttpResponse:
    """Keep how this person likes to read, and go back to where they were."""
    wanted = {name: request.POST[name] for name, known in chosen.CHOICES.items() if request.POST.get(name) in known}
    chosen.keep(request.user, wanted)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"ok": True})
    back = request.POST.get("next", "/")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/")


@guard.for_all_staff
@never_cache
@require_http_methods(["GET", "POST"])
def session(request: StaffRequest) -> JsonResponse:
    """How long this session lasts. GET only looks; POST is a sign of life. The token serves pages that were open before."""
    left, at_most = sessions.seconds_left(request.session, at=timezone.now())
    return JsonResponse(
        {"seconds_left": left, "seconds_at_most": at_most, "token": get_token(request), "person": request.user.pk}
    )


@guard.for_all_staff
def account(request: StaffRequest) -> HttpResponse:
    """One's own account: name and role as an administrator set them, password, second factor."""
    factors = Authenticator.objects.filter(user=request.user)
    return render(
        request,
        "web/account.html",
        {
            "second_factor": factors.filter(type=Authenticator.Type.TOTP).first(),
            "must_have_second_factor": must_have(request.user),
            "has_password": request.user.has_usable_password(),
        },
    )


@guard.for_all_staff
def second_factor(request: StaffRequest) -> HttpResponse:
    """Where allauth returns to after a change of the second factor: the account page."""
    return redirect("web:account")


class SignIn(allauth_account.LoginView):
    """The first page anybody sees. In a demo home it shows whom one can be; in an empty one it leads to the set-up."""

    def dispatch(self, request, *args, **kwargs):
        if first_run_state.is_open():
            return redirect("web:first_run")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(**kwargs) | {
            "demo_users": demo_users.listed(),
            "identity_provider": accounts.identity_provider(),
        }


sign_in = login_not_required(SignIn.as_view())


@login_not_required
def password_help(request: StaffRequest) -> HttpResponse:
    """With email configured: a link to choose a new password. Without: whom to ask."""
    if settings.EMAIL_CONFIGURED:
        return allauth_account.password_reset(request)
    return render(request, "account/password_help.html")


@guard.for_all_staff
@require_POST
def sign_out_elsewhere(request: StaffRequest) -> HttpResponse:
    """End every other session of this person: a forgotten browser, a lost laptop."""
    ended = sessions.end_sessions_of(request.user, keep=request.session.session_key)
    audit.happened("signed_out_elsewhere", f"{ended} sessions", by=request.user, page="web:account")
    messages.success(request, ngettext("%d other session ended.", "%d other sessions ended.", ended) % ended)
    return redirect("web:account")
