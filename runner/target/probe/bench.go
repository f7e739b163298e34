package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// bench is what exercises work with: the server, and the names and tags of this run.
type bench struct {
	cfg aws.Config
	run string

	analyzers *accessanalyzer.Client
	backup    *backup.Client
	ec2       *ec2.Client
	elb       *elb.Client
	groups    *autoscaling.Client
	iam       *iam.Client
	kms       *kms.Client
	logs      *cloudwatchlogs.Client
	metrics   *cloudwatch.Client
	s3        *s3.Client
	sns       *sns.Client
	sqs       *sqs.Client
	tables    *dynamodb.Client
	traces    *xray.Client
	trails    *cloudtrail.Client

	// Shared by the exercises that do not change them.
	net   func(context.Context) (network, error)
	site  func(context.Context) (site, error)
	depot func(context.Context) (depot, error)
}

const tagRun = "labctl:run"

func newBench(cfg aws.Config, run string) *bench {
	b := &bench{
		cfg: cfg, run: run,
		analyzers: accessanalyzer.NewFromConfig(cfg), backup: backup.NewFromConfig(cfg), ec2: ec2.NewFromConfig(cfg), elb: elb.NewFromConfig(cfg),
		groups: autoscaling.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg), kms: kms.NewFromConfig(cfg), logs: cloudwatchlogs.NewFromConfig(cfg),
		metrics: cloudwatch.NewFromConfig(cfg), sns: sns.NewFromConfig(cfg), sqs: sqs.NewFromConfig(cfg), tables: dynamodb.NewFromConfig(cfg),
		traces: xray.NewFromConfig(cfg), trails: cloudtrail.NewFromConfig(cfg),
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }), // bucket names are no hosts of an emulator
	}
	b.net = once(b.makeNetwork)
	b.site = once(b.makeSite)
	b.depot = once(b.makeDepot)
	return b
}

// once makes a thing at its first use, and remembers it or the failure.
func once[T any](build func(context.Context) (T, error)) func(context.Context) (T, error) {
	var (
		mu   sync.Mutex
		done bool
		made T
		err  error
	)
	return func(ctx context.Context) (T, error) {
		mu.Lock()
		defer mu.Unlock()
		if !done {
			made, err = build(ctx)
			done = true
		}
		return made, err
	}
}

// readyLimit is how long a server may take to have done what it was told: a table, a snapshot, a job of AWS Backup.
const readyLimit = 30 * time.Second

// settled is how long it may take that something else follows by itself: a member in the place of another, a backup of what
// was deleted.
const settled = 5 * time.Second

// until looks again and again, until what is hoped for is so.
func (b *bench) until(ctx context.Context, limit time.Duration, hope string, look func() (bool, error)) error {
	const pause = 200 * time.Millisecond
	for end := time.Now().Add(limit); ; {
		if is, err := look(); err != nil || is {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s: not within %s", hope, limit)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// name is a name by which the sweep knows a thing as the run's.
func (b *bench) name(purpose string) *string { return aws.String("labctl-" + b.run + "-" + purpose) }

func (b *bench) tags() map[string]string { return map[string]string{tagRun: b.run} }

func (b *bench) tagged(kind types.ResourceType) []types.TagSpecification {
	return []types.TagSpecification{{ResourceType: kind, Tags: []types.Tag{{Key: aws.String(tagRun), Value: &b.run}}}}
}

// network is a VPC with an IPv6 block and a subnet that has 11 free addresses.
type network struct {
	vpc, subnet string
	block64     string // the first /64 of the VPC's IPv6 block
	assigned    error  // why the subnet has no IPv6 block
}

func (b *bench) vpc(ctx context.Context, cidr string, ipv6 bool) (types.Vpc, error) {
	out, err := b.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: &cidr, AmazonProvidedIpv6CidrBlock: &ipv6, TagSpecifications: b.tagged(types.ResourceTypeVpc)})
	if err != nil {
		return types.Vpc{}, err
	}
	return *out.Vpc, nil
}

func (b *bench) zones(ctx context.Context) ([]string, error) {
	out, err := b.ec2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, zone := range out.AvailabilityZones {
		names = append(names, aws.ToString(zone.ZoneName))
	}
	slices.Sort(names)
	if len(names) < 2 {
		return nil, fmt.Errorf("the region has %d Availability Zones", len(names))
	}
	return names, nil
}

func (b *bench) subnet(ctx context.Context, vpc, cidr, zone string) (string, error) {
	out, err := b.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: &cidr, AvailabilityZone: &zone, TagSpecifications: b.tagged(types.ResourceTypeSubnet)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Subnet.SubnetId), nil
}

func (b *bench) makeNetwork(ctx context.Context) (network, error) {
	zones, err := b.zones(ctx)
	if err != nil {
		return network{}, err
	}
	vpc, err := b.vpc(ctx, "10.71.0.0/16", true)
	if err != nil {
		return network{}, err
	}
	n := network{vpc: aws.ToString(vpc.VpcId)}
	if n.subnet, err = b.subnet(ctx, n.vpc, "10.71.1.0/28", zones[0]); err != nil {
		return network{}, err
	}
	if n.block64, n.assigned = b.block64(ctx, n.vpc); n.assigned == nil {
		_, n.assigned = b.ec2.AssociateSubnetCidrBlock(ctx, &ec2.AssociateSubnetCidrBlockInput{SubnetId: &n.subnet, Ipv6CidrBlock: &n.block64})
	}
	return n, nil
}

// block64 is the first /64 of a VPC's IPv6 block.
func (b *bench) block64(ctx context.Context, vpc string) (string, error) {
	out, err := b.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{vpc}})
	if err != nil {
		return "", err
	}
	if len(out.Vpcs) != 1 || len(out.Vpcs[0].Ipv6CidrBlockAssociationSet) == 0 {
		return "", errors.New("the VPC got no IPv6 block")
	}
	block := aws.ToString(out.Vpcs[0].Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock)
	if len(block) < 4 {
		return "", fmt.Errorf("the VPC's IPv6 block is %q", block)
	}
	return block[:len(block)-3] + "/64", nil
}

func filter(name string, values ...string) []types.Filter {
	return []types.Filter{{Name: &name, Values: values}}
}
