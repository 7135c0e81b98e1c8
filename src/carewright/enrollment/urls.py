from django.urls import path

from carewright.enrollment.views import public

app_name = "enrollment"
urlpatterns = [
    path("self-referral", public.self_referral, name="public_self"),
    path("provider-referral", public.provider_referral, name="public_provider"),
    path("provider-referral/<str:code>", public.practice_referral, name="public_practice"),
    path("referral-received", public.thanks, name="public_thanks"),
    path("referral-status", public.status, name="public_status"),
]
