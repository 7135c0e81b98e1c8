"""Administration, click by click. Every view asks for MANAGE_PEOPLE; every change is an action with `by=`."""

from collections.abc import Callable

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from carewright.access import guard
from carewright.access import people as accounts
from carewright.access import ties as access_ties
from carewright.access.models import Tie
from carewright.kernel.errors import CannotDo
from carewright.staff import clock, licences, roles
from carewright.staff.models import Membership, Organization, Team, User
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.web import sessions
from carewright.web.administration import forms, queries
from carewright.web.second_factor import must_have

managing_people = guard.requires(Permission.MANAGE_PEOPLE)


def attempt(form: django_forms.Form | None, action: Callable, request: StaffRequest) -> bool:
    """Do it; a refusal is said at the form, or as a message when there is none. Whether it was done."""
    try:
        action()
    except CannotDo as refusal:
        if form is None:
            messages.error(request, str(refusal))
        else:
            form.add_error(None, str(refusal))
        return False
    return True


@managing_people
@require_GET
def people(request: StaffRequest) -> HttpResponse:
    """Everyone who works here, open accounts first."""
    state, role = request.GET.get("state", "open"), request.GET.get("role", "")
    found = queries.people(on=timezone.localdate(), role=role, state=state)
    return render(
        request,
        "administration/people.html",
        {
            "page": Paginator(found, 50).get_page(request.GET.get("page")),
            "states": queries.states(), "state": state, "role": role, "roles": roles.ROLES,
            "query": f"state={state}&role={role}&", "licences": len(licences.to_settle(on=timezone.localdate())),
        },
    )  # fmt: skip


@managing_people
def add_person(request: StaffRequest) -> HttpResponse:
    """Add somebody, then show the link with which they choose their password."""
    form = forms.Person(request.POST or None)
    if form.is_valid():
        made: list[User] = []
        if attempt(form, lambda: made.append(accounts.add_person(**form.cleaned_data, by=request.user)), request):
            return _show_invitation(request, made[0])
    status = 422 if form.is_bound else 200
    return render(request, "administration/add_person.html", {"form": form, "roles": roles.ROLES}, status=status)


@managing_people
@require_GET
def person(request: StaffRequest, pk: int) -> HttpResponse:
    """One account: role, teams, reach, security, what changed."""
    return _person_page(request, get_object_or_404(User, pk=pk))


def _person_page(request: StaffRequest, someone: User, *, status: int = 200, **bound) -> HttpResponse:
    today = timezone.localdate()
    initial = {"first_name": someone.first_name, "last_name": someone.last_name, "credential": someone.credential}
    context = {
        "someone": someone,
        "role_form": forms.RoleChange(initial={"role": someone.role}),
        "name_form": forms.Description(initial=initial),
        "join_form": forms.Joining(),
        "memberships": someone.memberships.on(today).select_related("team"),
        "reach": queries.reach_of(someone, on=today),
        "own_patients": queries.patients_of_their_own(someone, on=today),
        "changes": queries.changes_to(someone),
        "second_factor": queries.has_second_factor(someone),
        "must_have_second_factor": must_have(someone),
        "invited": not someone.has_usable_password(),
    }
    return render(request, "administration/person.html", context | bound, status=status)


@managing_people
@require_POST
def change_role(request: StaffRequest, pk: int) -> HttpResponse:
    """Another role for somebody."""
    someone = get_object_or_404(User, pk=pk)
    form = forms.RoleChange(request.POST)
    if form.is_valid() and attempt(
        form, lambda: accounts.change_role(person=someone, by=request.user, **form.cleaned_data), request
    ):
        messages.success(
            request, _("%(name)s is %(role)s now.") % {"name": someone.name, "role": someone.described_role.name}
        )
        return redirect("administration:person", pk)
    return _person_page(request, get_object_or_404(User, pk=pk), status=422, role_form=form)


@managing_people
@require_POST
def describe(request: StaffRequest, pk: int) -> HttpResponse:
    """Mend a name."""
    someone = get_object_or_404(User, pk=pk)
    form = forms.Description(request.POST)
    if form.is_valid() and attempt(
        form, lambda: accounts.describe(person=someone, by=request.user, **form.cleaned_data), request
    ):
        messages.success(request, _("Kept."))
        return redirect("administration:person", pk)
    return _person_page(request, someone, status=422, name_form=form)


