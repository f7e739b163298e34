package sweep

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeGroups answers which groups refer to the one asked for, and records what is revoked.
type fakeGroups struct {
	securityGroupAPI
	inbound, outbound []ec2types.SecurityGroup
	revoked           []string
	deleteErr         error
}

func (f *fakeGroups) DescribeSecurityGroups(_ context.Context, in *ec2.DescribeSecurityGroupsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error) {
	if *in.Filters[0].Name == "ip-permission.group-id" {
		return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: f.inbound}, nil
	}
	return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: f.outbound}, nil
}

func (f *fakeGroups) revoke(direction string, group *string, rules []ec2types.IpPermission) {
	for _, r := range rules {
		for _, p := range r.UserIdGroupPairs {
			f.revoked = append(f.revoked, *group+" "+direction+" "+*p.GroupId)
		}
	}
}

func (f *fakeGroups) RevokeSecurityGroupIngress(_ context.Context, in *ec2.RevokeSecurityGroupIngressInput, _ ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupIngressOutput, error) {
	f.revoke("in", in.GroupId, in.IpPermissions)
	return nil, nil
}

func (f *fakeGroups) RevokeSecurityGroupEgress(_ context.Context, in *ec2.RevokeSecurityGroupEgressInput, _ ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupEgressOutput, error) {
	f.revoke("out", in.GroupId, in.IpPermissions)
	return nil, nil
}

func (f *fakeGroups) DeleteSecurityGroup(context.Context, *ec2.DeleteSecurityGroupInput, ...func(*ec2.Options)) (*ec2.DeleteSecurityGroupOutput, error) {
	return nil, f.deleteErr
}

func group(id, vpc string, in, out []string) ec2types.SecurityGroup {
	rules := func(ids []string) []ec2types.IpPermission {
		p := ec2types.IpPermission{IpProtocol: aws.String("-1")}
		for _, id := range ids {
			p.UserIdGroupPairs = append(p.UserIdGroupPairs, ec2types.UserIdGroupPair{GroupId: aws.String(id)})
		}
		return []ec2types.IpPermission{p}
	}
	return ec2types.SecurityGroup{GroupId: &id, VpcId: &vpc, IpPermissions: rules(in), IpPermissionsEgress: rules(out)}
}

func TestASecurityGroupsReferrersLoseTheirRulesUnlessTheyAreAStrangers(t *testing.T) {
	app := group("sg-app", "vpc-1", []string{"sg-db", "sg-other"}, []string{"sg-db"})
	f := &fakeGroups{
		inbound:   []ec2types.SecurityGroup{app, group("sg-default", "vpc-1", []string{"sg-db"}, nil), group("sg-stranger", "vpc-9", []string{"sg-db"}, nil)},
		outbound:  []ec2types.SecurityGroup{group("sg-peer", "vpc-2", nil, []string{"sg-db"})},
		deleteErr: apiError("DependencyViolation"),
	}
	err := securityGroups{api: f}.delete(t.Context(), "sg-db", map[string]bool{"vpc-1": true, "sg-peer": true})
	assert.ElementsMatch(t, []string{"sg-app in sg-db", "sg-app out sg-db", "sg-default in sg-db", "sg-peer out sg-db"}, f.revoked)
	assert.True(t, isBusy(err))
	assert.ErrorContains(t, err, "[sg-stranger]")
}

// fakeInterface is one network interface.
type fakeInterface struct {
	networkInterfaceAPI
	is    ec2types.NetworkInterface
	calls []string
}

func (f *fakeInterface) DescribeNetworkInterfaces(context.Context, *ec2.DescribeNetworkInterfacesInput, ...func(*ec2.Options)) (*ec2.DescribeNetworkInterfacesOutput, error) {
	return &ec2.DescribeNetworkInterfacesOutput{NetworkInterfaces: []ec2types.NetworkInterface{f.is}}, nil
}

