"""
The second factor: a six-digit code from a phone, and recovery codes for the day the phone is lost.

Which roles must use one is a setting (`CAREWRIGHT_SECOND_FACTOR_ROLES`). Its secrets are encrypted with a key of the
home, so a copy of the database alone does not open anything.
"""

import base64
import hashlib
import io

import segno
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base import forms
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.totp import forms as totp
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

VERIFIED = "second_factor"


def _key() -> Fernet:
    digest = hashlib.sha256(settings.HOME.secret("second_factor").encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


class SecondFactor(DefaultMFAAdapter):
    """How allauth keeps and shows second factors here."""

    def encrypt(self, text: str) -> str:
        """The secret as it lies in the database."""
        return _key().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret as the phone knows it."""
        return _key().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """The picture that the phone reads, drawn by us; it stays black on white in dark mode."""
        picture = io.BytesIO()
        segno.make(url, error="m").save(
            picture, kind="svg", scale=4, border=3, dark="#000", light="#fff", xmldecl=False
        )
        return picture.getvalue().decode()

    def can_delete_authenticator(self, authenticator) -> bool:
        """Whoever must use a second factor may replace it, not drop it."""
        return not must_have(authenticator.user)


class OpensOnce:
    """
    A form that takes a code from a phone: whichever form took it, no form takes it again for as long as it would fit.

    A code fits longer than it stands on the phone (`MFA_TOTP_TOLERANCE` steps before and after), and allauth forgets
    after one step that it was used. Whoever looked over a shoulder could use it once more until then.
    """

    def clean_code(self) -> str:
        """The code, unless it was used; a used one counts as a wrong one."""
        given = normalize_user_code(self.cleaned_data["code"])  # type: ignore[attr-defined]
        used = f"second_factor:used:{self.user.pk}:{hashlib.sha256(given.encode()).hexdigest()[:24]}"  # type: ignore[attr-defined]
        if cache.get(used):
            check_rate_limit(self.user)  # type: ignore[attr-defined]
            raise get_adapter().validation_error("incorrect_code")
        code = super().clean_code()  # type: ignore[misc]
        if not cache.add(used, True, (2 * settings.MFA_TOTP_TOLERANCE + 1) * settings.MFA_TOTP_PERIOD):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SignInCode(OpensOnce, forms.AuthenticateForm):
    """The second step of signing in."""


class ConfirmCode(OpensOnce, forms.ReauthenticateForm):
    """Proving once more who one is."""


class SetUpCode(OpensOnce, totp.ActivateTOTPForm):
    """The first code of a new phone: it shows that the phone knows the secret, and opens nothing afterwards."""


def must_have(user) -> bool:
    """Whether this person's role must use a second factor."""
    named = settings.SECOND_FACTOR_ROLES
    return "all" in named or getattr(user, "role", None) in named


class SecondFactorRequired:
    """Lead someone whose role must use a second factor to set one up, before anything else."""

    OPEN = ("/account/", "/sign-", "/confirm-access", "/session", "/static/", "/health", "/preferences")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs) -> HttpResponse | None:
        """Nothing for most; a redirect for those who still owe their second factor."""
        user = request.user
        if not user.is_authenticated or request.path.startswith(self.OPEN) or not must_have(user):
            return None
        if request.session.get(VERIFIED) == user.pk:
            return None
        if is_mfa_enabled(user):
            request.session[VERIFIED] = user.pk
            return None
        messages.warning(request, _("Your role needs a second factor. Set it up now; it takes a minute."))
        return redirect("mfa_activate_totp")
