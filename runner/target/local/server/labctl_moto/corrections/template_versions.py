"""The versions of launch templates.

AWS deletes versions other than the default one, gives no number twice, and makes a version from a source version with
what the call names changed:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
moto 5.2.1 answers 500 to the first call, counts versions by their place in a list, and takes no source.
"""

from labctl_moto.patch import replace
from moto.core.responses import ActionResult
from moto.ec2.exceptions import InvalidLaunchTemplateVersionNotFound
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.utils import parse_user_data


def template_of(self) -> LaunchTemplate:
    if name := self._get_param("LaunchTemplateName"):
        return self.ec2_backend.get_launch_template_by_name(name)
    return self.ec2_backend.get_launch_template(self._get_param("LaunchTemplateId"))


def numbered(template, number) -> LaunchTemplateVersion:
    for version in template.versions:
        if str(version.number) == str(number):
            return version
    raise InvalidLaunchTemplateVersionNotFound(template_id=template.id, version=number)


def delete_one(template, number: str) -> dict | None:
    """Deletes a version, or says why not."""
    try:
        version = numbered(template, number)
    except InvalidLaunchTemplateVersionNotFound as missing:
        return {"Code": "launchTemplateVersionDoesNotExist", "Message": missing.message}
    if template.is_default(version):
        return {"Code": "unexpectedError", "Message": "The default version of a launch template cannot be deleted."}
    template.versions.remove(version)
    return None


def delete_launch_template_versions(self):
    template = template_of(self)
    self.error_on_dryrun()
    deleted, refused = [], []
    for number in self._get_param("Versions", []):
        item = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "VersionNumber": int(number)}
        if error := delete_one(template, number):
            refused.append({**item, "ResponseError": error})
        else:
            deleted.append(item)
    return ActionResult(
        {"SuccessfullyDeletedLaunchTemplateVersions": deleted, "UnsuccessfullyDeletedLaunchTemplateVersions": refused}
    )


def apply() -> None:
    LaunchTemplates.delete_launch_template_versions = delete_launch_template_versions

    @replace(LaunchTemplates, "create_launch_template_version")
    def create_launch_template_version(original, self):
        data = self.params.setdefault("LaunchTemplateData", {})
        if "UserData" in data:
            data["UserData"] = parse_user_data(data["UserData"])
        if source := self._get_param("SourceVersion"):
            self.params["LaunchTemplateData"] = {**template_of(self).get_version(source).data, **data}
        return original(self)

    @replace(LaunchTemplate, "create_version")
    def create_version(_original, self, data, description):
        self.last_number = self.__dict__.get("last_number", 0) + 1
        version = LaunchTemplateVersion(self, self.last_number, data, description)
        self.versions.append(version)
        return version

    @replace(LaunchTemplate, "get_version")
    def get_version(original, self, num):
        return original(self, num) if str(num).startswith("$") else numbered(self, num)

    @replace(LaunchTemplate, "default_version")
    def default_version(_original, self):
        return numbered(self, self.default_version_number)
