from django.apps import AppConfig


class ChannelConfig(AppConfig):
    name = "carewright.channel"
    label = "channel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Let the access log name the wordings that were sent."""
        from carewright.access import words
        from carewright.channel import forms

        words.READERS.append(lambda why: (forms.NAMES | forms.BY_ITSELF).get(why, why))
