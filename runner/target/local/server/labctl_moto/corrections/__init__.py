"""labctl's corrections: where moto answers other than AWS does.

One file is one correction. It has a docstring (what AWS does with the page that says
so, what moto does instead, the version of moto it is for) and a function `apply` that
puts the correction into moto. The list below is all there is: a file that is not listed
is not loaded. Each name is also the name of a test in Go that fails without it.
"""

from importlib import import_module
from typing import NamedTuple


class Correction(NamedTuple):
    name: str
    aws: str  # what AWS does, in one sentence
    page: str  # the documentation page that says so
    proven: str  # what the test of that name shows


ALL = [
    Correction(
        "subnet-ipv6",
        "A subnet lists its IPv6 blocks with their state and is found by them.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html",
        "a subnet is found by the association of its IPv6 block, which is associated",
    ),
    Correction(
        "interface-addresses",
        "A network interface gets a free, unreserved address of its subnet, and IPv6 where the subnet assigns it.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html",
        "a /28 gives exactly its 11 usable addresses, then refuses",
    ),
    Correction(
        "elastic-addresses",
        "Elastic IP addresses are public.",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html",
        "an allocated address is a public one",
    ),
    Correction(
        "nat-gateways",
        "A NAT gateway has an interface without security groups in its subnet, until it is deleted.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
        "the interface has an address of the subnet, and is gone with its Elastic IP association after the deletion",
    ),
    Correction(
        "instance-interfaces",
        "A terminated instance takes its first network interface along.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html",
        "the interface made with an instance is gone with it, and one given to it stays",
    ),
    Correction(
        "interface-endpoints",
        "An interface endpoint has an interface with its security groups in each subnet, and can be modified.",
        "https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html",
        "subnets, groups, policy and private DNS are changed, and the interfaces follow",
    ),
    Correction(
        "gateway-endpoints",
        "A gateway endpoint has a route to its prefix list in each of its route tables.",
        "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
        "the routes follow the endpoint's route tables and its deletion",
    ),
    Correction(
        "route-state",
        "A route whose target is not available is a blackhole.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html",
        "routes turn to blackhole as their targets are detached and deleted",
    ),
    Correction(
        "route-associations",
        "A subnet has one route table, and no association outlives it.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/WorkWithRouteTables.html",
        "a second association is refused, and a deleted subnet is in no table or ACL",
    ),
    Correction(
        "network-acl-entries",
        "Each network ACL ends with deny entries, for IPv6 too in a VPC that has it.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html",
        "the entries of a default and a custom ACL of a VPC with IPv6",
    ),
    Correction(
        "default-security-group",
        "A default security group allows traffic from its own members.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
        "the self rule is there, and can be revoked",
    ),
    Correction(
        "security-group-rules",
        "A rule keeps its description, and can be changed to another source and revoked without it.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html",
        "a rule is described, changed from a group to a range and back, and revoked",
    ),
    Correction(
        "peering-connections",
        "A peering of overlapping VPCs fails, and a peering names all ranges of both sides.",
        "https://docs.aws.amazon.com/vpc/latest/peering/invalid-peering-configurations.html",
        "a peering with an overlapping secondary range is in state failed",
    ),
    Correction(
        "flow-log-delivery",
        "A flow log finds its log group by ARN, and fails while group or role is missing.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html",
        "the delivery status follows the log group and the role",
    ),
    Correction(
        "prefix-lists",
        "Changing the entries of a prefix list leaves its name.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyManagedPrefixList.html",
        "a list has its name after its entries and limit were changed",
    ),
    Correction(
        "creation-tags",
        "Every resource of a VPC keeps the tags given at its creation.",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html",
        "each type that a networking lab creates is created with tags and read back",
    ),
    Correction(
        "filters",
        "A Describe call returns what matches all its filters.",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html",
        "each Describe call of a networking lab finds nothing by a tag that nothing has",
    ),
    Correction(
        "transit-gateways",
        "A transit gateway has a default route table only where one is enabled, and can't be deleted under its attachments.",
        "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html",
        "gateways with and without defaults, attached and deleted",
    ),
    Correction(
        "transit-gateway-attachments",
        "An attachment has one association and any number of propagations, and is listed as deleted for a while.",
        "https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html",
        "an attachment propagates to two tables, is refused a second association, and is deleted",
    ),
    Correction(
        "transit-gateway-routes",
        "Static and propagated routes are found with their attachments; static ones win.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SearchTransitGatewayRoutes.html",
        "routes by type and longest prefix, and a blackhole after the attachment's deletion",
    ),
    Correction(
        "private-zones",
        "A hosted zone created with a VPC is private.",
        "https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html",
        "a zone created with a VPC alone is private and names it",
    ),
    Correction(
        "deletions",
        "What is in use can't be deleted, and a VPC takes its default network ACL along.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html",
        "a VPC is taken down in the right order only, and leaves nothing but its DHCP options",
    ),
    Correction(
        "deleted-tags",
        "A resource that is deleted takes its tags along.",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html",
        "the tags of a deleted subnet are not listed any more",
    ),
    Correction(
        "trail-names",
        "A trail is named by its name or its ARN, and DescribeTrails returns what it is asked for.",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html",
        "a trail is started, stopped, described and deleted by ARN, and an unknown one is refused",
    ),
    Correction(
        "trail-event-selectors",
        "A trail has either basic or advanced event selectors, and says whether they are its own.",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html",
        "selectors of a new trail, replaced by advanced ones and by basic ones again",
    ),
    Correction(
        "metric-filters",
        "PutMetricFilter updates the filter of that name, and filters live in their log group.",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html",
        "a filter is changed, counted, and gone with its group",
    ),
    Correction(
        "user-boundaries",
        "A user has a permissions boundary as a role has.",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html",
        "boundaries of users are set at creation and later, read back and removed",
    ),
    Correction(
        "boundary-policies",
        "A permissions boundary is a policy that exists, and the policy lists whom it limits.",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html",
        "a boundary that is no policy is refused, and a policy lists and counts the roles and users that it limits",
    ),
    Correction(
        "iam-deletions",
        "A policy in use and a user with credentials can't be deleted.",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html",
        "a policy goes only after attachment, boundary and versions, a user after keys, password and groups",
    ),
    Correction(
        "trust-policies",
        "Each statement of a trust policy names a principal.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        "a role can neither be created nor changed with one that does not",
    ),
    Correction(
        "key-policies",
        "A key policy is a policy document.",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
        "a key can neither be created nor changed with another one",
    ),
    Correction(
        "key-rotation",
        "A key rotates in its period, and not while it waits for its deletion.",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html",
        "the status of a key that rotates every 180 days, on its way out and back",
    ),
    Correction(
        "bucket-policies",
        "A statement of a bucket policy concerns its principals under its conditions.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html",
        "a policy that asks for TLS lets objects be written, one that denies everybody does not, and no JSON is no policy",
    ),
    Correction(
        "bucket-defaults",
        "Every bucket encrypts by default, and a default retention is in one unit.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html",
        "the encryption of a bucket before and after it has one of its own, and a retention of one day",
    ),
    Correction(
        "cloudwatch-protocol",
        "CloudWatch speaks the protocol of current SDKs.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-protocols-faq.html",
        "an alarm and its metric are written and read back, and an unknown resource is refused",
    ),
    Correction(
        "template-versions",
        "A launch template's versions can be deleted, and made from one another.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html",
        "a version made from another keeps what was not named, is deleted unless it is the default, and its number is not given again",
    ),
    Correction(
        "template-tags",
        "A launch template's own tags are no part of what it launches.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html",
        "the data of a tagged template has no tags of type launch-template",
    ),
    Correction(
        "template-launches",
        "An instance takes metadata options, profile and tags from its launch template.",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/launch-templates.html",
        "a group's member has them, of the version and the first type that the group names",
    ),
    Correction(
        "group-updates",
        "An Auto Scaling group keeps its settings, and an update changes only what it names.",
        "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html",
        "warm-up, cooldown, grace of 0 and mixed instances policy outlast an update of something else",
    ),
    Correction(
        "group-limits",
        "The desired capacity is within the minimum and the maximum.",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-capacity-limits.html",
        "what is outside is refused, and changed limits pull it along",
    ),
    Correction(
        "group-zones",
        "Members are spread over the zones of the group, and move with them.",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-availability-zone-balanced.html",
        "members before and after the group grows, shrinks, loses a zone and gets it back",
    ),
    Correction(
        "group-targets",
        "Members are targets of the group's target groups as long as they are members.",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/attach-load-balancer-asg.html",
        "targets and members are the same after a termination, a scale-in and a detachment",
    ),
    Correction(
        "unhealthy-members",
        "A member that is unhealthy, stopped or terminated is replaced.",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html",
        "a member set unhealthy goes after the grace period or at once, as asked; a stopped one at once",
    ),
    Correction(
        "scaling-activities",
        "A group records each launch and termination, and launches that failed, with the cause.",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-verify-scaling-activity.html",
        "the activities of a group that grew, shrank and could not launch",
    ),
    Correction(
        "scaling-notifications",
        "A group tells its topics what it did and could not do.",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-sns-notifications.html",
        "a queue behind a topic gets the test, a launch, a termination and a failure",
    ),
    Correction(
        "suspended-processes",
        "A suspended process does not run.",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html",
        "groups without Launch, Terminate, ReplaceUnhealthy and AddToLoadBalancer, until they are resumed",
    ),
    Correction(
        "scaling-policies",
        "A scaling policy belongs to its group, and a tracking one has alarms of its own.",
        "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ScalingPolicy.html",
        "policies of one name in two groups, with their alarms, until they and their groups end",
    ),
    Correction(
        "target-health",
        "A target is initial, then healthy, unused where nothing forwards to it, and drains when it leaves.",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
        "a target's states from its registration on, with its zone disabled and enabled, to the end of draining",
    ),
    Correction(
        "traffic-sources",
        "A group says whether its target groups have somebody in service.",
        "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeTrafficSources.html",
        "the state of a target group before and after a member has passed a health check",
    ),
    Correction(
        "redrive-policies",
        "A redrive policy comes back without blanks.",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html",
        "the policy of a queue",
    ),
    Correction(
        "standby-zones",
        "A Multi-AZ database has its standby in another zone of its subnet group.",
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html",
        "the zones of a database with a standby, and of one without",
    ),
    Correction(
        "backup-tags",
        "A vault, a plan and a recovery point have tags, and take them along when they are deleted.",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListTags.html",
        "a vault and a plan are tagged, changed, read back and deleted",
    ),
    Correction(
        "backup-vaults",
        "A backup vault without a key of its own has that of AWS Backup.",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html",
        "a vault has a key, and is deleted once",
    ),
    Correction(
        "backup-plans",
        "A plan names vaults that exist, has versions, and is gone with its name when it is deleted.",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateBackupPlan.html",
        "plans are refused, changed, read in both versions, deleted, and made again under the same name",
    ),
    Correction(
        "backup-selections",
        "A selection assigns resources to a plan, with a role that AWS Backup can assume.",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupSelection.html",
        "a selection is read back, refused twice, and holds its plan until it is deleted",
    ),
    Correction(
        "vault-policies",
        "A backup vault has a policy, and what it denies to somebody that caller cannot do.",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html",
        "a policy is read back, and keeps everybody but one role from changing it and from locking the vault",
    ),
    Correction(
        "recovery-points",
        "A recovery point stays while its vault is locked or its vault's policy denies its deletion.",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRecoveryPoint.html",
        "points of a table and a volume are found, kept by policy and by lock, deleted, and hold their vault until then",
    ),
    Correction(
        "backup-jobs",
        "A backup job copies a resource into a vault, and fails where its retention is not what the lock demands.",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartBackupJob.html",
        "jobs complete, fail and are refused, and are found by vault and state",
    ),
    Correction(
        "copy-jobs",
        "A copy job copies a recovery point into a vault of another region, with its lifecycle and that vault's key.",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartCopyJob.html",
        "a table and a volume are copied to a locked vault of a second region, and not for too short a time",
    ),
    Correction(
        "restore-jobs",
        "A restore job makes the resource again.",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartRestoreJob.html",
        "a table, a volume and a bucket are restored with items, size, key, tags and objects",
    ),
    Correction(
        "protected-resources",
        "A resource with a recovery point is protected.",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListProtectedResources.html",
        "a table is listed with its newest recovery point, and a type is opted out",
    ),
    Correction(
        "table-recovery",
        "A table with recovery is restored to the moment asked for, and one without it, or to another moment, is not.",
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html",
        "a table is restored to three moments between writes, and refused without recovery and outside of its window",
    ),
    Correction(
        "restored-tables",
        "A restored table has the billing mode and the encryption of its source, unless others are asked for.",
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableFromBackup.html",
        "tables restored with the key of their source, with another and with none",
    ),
    Correction(
        "table-tags",
        "A table has one value for each of its tags: the one that was set last.",
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html",
        "a tag that is set again has the new value only, and all of a dozen tags are listed",
    ),
    Correction(
        "table-deletions",
        "A deleted table leaves a system backup where it had recovery, and stays where it is protected.",
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html",
        "a table is refused, deleted, and restored from what it left",
    ),
    Correction(
        "suspended-versioning",
        "Versioning can't be suspended under Object Lock.",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html",
        "a bucket with Object Lock refuses, one without it does not",
    ),
    Correction(
        "object-retention",
        "A retention is read back, and shortened only in governance mode by who bypasses it.",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html",
        "a retention is set, read, made longer, shortened with the bypass, and fixed by compliance mode",
    ),
    Correction(
        "lifecycle-rules",
        "A lifecycle rule is read back as it was written.",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_NoncurrentVersionExpiration.html",
        "rules that spare newer versions, and that concern objects of some size, are written and read",
    ),
    Correction(
        "snapshot-keys",
        "A snapshot has the key and the size of its volume, and a volume from it that key unless another is asked for.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html",
        "volumes made from a snapshot under its key and under another one",
    ),
    Correction(
        "event-delivery",
        "An enabled rule delivers to a topic whose policy lets it, and nobody sends events in the name of AWS.",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html",
        "events arrive behind a topic only from an enabled rule that its policy names",
    ),
    Correction(
        "event-patterns",
        "TestEventPattern says whether a pattern matches.",
        "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html",
        "five patterns are tested against an event, and what is no pattern or no event is refused",
    ),
    Correction(
        "backup-events",
        "A job of AWS Backup sends an event when its state changes.",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html",
        "a failed job pages through rule, topic and queue, and a completed one does not",
    ),
    Correction(
        "alarm-types",
        "A composite alarm watches alarms that exist, which can't be deleted while it does; alarms are found by type.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html",
        "composite alarms are made, refused, found by each filter, and deleted in the only order there is",
    ),
    Correction(
        "alarm-actions-enabled",
        "The actions of alarms can be disabled and enabled.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html",
        "the actions of a metric alarm and of a composite one are disabled and enabled",
    ),
    Correction(
        "alarm-states",
        "A new alarm has insufficient data, and one that is changed keeps its state.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
        "an alarm is made, set to each state, changed, deleted and made again",
    ),
    Correction(
        "alarm-history",
        "The history of an alarm tells of its configuration, its states and its actions, and outlives it.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html",
        "the history of an alarm from its creation to its deletion is read by type of item, range and page",
    ),
    Correction(
        "alarm-notifications",
        "An alarm that changes its state publishes to topics whose policy and key let it.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html",
        "a page arrives behind a topic with a key, and none without the statement of policy or key, or the actions",
    ),
    Correction(
        "metric-data",
        "Each combination of dimensions is a metric of its own, and a data point is recent.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html",
        "values, counts and statistic sets are published and listed, and points of the wrong time are refused",
    ),
    Correction(
        "metric-statistics",
        "Statistics and metric math have a data point for each period that has data.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html",
        "sums, percentiles and a burn rate of points that were published, by period and unit",
    ),
    Correction(
        "log-event-times",
        "Log events that are too old or too new are rejected, and the answer says which.",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html",
        "a batch with old, new and good events leaves the good ones",
    ),
    Correction(
        "log-patterns",
        "A filter pattern is tested against messages, and finds events.",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html",
        "JSON, words and fields are tested, and the events of two streams are found",
    ),
    Correction(
        "trace-groups",
        "A group of traces has a filter expression and tags.",
        "https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html",
        "a group is made, found, tagged, changed and deleted",
    ),
    Correction(
        "sampling-rules",
        "A sampling rule has a priority and tags, and stands before the rule Default.",
        "https://docs.aws.amazon.com/xray/latest/api/API_CreateSamplingRule.html",
        "a rule is made, found, tagged, changed and deleted, and wrong ones are refused",
    ),
    Correction(
        "trace-summaries",
        "The segments of a request are one trace, which is found by what they say.",
        "https://docs.aws.amazon.com/xray/latest/api/API_GetTraceSummaries.html",
        "traces of two services are found by service, fault, response time and annotation",
    ),
]


def apply_all() -> None:
    for correction in ALL:
        import_module(f"{__name__}.{correction.name.replace('-', '_')}").apply()
