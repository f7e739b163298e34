"""How a correction puts itself into moto."""

from functools import wraps


def replace(owner, name):
    """Decorates what shall stand in for owner.name; it is given the original first.

    An owner without the name raises AttributeError: moto is not what it is taken for.
    """
    original = getattr(owner, name)

    def put(function):
        @wraps(original)
        def replacement(*args, **kwargs):
            return function(original, *args, **kwargs)

        setattr(owner, name, replacement)
        return function

    return put
