"""Changing a managed prefix list.

AWS changes what ModifyManagedPrefixList names and nothing else:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyManagedPrefixList.html
moto 5.2.1 takes the name from a list whose entries are changed, after which
DescribePrefixLists answers 500, and ignores the greatest number of entries.
"""

from labctl_moto.patch import replace
from moto.ec2.models.managed_prefixes import ManagedPrefixListBackend
from moto.ec2.responses.vpcs import VPCs


def apply() -> None:
    @replace(ManagedPrefixListBackend, "modify_managed_prefix_list")
    def modify(original, self, *, prefix_list_id, prefix_list_name, **kwargs):
        name = prefix_list_name or self.managed_prefix_lists[prefix_list_id].prefix_list_name
        return original(self, prefix_list_id=prefix_list_id, prefix_list_name=name, **kwargs)

    @replace(VPCs, "modify_managed_prefix_list")
    def respond(original, self):
        answer = original(self)
        entries = self._get_param("MaxEntries")
        if entries is not None:
            answer.result["PrefixList"].max_entries = entries
        return answer
