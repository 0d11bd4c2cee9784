"""The routes of a cached turn, past the router.

Litestar's routing and request objects take about as long as a whole cached turn does without
them. So the edge asks here first; what does not fit exactly (other methods, a slash at the end)
goes the ordinary way, to the same endpoint.
"""

from collections.abc import Iterable

from litestar.types import HTTPScope

from twosigma.adapters.http.endpoint import Endpoint
from twosigma.adapters.http.route import Route
from twosigma.adapters.http.settings import HttpSettings
from twosigma.app.core import TwoSigma


class HotRoutes:
    """Finds the endpoint of a request for one of these routes, each with one parameter."""

    def __init__(self, routes: Iterable[Route], core: TwoSigma, settings: HttpSettings) -> None:
        self._found = [
            (route.method, *_parts(route.path), route.path, Endpoint(route, core, settings))
            for route in routes
        ]

    def find(self, scope: HTTPScope) -> Endpoint | None:
        """The endpoint, with the scope told what a router would have; None for other paths."""
        path = scope["path"]
        for method, before, name, after, template, endpoint in self._found:
            if scope["method"] == method and path.startswith(before) and path.endswith(after):
                value = path[len(before) : len(path) - len(after)]
                if value and "/" not in value:
                    scope["path_params"] = {name: value}
                    scope["path_template"] = template
                    return endpoint
        return None


def _parts(template: str) -> tuple[str, str, str]:
    """What stands before the parameter, its name, and what stands after it."""
    before, _, rest = template.partition("{")
    name, _, after = rest.partition("}")
    return before, name, after
