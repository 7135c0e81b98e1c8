from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "carewright.tasks"
    label = "tasks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Let the access log say why a reminder was opened."""
        from carewright.access import words
        from carewright.tasks import sentences

        words.READERS.append(sentences.why)
