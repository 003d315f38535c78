from django.apps import AppConfig


class SocialConfig(AppConfig):
    name = "social"
    verbose_name = "Social"

    def ready(self) -> None:
        # The registry must be complete before the first request or relay run.
        from project.kernel.operations import register_guard
        from social.consequences import register_consequences
        from social.former_names import note_reading
        from social.permissions import guard
        from social.projections import register_projections

        register_projections()
        register_consequences()
        register_guard(guard)
        register_guard(note_reading)
