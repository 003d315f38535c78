from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        # The registry must be complete before the first request or relay run.
        from search.projections import register_projections

        register_projections()
