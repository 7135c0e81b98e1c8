"""
Signing in through an organization's own identity provider (OpenID Connect: Entra ID, Okta, Keycloak, …).

Everything comes from the environment, and nothing here needs Django, because the settings read it:

* `CAREWRIGHT_OIDC_SERVER`   the issuer's address, for example `https://login.example.org/realms/care`
* `CAREWRIGHT_OIDC_CLIENT`   the client id given to this installation
* `CAREWRIGHT_OIDC_SECRET`   its secret
* `CAREWRIGHT_OIDC_NAME`     what stands on the button (default "your organization")
* `CAREWRIGHT_OIDC_CLAIM`    which claim carries a person's groups (default `groups`)
* `CAREWRIGHT_OIDC_TRUST_EMAIL`  `1` when the provider does not say whether it checked an email (Entra ID does not) and
  only your own people are in it
* `CAREWRIGHT_OIDC_ROLES`    which group is which role: `care-nurses=care_manager;care-leads=supervisor`. Whoever has a
  role by a group and is in no such group any more stays outside from their next sign-in on; a role that an
  administrator gave stays
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy

from carewright.staff.roles import all_known

PROVIDER_ID = "organization"


@dataclass(frozen=True)
class RoleMap:
    """Which claim to read, and which of its values means which of our roles; the first match in this order wins."""

    claim: str = "groups"
    roles: Mapping[str, str] = field(default_factory=dict)
    trusts_email: bool = False

    def role_for(self, claims: Mapping) -> str | None:
        """
        The role of someone with these claims, or None when no group of theirs is mapped.

        >>> RoleMap("groups", {"leads": "supervisor", "nurses": "care_manager"}).role_for({"groups": ["nurses", "leads"]})
        'supervisor'
        """
        said = claims.get(self.claim) or ()
        groups = {said} if isinstance(said, str) else set(map(str, said)) if isinstance(said, Iterable) else set()
        return next((role for group, role in self.roles.items() if group in groups), None)

    def is_cut_short(self, claims: Mapping) -> bool:
        """
        Whether the provider says that it left the groups out because there are too many (Entra ID does beyond 200).

        >>> RoleMap().is_cut_short({"_claim_names": {"groups": "src1"}}), RoleMap().is_cut_short({"groups": []})
        (True, False)
        """
        elsewhere = claims.get("_claim_names")
        return self.claim not in claims and (
            claims.get("hasgroups") in (True, "true") or (isinstance(elsewhere, Mapping) and self.claim in elsewhere)
        )

    def vouches_for_email(self, claims: Mapping) -> bool:
        """
        Whether the provider has checked the email; only then may it lead to an account.

        >>> RoleMap().vouches_for_email({"email_verified": True}), RoleMap().vouches_for_email({})
        (True, False)
        """
        said = claims.get("email_verified")
        return said in (True, "true") or (said is None and self.trusts_email)


def settings_from(environment: Mapping[str, str]) -> dict:
    """What allauth needs to know about the provider; nothing when none is configured."""
    server = environment.get("CAREWRIGHT_OIDC_SERVER")
    if not server:
        return {}
    return {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": PROVIDER_ID,
                    "name": environment.get("CAREWRIGHT_OIDC_NAME") or gettext_lazy("your organization"),
                    "client_id": environment.get("CAREWRIGHT_OIDC_CLIENT", "carewright"),
                    "secret": environment.get("CAREWRIGHT_OIDC_SECRET", ""),
                    "settings": {"server_url": server, "oauth_pkce_enabled": True},
                }
            ],
        }
    }


def roles_from(environment: Mapping[str, str]) -> RoleMap:
    """
    The map from groups to roles. Raises CannotDo when it names a role that there is not.

    >>> roles_from({"CAREWRIGHT_OIDC_ROLES": "leads=supervisor; nurses = care_manager"}).roles
    {'leads': 'supervisor', 'nurses': 'care_manager'}
    """
    pairs = (pair.partition("=") for pair in environment.get("CAREWRIGHT_OIDC_ROLES", "").split(";") if "=" in pair)
    roles = {group.strip(): role.strip() for group, _equals, role in pairs}
    all_known(roles.values(), said_in="CAREWRIGHT_OIDC_ROLES")
    trusts = environment.get("CAREWRIGHT_OIDC_TRUST_EMAIL") == "1"
    return RoleMap(environment.get("CAREWRIGHT_OIDC_CLAIM", "groups"), roles, trusts)


def origins_from(environment: Mapping[str, str]) -> list[str]:
    """
    Where a form may lead to besides ourselves: the provider's own origin, as a content security policy writes it.

    >>> origins_from({"CAREWRIGHT_OIDC_SERVER": "https://login.example.org/realms/care"})
    ['https://login.example.org']
    """
    server = environment.get("CAREWRIGHT_OIDC_SERVER")
    if not server:
        return []
    parts = urlsplit(server)
    return [f"{parts.scheme}://{parts.netloc}"]
