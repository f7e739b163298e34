package sweep

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"
)

// builder makes resources as somebody: a run, whose tag and names they get, or a
// stranger (run ""), whose things have other tags or none.
type builder struct {
	t        *testing.T
	backup   *backup.Client
	events   *eventbridge.Client
	xray     *xray.Client
	dynamodb *dynamodb.Client
	elb      *elb.Client
	groups   *autoscaling.Client
	rds      *rds.Client
	sqs      *sqs.Client
	ec2      *ec2.Client
	iam      *iam.Client
	kms      *kms.Client
	logs     *cloudwatchlogs.Client
	metrics  *cloudwatch.Client
	route53  *route53.Client
	s3       *s3.Client
	sns      *sns.Client
	trails   *cloudtrail.Client

	run    string
	region string
	made   map[string]string // "kind id" of everything made: what it is in words
}

func newBuilder(t *testing.T, cfg aws.Config, run string) *builder {
	return &builder{
		t: t, run: run, region: cfg.Region, made: map[string]string{},
		backup: backup.NewFromConfig(cfg), events: eventbridge.NewFromConfig(cfg), xray: xray.NewFromConfig(cfg),
		dynamodb: dynamodb.NewFromConfig(cfg), elb: elb.NewFromConfig(cfg), groups: autoscaling.NewFromConfig(cfg),
		rds: rds.NewFromConfig(cfg), sqs: sqs.NewFromConfig(cfg),
		ec2: ec2.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg), kms: kms.NewFromConfig(cfg),
		logs: cloudwatchlogs.NewFromConfig(cfg), route53: route53.NewFromConfig(cfg),
		metrics: cloudwatch.NewFromConfig(cfg), sns: sns.NewFromConfig(cfg), trails: cloudtrail.NewFromConfig(cfg),
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
	}
}

// must fails the test where something cannot be made.
func must[T any](t *testing.T, out T, err error) T {
	t.Helper()
	require.NoError(t, err)
	return out
}

// note records what a sweep of the run has to find.
func (b *builder) note(kind string, id *string) string {
	b.made[inWords(kind, aws.ToString(id), b.region)] = kind
	return aws.ToString(id)
}

func (b *builder) name(purpose string) string {
	if b.run == "" {
		return "payroll-" + purpose
	}
	return "labctl-" + b.run + "-" + purpose
}

func (b *builder) tags(purpose string) map[string]string {
	tags := map[string]string{"Name": b.name(purpose)}
	if b.run == "" {
		tags["team"] = "payroll"
		return tags
	}
	tags["labctl:run"], tags["labctl:lab"], tags["labctl:expires"] = b.run, "networking", "2030-01-02T03:04:05Z"
	return tags
}

func (b *builder) ec2Tags(resource ec2types.ResourceType, purpose string) []ec2types.TagSpecification {
	spec := ec2types.TagSpecification{ResourceType: resource}
	for k, v := range b.tags(purpose) {
		spec.Tags = append(spec.Tags, ec2types.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	return []ec2types.TagSpecification{spec}
}

func (b *builder) vpc(cidr string, tagged bool) string {
	in := &ec2.CreateVpcInput{CidrBlock: aws.String(cidr)}
	if tagged {
		in.TagSpecifications = b.ec2Tags(ec2types.ResourceTypeVpc, "vpc")
	}
	out, err := b.ec2.CreateVpc(b.t.Context(), in)
	return b.note("VPC", must(b.t, out, err).Vpc.VpcId)
}

// subnet, like most of what follows, is made untagged: as by hand in the VPC.
func (b *builder) subnet(vpc, cidr string) string {
	out, err := b.ec2.CreateSubnet(b.t.Context(), &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: &cidr})
	return b.note("subnet", must(b.t, out, err).Subnet.SubnetId)
}

func (b *builder) group(vpc, name string) string {
	out, err := b.ec2.CreateSecurityGroup(b.t.Context(), &ec2.CreateSecurityGroupInput{VpcId: &vpc, GroupName: &name, Description: &name})
	return b.note("security group", must(b.t, out, err).GroupId)
}

// refer lets a group in from another.
func (b *builder) refer(group, to string) {
	_, err := b.ec2.AuthorizeSecurityGroupIngress(b.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &group,
		IpPermissions: []ec2types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(5432), ToPort: aws.Int32(5432),
			UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &to}},
		}},
	})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "InvalidPermission.Duplicate" {
		return // the server closed the connection after the first try had worked
	}
	require.NoError(b.t, err)
}

