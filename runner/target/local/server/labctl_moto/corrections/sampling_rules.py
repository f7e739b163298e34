"""Sampling rules.

A sampling rule of X-Ray says which requests are traced: so many each second, and a share of the rest.
It has tags, and stands beside the rule Default that each account has, which comes last:
https://docs.aws.amazon.com/xray/latest/api/API_CreateSamplingRule.html
https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
moto 5.2.1 answers 404 to all of it. Quotas of running services (GetSamplingTargets) are not given.
"""

import time

from labctl_moto import traces
from moto.xray.responses import XRayResponse

CALLS = ("CreateSamplingRule", "GetSamplingRules", "UpdateSamplingRule", "DeleteSamplingRule")
DEFAULT, LAST = "Default", 10_000
ANY = ("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath")
NEEDED = (*ANY, "Priority", "FixedRate", "ReservoirSize", "Version")
CHANGEABLE = (*ANY, "Priority", "FixedRate", "ReservoirSize", "Attributes")
OF_DEFAULT = ("FixedRate", "ReservoirSize")  # what can be changed of it


def record(rule: dict) -> dict:
    now = time.time()
    return {"SamplingRule": rule, "CreatedAt": now, "ModifiedAt": now}


def rules(backend) -> dict[str, dict]:
    """The records by name."""
    default = {"RuleName": DEFAULT, "RuleARN": traces.arn(backend, f"sampling-rule/{DEFAULT}"), "Attributes": {}}
    default |= dict.fromkeys(ANY, "*") | {"Priority": LAST, "FixedRate": 0.05, "ReservoirSize": 1, "Version": 1}
    return backend.__dict__.setdefault("sampling_rules", {DEFAULT: record(default)})


def check(rule: dict) -> None:
    if missing := [name for name in NEEDED if rule.get(name) is None]:
        raise traces.InvalidRequest(f"{missing[0]} is missing.")
    if not 1 <= rule["Priority"] < LAST and rule["RuleName"] != DEFAULT:
        raise traces.InvalidRequest(f"Priority must be between 1 and {LAST - 1}.")
    if not 0 <= rule["FixedRate"] <= 1:
        raise traces.InvalidRequest("FixedRate must be between 0 and 1.")
    if rule["ReservoirSize"] < 0:
        raise traces.InvalidRequest("ReservoirSize must not be negative.")
    if rule["Version"] != 1:
        raise traces.InvalidRequest("Version must be 1.")


def find(backend, given: dict) -> dict:
    for each in rules(backend).values():
        rule = each["SamplingRule"]
        if rule["RuleName"] == given.get("RuleName") or rule["RuleARN"] == given.get("RuleARN"):
            return each
    raise traces.InvalidRequest("Sampling rule does not exist.")


def create_sampling_rule(self):
    backend, given = self.xray_backend, self._get_param("SamplingRule", {})
    name = given.get("RuleName")
    if not name or len(name) > traces.LONGEST_NAME:
        raise traces.InvalidRequest(f"A rule name has 1 to {traces.LONGEST_NAME} characters.")
    if name in rules(backend):
        raise traces.InvalidRequest("Sampling rule already exists.")
    rule = {"Attributes": {}} | given | {"RuleARN": traces.arn(backend, f"sampling-rule/{name}")}
    check(rule)
    traces.tag(backend, rule["RuleARN"], self._get_param("Tags", []))
    rules(backend)[name] = record(rule)
    return traces.answer({"SamplingRuleRecord": rules(backend)[name]})


def get_sampling_rules(self):
    by_priority = sorted(rules(self.xray_backend).values(), key=lambda each: each["SamplingRule"]["Priority"])
    return traces.answer({"SamplingRuleRecords": by_priority})


def update_sampling_rule(self):
    given = self._get_param("SamplingRuleUpdate", {})
    found = find(self.xray_backend, given)
    default = found["SamplingRule"]["RuleName"] == DEFAULT
    changed = {name: given[name] for name in CHANGEABLE if given.get(name) is not None}
    if default and (fixed := [name for name in changed if name not in OF_DEFAULT]):
        raise traces.InvalidRequest(f"{fixed[0]} of the rule Default cannot be changed.")
    rule = found["SamplingRule"] | changed
    check(rule)
    found.update(SamplingRule=rule, ModifiedAt=time.time())
    return traces.answer({"SamplingRuleRecord": found})


def delete_sampling_rule(self):
    given = {name: self._get_param(name) for name in ("RuleName", "RuleARN")}
    found = find(self.xray_backend, given)
    rule = found["SamplingRule"]
    if rule["RuleName"] == DEFAULT:
        raise traces.InvalidRequest("The rule Default cannot be deleted.")
    del rules(self.xray_backend)[rule["RuleName"]]
    traces.forget(self.xray_backend, rule["RuleARN"])
    return traces.answer({"SamplingRuleRecord": found})


def apply() -> None:
    calls = (create_sampling_rule, get_sampling_rules, update_sampling_rule, delete_sampling_rule)
    traces.route(XRayResponse, dict(zip(CALLS, calls)))
    traces.route_tags()
