from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "carewright.staff"
    label = "staff"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Let migrations be quick, for whoever migrates: a command, a test, a start."""
        from carewright.plumbing import migrating

        migrating.be_quick()
