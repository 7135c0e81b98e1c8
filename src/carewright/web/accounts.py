"""Signing in: which doors are open, what the form says, who may come in through an identity provider."""

import logging
import time
from dataclasses import dataclass

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carewright.access import people
from carewright.kernel.errors import NotNow
from carewright.staff.models import User

log = logging.getLogger(__name__)
COUNTED = "allauth.account"  # whose settings say how often (`ACCOUNT_RATE_LIMITS`)


@dataclass(frozen=True)
class Door:
    """The button that leads to the organization's own sign-in."""

    name: str
    href: str


def identity_provider() -> Door | None:
    """The configured identity provider, or None."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    if not apps:
        return None
    return Door(name=apps[0]["name"], href=reverse("openid_connect_login", args=[apps[0]["provider_id"]]))


class SignInForm(LoginForm):
    """Email and password, in our words."""

    error_messages = {
        "account_inactive": _("This account is closed. Ask an administrator to open it again."),
        "email_password_mismatch": _("This email and password do not belong together. Check both and try again."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("remember", None)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""
        self.fields["login"].label = _("Email")
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "spellcheck": "false"}
        self.fields["password"].label = _("Password")


class StaffAccounts(DefaultAccountAdapter):
    """Nobody signs up by themselves: accounts are made by an administrator, or by an identity provider's groups."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _(
            "Too many wrong passwords. From here this door stays closed for five minutes, longer after many tries; "
            "then try again, or ask an administrator for a new link, which opens it at once."
        ),
        "email_password_mismatch": SignInForm.error_messages["email_password_mismatch"],
    }

    def is_open_for_signup(self, request) -> bool:
        """Never."""
        return False

    def get_client_ip(self, request) -> str:
        """Where a request came from; one that did not pass all proxies came from whoever is at the end of the line."""
        try:
            return super().get_client_ip(request)
        except ImproperlyConfigured:
            log.warning("A request came through fewer proxies than CAREWRIGHT_PROXIES says.")
            return request.META.get("REMOTE_ADDR", "")

    def _get_login_attempts_cache_key(self, request, **credentials) -> str:
        """
        Wrong passwords are counted by person and address.

        Counted by person alone, anybody who knows a colleague's email could keep that colleague outside.
        """
        return f"{super()._get_login_attempts_cache_key(request, **credentials)} {ratelimit.get_ip(request)}"

    def pre_authenticate(self, request, **credentials) -> None:
        """
        Count this try against the person from here, then against the person from anywhere.

        The second, slower count bounds what many addresses together may guess. A try that was refused from here does
        not count there, so a single address cannot use it up.
        """
        super().pre_authenticate(request, **credentials)
        anywhere = ratelimit.consume(
            request, app=COUNTED, action="login_failed_anywhere", key=_anywhere(self, request, **credentials)
        )
        if not anywhere:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage.usage += anywhere.usage

    def reopen_door(self, request, email: str) -> None:
        """Forget the wrong passwords of somebody who chose a new one with a link: from here and from anywhere."""
        self._delete_login_attempts_cached_email(request, email=email)
        ratelimit.clear(request, app=COUNTED, action="login_failed_anywhere", key=_anywhere(self, request, email=email))

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Changing how one signs in asks for the password again, unless it was typed within the last five minutes."""
        request = self.request
        typed = [record["at"] for record in get_authentication_records(request, request.user)]
        return not typed or time.time() - max(typed) >= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def add_message(self, request, level, message_template=None, message_context=None, extra_tags="", message=None):
        """Arriving and leaving needs no message; what changed about an account does."""
        if message_template in {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}:
            return
        super().add_message(request, level, message_template, message_context, extra_tags, message)


def _anywhere(adapter: StaffAccounts, request, **credentials) -> str:
    """The key of a person's wrong passwords from wherever they come."""
    return DefaultAccountAdapter._get_login_attempts_cache_key(adapter, request, **credentials)


class StaffIdentities(DefaultSocialAccountAdapter):
    """
    Somebody comes from the identity provider.

    The provider says who they are; its groups say which role they have (`CAREWRIGHT_OIDC_ROLES`). Someone whose groups
    map to no role, and to whom no administrator gave one, is told so and stays outside; also who came in by their
    groups before.
    """

    def pre_social_login(self, request, sociallogin) -> None:
        """Find or make the account that belongs to this identity; update its role when the groups say another."""
        claims = _claims(sociallogin.account.extra_data)
        email = (claims.get("email") or "").strip().lower()
        role = settings.IDENTITY_PROVIDER_ROLES.role_for(claims)
        known = (
            sociallogin.user if sociallogin.is_existing else User.objects.filter(email=email).first() if email else None
        )

        if known is None and not (role and email):
            log.warning("An identity without a mapped role was turned away.")
            raise ImmediateHttpResponse(render(request, "socialaccount/no_role.html", status=403))
        if not sociallogin.is_existing and not settings.IDENTITY_PROVIDER_ROLES.vouches_for_email(claims):
            raise ImmediateHttpResponse(render(request, "socialaccount/no_role.html", status=403))

        if known is not None and not role and self._is_dropped(known, claims):
            page = {"dropped": True, "door": identity_provider()}
            raise ImmediateHttpResponse(render(request, "socialaccount/no_role.html", page, status=403))
        if known is None and role:
            known = people.add_person(
                email=email,
                first_name=claims.get("given_name") or email.partition("@")[0],
                last_name=claims.get("family_name") or "-",
                role=role,
                from_groups=True,
                by="system:identity_provider",
            )
        elif known is not None and role:
            try:
                people.follow_groups(person=known, role=role, by="system:identity_provider")
            except NotNow:  # the last administrator keeps the role, or nobody could let anyone in again
                log.warning(
                    "The groups of user %s ask for another role, but no other administrator is there.", known.pk
                )
        if not sociallogin.is_existing:
            sociallogin.connect(request, known)

    def _is_dropped(self, known: User, claims: dict) -> bool:
        """Whether somebody stays outside because their role came from groups, and none of their groups is one now."""
        role_map = settings.IDENTITY_PROVIDER_ROLES
        if not known.role_from_groups or not role_map.roles:
            return False
        if role_map.is_cut_short(claims):
            log.warning("The provider left out the groups of user %s because there are too many.", known.pk)
            return False
        try:
            people.drop(person=known, by="system:identity_provider", at=timezone.now())
        except NotNow:  # the last administrator stays, or nobody could let anyone in again
            log.warning("No group of user %s is a role any more, but no other administrator is there.", known.pk)
            return False
        return known.dropped_at is not None

    def is_open_for_signup(self, request, sociallogin) -> bool:
        """Accounts are made above, never by a form."""
        return False


def _claims(extra_data: dict) -> dict:
    """What the provider said: the identity token, over it what it answers about the person."""
    return {**(extra_data.get("id_token") or {}), **(extra_data.get("userinfo") or {})} or extra_data