@managing_people
@require_POST
def invite(request: StaffRequest, pk: int) -> HttpResponse:
    """A new link with which somebody chooses their password: for the first time, or because it was forgotten."""
    someone = get_object_or_404(User, pk=pk)
    if not someone.is_active:
        messages.error(request, _("The account is closed. Open it first."))
        return redirect("administration:person", pk)
    return _show_invitation(request, someone)


def _show_invitation(request: StaffRequest, someone: User) -> HttpResponse:
    """The link is shown once, here; it is stored nowhere."""
    code = accounts.invitation(person=someone, by=request.user)
    link = request.build_absolute_uri(reverse("web:invitation", args=[code]))
    return render(request, "administration/invitation.html", {"someone": someone, "link": link})


@managing_people
@require_POST
def reset_second_factor(request: StaffRequest, pk: int) -> HttpResponse:
    """For a lost phone."""
    someone = get_object_or_404(User, pk=pk)
    accounts.reset_second_factor(person=someone, by=request.user)
    sessions.end_sessions_of(someone)
    messages.success(request, _("%s sets up a new second factor at the next sign-in.") % someone.name)
    return redirect("administration:person", pk)


@managing_people
@require_POST
def end_sessions(request: StaffRequest, pk: int) -> HttpResponse:
    """Sign somebody out everywhere."""
    someone = get_object_or_404(User, pk=pk)
    ended = sessions.end_sessions_of(someone, keep=request.session.session_key)
    accounts.signed_out(person=someone, sessions=ended, by=request.user)
    messages.success(request, ngettext("%d session ended.", "%d sessions ended.", ended) % ended)
    return redirect("administration:person", pk)


@managing_people
@require_POST
def open_or_close(request: StaffRequest, pk: int) -> HttpResponse:
    """Close an account, or open it again; which of the two stands on the button."""
    someone = get_object_or_404(User, pk=pk)
    why = request.POST.get("why", "")[:300]
    if request.POST.get("do") == "open":
        if attempt(None, lambda: accounts.open_account(person=someone, by=request.user, why=why), request):
            messages.success(request, _("%s may sign in again.") % someone.name)
    elif attempt(None, lambda: accounts.close_account(person=someone, by=request.user, why=why), request):
        sessions.end_sessions_of(someone)
        messages.success(request, _("%s is signed out everywhere and may not sign in.") % someone.name)
    return redirect("administration:person", pk)


@managing_people
@require_POST
def join(request: StaffRequest, pk: int) -> HttpResponse:
    """Somebody joins a team, from today."""
    someone = get_object_or_404(User, pk=pk)
    form = forms.Joining(request.POST)
    today = timezone.localdate()
    if form.is_valid() and attempt(
        form, lambda: accounts.join_team(person=someone, on=today, by=request.user, **form.cleaned_data), request
    ):
        messages.success(
            request, _("%(name)s belongs to %(team)s now.") % {"name": someone.name, "team": form.cleaned_data["team"]}
        )
        return redirect("administration:person", pk)
    return _person_page(request, someone, status=422, join_form=form)


@managing_people
@require_POST
def leave(request: StaffRequest, pk: int) -> HttpResponse:
    """Today is somebody's last day in a team."""
    membership = get_object_or_404(Membership.objects.select_related("user", "team"), pk=pk)
    today = timezone.localdate()
    if attempt(None, lambda: accounts.leave_team(membership=membership, on=today, by=request.user), request):
        messages.success(
            request,
            _("Today is the last day of %(name)s in %(team)s.")
            % {"name": membership.user.name, "team": membership.team.name},
        )
    back = request.POST.get("back")
    return (
        redirect("administration:team", membership.team_id)
        if back == "team"
        else redirect("administration:person", membership.user_id)
    )


@managing_people
@require_GET
def roles_page(request: StaffRequest) -> HttpResponse:
    """Every role: what it may do, which pages it has, what stays closed to it."""
    permissions = [
        (permission, permission.said, {role.code for role in roles.who_may(permission)})
        for permission in queries.permissions_in_use()
    ]
    return render(
        request, "administration/roles.html", {"described": queries.described_roles(), "permissions": permissions}
    )


@managing_people
@require_GET
def teams(request: StaffRequest) -> HttpResponse:
    """Every team: who is in it, whom it may see."""
    return render(request, "administration/teams.html", {"teams": queries.teams(on=timezone.localdate())})


