"""
The pages of django-allauth that we use, under our own addresses; the others do not exist here and answer 404.

They keep allauth's names, because its code asks for them.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.conf import settings
from django.urls import path, re_path

from carewright.web import views

urlpatterns = [
    path("sign-in", views.sign_in, name="account_login"),
    path("sign-out", account.logout, name="account_logout"),
    path("sign-in/closed", account.account_inactive, name="account_inactive"),
    path("sign-in/code", mfa.authenticate, name="mfa_authenticate"),
    path("confirm-access", account.reauthenticate, name="account_reauthenticate"),
    path("confirm-access/code", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/password", account.password_change, name="account_change_password"),
    path("account/password/first", account.password_set, name="account_set_password"),
    path("account/second-factor", views.second_factor, name="mfa_index"),
    path("account/second-factor/set-up", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second-factor/remove", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/recovery-codes", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/recovery-codes/file", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("password-help", views.password_help, name="account_reset_password"),
]

if settings.EMAIL_CONFIGURED:
    urlpatterns += [
        path("password-help/sent", account.password_reset_done, name="account_reset_password_done"),
        re_path(
            r"^password-help/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)$",
            account.password_reset_from_key,
            name="account_reset_password_from_key",
        ),
        path("password-help/done", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    ]

if settings.SOCIALACCOUNT_PROVIDERS:
    urlpatterns += [
        path("sign-in/with/<str:provider_id>", openid_connect.login, name="openid_connect_login"),
        path("sign-in/with/<str:provider_id>/back", openid_connect.callback, name="openid_connect_callback"),
        path("sign-in/cancelled", social.login_cancelled, name="socialaccount_login_cancelled"),
        path("sign-in/error", social.login_error, name="socialaccount_login_error"),
    ]