func (f *fakeInterface) DetachNetworkInterface(context.Context, *ec2.DetachNetworkInterfaceInput, ...func(*ec2.Options)) (*ec2.DetachNetworkInterfaceOutput, error) {
	f.calls = append(f.calls, "detach")
	return nil, nil
}

func (f *fakeInterface) DeleteNetworkInterface(context.Context, *ec2.DeleteNetworkInterfaceInput, ...func(*ec2.Options)) (*ec2.DeleteNetworkInterfaceOutput, error) {
	f.calls = append(f.calls, "delete")
	return nil, nil
}

func TestANetworkInterfaceIsDetachedBeforeItIsDeleted(t *testing.T) {
	attached := func(s ec2types.AttachmentStatus) *ec2types.NetworkInterfaceAttachment {
		return &ec2types.NetworkInterfaceAttachment{AttachmentId: aws.String("attach-1"), Status: s, DeviceIndex: aws.Int32(1)}
	}
	tests := []struct {
		name       string
		attachment *ec2types.NetworkInterfaceAttachment
		calls      []string
		err        error
	}{
		{"it is attached", attached(ec2types.AttachmentStatusAttached), []string{"detach"}, errBusy},
		{"it is on its way off", attached(ec2types.AttachmentStatusDetaching), nil, errBusy},
		{"it is free", nil, []string{"delete"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &fakeInterface{is: ec2types.NetworkInterface{Attachment: test.attachment}}
			require.ErrorIs(t, networkInterfaces{f}.delete(t.Context(), "eni-1", nil), test.err)
			assert.Equal(t, test.calls, f.calls)
		})
	}
}

func TestNetworkInterfacesThatGoWithTheirOwnerAreOnlyPlaces(t *testing.T) {
	tests := []struct {
		name string
		is   ec2types.NetworkInterface
		part bool
	}{
		{"made by hand", ec2types.NetworkInterface{InterfaceType: ec2types.NetworkInterfaceTypeInterface}, false},
		{"managed by AWS", ec2types.NetworkInterface{InterfaceType: ec2types.NetworkInterfaceTypeInterface, RequesterManaged: aws.Bool(true)}, true},
		{"a NAT gateway's", ec2types.NetworkInterface{InterfaceType: ec2types.NetworkInterfaceTypeNatGateway}, true},
		{"an instance's first", ec2types.NetworkInterface{Attachment: &ec2types.NetworkInterfaceAttachment{InstanceId: aws.String("i-1"), DeviceIndex: aws.Int32(0)}}, true},
		{"an instance's second", ec2types.NetworkInterface{Attachment: &ec2types.NetworkInterfaceAttachment{InstanceId: aws.String("i-1"), DeviceIndex: aws.Int32(1)}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			all, err := networkInterfaces{&fakeInterface{is: test.is}}.list(t.Context(), nil)
			require.NoError(t, err)
			assert.Equal(t, test.part, all[0].part)
		})
	}
}

func TestAVPCSaysWhichInterfacesHoldIt(t *testing.T) {
	f := &fakeInterface{is: ec2types.NetworkInterface{NetworkInterfaceId: aws.String("eni-9"), Description: aws.String("ELB app/shop/50dc6c")}}
	held, err := vpcs{interfaceHolders: interfaceHolders{f, "vpc-id"}}.holders(t.Context(), "vpc-1")
	require.NoError(t, err)
	assert.Equal(t, "network interfaces use it: eni-9 ELB app/shop/50dc6c", held)
}

// fakeAttachments is one transit gateway attachment of a type.
type fakeAttachments struct {
	transitGatewayAttachmentAPI
	of ec2types.TransitGatewayAttachmentResourceType
}

func (f fakeAttachments) DescribeTransitGatewayAttachments(context.Context, *ec2.DescribeTransitGatewayAttachmentsInput, ...func(*ec2.Options)) (*ec2.DescribeTransitGatewayAttachmentsOutput, error) {
	return &ec2.DescribeTransitGatewayAttachmentsOutput{TransitGatewayAttachments: []ec2types.TransitGatewayAttachment{{ResourceType: f.of, ResourceId: aws.String("vpn-1")}}}, nil
}

