"""labctl's corrections: where moto answers other than AWS does.

One file is one correction. It has a docstring (what AWS does with the page that
says so, what moto does instead, the version of moto it is for) and a function
`apply` that puts the correction into moto. The list below is all there is: a file
that is not listed is not loaded.
"""

from importlib import import_module
from typing import NamedTuple


class Correction(NamedTuple):
    name: str
    aws: str  # what AWS does, in one sentence
    page: str  # the documentation page that says so
    proven: str  # the Go test that fails on a moto without the correction


ALL: list[Correction] = []


def apply_all() -> None:
    for correction in ALL:
        module = correction.name.replace("-", "_")
        import_module(f"{__name__}.{module}").apply()
