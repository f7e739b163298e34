"""Security group rules as resources.

AWS describes a rule with its description whatever it refers to, replaces a rule's source
by another one with ModifySecurityGroupRules, and revokes a rule by its properties without
regard to the description:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html
moto 5.2.1 loses descriptions of rules that refer to groups and prefix lists, keeps the
old source beside the new one, changes IPv4 ranges only, and does not find a described rule.
"""

from labctl_moto.patch import replace
from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError, InvalidSecurityGroupRuleIdNotFoundError
from moto.ec2.models.security_groups import GroupedSecurityRuleView, SecurityGroup, SecurityGroupBackend, SecurityGroupRule


def description_of(rule) -> str | None:
    return rule.ip_range.get("Description") or rule.source_group.get("Description") or rule.prefix_list_description


def source_of(rule) -> tuple:
    return (
        rule.ip_range.get("CidrIp"),
        rule.ip_range.get("CidrIpv6"),
        rule.source_group.get("GroupId"),
        rule.prefix_list_id,
    )


def traffic_of(rule) -> tuple:
    ports = (None, None) if rule.ip_protocol == "-1" else (rule.from_port, rule.to_port)
    return (rule.ip_protocol, *ports)


def change(rule, new: dict) -> None:
    """Makes an existing rule what ModifySecurityGroupRules asks for."""
    probe = SecurityGroupRule(
        rule.ec2_backend, new.get("IpProtocol"), rule.group_id, new.get("FromPort"), new.get("ToPort"), None
    )
    rule.ip_protocol, rule.from_port, rule.to_port = probe.ip_protocol, probe.from_port, probe.to_port
    ranges = {k: new[p] for k, p in (("CidrIp", "CidrIpv4"), ("CidrIpv6", "CidrIpv6")) if new.get(p)}
    account, group_id = rule.ec2_backend.account_id, new.get("ReferencedGroupId")
    rule.ip_range = ranges
    rule.source_group = {"GroupId": group_id, "OwnerId": account, "UserId": account} if group_id else {}
    rule.prefix_list_id, rule.prefix_list_description = new.get("PrefixListId"), None
    text = new.get("Description")
    if text and ranges:
        rule.ip_range["Description"] = text
    elif text and group_id:
        rule.source_group["Description"] = text
    elif text:
        rule.prefix_list_description = text


def apply() -> None:
    SecurityGroupRule.prefix_list_description = None
    SecurityGroupRule.description = property(description_of)
    SecurityGroupRule.__eq__ = lambda a, b: traffic_of(a) == traffic_of(b) and source_of(a) == source_of(b)

    @replace(SecurityGroupRule, "__init__")
    def init(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        prefix_list = kwargs.get("prefix_list_id") or (args[7] if len(args) > 7 else None)
        self.prefix_list_description = (prefix_list or {}).get("Description")

    @replace(SecurityGroup, "_flattened_rules")
    def flattened(original, self, rules) -> list[GroupedSecurityRuleView]:
        views = original(self, rules)
        texts = {r.prefix_list_id: r.prefix_list_description for r in rules if r.prefix_list_description}
        for view in views:
            for entry in view.prefix_list_ids:
                if entry["PrefixListId"] in texts:
                    entry["Description"] = texts[entry["PrefixListId"]]
        return views

    @replace(SecurityGroupBackend, "modify_security_group_rules")
    def modify(_original, self, group_id, rules):
        group = self.get_security_group_by_name_or_id(group_id)
        if group is None:
            raise InvalidSecurityGroupNotFoundError(group_id)
        for rule_id, new in rules.items():
            rule = group.get_rule(rule_id)
            if rule is None:
                raise InvalidSecurityGroupRuleIdNotFoundError(rule_id)
            change(rule, new)