func TestAnAttachmentOfATypeThatCannotBeDeletedHereIsRefused(t *testing.T) {
	err := transitGatewayAttachments{fakeAttachments{of: ec2types.TransitGatewayAttachmentResourceTypeVpn}}.delete(t.Context(), "tgw-attach-1", nil)
	assert.EqualError(t, err, "labctl does not know how to delete an attachment of type vpn: delete vpn-1 by hand")
}

func TestAFailureInsideASuccessfulBatchCallIsAnError(t *testing.T) {
	err := unsuccessful([]ec2types.UnsuccessfulItem{{ResourceId: aws.String("fl-1"), Error: &ec2types.UnsuccessfulItemError{
		Code: aws.String("InvalidFlowLogId.NotFound"), Message: aws.String("no"),
	}}})
	assert.True(t, isGone(err))
	assert.NoError(t, unsuccessful(nil))
}

// fakeKeys denies the reading of some keys.
type fakeKeys struct {
	kmsKeyAPI
	keys   []string
	denied map[string]bool
}

func (f fakeKeys) ListKeys(context.Context, *kms.ListKeysInput, ...func(*kms.Options)) (*kms.ListKeysOutput, error) {
	out := &kms.ListKeysOutput{}
	for _, id := range f.keys {
		out.Keys = append(out.Keys, kmstypes.KeyListEntry{KeyId: aws.String(id)})
	}
	return out, nil
}

func (f fakeKeys) DescribeKey(_ context.Context, in *kms.DescribeKeyInput, _ ...func(*kms.Options)) (*kms.DescribeKeyOutput, error) {
	if f.denied[*in.KeyId] {
		return nil, apiError("AccessDeniedException")
	}
	return &kms.DescribeKeyOutput{KeyMetadata: &kmstypes.KeyMetadata{KeyManager: kmstypes.KeyManagerTypeCustomer}}, nil
}

func (f fakeKeys) ListResourceTags(context.Context, *kms.ListResourceTagsInput, ...func(*kms.Options)) (*kms.ListResourceTagsOutput, error) {
	return &kms.ListResourceTagsOutput{}, nil
}

func TestAKeyThatIsShutIsAStrangersUnlessOthersAreShutTooOrItCarriesTheTag(t *testing.T) {
	tests := []struct {
		name   string
		denied map[string]bool
		also   []string
		fails  bool
	}{
		{"all can be read", nil, nil, false},
		{"one is shut", map[string]bool{"key-1": true}, nil, false},
		{"the one that is shut carries the tag", map[string]bool{"key-1": true}, []string{"key-1"}, true},
		{"all are shut", map[string]bool{"key-1": true, "key-2": true}, nil, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := kmsKeys{fakeKeys{keys: []string{"key-1", "key-2"}, denied: test.denied}}.list(t.Context(), test.also)
			assert.Equal(t, test.fails, err != nil, err)
		})
	}
}

// fakeBuckets has three buckets with labctl's name and one without; the tags of one
// cannot be read.
type fakeBuckets struct{ bucketAPI }

func (fakeBuckets) ListBuckets(context.Context, *s3.ListBucketsInput, ...func(*s3.Options)) (*s3.ListBucketsOutput, error) {
	out := &s3.ListBucketsOutput{}
	for name, region := range map[string]string{
		"labctl-a1-open": "eu-west-1", "labctl-a1-shut": "eu-west-1", "labctl-a1-far": "us-east-1", "payroll": "eu-west-1", "by-hand": "eu-west-1",
	} {
		out.Buckets = append(out.Buckets, s3types.Bucket{Name: aws.String(name), BucketRegion: aws.String(region)})
	}
	return out, nil
}

