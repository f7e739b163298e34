package sweep

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeKind keeps its resources in a map. Refuses answers the attempts to delete one, in
// turn; what is accepted is listed for linger longer.
type fakeKind struct {
	mu      sync.Mutex
	things  []found
	listErr error
	refuses func(id string, attempt int) error
	linger  time.Duration
	held    string
	log     *[]string

	attempts map[string]int
}

func (k *fakeKind) list(context.Context, []string) ([]found, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.things), k.listErr
}

func (k *fakeKind) delete(_ context.Context, id string, _ map[string]bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.attempts == nil {
		k.attempts = map[string]int{}
	}
	k.attempts[id]++
	if k.refuses != nil {
		if err := k.refuses(id, k.attempts[id]); err != nil {
			return err
		}
	}
	time.AfterFunc(k.linger, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.things = slices.DeleteFunc(k.things, func(f found) bool { return f.id == id })
		if k.log != nil {
			*k.log = append(*k.log, id)
		}
	})
	return nil
}

func (k *fakeKind) holders(context.Context, string) (string, error) { return k.held, nil }

// fakeTagging answers two pages.
type fakeTagging struct {
	arns []string
	err  error
}

func (f fakeTagging) GetResources(_ context.Context, in *tagging.GetResourcesInput, _ ...func(*tagging.Options)) (*tagging.GetResourcesOutput, error) {
	if f.err != nil {
		return nil, f.err
	}
	page := func(arns []string, next *string) *tagging.GetResourcesOutput {
		out := &tagging.GetResourcesOutput{PaginationToken: next}
		for _, a := range arns {
			out.ResourceTagMappingList = append(out.ResourceTagMappingList, types.ResourceTagMapping{
				ResourceARN: aws.String(a), Tags: []types.Tag{{Key: aws.String(tagRun), Value: aws.String("a1")}},
			})
		}
		return out
	}
	half := len(f.arns) / 2
	if in.PaginationToken == nil {
		return page(f.arns[:half], aws.String("more")), nil
	}
	return page(f.arns[half:], nil), nil
}

func mine(ids ...string) []found {
	var all []found
	for _, id := range ids {
		all = append(all, found{id: id, tags: map[string]string{tagRun: "a1"}})
	}
	return all
}

func sweeper(stages ...[]kind) *Sweeper {
	return &Sweeper{Patience: time.Minute, stages: stages, tagged: []taggedLister{{fakeTagging{}, here}}}
}

// here and there are two regions.
const here, there = "eu-west-1", "us-west-2"

func one(name string, k *fakeKind) []kind { return []kind{in(here, name, k)} }

func in(region, name string, k *fakeKind) kind {
	return kind{name, "aws_" + name, region, []string{"ec2:" + name}, k}
}

func apiError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "no"} }

func TestAKindThatCannotBeListedIsAnErrorBesideWhatWasFound(t *testing.T) {
	denied := apiError("UnauthorizedOperation")
	s := sweeper(one("vpc", &fakeKind{things: mine("vpc-1")}), one("subnet", &fakeKind{things: mine("subnet-1"), listErr: denied}))
	list, err := s.List(t.Context(), Scope{Run: "a1"})
	assert.Equal(t, []string{"vpc vpc-1", "subnet subnet-1"}, idsOf(list))
	var incomplete *IncompleteError
	require.ErrorAs(t, err, &incomplete)
	assert.Equal(t, []KindError{{Kind: "subnet", Region: here, Err: denied}}, incomplete.Unread)
	require.ErrorIs(t, err, denied)
	assert.EqualError(t, err, "could not list subnet in eu-west-1: api error UnauthorizedOperation: no")
}

func TestATaggingAPIThatCannotBeReadIsAnErrorToo(t *testing.T) {
	s := sweeper(one("vpc", &fakeKind{things: mine("vpc-1")}))
	s.tagged = []taggedLister{{fakeTagging{err: apiError("AccessDeniedException")}, here}}
	list, err := s.List(t.Context(), Scope{Run: "a1"})
	assert.Len(t, list, 1)
	assert.ErrorContains(t, err, "could not list what the tagging API knows in eu-west-1")
}

func TestTheTaggingAPIAddsWhatNoKindCoversAndNothingThatAKindKnowsToBeGone(t *testing.T) {
	s := sweeper(one("vpc", &fakeKind{things: mine("vpc-1")}))
	s.tagged = []taggedLister{{fakeTagging{arns: []string{
		"arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1",
		"arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-deleted",
		"arn:aws:ec2:eu-west-1:123456789012:security-group-rule/sgr-1",
		"arn:aws:sqs:eu-west-1:123456789012:orders",
		"arn:aws:rds:eu-west-1:123456789012:db:ledger",
		"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/50dc6c",
		"not an ARN",
	}}, here}}
	list, err := s.List(t.Context(), Scope{Run: "a1"})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"vpc vpc-1", "sqs orders", "rds:db ledger", "elasticloadbalancing:loadbalancer app/shop/50dc6c", "resource not an ARN",
	}, idsOf(list))
	assert.Equal(t, "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1", list[0].ARN)
}

func TestAnInterruptedListSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := sweeper().List(ctx, Scope{Run: "a1"})
	require.ErrorIs(t, err, context.Canceled)
}

// remove lists and deletes under a clock that the test owns.
func remove(t *testing.T, s *Sweeper) (map[string]error, error) {
	list, err := s.List(t.Context(), Scope{Run: "a1"})
	require.NoError(t, err)
	ended := map[string]error{}
	err = s.Delete(t.Context(), list, func(r Resource, err error) { ended[r.ID] = err })
	return ended, err
}

func TestAStageBeginsWhenTheOneBeforeItIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log []string
		nat := &fakeKind{things: mine("nat-1", "nat-2"), linger: time.Minute, log: &log}
		subnet := &fakeKind{things: mine("subnet-1"), log: &log}
		subnet.refuses = func(string, int) error { assert.Empty(t, nat.things); return nil }
		ended, err := remove(t, sweeper(one("nat", nat), one("subnet", subnet)))
		require.NoError(t, err)
		assert.Equal(t, map[string]error{"nat-1": nil, "nat-2": nil, "subnet-1": nil}, ended)
		assert.ElementsMatch(t, []string{"nat-1", "nat-2"}, log[:2])
	})
}

func TestDeletionsAreTriedAgainUntilPatienceEnds(t *testing.T) {
	busy := apiError("DependencyViolation")
	tests := []struct {
		name    string
		refuses func(id string, attempt int) error
		want    error
	}{
		{"it is free after a while", func(_ string, n int) error {
			if n < 5 {
				return busy
			}
			return nil
		}, nil},
		{"it never is", func(string, int) error { return busy }, busy},
		{"waiting for a detachment", func(_ string, n int) error {
			if n == 1 {
				return errBusy
			}
			return nil
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended, err := remove(t, sweeper(one("vpc", &fakeKind{things: mine("vpc-1"), refuses: test.refuses})))
				if test.want == nil {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, test.want)
				}
				require.ErrorIs(t, ended["vpc-1"], test.want)
			})
		})
	}
}

func TestWhatIsOnItsWayOutIsWaitedForLongerThanWhatIsInTheWay(t *testing.T) {
	tests := []struct {
		name   string
		takes  time.Duration
		answer error
		gone   bool
	}{
		{"in the way", 3 * time.Minute, errBusy, false},
		{"on its way out", 3 * time.Minute, errEnding, true},
		{"on its way out for ever", time.Hour, errEnding, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				_, err := remove(t, sweeper(one("vault", &fakeKind{things: mine("vault-1"), refuses: func(string, int) error {
					if time.Since(began) < test.takes {
						return test.answer
					}
					return nil
				}})))
				assert.Equal(t, test.gone, err == nil, err)
			})
		})
	}
}

func TestWhatIsForbiddenIsNotTriedAgain(t *testing.T) {
	vpc := &fakeKind{things: mine("vpc-1"), refuses: func(string, int) error { return apiError("UnauthorizedOperation") }}
	_, err := remove(t, sweeper(one("vpc", vpc)))
	require.Error(t, err)
	assert.Equal(t, 1, vpc.attempts["vpc-1"])
}

func TestARefusalNamesTheResourceItsReasonAndHolderAndKeepsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := apiError("DependencyViolation")
		vpc := &fakeKind{things: mine("vpc-1", "vpc-2"), held: "network interfaces use it: eni-9 ELB app/shop"}
		vpc.refuses = func(id string, _ int) error {
			if id == "vpc-1" {
				return busy
			}
			return nil
		}
		role := &fakeKind{things: mine("role-1")}
		began := time.Now()
		ended, err := remove(t, sweeper(one("vpc", vpc), one("dhcp", &fakeKind{things: mine("dopt-1"), refuses: vpc.refuses}), one("role", role)))
		var refused *RefusedError
		require.ErrorAs(t, err, &refused)
		require.Len(t, refused.Refused, 1)
		assert.Equal(t, "vpc-1", refused.Refused[0].Resource.ID)
		require.ErrorIs(t, err, busy)
		assert.EqualError(t, err, "could not delete vpc vpc-1: network interfaces use it: eni-9 ELB app/shop: api error DependencyViolation: no")
		assert.NoError(t, errors.Join(ended["vpc-2"], ended["role-1"], ended["dopt-1"]))
		assert.Len(t, ended, 4)
		assert.InDelta(t, time.Minute, time.Since(began), float64(2*longestWait))
	})
}

func TestWhatDependsOnARefusalIsNotWaitedForAsLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuses := func(string, int) error { return apiError("DependencyViolation") }
		began := time.Now()
		_, err := remove(t, sweeper(
			one("subnet", &fakeKind{things: mine("subnet-1"), refuses: refuses}),
			one("vpc", &fakeKind{things: mine("vpc-1"), refuses: refuses})))
		require.Error(t, err)
		assert.Less(t, time.Since(began), time.Minute+time.Minute/8+3*longestWait)
	})
}