func (b *builder) peering(requester, accepter string) string {
	ctx := b.t.Context()
	out, err := b.ec2.CreateVpcPeeringConnection(ctx, &ec2.CreateVpcPeeringConnectionInput{VpcId: &requester, PeerVpcId: &accepter})
	id := must(b.t, out, err).VpcPeeringConnection.VpcPeeringConnectionId
	_, err = b.ec2.AcceptVpcPeeringConnection(ctx, &ec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: id})
	require.NoError(b.t, err)
	return b.note("VPC peering connection", id)
}

// network fills a VPC with two subnets and everything that can be in or around them.
func (b *builder) network(vpc, net string) {
	ctx, t := b.t.Context(), b.t
	sub := b.subnet(vpc, net+".0.0/24")
	sub2 := b.subnet(vpc, net+".1.0/24")

	igw, err := b.ec2.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})
	gateway := b.note("internet gateway", must(t, igw, err).InternetGateway.InternetGatewayId)
	_, err = b.ec2.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: &gateway, VpcId: &vpc})
	require.NoError(t, err)
	egress, err := b.ec2.CreateEgressOnlyInternetGateway(ctx, &ec2.CreateEgressOnlyInternetGatewayInput{VpcId: &vpc})
	b.note("egress-only internet gateway", must(t, egress, err).EgressOnlyInternetGateway.EgressOnlyInternetGatewayId)

	address, err := b.ec2.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: ec2types.DomainTypeVpc})
	eip := b.note("Elastic IP", must(t, address, err).AllocationId)
	nat, err := b.ec2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: &sub, AllocationId: &eip})
	b.note("NAT gateway", must(t, nat, err).NatGateway.NatGatewayId)

	table, err := b.ec2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &vpc})
	rt := b.note("route table", must(t, table, err).RouteTable.RouteTableId)
	_, err = b.ec2.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: &rt, SubnetId: &sub})
	require.NoError(t, err)
	_, err = b.ec2.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: &rt, DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: &gateway})
	require.NoError(t, err)
	b.networkACL(vpc, sub2)

	app, db := b.group(vpc, "app"), b.group(vpc, "db")
	b.refer(app, db)
	b.refer(db, app)

	eni, err := b.ec2.CreateNetworkInterface(ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: &sub2, Groups: []string{app}})
	b.note("network interface", must(t, eni, err).NetworkInterface.NetworkInterfaceId)
	b.instance(sub, app)

	s3e, err := b.ec2.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{VpcId: &vpc, ServiceName: aws.String("com.amazonaws.us-east-1.s3"), RouteTableIds: []string{rt}})
	b.note("VPC endpoint", must(t, s3e, err).VpcEndpoint.VpcEndpointId)
	kmse, err := b.ec2.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
		VpcId: &vpc, ServiceName: aws.String("com.amazonaws.us-east-1.kms"),
		VpcEndpointType: ec2types.VpcEndpointTypeInterface, SubnetIds: []string{sub2}, SecurityGroupIds: []string{app},
	})
	b.note("VPC endpoint", must(t, kmse, err).VpcEndpoint.VpcEndpointId)
}

func (b *builder) networkACL(vpc, subnet string) {
	ctx, t := b.t.Context(), b.t
	acl, err := b.ec2.CreateNetworkAcl(ctx, &ec2.CreateNetworkAclInput{VpcId: &vpc})
	id := b.note("network ACL", must(t, acl, err).NetworkAcl.NetworkAclId)
	acls, err := b.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{
		Filters: []ec2types.Filter{{Name: aws.String("association.subnet-id"), Values: []string{subnet}}},
	})
	for _, a := range must(t, acls, err).NetworkAcls[0].Associations {
		if aws.ToString(a.SubnetId) == subnet {
			_, err = b.ec2.ReplaceNetworkAclAssociation(ctx, &ec2.ReplaceNetworkAclAssociationInput{AssociationId: a.NetworkAclAssociationId, NetworkAclId: &id})
			require.NoError(t, err)
		}
	}
}