func (fakeBuckets) GetBucketTagging(_ context.Context, in *s3.GetBucketTaggingInput, _ ...func(*s3.Options)) (*s3.GetBucketTaggingOutput, error) {
	if *in.Bucket == "labctl-a1-shut" {
		return nil, apiError("AccessDenied")
	}
	return nil, apiError("NoSuchTagSet")
}

func (fakeBuckets) ListObjectVersions(context.Context, *s3.ListObjectVersionsInput, ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error) {
	return &s3.ListObjectVersionsOutput{Versions: []s3types.ObjectVersion{{Key: aws.String("locked"), VersionId: aws.String("1")}}}, nil
}

func (fakeBuckets) DeleteBucketPolicy(context.Context, *s3.DeleteBucketPolicyInput, ...func(*s3.Options)) (*s3.DeleteBucketPolicyOutput, error) {
	return nil, nil
}

func (fakeBuckets) DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error) {
	return &s3.DeleteObjectsOutput{Errors: []s3types.Error{{Key: aws.String("locked"), VersionId: aws.String("1"), Code: aws.String("AccessDenied"), Message: aws.String("object lock")}}}, nil
}

func TestABucketWhoseTagsCannotBeReadIsAnErrorAndKeepsNoOther(t *testing.T) {
	all, err := buckets{fakeBuckets{}, "eu-west-1"}.list(t.Context(), []string{"by-hand"})
	assert.Equal(t, "AccessDenied", code(err))
	var names []string
	for _, f := range all {
		names = append(names, f.id)
	}
	assert.ElementsMatch(t, []string{"labctl-a1-open", "by-hand"}, names)
}

// HeadObject tells of locks; one key is locked in compliance mode, another in governance mode by
// somebody whose bypass is denied, and a third is not readable.
func (fakeBuckets) HeadObject(_ context.Context, in *s3.HeadObjectInput, _ ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	until, err := time.Parse(time.RFC3339, *in.VersionId)
	if err != nil {
		return nil, apiError("AccessDenied")
	}
	mode := s3types.ObjectLockModeCompliance
	if *in.Key == "governed" {
		mode = s3types.ObjectLockModeGovernance
	}
	return &s3.HeadObjectOutput{ObjectLockMode: mode, ObjectLockRetainUntilDate: &until}, nil
}

func TestABucketWithALockedObjectIsRefusedWithItsName(t *testing.T) {
	err := buckets{fakeBuckets{}, "eu-west-1"}.delete(t.Context(), "labctl-a1-open", nil)
	assert.EqualError(t, err, "1 objects stay, the first is locked: api error AccessDenied: object lock")
	assert.False(t, isBusy(err))
}

func TestABucketInComplianceModeIsRefusedWithTheDateOfItsLastLock(t *testing.T) {
	kept := func(key, until string) s3types.Error {
		return s3types.Error{Key: &key, VersionId: &until, Code: aws.String("AccessDenied"), Message: aws.String("object lock")}
	}
	tests := []struct {
		name string
		kept []s3types.Error
		want string
	}{
		{"one lock", []s3types.Error{kept("a", "2030-01-02T00:00:00Z")},
			"1 objects stay, of which 1 are locked in compliance mode, the last until 2030-01-02T00:00:00Z: api error AccessDenied: object lock"},
		{"the last of several", []s3types.Error{kept("a", "2030-01-02T00:00:00Z"), kept("b", "2031-01-02T00:00:00Z"), kept("c", "2030-05-02T00:00:00Z"), kept("d", "?")},
			"4 objects stay, of which 3 are locked in compliance mode, the last until 2031-01-02T00:00:00Z: api error AccessDenied: object lock"},
		{"no such lock", []s3types.Error{kept("governed", "2030-01-02T00:00:00Z")},
			"1 objects stay, the first is governed: api error AccessDenied: object lock"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := buckets{fakeBuckets{}, "eu-west-1"}.keptError(t.Context(), "b", test.kept)
			assert.EqualError(t, err, test.want)
			assert.False(t, isBusy(err))
		})
	}
}
