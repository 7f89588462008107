"""The resources of the API, one module each: endpoints as values, and short typed methods."""
