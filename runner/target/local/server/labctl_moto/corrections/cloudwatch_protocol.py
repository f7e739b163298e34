"""The protocols of CloudWatch.

CloudWatch of AWS speaks Smithy RPC v2 CBOR, which current SDKs use (that of Go uses nothing
else), besides the query protocol of older ones, which the Terraform provider uses:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-protocols-faq.html
moto 5.2.1 speaks the query protocol only, and answers 404 to the other. Here a request is
translated to a query, and the answer back. What the service model of the installed botocore does
not know yet is left out of both.
"""

from urllib.parse import urlencode

from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from labctl_moto import cbor
from moto.cloudwatch import urls
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.utils import get_service_model
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

PATH = "/service/GraniteServiceVersion20100801/operation/"
PASSED_ON = ("authorization", "host", "x-amz-date", "x-amz-security-token")


def known(shape, value):
    """The part of a value that the shape describes."""
    if value is None or shape is None:
        return None
    if shape.type_name == "structure":
        fields = {k: known(shape.members[k], v) for k, v in value.items() if k in shape.members}
        return {k: v for k, v in fields.items() if v is not None}
    if shape.type_name == "list":
        return [known(shape.member, v) for v in value]
    return value


def query(request, operation) -> Request:
    params = known(operation.input_shape, cbor.decode(request.get_data() or b"\xa0")) or {}
    form = create_serializer("query", include_validation=False).serialize_to_request(params, operation)["body"]
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    headers["content-type"] = "application/x-www-form-urlencoded"
    return Request(EnvironBuilder("/", method="POST", headers=headers, data=urlencode(form)).get_environ())


def answer(operation, status: int, headers, body) -> tuple:
    body = body.encode() if isinstance(body, str) else body
    parsed = create_parser("query").parse({"status_code": status, "headers": headers, "body": body}, operation.output_shape)
    parsed.pop("ResponseMetadata", None)
    headers = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"}
    if status >= 300:
        error = parsed["Error"]
        parsed = {"__type": error["Code"], "message": error.get("Message", "")}
        headers["x-amzn-query-error"] = f"{error['Code']};{error.get('Type', 'Sender')}"
    return status, headers, cbor.encode(parsed)


def speak_cbor(request, _full_url, _headers):
    operation = get_service_model("cloudwatch").operation_model(request.path.removeprefix(PATH))
    asked = query(request, operation)
    status, headers, body = CloudWatchResponse.dispatch(asked, asked.url, dict(asked.headers))
    return answer(operation, status, headers, body)


def apply() -> None:
    urls.url_paths[PATH + "<operation>"] = speak_cbor
