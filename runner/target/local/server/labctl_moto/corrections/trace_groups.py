"""Groups of traces.

A group of X-Ray has a filter expression and tags, is named by its name or ARN, and stands beside the
group Default that each account has:
https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html
https://docs.aws.amazon.com/xray/latest/api/API_GetGroups.html
https://docs.aws.amazon.com/xray/latest/devguide/xray-console-groups.html
moto 5.2.1 answers 404 to all of it.
"""

from labctl_moto import traces
from labctl_moto.trace_filters import Unreadable, read
from moto.xray.responses import XRayResponse

CALLS = ("CreateGroup", "GetGroup", "Groups", "UpdateGroup", "DeleteGroup")
DEFAULT = "Default"
NO_INSIGHTS = {"InsightsEnabled": False, "NotificationsEnabled": False}


def groups(backend) -> dict[str, dict]:
    arn = traces.arn(backend, f"group/{DEFAULT}")
    default = {"GroupName": DEFAULT, "GroupARN": arn, "InsightsConfiguration": NO_INSIGHTS}
    return backend.__dict__.setdefault("trace_groups", {DEFAULT: default})


def find(self) -> dict:
    wanted = self._get_param("GroupName"), self._get_param("GroupARN")
    for group in groups(self.xray_backend).values():
        if group["GroupName"] == wanted[0] or group["GroupARN"] == wanted[1]:
            return group
    raise traces.InvalidRequest("Group not found")


def settings(self) -> dict:
    given = {}
    expression, insights = self._get_param("FilterExpression"), self._get_param("InsightsConfiguration")
    if expression is not None:
        try:
            read(expression)
        except Unreadable as problem:
            raise traces.InvalidRequest(f"Invalid filter expression: {problem}") from problem
        given["FilterExpression"] = expression
    if insights is not None:
        given["InsightsConfiguration"] = NO_INSIGHTS | insights
    return given


def create_group(self):
    name, own = self._get_param("GroupName"), groups(self.xray_backend)
    if not name or len(name) > traces.LONGEST_NAME:
        raise traces.InvalidRequest(f"A group name has 1 to {traces.LONGEST_NAME} characters.")
    if name in own:
        raise traces.InvalidRequest("Group with this name already exists")
    arn = traces.arn(self.xray_backend, f"group/{name}/{traces.unique()}")
    group = {"GroupName": name, "GroupARN": arn, "InsightsConfiguration": NO_INSIGHTS} | settings(self)
    traces.tag(self.xray_backend, arn, self._get_param("Tags", []))
    own[name] = group
    return traces.answer({"Group": group})


def get_group(self):
    return traces.answer({"Group": find(self)})


def get_groups(self):
    return traces.answer({"Groups": list(groups(self.xray_backend).values())})


def update_group(self):
    group = find(self)
    group.update(settings(self))
    return traces.answer({"Group": group})


def delete_group(self):
    group = find(self)
    if group["GroupName"] == DEFAULT:
        raise traces.InvalidRequest("The group Default cannot be deleted.")
    del groups(self.xray_backend)[group["GroupName"]]
    traces.forget(self.xray_backend, group["GroupARN"])
    return traces.answer({})


def apply() -> None:
    traces.route(XRayResponse, dict(zip(CALLS, (create_group, get_group, get_groups, update_group, delete_group))))
    traces.route_tags()
