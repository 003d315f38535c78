"""Settings modules: `base` for every environment, `test` for the suite. `env` is the only reader of the environment."""