func TestADeletionThatWasAcceptedButNeverEndsIsARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := remove(t, sweeper(one("nat", &fakeKind{things: mine("nat-1"), linger: time.Hour})))
		require.ErrorIs(t, err, errStillThere)
		time.Sleep(time.Hour) // the fake's timer belongs to the test
	})
}

func TestGoneMeansListedAsGoneNotAnsweredAsNotFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nat := &fakeKind{things: mine("nat-1"), refuses: func(string, int) error { return apiError("NatGatewayNotFound") }}
		_, err := remove(t, sweeper(one("nat", nat)))
		require.ErrorIs(t, err, errStillThere)
		nat.things = nil
		_, err = remove(t, sweeper(one("nat", nat)))
		require.NoError(t, err)
	})
}

func TestACancelledDeletionEndsEverythingWithThatReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		busy := apiError("DependencyViolation")
		s := sweeper(one("subnet", &fakeKind{things: mine("subnet-1"), refuses: func(string, int) error { return busy }}),
			one("nat", &fakeKind{things: mine("nat-1"), linger: 20 * time.Second}))
		s.Patience = time.Hour
		list, err := s.List(t.Context(), Scope{Run: "a1"})
		require.NoError(t, err)
		err = s.Delete(ctx, list, nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, busy)
		var refused *RefusedError
		require.ErrorAs(t, err, &refused)
		assert.Len(t, refused.Refused, 2)
		time.Sleep(time.Minute)
	})
}

func TestAResourceOfAnUnknownKindIsRefusedWithItsARN(t *testing.T) {
	err := sweeper().Delete(t.Context(), []Resource{{Kind: "sqs", ID: "orders", ARN: "arn:aws:sqs:eu-west-1:1:orders"}}, nil)
	var unknown *UnknownKindError
	require.ErrorAs(t, err, &unknown)
	assert.EqualError(t, err, "could not delete sqs orders: labctl does not know how to delete sqs: delete it by hand, ARN arn:aws:sqs:eu-west-1:1:orders")
}

func TestTheStagesKeepTheDependencyOrder(t *testing.T) {
	at := map[string]int{}
	for i, stage := range stages(clients{}) {
		for _, k := range stage {
			_, twice := at[k.name]
			require.False(t, twice, k.name)
			at[k.name] = i
		}
	}
	// Each first is what the second cannot go without, by EC2's DependencyViolation,
	// IAM's DeleteConflict, or because something writes to it until then.
	for _, order := range [][2]string{
		{"EC2 instance", "network interface"}, {"EC2 instance", "EBS volume"}, {"NAT gateway", "Elastic IP"},
		{"NAT gateway", "subnet"}, {"VPC endpoint", "subnet"}, {"transit gateway attachment", "subnet"},
		{"network interface", "Elastic IP"}, {"network interface", "security group"}, {"network interface", "subnet"},
		{"VPC endpoint", "security group"}, {"VPC peering connection", "security group"},
		{"subnet", "network ACL"}, {"subnet", "route table"}, {"Elastic IP", "internet gateway"},
		{"transit gateway attachment", "transit gateway route table"}, {"transit gateway route table", "transit gateway"},
		{"route table", "internet gateway"}, {"internet gateway", "VPC"}, {"egress-only internet gateway", "VPC"},
		{"security group", "VPC"}, {"network ACL", "VPC"}, {"route table", "VPC"}, {"subnet", "VPC"},
		{"VPC peering connection", "VPC"}, {"transit gateway attachment", "VPC"}, {"Route 53 hosted zone", "VPC"},
		{"VPC", "DHCP option set"}, {"VPC", "managed prefix list"}, {"transit gateway route table", "managed prefix list"},
		{"instance profile", "IAM role"}, {"IAM role", "IAM policy"}, {"KMS alias", "KMS key"},
		{"flow log", "IAM role"}, {"flow log", "S3 bucket"}, {"IAM role", "CloudWatch log group"},
		{"CloudTrail trail", "S3 bucket"}, {"CloudTrail trail", "IAM role"}, {"CloudTrail trail", "CloudWatch log group"},
		{"CloudTrail trail", "KMS key"}, {"CloudWatch alarm", "SNS topic"}, {"IAM user", "IAM policy"},
		{"backup plan", "backup vault"}, {"backup vault", "EBS snapshot"}, {"backup vault", "DynamoDB backup"},
		{"backup vault", "IAM role"}, {"backup vault", "KMS key"}, {"DynamoDB table", "DynamoDB backup"},
		{"composite alarm", "CloudWatch alarm"}, {"composite alarm", "SNS topic"},
		{"EventBridge rule", "SNS topic"}, {"EventBridge rule", "SQS queue"}, {"EventBridge rule", "CloudWatch log group"},
	} {
		require.Contains(t, at, order[0])
		require.Contains(t, at, order[1])
		assert.Less(t, at[order[0]], at[order[1]], "%s before %s", order[0], order[1])
	}
}
