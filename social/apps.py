from django.apps import AppConfig


class SocialConfig(AppConfig):
    name = "social"
    verbose_name = "Social"

    def ready(self) -> None:
        # The registry must be complete before the first request or relay run.
        from social.projections import register_projections

        register_projections()
