// Package quota tells what an AWS account has left of what a lab needs. It reads the quotas that the lab's bill touches,
// and no others: a lab that stops half way because the account may have only five VPCs leaves things to pay for.
//
// It decides nothing; whoever asks does.
package quota

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"golang.org/x/sync/errgroup"

	"labctl/labs"
)

// Room is what an account has of one thing.
type Room struct {
	Name  string // as Service Quotas names it
	Limit int
	Used  int
	Needs int // of the lab
}

// Short tells whether the lab does not fit.
func (r Room) Short() bool { return r.Used+r.Needs > r.Limit }

func (r Room) String() string {
	return fmt.Sprintf("%s: %d of %d in use, and the lab needs %d", r.Name, r.Used, r.Limit, r.Needs)
}

// UnreadError says that a quota, or what is in use of it, could not be read.
type UnreadError struct {
	Name string
	Err  error
}

func (e *UnreadError) Error() string {
	return fmt.Sprintf("the quota %q could not be read: %v", e.Name, e.Err)
}
func (e *UnreadError) Unwrap() error { return e.Err }

// limit is a quota that a type of resource counts against.
type limit struct {
	name, service, code string
	needs               map[string]int // Terraform's type -> how many of the quota's units one takes
	spread              int            // over how many zones the lab spreads what it makes; 0 where the quota is the region's
	used                func(context.Context, aws.Config) (int, error)
}

// limits are the quotas with defaults small enough to matter, and their codes.
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
// https://docs.aws.amazon.com/general/latest/gr/ec2-service.html
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
func limits() []limit {
	return []limit{
		{name: "VPCs per Region", service: "vpc", code: "L-F678F1CE", needs: map[string]int{"aws_vpc": 1}, used: vpcs},
		{name: "Internet gateways per Region", service: "vpc", code: "L-A4707A72", needs: map[string]int{"aws_internet_gateway": 1}, used: internetGateways},
		{name: "Egress-only internet gateways per Region", service: "vpc", code: "L-45FE3B85", needs: map[string]int{"aws_egress_only_internet_gateway": 1}, used: egressOnlyGateways},
		{name: "NAT gateways per Availability Zone", service: "vpc", code: "L-FE5A380F", needs: map[string]int{"aws_nat_gateway": 1}, spread: 2, used: natGateways},
		{name: "EC2-VPC Elastic IPs", service: "ec2", code: "L-0263D0A3", needs: map[string]int{"aws_eip": 1}, used: elasticIPs},
		{name: "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", service: "ec2", code: "L-1216C47A", needs: map[string]int{"aws_autoscaling_group": nanoCPUs}, used: standardCPUs},
		{name: "Application Load Balancers per Region", service: "elasticloadbalancing", code: "L-53DA6B97", needs: map[string]int{"aws_lb": 1}, used: loadBalancers},
	}
}

// Read reads the quotas that a bill touches. What could not be read stands beside what could.
func Read(ctx context.Context, cfg aws.Config, bill []labs.BillLine) ([]Room, []error) {
	var asked []limit
	for _, l := range limits() {
		if l.count(bill) > 0 {
			asked = append(asked, l)
		}
	}
	rooms, problems := make([]Room, len(asked)), make([]error, len(asked))
	client := servicequotas.NewFromConfig(cfg)
	var group errgroup.Group
	for i, l := range asked {
		group.Go(func() error {
			rooms[i], problems[i] = l.read(ctx, client, cfg, bill)
			return nil
		})
	}
	_ = group.Wait() // problems are kept beside
	roles, roleProblem := iamRoom(ctx, cfg, bill)
	return collect(append(rooms, roles...), append(problems, roleProblem))
}

func (l limit) read(ctx context.Context, client *servicequotas.Client, cfg aws.Config, bill []labs.BillLine) (Room, error) {
	most, err := value(ctx, client, l)
	used := 0
	if err == nil {
		used, err = l.used(ctx, cfg)
	}
	if err != nil {
		return Room{}, &UnreadError{Name: l.name, Err: err}
	}
	return Room{Name: l.name, Limit: most, Used: used, Needs: l.count(bill)}, nil
}

// collect leaves out what was not read, and what was no problem.
func collect(rooms []Room, problems []error) (read []Room, unread []error) {
	for _, room := range rooms {
		if room.Name != "" { // read
			read = append(read, room)
		}
	}
	for _, problem := range problems {
		if problem != nil {
			unread = append(unread, problem)
		}
	}
	return read, unread
}

func (l limit) count(bill []labs.BillLine) int {
	n := 0
	for _, line := range bill {
		n += l.needs[line.Type] * line.Count * max(line.Units, 1)
	}
	if l.spread > 0 {
		n = (n + l.spread - 1) / l.spread
	}
	return n
}

// value is the account's quota, or AWS's default where it was never changed.
func value(ctx context.Context, client *servicequotas.Client, l limit) (int, error) {
	out, err := client.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &l.service, QuotaCode: &l.code})
	var none *types.NoSuchResourceException
	if errors.As(err, &none) {
		standard, err := client.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &l.service, QuotaCode: &l.code})
		if err != nil {
			return 0, err
		}
		return quantity(standard.Quota)
	}
	if err != nil {
		return 0, err
	}
	return quantity(out.Quota)
}

