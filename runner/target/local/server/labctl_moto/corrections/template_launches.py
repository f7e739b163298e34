"""What instances take from their launch template.

AWS gives an instance the metadata options and the instance profile of its template, and tags its volumes and network
interfaces. A group launches the version that it names, of the first type that its overrides prioritize:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/launch-templates.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html
https://docs.aws.amazon.com/autoscaling/ec2/userguide/allocation-strategies.html
moto 5.2.1 takes image, type, user data, security groups and the instance's tags, and a group the default version.
"""

from labctl_moto import members
from labctl_moto.patch import replace
from moto.autoscaling.models import InstanceState
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.utils import convert_tag_spec


def options(data: dict, asked: dict) -> dict:
    """What RunInstances is asked for, with what the template says where it is silent."""
    tags, own = convert_tag_spec(data.get("TagSpecifications", [])), asked.get("tags", {})
    return {
        **asked,
        "metadata_options": {**data.get("MetadataOptions", {}), **(asked.get("metadata_options") or {})},
        "tags": {**own, "volume": {**tags.get("volume", {}), **own.get("volume", {})}},
    }


def equip(backend, instance, data: dict, asked: dict) -> None:
    profile = data.get("IamInstanceProfile", {})
    if profile and not (asked.get("iam_instance_profile_name") or asked.get("iam_instance_profile_arn")):
        backend.associate_iam_instance_profile(
            instance.id, iam_instance_profile_name=profile.get("Name"), iam_instance_profile_arn=profile.get("Arn")
        )
    tags = convert_tag_spec(data.get("TagSpecifications", [])).get("network-interface", {})
    for interface in instance.nics.values():
        interface.add_tags(tags)


def apply() -> None:
    @replace(InstanceBackend, "run_instances")
    def run_instances(original, self, *args, **kwargs):
        if not kwargs.get("launch_template"):
            return original(self, *args, **kwargs)
        data = self._get_template_from_args(kwargs["launch_template"]).data
        reservation = original(self, *args, **options(data, kwargs))
        for instance in reservation.instances:
            equip(self, instance, data, kwargs)
        return reservation

    @replace(members, "request")
    def request(original, group):
        asked = original(group)
        if template := group.ec2_launch_template:
            version = template.get_version(group.launch_template_version).number
            asked["launch_template"] = {"LaunchTemplateId": template.id, "Version": version}
            overrides = (group.mixed_instances_policy or {}).get("LaunchTemplate", {}).get("Overrides") or []
            asked["instance_type"] = next((o["InstanceType"] for o in overrides if "InstanceType" in o), group.instance_type)
        return asked

    @replace(members, "launch")
    def launch(original, group, reason):
        member = original(group, reason)
        if template := group.ec2_launch_template if member else None:
            version = template.get_version(group.launch_template_version).number
            member.launched_from = {
                "LaunchTemplateId": template.id,
                "LaunchTemplateName": template.name,
                "Version": str(version),
            }
        return member

    InstanceState.launch_template = property(lambda self: self.__dict__.get("launched_from"))
