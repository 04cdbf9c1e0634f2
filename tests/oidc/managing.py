"""Those who manage applications, and what they hear."""

from app.errors import InvalidInput, Problem


class Manager:
    """Somebody who has just signed in, and what they do with the applications of their tenant."""

    def __init__(self, services, person):
        self.service = services.openid.applications
        self.tenant = person.tenant
        self.scope = person.scope(person.sign_in())

    def __getattr__(self, verb):
        return lambda *arguments, **more: getattr(self.service, verb)(self.tenant, self.scope, *arguments, **more)


def refusal(act, *arguments, **more):
    """The code of the refusal that an act meets, or ``None``."""
    try:
        act(*arguments, **more)
    except Problem as problem:
        return problem.code
    return None


def pointers(act, *arguments):
    """The fields that are refused, with the reasons."""
    try:
        act(*arguments)
    except InvalidInput as problem:
        return {(error.pointer, error.code) for error in problem.errors}
    return set()