@managing_people
def add_team(request: StaffRequest) -> HttpResponse:
    """Begin a team."""
    form = forms.TeamDescription(request.POST or None)
    if form.is_valid():
        made: list[Team] = []
        if attempt(form, lambda: made.append(accounts.add_team(**form.cleaned_data, by=request.user)), request):
            messages.success(request, _("%s is there. Add its people, then say whom it may see.") % made[0].name)
            return redirect("administration:team", made[0].pk)
    return render(request, "administration/add_team.html", {"form": form}, status=422 if form.is_bound else 200)


@managing_people
def team(request: StaffRequest, pk: int) -> HttpResponse:
    """One team: its name, its people, whom it may see."""
    one = get_object_or_404(Team, pk=pk)
    form = forms.TeamDescription(request.POST or None, initial={"name": one.name, "description": one.description})
    if form.is_valid() and attempt(
        form, lambda: accounts.describe_team(team=one, by=request.user, **form.cleaned_data), request
    ):
        messages.success(request, _("Kept."))
        return redirect("administration:team", pk)
    return _team_page(request, one, form=form, status=422 if form.is_bound else 200)


def _team_page(request: StaffRequest, one: Team, *, status: int = 200, **bound) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "team": one,
        "form": forms.TeamDescription(initial={"name": one.name, "description": one.description}),
        "member_form": forms.NewMember(),
        "memberships": one.memberships.on(today).select_related("user").order_by("-leads", "user__last_name"),
        "reach": [reach for reach in queries.ties(on=today) if reach.tie.team_id == one.pk],
    }
    return render(request, "administration/team.html", context | bound, status=status)


@managing_people
@require_POST
def add_member(request: StaffRequest, pk: int) -> HttpResponse:
    """Somebody joins this team, from today."""
    one = get_object_or_404(Team, pk=pk)
    form = forms.NewMember(request.POST)
    today = timezone.localdate()
    if form.is_valid() and attempt(
        form, lambda: accounts.join_team(team=one, on=today, by=request.user, **form.cleaned_data), request
    ):
        messages.success(
            request, _("%(name)s belongs to %(team)s now.") % {"name": form.cleaned_data["person"], "team": one.name}
        )
        return redirect("administration:team", pk)
    return _team_page(request, one, status=422, member_form=form)


@managing_people
@require_GET
def ties(request: StaffRequest) -> HttpResponse:
    """Who may see whom, why, from when until when."""
    past = request.GET.get("past") == "yes"
    return render(
        request, "administration/ties.html", {"reach": queries.ties(on=timezone.localdate(), past=past), "past": past}
    )


@managing_people
def add_tie(request: StaffRequest) -> HttpResponse:
    """Let a team or a person see a population."""
    form = forms.NewTie(
        request.POST or None, initial={"starts_on": timezone.localdate().isoformat(), "who": request.GET.get("who", "")}
    )
    if form.is_valid():
        said = form.cleaned_data
        if attempt(
            form,
            lambda: access_ties.tie_to_population(
                population=said["population"], because=said["because"], on=said["starts_on"], until=said["ends_on"],
                user=said.get("user"), team=said.get("team"), by=request.user,
            ),
            request,
        ):  # fmt: skip
            messages.success(request, _("Kept. It works from the next click of those concerned."))
            return redirect("administration:ties")
    return render(request, "administration/add_tie.html", {"form": form}, status=422 if form.is_bound else 200)


@managing_people
@require_POST
def end_tie(request: StaffRequest, pk: int) -> HttpResponse:
    """Today is the last day of a tie."""
    tie = get_object_or_404(Tie, pk=pk, patient__isnull=True)
    if attempt(None, lambda: access_ties.end_tie(tie=tie, on=timezone.localdate(), by=request.user), request):
        messages.success(request, _("It ends with this day."))
    return redirect("administration:ties")


@managing_people
def organization(request: StaffRequest) -> HttpResponse:
    """Name, clock, backup place."""
    one = Organization.objects.first() or Organization(name="", time_zone="America/New_York")
    initial = {"name": one.name, "time_zone": one.time_zone, "backup_folder": one.backup_folder}
    form = forms.Organization(request.POST or None, initial=initial)
    if form.is_valid() and attempt(
        form, lambda: accounts.change_organization(organization=one, by=request.user, **form.cleaned_data), request
    ):
        clock.forget()
        messages.success(request, _("Kept."))
        return redirect("administration:organization")
    return render(request, "administration/organization.html", {"form": form}, status=422 if form.is_bound else 200)
