from django.apps import AppConfig


class CareplanConfig(AppConfig):
    name = "carewright.careplan"
    label = "careplan"
    default_auto_field = "django.db.models.BigAutoField"
