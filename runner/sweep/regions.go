package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
)

// RegionsInUse asks the tagging API of every region that the account has enabled whether it
// knows anything with a labctl:run tag. A region that cannot be asked is in the error, beside
// the others.
func RegionsInUse(ctx context.Context, cfg aws.Config) ([]string, error) {
	enabled, err := ec2.NewFromConfig(cfg).DescribeRegions(ctx, &ec2.DescribeRegionsInput{}) // the enabled ones, unless asked for all
	if err != nil {
		return nil, fmt.Errorf("asking which regions the account has enabled: %w", err)
	}
	var regions []string
	for _, r := range enabled.Regions {
		regions = append(regions, aws.ToString(r.RegionName))
	}
	return usedRegions(ctx, regions, func(region string) tagging.GetResourcesAPIClient {
		return newTaggedLister(cfg, region).api
	})
}

func usedRegions(ctx context.Context, regions []string, in func(region string) tagging.GetResourcesAPIClient) ([]string, error) {
	var (
		mu       sync.Mutex
		used     []string
		problems []error
	)
	_ = each(regions, func(region string) error {
		tagged, err := taggedLister{api: in(region), region: region}.list(ctx)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			problems = append(problems, fmt.Errorf("asking whether anything is in %s: %w", region, err))
		}
		if len(tagged) > 0 {
			used = append(used, region)
		}
		return nil
	})
	slices.Sort(used)
	return used, errors.Join(problems...)
}