// instance has its own volume, and one that outlives it.
func (b *builder) instance(subnet, group string) {
	ctx, t := b.t.Context(), b.t
	images, err := b.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"amazon"}})
	run, err2 := b.ec2.RunInstances(ctx, &ec2.RunInstancesInput{
		ImageId: must(t, images, err).Images[0].ImageId, InstanceType: ec2types.InstanceTypeT3Micro,
		MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: &subnet, SecurityGroupIds: []string{group},
	})
	instance := must(t, run, err2).Instances[0]
	b.note("EC2 instance", instance.InstanceId)
	roots, err := b.ec2.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{
		Filters: []ec2types.Filter{{Name: aws.String("attachment.instance-id"), Values: []string{*instance.InstanceId}}},
	})
	b.note("EBS volume", must(t, roots, err).Volumes[0].VolumeId)
	volume, err := b.ec2.CreateVolume(ctx, &ec2.CreateVolumeInput{AvailabilityZone: instance.Placement.AvailabilityZone, Size: aws.Int32(1)})
	id := b.note("EBS volume", must(t, volume, err).VolumeId)
	_, err = b.ec2.AttachVolume(ctx, &ec2.AttachVolumeInput{InstanceId: instance.InstanceId, VolumeId: &id, Device: aws.String("/dev/sdf")})
	require.NoError(t, err)
}

// transitGateway connects VPCs.
func (b *builder) transitGateway(subnetOf map[string]string) {
	ctx, t := b.t.Context(), b.t
	out, err := b.ec2.CreateTransitGateway(ctx, &ec2.CreateTransitGatewayInput{TagSpecifications: b.ec2Tags(ec2types.ResourceTypeTransitGateway, "tgw")})
	tgw := b.note("transit gateway", must(t, out, err).TransitGateway.TransitGatewayId)
	for vpc, subnet := range subnetOf {
		a, err := b.ec2.CreateTransitGatewayVpcAttachment(ctx, &ec2.CreateTransitGatewayVpcAttachmentInput{TransitGatewayId: &tgw, VpcId: &vpc, SubnetIds: []string{subnet}})
		b.note("transit gateway attachment", must(t, a, err).TransitGatewayVpcAttachment.TransitGatewayAttachmentId)
	}
	table, err := b.ec2.CreateTransitGatewayRouteTable(ctx, &ec2.CreateTransitGatewayRouteTableInput{TransitGatewayId: &tgw})
	b.note("transit gateway route table", must(t, table, err).TransitGatewayRouteTable.TransitGatewayRouteTableId)
}

// loose makes the tagged things that live in no VPC.
func (b *builder) loose() {
	ctx, t := b.t.Context(), b.t
	dhcp, err := b.ec2.CreateDhcpOptions(ctx, &ec2.CreateDhcpOptionsInput{
		DhcpConfigurations: []ec2types.NewDhcpConfiguration{{Key: aws.String("domain-name"), Values: []string{"lab.internal"}}},
		TagSpecifications:  b.ec2Tags(ec2types.ResourceTypeDhcpOptions, "dhcp"),
	})
	b.note("DHCP option set", must(t, dhcp, err).DhcpOptions.DhcpOptionsId)
	list, err := b.ec2.CreateManagedPrefixList(ctx, &ec2.CreateManagedPrefixListInput{
		PrefixListName: aws.String(b.name("list")), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(2),
		TagSpecifications: b.ec2Tags(ec2types.ResourceTypePrefixList, "list"),
	})
	b.note("managed prefix list", must(t, list, err).PrefixList.PrefixListId)
	address, err := b.ec2.AllocateAddress(ctx, &ec2.AllocateAddressInput{
		Domain: ec2types.DomainTypeVpc, TagSpecifications: b.ec2Tags(ec2types.ResourceTypeElasticIp, "spare"),
	})
	b.note("Elastic IP", must(t, address, err).AllocationId)

	b.roleAndPolicy()
	b.bucket(true)
	b.key()
	_, err = b.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(b.name("flow")), Tags: b.tags("flow")})
	require.NoError(t, err)
	b.note("CloudWatch log group", aws.String(b.name("flow")))
	b.teamRole()
	b.userWithKey()
	b.audit()
}

