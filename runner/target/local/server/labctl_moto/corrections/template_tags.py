"""The tags of launch templates.

On AWS the tags of a launch template are its own, and no part of what it launches:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
moto 5.2.1 returns them in the template's data as well, among the tags of instances and volumes.
"""

from labctl_moto.patch import replace
from moto.ec2.models.launch_templates import LaunchTemplateVersion


def apply() -> None:
    @replace(LaunchTemplateVersion, "__init__")
    def init(original, self, template, number, data, description):
        specs = [s for s in data.pop("TagSpecifications", []) if s.get("ResourceType") != "launch-template"]
        if specs:
            data["TagSpecifications"] = specs
        original(self, template, number, data, description)
