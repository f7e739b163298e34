"""Asks the checks' engines, which run in the process that started this one.

An answer may have a "problem" (AWS would refuse what was asked) or be "undecided" (the engines do
not model it, so that nobody can be told what AWS would answer).
"""

import json
import os
from urllib.request import ProxyHandler, Request, build_opener

VARIABLE = "LABCTL_ENGINE"
OPENER = build_opener(ProxyHandler({}))  # it is on this machine
UNDECIDED = "The local AWS cannot tell what AWS would do: "


def ask(about: str, **question) -> dict:
    request = Request(f"{os.environ[VARIABLE]}/{about}", json.dumps(question).encode(), {"Content-Type": "application/json"})
    with OPENER.open(request, timeout=30) as answer:
        return json.load(answer)


def refusal(answer: dict) -> str:
    """Why there is no answer, or nothing."""
    if undecided := answer.get("undecided"):
        return UNDECIDED + undecided
    return answer.get("problem", "")
