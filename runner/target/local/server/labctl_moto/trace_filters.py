"""Filter expressions of X-Ray.

https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html
Modelled are comparisons of the keywords below and of annotations, service("name") with or without
conditions on it, AND, OR, ! and parentheses. All else is unreadable, also AND beside OR without
parentheses: AWS does not say which of them comes first.
"""

import operator
import re

from labctl_moto.trace_documents import Trace

TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w.]*(?:\[\w+\])?)|(?P<sign><=|>=|!=|[=<>!(){}]))'
)
NUMBERS = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
TEXTS = {
    "=": operator.eq,
    "!=": operator.ne,
    "CONTAINS": lambda a, b: b in a,
    "BEGINSWITH": str.startswith,
    "ENDSWITH": str.endswith,
}
FLAGS = {name: (lambda trace, name=name: trace.flag(name)) for name in ("fault", "error", "throttle")}
FLAGS["partial"] = lambda trace: trace.partial
# The values of a keyword: one, none or several, one of which has to fit.
VALUES = {
    "responsetime": (float, lambda trace: [trace.response_time]),
    "duration": (float, lambda trace: [trace.duration]),
    "http.status": (float, lambda trace: [v for k, v in trace.http().items() if k == "HttpStatus"]),
    "http.method": (str, lambda trace: [v for k, v in trace.http().items() if k == "HttpMethod"]),
    "http.url": (str, lambda trace: [v for k, v in trace.http().items() if k == "HttpURL"]),
    "user": (str, Trace.users),
}


class Unreadable(Exception):
    """The text is no filter expression, or one that is not modelled."""


def read(text: str):
    """The function that says whether a trace fits."""
    reader = Reader(text)
    if not reader.tokens:
        return lambda _trace: True
    fits = reader.either()
    if reader.tokens:
        raise Unreadable(f"{reader.tokens[0][1]} is not expected")
    return fits


def tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        token = TOKEN.match(text, at)
        if not token:
            raise Unreadable(f"{text[at:].strip()[:20]} is not readable")
        found.append((token.lastgroup, token[token.lastgroup]))
        at = token.end()
    return found


class Reader:
    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)

    def next(self) -> tuple[str, str]:
        if not self.tokens:
            raise Unreadable("the expression ends too early")
        return self.tokens.pop(0)

    def take(self, value: str) -> bool:
        if self.tokens and self.tokens[0][1].upper() == value and self.tokens[0][0] != "text":
            self.tokens.pop(0)
            return True
        return False

    def expect(self, value: str) -> None:
        if not self.take(value):
            raise Unreadable(f"{value} is missing")

    def either(self):
        """Conditions that are joined by AND, or by OR."""
        terms, joint = [self.term()], None
        while found := "AND" if self.take("AND") else "OR" if self.take("OR") else None:
            if joint not in (None, found):
                raise Unreadable("AND beside OR needs parentheses here")
            joint = found
            terms.append(self.term())
        every = any if joint == "OR" else all
        return lambda trace: every(fits(trace) for fits in terms)

    def term(self):
        if self.take("!"):
            fits = self.term()
            return lambda trace: not fits(trace)
        if self.take("("):
            fits = self.either()
            self.expect(")")
            return fits
        kind, word = self.next()
        if kind != "word":
            raise Unreadable(f"{word} is not expected")
        if word.lower() == "service":
            return self.service()
        if word.lower() in FLAGS:
            return self.flag(FLAGS[word.lower()])
        if word.lower() in VALUES:
            return self.comparison(*VALUES[word.lower()])
        if annotation := re.fullmatch(r"annotation(?:\.(\w+)|\[(\w+)\])", word):
            name = annotation[1] or annotation[2]
            return self.comparison(None, lambda trace: [value for value, _ in trace.annotations().get(name, ())])
        raise Unreadable(f"{word} is not modelled")

    def service(self):
        self.expect("(")
        kind, name = self.next()
        if kind != "text":
            raise Unreadable("service needs a name")
        self.expect(")")
        fits = None
        if self.take("{"):
            fits = self.either()
            self.expect("}")
        name = name[1:-1]
        return lambda trace: bool((own := trace.of(name)).documents) and (fits is None or fits(own))

    def flag(self, raised):
        wanted = True
        if compared := "=" if self.take("=") else "!=" if self.take("!=") else None:
            _, value = self.next()
            if value.lower() not in ("true", "false"):
                raise Unreadable(f"{value} is neither true nor false")
            wanted = (value.lower() == "true") == (compared == "=")
        return lambda trace: raised(trace) == wanted

    def comparison(self, kind, values):
        """A comparison with values of a kind; without one, of the kind that the expression compares with."""
        _, sign = self.next()
        token, value = self.next()
        if token == "word" and value.lower() in ("true", "false"):
            kind, wanted, signs = bool, value.lower() == "true", {s: NUMBERS[s] for s in ("=", "!=")}
        elif token == "text" and kind in (None, str):
            kind, wanted, signs = str, value[1:-1], TEXTS
        elif token == "number" and kind in (None, float):
            kind, wanted, signs = (int, float), float(value), NUMBERS
        else:
            raise Unreadable(f"{value} is not what is compared here")
        compare = signs.get(sign.upper())
        if not compare:
            raise Unreadable(f"{sign} {value} is no comparison")

        def comparable(found) -> bool:
            return isinstance(found, kind) and (kind is bool or not isinstance(found, bool))

        return lambda trace: any(comparable(found) and compare(found, wanted) for found in values(trace))
