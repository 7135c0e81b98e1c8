"""
The doors that need no key: asking for help, referring a patient, and asking how far it got.

Nobody here is signed in, so nothing here reads about a person. What is typed is written as `system:public_form`; the
answer is the same whether we know the person or not.
"""

import hashlib
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from carewright.access.actor import acting_as
from carewright.channel import gate
from carewright.enrollment import progress, public_words, referring
from carewright.enrollment.forms.public import ProviderReferral, SelfReferral, StatusCode
from carewright.enrollment.models import Door
from carewright.kernel.errors import BadInput

ACTOR = "system:public_form"
CODE = "referral_code"
SHOWN = timedelta(days=30)


def public(view):
    """Mark a page that anybody may open, on every method, and that no browser keeps."""
    return login_not_required(never_cache(sensitive_post_parameters()(require_http_methods(["GET", "POST"])(view))))


@public
def self_referral(request: HttpRequest) -> HttpResponse:
    """Six questions, in English or Spanish; then a code."""
    language = language_of(request)
    form = SelfReferral(request.POST or None, language=language)
    status = 200
    if request.method == "POST":
        status = _receive(request, form, door=Door.SELF, language=language)
        if status == 302:
            return redirect(f"{reverse('enrollment:public_thanks')}?lang={language}&from=self")
    return _page(request, "self", public_words.SELF, language, status=status, form=form)


@public
def provider_referral(request: HttpRequest) -> HttpResponse:
    """A practice refers a patient, without a link of its own."""
    return _provider(request, None)


@public
def practice_referral(request: HttpRequest, code: str) -> HttpResponse:
    """A practice refers a patient by its own link, and sees how far its referrals got."""
    with acting_as(ACTOR):
        link = referring.link_of(code, on=timezone.localdate())
    if link is None:
        raise Http404
    return _provider(request, link)


def _provider(request: HttpRequest, link) -> HttpResponse:
    language, today = language_of(request), timezone.localdate()
    form = ProviderReferral(request.POST or None, language=language, link=link, on=today)
    status = 200
    if request.method == "POST":
        status = _receive(request, form, door=Door.PROVIDER, language=language, link=link)
        if status == 302:
            return redirect(f"{reverse('enrollment:public_thanks')}?lang={language}&from=provider")
    sent, link_for = [], ""
    if link is not None:
        with acting_as(ACTOR), translation.override(language):
            since = timezone.now() - SHOWN
            sent = [
                progress.of(one, on=today, language=language)
                for one in link.referrals.filter(received_at__gte=since)
                .select_related("item")
                .order_by("-received_at")[:30]
            ]
            day = formats.date_format(link.ends_on, "M j" if language == "en" else "j M")
        said = public_words.words(public_words.PROVIDER, language)
        link_for = said["link_for"].format(organization=link.organization, day=day)
    return _page(
        request, "provider", public_words.PROVIDER, language, status=status, form=form, link=link, sent=sent,
        link_for=link_for,
    )  # fmt: skip


@public
def thanks(request: HttpRequest) -> HttpResponse:
    """It is kept; here is the code. The same page for everybody."""
    language = language_of(request)
    came_by = "provider" if request.GET.get("from") == "provider" else "self"
    said = public_words.words(public_words.THANKS, language)
    code = request.session.get(CODE, "")
    if not code:
        return redirect(f"{reverse('enrollment:public_status')}?lang={language}")
    return _page(request, "thanks", public_words.THANKS, language, code=code, promise=said[came_by])


@public
def status(request: HttpRequest) -> HttpResponse:
    """How far a referral got, by its code; the words say nothing about a person."""
    language = language_of(request)
    form = StatusCode(request.POST or None)
    said = public_words.words(public_words.STATUS, language)
    found, problem, answered = None, "", 200
    if request.method == "POST":
        if not _may_ask(request):
            problem, answered = said["too_many"], 429
        elif not form.is_valid():
            problem, answered = said["missing"], 422
        else:
            with acting_as(ACTOR):
                referral = referring.referral_of(form.cleaned_data["code"])
                if referral is None:
                    problem, answered = said["unknown"], 422
                else:
                    found = {"words": said[progress.coarse(referral)], "on": timezone.localtime(referral.received_at)}
    return _page(
        request, "status", public_words.STATUS, language, status=answered, form=form, found=found, problem=problem
    )  # fmt: skip


def _receive(request: HttpRequest, form, *, door: str, language: str, link=None) -> int:
    """Keep what was typed; 302 when it was kept, 422 or 429 with the reason in the form otherwise."""
    if not form.is_valid():
        return 422
    said = form.said
    try:
        with acting_as(ACTOR):
            done = referring.receive(
                door=door, at=timezone.now(), by=ACTOR, came_from=address_of(request), link=link, form_language=language,
                **form.typed(),
            )  # fmt: skip
    except referring.TooMany:
        form.add_error(None, f"{said['too_many']} {_our_number(said)}".strip())
        return 429
    except BadInput:
        form.add_error(None, said["hidden"])
        return 422
    except ValidationError:
        form.add_error(None, said["missing"])
        return 422
    request.session[CODE] = done.code
    return 302


def _page(
    request: HttpRequest, name: str, table: dict, language: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    said = public_words.words(table, language)
    phone = gate.sending().phone
    context = {
        "LANGUAGE_CODE": language,
        "language": language,
        "languages": public_words.LANGUAGES,
        "said": said,
        "we_call_from": said["we_call_from"].format(phone=phone) if phone and "we_call_from" in said else "",
        "our_number": format_html(said["call_us"], phone=_dial(phone)) if phone else "",
        "danger": format_html(said["danger"].replace("911", "{}").replace("988", "{}"), _dial("911"), _dial("988")),
        "kept": _kept(request),
        **more,
    }
    return render(request, f"enrollment/public/{name}.html", context, status=status)


def _dial(number: str) -> SafeString:
    """A number that a phone dials when it is touched."""
    digits = "".join(filter(str.isdigit, number))
    return format_html('<a class="tel" href="tel:{}">{}</a>', digits, number)


def _kept(request: HttpRequest) -> str:
    """What of the address holds in the other language too: from which form somebody came."""
    return "&from=provider" if request.GET.get("from") == "provider" else ""


def _our_number(said: dict[str, str]) -> str:
    phone = gate.sending().phone
    return said["call_us"].format(phone=phone) if phone else ""


def language_of(request: HttpRequest) -> str:
    """English or Spanish, as the address or the form says."""
    asked = request.POST.get("lang") or request.GET.get("lang") or ""
    return asked if asked in public_words.LANGUAGES else "en"


def address_of(request: HttpRequest) -> str:
    """The network address a request came from, as far as it can be trusted."""
    try:
        return get_adapter().get_client_ip(request) or ""
    except PermissionDenied:  # behind fewer proxies than were declared
        return request.META.get("REMOTE_ADDR", "")


def _may_ask(request: HttpRequest) -> bool:
    """Whether this address may try another code: guessing one by one must not pay."""
    key = "referral_status:" + hashlib.sha256(address_of(request).encode()).hexdigest()[:24]
    asked = cache.get(key, 0)
    cache.set(key, asked + 1, 3600)
    return asked < referring.ASKED_PER_HOUR