func quantity(quota *types.ServiceQuota) (int, error) {
	if quota == nil || quota.Value == nil {
		return 0, errors.New("the answer holds no value")
	}
	return int(*quota.Value), nil
}

// iamRoom is IAM's own summary, which has quota and use in one.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
func iamRoom(ctx context.Context, cfg aws.Config, bill []labs.BillLine) ([]Room, error) {
	needs := limit{needs: map[string]int{"aws_iam_role": 1}}.count(bill)
	if needs == 0 {
		return nil, nil
	}
	out, err := iam.NewFromConfig(cfg).GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	if err != nil {
		return nil, &UnreadError{Name: "IAM roles", Err: err}
	}
	return []Room{{Name: "IAM roles", Limit: int(out.SummaryMap["RolesQuota"]), Used: int(out.SummaryMap["Roles"]), Needs: needs}}, nil
}

func vpcs(ctx context.Context, cfg aws.Config) (n int, err error) {
	pages := ec2.NewDescribeVpcsPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeVpcsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		n += len(page.Vpcs)
	}
	return n, nil
}

func internetGateways(ctx context.Context, cfg aws.Config) (n int, err error) {
	pages := ec2.NewDescribeInternetGatewaysPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeInternetGatewaysInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		n += len(page.InternetGateways)
	}
	return n, nil
}

func egressOnlyGateways(ctx context.Context, cfg aws.Config) (n int, err error) {
	pages := ec2.NewDescribeEgressOnlyInternetGatewaysPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeEgressOnlyInternetGatewaysInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		n += len(page.EgressOnlyInternetGateways)
	}
	return n, nil
}

// natGateways is the number in the zone that has most: the quota is each zone's, and which ones the lab takes is not
// known before. Failed and deleted ones do not count.
func natGateways(ctx context.Context, cfg aws.Config) (int, error) {
	client := ec2.NewFromConfig(cfg)
	zones, err := zonesOfSubnets(ctx, client)
	if err != nil {
		return 0, err
	}
	in := map[string]int{}
	most := 0
	pages := ec2.NewDescribeNatGatewaysPaginator(client, &ec2.DescribeNatGatewaysInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		for _, nat := range page.NatGateways {
			if nat.State == ec2types.NatGatewayStateDeleted || nat.State == ec2types.NatGatewayStateFailed {
				continue
			}
			zone := zones[aws.ToString(nat.SubnetId)]
			in[zone]++
			most = max(most, in[zone])
		}
	}
	return most, nil
}

func zonesOfSubnets(ctx context.Context, client *ec2.Client) (map[string]string, error) {
	zones := map[string]string{}
	pages := ec2.NewDescribeSubnetsPaginator(client, &ec2.DescribeSubnetsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, subnet := range page.Subnets {
			zones[aws.ToString(subnet.SubnetId)] = aws.ToString(subnet.AvailabilityZone)
		}
	}
	return zones, nil
}

func elasticIPs(ctx context.Context, cfg aws.Config) (int, error) {
	out, err := ec2.NewFromConfig(cfg).DescribeAddresses(ctx, &ec2.DescribeAddressesInput{}) // not paginated
	if err != nil {
		return 0, err
	}
	return len(out.Addresses), nil
}

// nanoCPUs are the vCPUs of an instance that a lab's group launches. The quota of a new account may be 5: two of them.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html
const nanoCPUs = 2

// standard are the instance types that the quota of standard instances is about. Its families are named by a letter; inf, trn,
// mac, hpc and dl begin with one of them and have quotas of their own.
var standard = regexp.MustCompile(`^(a|c|d|h|i|im|is|m|r|t|z)[0-9]`)

// standardCPUs are the vCPUs of the standard On-Demand instances that run or are about to.
func standardCPUs(ctx context.Context, cfg aws.Config) (n int, err error) {
	pages := ec2.NewDescribeInstancesPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeInstancesInput{
		Filters: []ec2types.Filter{{Name: aws.String("instance-state-name"), Values: []string{"pending", "running"}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		for _, reservation := range page.Reservations {
			for _, i := range reservation.Instances {
				if i.InstanceLifecycle == "" && i.CpuOptions != nil && standard.MatchString(string(i.InstanceType)) { // the others are Spot or booked
					n += int(aws.ToInt32(i.CpuOptions.CoreCount) * aws.ToInt32(i.CpuOptions.ThreadsPerCore))
				}
			}
		}
	}
	return n, nil
}

func loadBalancers(ctx context.Context, cfg aws.Config) (n int, err error) {
	pages := elb.NewDescribeLoadBalancersPaginator(elb.NewFromConfig(cfg), &elb.DescribeLoadBalancersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		for _, balancer := range page.LoadBalancers {
			if balancer.Type == elbtypes.LoadBalancerTypeEnumApplication {
				n++
			}
		}
	}
	return n, nil
}