func (b *builder) roleAndPolicy() {
	ctx, t := b.t.Context(), b.t
	var tags []iamtypes.Tag
	for k, v := range b.tags("role") {
		tags = append(tags, iamtypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	const allow = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"*"}]}`
	role, profile := aws.String(b.name("role")), aws.String(b.name("profile"))
	_, err := b.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: role, AssumeRolePolicyDocument: aws.String(trust), Tags: tags})
	require.NoError(t, err)
	b.note("IAM role", role)
	_, err = b.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: role, PolicyName: aws.String("inline"), PolicyDocument: aws.String(allow)})
	require.NoError(t, err)
	policy, err := b.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(b.name("policy")), PolicyDocument: aws.String(allow), Tags: tags})
	arn := must(t, policy, err).Policy.Arn
	b.note("IAM policy", arn)
	_, err = b.iam.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(allow), SetAsDefault: true})
	require.NoError(t, err)
	_, err = b.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: role, PolicyArn: arn})
	require.NoError(t, err)
	_, err = b.iam.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: profile, Tags: tags})
	require.NoError(t, err)
	b.note("instance profile", profile)
	_, err = b.iam.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: profile, RoleName: role})
	require.NoError(t, err)
}

// bucket has two versions of an object and a delete marker.
func (b *builder) bucket(tagged bool) {
	ctx, t := b.t.Context(), b.t
	name := aws.String(b.name(fmt.Sprintf("bucket-%t", tagged)))
	_, err := b.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: name})
	require.NoError(t, err)
	b.note("S3 bucket", name)
	if tagged {
		var tags []s3types.Tag
		for k, v := range b.tags("bucket") {
			tags = append(tags, s3types.Tag{Key: aws.String(k), Value: aws.String(v)})
		}
		_, err = b.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: name, Tagging: &s3types.Tagging{TagSet: tags}})
		require.NoError(t, err)
	}
	_, err = b.s3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	})
	require.NoError(t, err)
	for range 2 {
		_, err = b.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: name, Key: aws.String("card data"), Body: strings.NewReader("4111")})
		require.NoError(t, err)
	}
	_, err = b.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: name, Key: aws.String("card data")})
	require.NoError(t, err)
}

func (b *builder) key() {
	ctx, t := b.t.Context(), b.t
	var tags []kmstypes.Tag
	for k, v := range b.tags("key") {
		tags = append(tags, kmstypes.Tag{TagKey: aws.String(k), TagValue: aws.String(v)})
	}
	key, err := b.kms.CreateKey(ctx, &kms.CreateKeyInput{Tags: tags})
	id := b.note("KMS key", must(t, key, err).KeyMetadata.KeyId)
	alias := aws.String("alias/" + b.name("key"))
	_, err = b.kms.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: alias, TargetKeyId: &id})
	require.NoError(t, err)
	b.note("KMS alias", alias)
}

// zone is untagged: it belongs to whoever has all of its VPCs.
func (b *builder) zone(domain string, vpcs ...string) {
	ctx, t := b.t.Context(), b.t
	vpc := func(id string) *r53types.VPC {
		return &r53types.VPC{VPCId: &id, VPCRegion: r53types.VPCRegionUsEast1}
	}
	out, err := b.route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
		Name: &domain, CallerReference: &domain, VPC: vpc(vpcs[0]),
		HostedZoneConfig: &r53types.HostedZoneConfig{PrivateZone: true},
	})
	id := strings.TrimPrefix(aws.ToString(must(t, out, err).HostedZone.Id), "/hostedzone/")
	b.note("Route 53 hosted zone", &id)
	for _, v := range vpcs[1:] {
		_, err = b.route53.AssociateVPCWithHostedZone(ctx, &route53.AssociateVPCWithHostedZoneInput{HostedZoneId: &id, VPC: vpc(v)})
		require.NoError(t, err)
	}
	_, err = b.route53.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: &id,
		ChangeBatch: &r53types.ChangeBatch{Changes: []r53types.Change{{
			Action: r53types.ChangeActionCreate,
			ResourceRecordSet: &r53types.ResourceRecordSet{
				Name: aws.String("db." + domain), Type: r53types.RRTypeA, TTL: aws.Int64(60),
				ResourceRecords: []r53types.ResourceRecord{{Value: aws.String("10.8.0.9")}},
			},
		}}},
	})
	require.NoError(t, err)
}

func (b *builder) flowLog(vpc string) {
	out, err := b.ec2.CreateFlowLogs(b.t.Context(), &ec2.CreateFlowLogsInput{
		ResourceType: ec2types.FlowLogsResourceTypeVpc, ResourceIds: []string{vpc}, TrafficType: ec2types.TrafficTypeAll,
		LogDestinationType: ec2types.LogDestinationTypeS3, LogDestination: aws.String("arn:aws:s3:::" + b.name("bucket-true")),
	})
	b.note("flow log", aws.String(must(b.t, out, err).FlowLogIds[0]))
}
