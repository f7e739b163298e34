package sweep

import (
	"context"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func tagged(id, run string) found { return found{id: id, tags: map[string]string{tagRun: run}} }

func TestWhatHasOneIDInTwoRegionsIsTwoThings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near := &fakeKind{things: []found{tagged("orders", "a1")}}
		far := &fakeKind{things: []found{{id: "orders", tags: map[string]string{"team": "payroll"}}}}
		s := sweeper([]kind{in(here, "vault", near), in(there, "vault", far)})
		list, err := s.List(t.Context(), Scope{Run: "a1"})
		require.NoError(t, err)
		require.Len(t, list, 1)
		assert.Equal(t, here, list[0].Region)
		require.NoError(t, s.Delete(t.Context(), list, nil))
		assert.Empty(t, near.things)
		assert.Len(t, far.things, 1, "the stranger's is there")
	})
}

func TestAHolderIsLookedForInTheSameRegion(t *testing.T) {
	vault := func(region, run string) *fakeKind {
		v := tagged("vault", run)
		v.arn = "arn:aws:backup:" + region + ":1:backup-vault:vault"
		return &fakeKind{things: []found{v}}
	}
	snapshot := func() *fakeKind { return &fakeKind{things: []found{{id: "snap-1", in: []string{"vault"}}}} }
	zone := &fakeKind{things: []found{{id: "Z1", in: []string{"vpc-far"}}}}
	peering := &fakeKind{things: []found{{id: "pcx-1", ties: []string{"vpc-stranger", "vpc-far"}}}}
	s := sweeper([]kind{
		in(here, "safe", vault(here, "a2")), in(there, "safe", vault(there, "a1")),
		in(here, "snapshot", snapshot()), in(there, "snapshot", snapshot()),
		in(there, "vpc", &fakeKind{things: []found{tagged("vpc-far", "a1")}}),
		in(global, "zone", zone), in(here, "peering", peering),
	})
	list, err := s.List(t.Context(), Scope{Run: "a1"})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"safe vault in us-west-2", "snapshot snap-1 in us-west-2", "vpc vpc-far in us-west-2",
		"zone Z1",       // what belongs to no region may be held from any
		"peering pcx-1", // and what connects, from the other side
	}, idsOf(list))
}

func TestAnARNThatTwoRegionsListIsOneThing(t *testing.T) {
	board := func() *fakeKind {
		return &fakeKind{things: []found{{id: "labctl-a1-api", name: "labctl-a1-api", arn: "arn:aws:cloudwatch::1:dashboard/labctl-a1-api"}}}
	}
	list, err := sweeper([]kind{in(here, "dashboard", board()), in(there, "dashboard", board())}).List(t.Context(), Scope{Run: "a1"})
	require.NoError(t, err)
	assert.Equal(t, []string{"dashboard labctl-a1-api"}, idsOf(list))
}

func TestAStageBeginsNowhereBeforeTheOneBeforeItIsGoneEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far := &fakeKind{things: mine("vault-far"), linger: time.Minute}
		key := &fakeKind{things: mine("key-1"), refuses: func(string, int) error { assert.Empty(t, far.things); return nil }}
		_, err := remove(t, sweeper([]kind{in(there, "vault", far)}, []kind{in(here, "key", key)}))
		require.NoError(t, err)
		assert.Empty(t, key.things)
	})
}

func TestWhatIsDoomedElsewhereIsNotDoomedHere(t *testing.T) {
	asked := map[string]*doomRecorder{}
	recorder := func(region string) handler {
		asked[region] = &doomRecorder{fakeKind: fakeKind{things: mine("x-" + region)}}
		return asked[region]
	}
	s := sweeper([]kind{
		{"group", "", here, nil, recorder(here)}, {"group", "", there, nil, recorder(there)},
		{"role", "", global, nil, recorder(global)},
	})
	list, err := s.List(t.Context(), Scope{Run: "a1"})
	require.NoError(t, err)
	require.NoError(t, s.Delete(t.Context(), list, nil))
	for region, want := range map[string]map[string]bool{
		here:   {"x-" + here: true, "x-": true},
		there:  {"x-" + there: true, "x-": true},
		global: {"x-": true},
	} {
		assert.Equal(t, want, asked[region].doomed, region)
	}
}

// doomRecorder keeps what it was told to be doomed.
type doomRecorder struct {
	fakeKind
	doomed map[string]bool
}

func (k *doomRecorder) delete(_ context.Context, _ string, doomed map[string]bool) error {
	k.mu.Lock()
	k.doomed, k.things = doomed, nil
	k.mu.Unlock()
	return nil
}

func TestAResourceInARegionThatTheSweepDoesNotReachIsRefused(t *testing.T) {
	s := sweeper(one("vault", &fakeKind{}))
	err := s.Delete(t.Context(), []Resource{{Kind: "vault", ID: "far", Region: there}}, nil)
	assert.EqualError(t, err, "could not delete vault far: this sweep does not reach region us-west-2")
}

func TestTheTaggingAPIOfARegionSpeaksForThatRegionAndForWhatHasNone(t *testing.T) {
	tags := taggedResources{
		{kind: "ec2:vpc", id: "vpc-here", region: here}, {kind: "ec2:vpc", id: "vpc-there", region: there},
		{kind: "iam:role", id: "role", region: "us-east-1"},
	}
	assert.Equal(t, []string{"vpc-there"}, tags.ids(in(there, "vpc", nil)))
	assert.Equal(t, []string{"role"}, tags.ids(kind{"IAM role", "aws_iam_role", global, []string{"iam:role"}, nil}))
}

func TestEveryKindIsInEveryRegionAndGlobalOnesOnce(t *testing.T) {
	count := map[string]int{}
	for _, stage := range New(aws.Config{Region: here}, there, "", here).stages {
		for _, k := range stage {
			count[k.name]++
			want := 2
			if k.region == global {
				want = 1
			}
			assert.LessOrEqual(t, count[k.name], want, k.name)
		}
	}
	assert.Equal(t, 2, count["backup vault"])
	assert.Equal(t, 1, count["IAM role"])
	assert.Equal(t, 1, count["Route 53 hosted zone"])
	assert.Len(t, New(aws.Config{Region: here}, there, "", here).tagged, 2)
}

func TestARegionIsInUseWhereSomethingCarriesTheTag(t *testing.T) {
	answers := map[string]fakeTagging{
		"eu-west-1": {arns: []string{"arn:aws:sqs:eu-west-1:1:a", "arn:aws:sqs:eu-west-1:1:b"}},
		"us-east-1": {}, "us-west-2": {arns: []string{"arn:aws:sqs:us-west-2:1:a"}},
		"me-south-1": {err: apiError("AccessDeniedException")},
	}
	used, err := usedRegions(t.Context(), slices.Collect(maps.Keys(answers)), func(region string) tagging.GetResourcesAPIClient { return answers[region] })
	assert.Equal(t, []string{"eu-west-1", "us-west-2"}, used)
	require.EqualError(t, err, "asking whether anything is in me-south-1: api error AccessDeniedException: no")
}
