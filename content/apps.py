from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "content"
    verbose_name = "Content"

    def ready(self) -> None:
        # The registries must be complete before the first request or relay run.
        from content.projections import register_facts, register_life_cycle, register_projections

        register_projections()
        register_facts()
        register_life_cycle()
