package sweep

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// killedLab makes what a killed Terraform, a fault and a learner leave behind.
func killedLab(b *builder) (prod, shared string) {
	prod, shared = b.vpc("10.8.0.0/16", true), b.vpc("10.9.0.0/16", true)
	b.network(prod, "10.8")
	sub := b.subnet(shared, "10.9.0.0/24")
	tools := b.group(shared, "tools")
	b.refer(tools, b.group(prod, "agent")) // across the peering
	b.peering(prod, shared)
	b.transitGateway(map[string]string{shared: sub})
	b.zone("lab.internal", prod, shared)
	b.loose()
	b.bucket(false)
	b.flowLog(prod)
	b.site(prod, "10.8")
	return prod, shared
}

func TestASweepRemovesAKilledLabAndNothingElse(t *testing.T) {
	cfg := localAWS(t)
	mine, longer, stranger := newBuilder(t, cfg, "a1"), newBuilder(t, cfg, "a1-b"), newBuilder(t, cfg, "")
	prod, shared := killedLab(mine)

	// Decoys: another run whose name begins as this one's does, a stranger with tags
	// of his own, and one without.
	further := longer.vpc("10.10.0.0/16", true)
	longer.network(further, "10.10")
	longer.loose()
	longer.site(further, "10.10")
	longer.bucket(false)
	theirs := stranger.vpc("10.11.0.0/16", true)
	stranger.network(theirs, "10.11")
	stranger.loose()
	stranger.site(theirs, "10.11")
	stranger.zone("payroll.internal", theirs, prod) // shared with the run's VPC
	stranger.subnet(stranger.vpc("10.12.0.0/16", false), "10.12.0.0/24")
	// It touches a stranger's VPC, yet cannot outlive the run's; the stranger's rule
	// that refers across it is his.
	mine.peering(prod, theirs)
	stranger.refer(stranger.group(theirs, "peer"), mine.group(shared, "referred"))

	s := New(cfg)
	s.Patience = 5 * time.Second
	scope := Scope{Run: "a1"}
	before := everything(t, s)
	rules := groupsIn(t, stranger.ec2, theirs)

	began := time.Now()
	list, err := s.List(t.Context(), scope)
	require.NoError(t, err)
	t.Logf("listed %d resources in %v", len(list), time.Since(began))
	assert.ElementsMatch(t, slices.Collect(maps.Keys(mine.made)), idsOf(list))
	for _, r := range list {
		assert.Equal(t, "a1", r.Run, r)
	}
	other, err := s.List(t.Context(), Scope{Run: "a1-b"})
	require.NoError(t, err)
	assert.ElementsMatch(t, slices.Collect(maps.Keys(longer.made)), idsOf(other))

	ended := map[string]bool{}
	began = time.Now()
	err = s.Delete(t.Context(), list, func(r Resource, err error) { ended[inWords(r.Kind, r.ID, r.Region)] = err == nil })
	require.NoError(t, err)
	t.Logf("deleted them in %v", time.Since(began))

	for id := range mine.made {
		assert.True(t, ended[id], "the end of %s was not told", id)
		delete(before, id)
	}
	left, err := s.List(t.Context(), scope)
	require.NoError(t, err)
	assert.Empty(t, left)
	assert.Equal(t, before, everything(t, s), "everything else in the account is as it was")
	assert.Equal(t, rules, groupsIn(t, stranger.ec2, theirs))
	subscriptions, err := mine.sns.ListSubscriptions(t.Context(), &sns.ListSubscriptionsInput{})
	for _, sub := range must(t, subscriptions, err).Subscriptions {
		assert.NotContains(t, *sub.TopicArn, mine.name("pages"), "subscriptions go with their topic")
	}
	assert.Len(t, subscriptions.Subscriptions, 4, "those of the decoys are there")
}

func TestASecondSweepOfTheSameListFindsEverythingGone(t *testing.T) {
	cfg := localAWS(t)
	b := newBuilder(t, cfg, "a1")
	b.network(b.vpc("10.8.0.0/16", true), "10.8")
	b.loose()
	s := New(cfg)
	s.Patience = 5 * time.Second
	list, err := s.List(t.Context(), Scope{Every: true})
	require.NoError(t, err)
	require.NotEmpty(t, list)
	require.NoError(t, s.Delete(t.Context(), list, nil))
	require.NoError(t, s.Delete(t.Context(), list, nil))
}

