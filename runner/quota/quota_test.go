package quota

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
	"labctl/labs/catalogue"
)

// account answers for Service Quotas, EC2, RDS, load balancers and IAM.
type account struct {
	values   map[string]float64 // by quota code
	defaults map[string]float64
	denied   string // an action that is not allowed
	asked    map[string]int
}

func (a *account) config(t *testing.T) aws.Config {
	t.Helper()
	a.asked = map[string]int{}
	answers := make(chan struct{}, 1) // one at a time: the account is a map
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers <- struct{}{}
		defer func() { <-answers }()
		body, _ := io.ReadAll(r.Body)
		a.answer(w, r, string(body))
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

func (a *account) answer(w http.ResponseWriter, r *http.Request, body string) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		a.quota(w, target[strings.LastIndex(target, ".")+1:], body)
		return
	}
	action, _, _ := strings.Cut(strings.TrimPrefix(body, "Action="), "&")
	a.asked[action]++
	if action == a.denied {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>`)
		return
	}
	fmt.Fprint(w, map[string]string{
		"DescribeVpcs":             `<R><vpcSet><item><vpcId>vpc-1</vpcId></item><item><vpcId>vpc-2</vpcId></item></vpcSet></R>`,
		"DescribeInternetGateways": `<R><internetGatewaySet><item><internetGatewayId>igw-1</internetGatewayId></item></internetGatewaySet></R>`,
		"DescribeAddresses":        `<R><addressesSet><item><publicIp>192.0.2.1</publicIp></item></addressesSet></R>`,
		"DescribeSubnets":          `<R><subnetSet><item><subnetId>s-a</subnetId><availabilityZone>a</availabilityZone></item><item><subnetId>s-b</subnetId><availabilityZone>b</availabilityZone></item></subnetSet></R>`,
		"DescribeNatGateways": `<R><natGatewaySet><item><subnetId>s-a</subnetId><state>available</state></item><item><subnetId>s-a</subnetId><state>pending</state></item>` +
			`<item><subnetId>s-b</subnetId><state>available</state></item><item><subnetId>s-a</subnetId><state>deleted</state></item></natGatewaySet></R>`,
		"DescribeInstances": `<R><reservationSet><item><instancesSet><item><instanceType>t4g.small</instanceType><cpuOptions><coreCount>2</coreCount><threadsPerCore>1</threadsPerCore></cpuOptions></item>` +
			`<item><instanceType>m5.xlarge</instanceType><cpuOptions><coreCount>2</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions></item>` +
			`<item><instanceType>m5.large</instanceType><instanceLifecycle>spot</instanceLifecycle><cpuOptions><coreCount>1</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions></item>` +
			`<item><instanceType>inf2.xlarge</instanceType><cpuOptions><coreCount>2</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions></item></instancesSet></item></reservationSet></R>`,
		"DescribeLoadBalancers": `<R><DescribeLoadBalancersResult><LoadBalancers><member><Type>application</Type></member><member><Type>network</Type></member></LoadBalancers></DescribeLoadBalancersResult></R>`,
		"GetAccountSummary":     `<R><GetAccountSummaryResult><SummaryMap><entry><key>Roles</key><value>997</value></entry><entry><key>RolesQuota</key><value>1000</value></entry></SummaryMap></GetAccountSummaryResult></R>`,
	}[action])
}

func (a *account) quota(w http.ResponseWriter, action, body string) {
	values := a.values
	if action == "GetAWSDefaultServiceQuota" {
		values = a.defaults
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	for code, value := range values {
		if strings.Contains(body, code) {
			fmt.Fprintf(w, `{"Quota":{"Value":%g}}`, value)
			return
		}
	}
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprint(w, `{"__type":"NoSuchResourceException","message":"none"}`)
}

func bill(lines ...labs.BillLine) []labs.BillLine { return lines }

func TestOnlyWhatTheLabNeedsIsReadAndCompared(t *testing.T) {
	a := &account{values: map[string]float64{"L-F678F1CE": 5, "L-0263D0A3": 2}, defaults: map[string]float64{"L-FE5A380F": 5}}
	room, problems := Read(t.Context(), a.config(t), bill(
		labs.BillLine{Type: "aws_vpc", Count: 3}, labs.BillLine{Type: "aws_eip", Count: 2}, labs.BillLine{Type: "aws_nat_gateway", Count: 3},
		labs.BillLine{Type: "aws_iam_role", Count: 4}, labs.BillLine{Type: "aws_subnet", Count: 9},
	))
	assert.Empty(t, problems)
	assert.Equal(t, []Room{
		{Name: "VPCs per Region", Limit: 5, Used: 2, Needs: 3},
		{Name: "NAT gateways per Availability Zone", Limit: 5, Used: 2, Needs: 2}, // in the fullest zone, by the default quota, spread over two
		{Name: "EC2-VPC Elastic IPs", Limit: 2, Used: 1, Needs: 2},
		{Name: "IAM roles", Limit: 1000, Used: 997, Needs: 4},
	}, room)
	assert.False(t, room[0].Short())
	assert.False(t, room[1].Short())
	assert.True(t, room[2].Short())
	assert.True(t, room[3].Short())
	assert.Equal(t, "EC2-VPC Elastic IPs: 1 of 2 in use, and the lab needs 2", room[2].String())
	assert.Zero(t, a.asked["DescribeLoadBalancers"])
	assert.Zero(t, a.asked["DescribeInternetGateways"])
}

func TestALoadBalancerCountsWhenItIsAnApplicationLoadBalancer(t *testing.T) {
	a := &account{values: map[string]float64{"L-53DA6B97": 50}}
	room, problems := Read(t.Context(), a.config(t), bill(labs.BillLine{Type: "aws_lb", Variant: "3 zones", Count: 1}))
	assert.Empty(t, problems)
	assert.Equal(t, []Room{{Name: "Application Load Balancers per Region", Limit: 50, Used: 1, Needs: 1}}, room)
}

func TestTheInstancesOfAGroupCountByTheirCPUsBesideThoseThatRun(t *testing.T) {
	a := &account{values: map[string]float64{"L-1216C47A": 11}}
	room, problems := Read(t.Context(), a.config(t), bill(labs.BillLine{Type: "aws_autoscaling_group", Variant: "t4g.nano", Count: 1, Units: 3}))
	assert.Empty(t, problems)
	require.Len(t, room, 1)
	assert.Equal(t, 6, room[0].Used, "neither Spot nor another quota's types")
	assert.Equal(t, 6, room[0].Needs)
	assert.True(t, room[0].Short())
}

func TestWhatCannotBeReadStandsBesideWhatCan(t *testing.T) {
	a := &account{values: map[string]float64{"L-F678F1CE": 5, "L-A4707A72": 5}, denied: "DescribeVpcs"}
	room, problems := Read(t.Context(), a.config(t), bill(
		labs.BillLine{Type: "aws_vpc", Count: 1}, labs.BillLine{Type: "aws_internet_gateway", Count: 1}, labs.BillLine{Type: "aws_eip", Count: 1},
	))
	require.Len(t, problems, 2)
	var unread *UnreadError
	require.ErrorAs(t, problems[0], &unread)
	assert.Equal(t, "VPCs per Region", unread.Name, "what is in use of it may not be read")
	require.ErrorAs(t, problems[1], &unread)
	assert.Equal(t, "EC2-VPC Elastic IPs", unread.Name, "there is no such quota")
	assert.Equal(t, []Room{{Name: "Internet gateways per Region", Limit: 5, Used: 1, Needs: 1}}, room)
}

func TestEachQuotaIsOneOfSomeLabs(t *testing.T) {
	for _, l := range limits() {
		used := false
		for _, lab := range catalogue.All() {
			used = used || l.count(lab.Bill) > 0
		}
		assert.True(t, used, "no lab needs any of %q", l.name)
	}
}
