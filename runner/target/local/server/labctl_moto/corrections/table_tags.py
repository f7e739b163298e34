"""Tags of DynamoDB's tables.

A tag that is set again has another value:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html
https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
moto 5.2.1 keeps the old tag beside the new one, and ListTagsOfResource then has no last page.
"""

from labctl_moto.patch import replace
from moto.dynamodb.models import DynamoDBBackend


def apply() -> None:
    @replace(DynamoDBBackend, "tag_resource")
    def tag_resource(original, self, table_arn, tags):
        self.untag_resource(table_arn, [t["Key"] for t in tags])
        original(self, table_arn, tags)
