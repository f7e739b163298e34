"""Statements of resource policies: whom they concern, and under which conditions.

What is here follows the evaluation of one policy:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
A statement with a condition that cannot be decided (an unknown operator, or a key of which the
local AWS knows nothing) decides nothing: it neither denies nor allows. Identity policies are not
looked at; labctl's own policy engine judges them.
"""

import re
from typing import NamedTuple

from labctl_moto.corrections.trust_policies import statements
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends


class Principal(NamedTuple):
    """Who calls: the ARN is that of the user, of the role that was assumed, or of the root user."""

    arn: str = ""
    account: str = ""
    service: str = ""


class Undecided(Exception):
    """A condition is outside of what is known here."""


# The keys of the requests that are judged here; each judgement says which of them it has.
KEYS = ("aws:principalarn", "aws:principalaccount", "aws:sourcearn", "aws:sourceaccount", "aws:sourceowner")


def caller(response) -> Principal:
    account, partition, key = response.current_account, "aws", response.access_key
    role = sts_backends[account][partition].get_assumed_role_from_access_key(key)
    if role:
        return Principal(role.role_arn, account)
    user = iam_backends[account][partition].get_user_from_access_key_id(key)
    return Principal(user.arn if user else f"arn:{partition}:iam::{account}:root", account)


def denies(policy: str | None, who: Principal, action: str, resource: str) -> bool:
    """An explicit denial of the policy, against which no permission helps."""
    return decides(policy, "Deny", who, action, resource, {})


def allows(policy: str | None, who: Principal, action: str, resource: str, context: dict[str, str]) -> bool:
    """Allowed by the policy itself, and not denied by it."""
    return decides(policy, "Allow", who, action, resource, context) and not decides(
        policy, "Deny", who, action, resource, context
    )


def decides(policy: str | None, effect: str, who: Principal, action: str, resource: str, context: dict[str, str]) -> bool:
    if not policy:
        return False
    given = {k.lower(): v for k, v in context.items()}
    if who.arn:
        given |= {"aws:principalarn": who.arn, "aws:principalaccount": who.account}
    return any(s.get("Effect") == effect and applies(s, who, action, resource, given) for s in statements(policy))


def applies(statement: dict, who: Principal, action: str, resource: str, given: dict[str, str]) -> bool:
    try:
        return (
            concerns(statement, who)
            and matches(statement, "Action", action.lower())
            and matches(statement, "Resource", resource)
            and all(
                holds(operator, key.lower(), listed(values), given)
                for operator, keys in (statement.get("Condition") or {}).items()
                for key, values in keys.items()
            )
        )
    except Undecided:
        return False


def listed(value) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(v).lower() if isinstance(v, bool) else str(v) for v in values]


def concerns(statement: dict, who: Principal) -> bool:
    if "NotPrincipal" in statement:
        return not named(statement["NotPrincipal"], who)
    return named(statement.get("Principal", {}), who)


def named(principal, who: Principal) -> bool:
    if principal == "*" or "*" in listed(principal.get("AWS", [])):
        return True
    if who.service:
        return who.service in listed(principal.get("Service", []))
    accounts = (who.account, f"arn:aws:iam::{who.account}:root")
    return any(p in (who.arn, *accounts) for p in listed(principal.get("AWS", [])))


def matches(statement: dict, element: str, value: str) -> bool:
    """An element, or its opposite; a trust policy has no resource."""
    fold = str.lower if element == "Action" else str
    if f"Not{element}" in statement:
        return not any(like(fold(p), value) for p in listed(statement[f"Not{element}"]))
    return element not in statement or any(like(fold(p), value) for p in listed(statement[element]))


def like(pattern: str, value: str) -> bool:
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), value) is not None


def holds(operator: str, key: str, values: list[str], given: dict[str, str]) -> bool:
    if key not in KEYS:
        raise Undecided(key)
    operator, if_exists = operator.removesuffix("IfExists"), operator.endswith("IfExists")
    if operator == "Null":
        return (key not in given) == (values == ["true"])
    kind, negated = operator.replace("Not", ""), "Not" in operator
    if kind not in ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike"):
        raise Undecided(operator)
    if key not in given:
        return if_exists or negated
    return any(same(kind, v, given[key]) for v in values) != negated


def same(kind: str, pattern: str, value: str) -> bool:
    match kind:
        case "StringEquals":
            return pattern == value
        case "StringEqualsIgnoreCase":
            return pattern.lower() == value.lower()
    return like(pattern, value)