func TestAnAMIWithTheTagIsReportedAndRefused(t *testing.T) {
	cfg := localAWS(t)
	b := newBuilder(t, cfg, "a1")
	vpc := b.vpc("10.8.0.0/16", true)
	b.instance(b.subnet(vpc, "10.8.0.0/24"), b.group(vpc, "app"))
	instances, err := b.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{})
	image, err2 := b.ec2.CreateImage(t.Context(), &ec2.CreateImageInput{
		InstanceId: must(t, instances, err).Reservations[0].Instances[0].InstanceId, Name: aws.String("copy"),
		TagSpecifications: b.ec2Tags(ec2types.ResourceTypeImage, "copy"),
	})
	id := aws.ToString(must(t, image, err2).ImageId)

	s := New(cfg)
	s.Patience = time.Second
	list, err := s.List(t.Context(), Scope{Run: "a1"})
	require.NoError(t, err)
	err = s.Delete(t.Context(), list, nil)
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Refused, 1, "the rest went: %v", err)
	assert.Equal(t, "ec2:image", refused.Refused[0].Resource.Kind)
	assert.Equal(t, id, refused.Refused[0].Resource.ID)
	assert.ErrorContains(t, err, "labctl does not know how to delete ec2:image: delete it by hand, ARN arn:aws:ec2:us-east-1:")
}

func TestAPolicyThatLimitsAStrangersRoleStays(t *testing.T) {
	cfg := localAWS(t)
	mine, stranger := newBuilder(t, cfg, "a1"), newBuilder(t, cfg, "")
	made, err := mine.iam.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String(mine.name("boundary")), PolicyDocument: aws.String(allowLogs)})
	boundary := must(t, made, err).Policy.Arn
	_, err = stranger.iam.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String(stranger.name("role")), AssumeRolePolicyDocument: aws.String(trustLambda), PermissionsBoundary: boundary,
	})
	require.NoError(t, err)

	s := New(cfg)
	s.Patience = time.Second
	list, err := s.List(t.Context(), Scope{Run: "a1"})
	require.NoError(t, err)
	assert.Equal(t, []string{"IAM policy " + *boundary}, idsOf(list))
	err = s.Delete(t.Context(), list, nil)
	require.ErrorContains(t, err, "it is attached to, or the boundary of: role payroll-role")
	role, err := stranger.iam.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String(stranger.name("role"))})
	assert.Equal(t, boundary, must(t, role, err).Role.PermissionsBoundary.PermissionsBoundaryArn)
}

// everything is what is in the account, whoever's, by kind and id.
func everything(t *testing.T, s *Sweeper) map[string]found {
	t.Helper()
	tagged, unread := s.readTags(t.Context())
	require.Empty(t, unread)
	account := s.read(t.Context(), tagged)
	require.Empty(t, account.unread)
	all := map[string]found{}
	for _, k := range account.kinds {
		for _, f := range k.found {
			if !f.part {
				all[inWords(k.kind.name, f.id, f.region)] = f
			}
		}
	}
	return all
}

func groupsIn(t *testing.T, api *ec2.Client, vpc string) []ec2types.SecurityGroup {
	t.Helper()
	out, err := api.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{
		Filters: []ec2types.Filter{{Name: aws.String("vpc-id"), Values: []string{vpc}}},
	})
	require.NoError(t, err)
	require.NotEmpty(t, out.SecurityGroups)
	return out.SecurityGroups
}

func idsOf(resources []Resource) []string {
	ids := make([]string, len(resources))
	for i, r := range resources {
		ids[i] = inWords(r.Kind, r.ID, r.Region)
	}
	return ids
}

// inWords names a thing, and its region where that is not the tests' usual one.
func inWords(kind, id, region string) string {
	if region == there {
		return kind + " " + id + " in " + region
	}
	return kind + " " + id
}
