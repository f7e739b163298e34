package price

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/pricing/types"
	"golang.org/x/sync/errgroup"
)

// Product is what AWS's price list calls a thing that it bills.
// https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html
type Product struct {
	Service    string            // service code: "AmazonEC2"
	Usage      string            // usage type without the region's prefix: "NatGateway-Hours", not "USW2-NatGateway-Hours"
	Attributes map[string]string // further attributes that tell it from products of the same usage type
}

// ListRegion is where the Price List API answers, for all regions.
const ListRegion = "us-east-1"

// asksAtOnce bounds the questions to the Price List API, which throttles early.
const asksAtOnce = 4

// Live asks AWS's price list what the entries of a table cost in a region. What is free stays free. An entry that the
// list does not answer for is an error: an old price among new ones would not be noticed.
func Live(ctx context.Context, api pricing.GetProductsAPIClient, table Table, region string) (Table, error) {
	live := make(Table, len(table))
	var group errgroup.Group
	group.SetLimit(asksAtOnce)
	for name, entry := range table {
		entry.Parts = slices.Clone(entry.Parts)
		live[name] = entry
		for n := range entry.Parts {
			part := &entry.Parts[n]
			group.Go(func() (err error) {
				if part.USD, err = ask(ctx, api, part.Product, region); err != nil {
					return fmt.Errorf("asking AWS for the price of %s (%s): %w", name, part.Unit, err)
				}
				return nil
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err //nolint:wrapcheck // it says what was asked
	}
	return live, nil
}

var (
	errNoPrice = errors.New("the price list has none")
	errPrices  = errors.New("the price list has more than one")
)

// ask reads the on-demand price of a product, in USD: that of the first units, where it falls with the quantity.
func ask(ctx context.Context, api pricing.GetProductsAPIClient, product Product, region string) (float64, error) {
	filter := func(field, value string) types.Filter {
		return types.Filter{Field: aws.String(field), Type: types.FilterTypeTermMatch, Value: aws.String(value)}
	}
	filters := []types.Filter{filter("regionCode", region)}
	for _, name := range slices.Sorted(maps.Keys(product.Attributes)) {
		filters = append(filters, filter(name, product.Attributes[name]))
	}
	usage := usagePattern(product.Usage)
	prices := map[float64]bool{}
	pages := pricing.NewGetProductsPaginator(api, &pricing.GetProductsInput{ServiceCode: aws.String(product.Service), Filters: filters})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err //nolint:wrapcheck // the SDK's errors name the call
		}
		for _, text := range page.PriceList {
			var listed listed
			if err := json.Unmarshal([]byte(text), &listed); err != nil {
				return 0, fmt.Errorf("reading the price list: %w", err)
			}
			if !usage.MatchString(listed.Product.Attributes["usagetype"]) {
				continue
			}
			if usd, ok := listed.firstUnits(); ok {
				prices[usd] = true
			}
		}
	}
	switch len(prices) {
	case 0:
		return 0, fmt.Errorf("%w for %s %s in %s", errNoPrice, product.Service, product.Usage, region)
	case 1:
		return slices.Collect(maps.Keys(prices))[0], nil
	default:
		return 0, fmt.Errorf("%w for %s %s in %s: %v", errPrices, product.Service, product.Usage, region, slices.Sorted(maps.Keys(prices)))
	}
}

// usagePattern takes the usage type with and without the prefix of a region: USW2- for most services, the region's own
// name for some.
func usagePattern(usage string) *regexp.Regexp {
	return regexp.MustCompile(`^([A-Z0-9]+-|[a-z]+-[a-z]+-\d+-)?` + regexp.QuoteMeta(usage) + `$`)
}

// listed is one product of the price list, as far as it matters here.
type listed struct {
	Product struct {
		Attributes map[string]string `json:"attributes"`
	} `json:"product"`
	Terms struct {
		OnDemand map[string]struct {
			PriceDimensions map[string]struct {
				BeginRange   string            `json:"beginRange"`
				PricePerUnit map[string]string `json:"pricePerUnit"`
			} `json:"priceDimensions"`
		} `json:"OnDemand"`
	} `json:"terms"`
}

// firstUnits is the price of the first units that cost something: what is listed at 0 beside it is a free tier.
func (l listed) firstUnits() (float64, bool) {
	best, from := 0.0, -1.0
	for _, term := range l.Terms.OnDemand {
		for _, dimension := range term.PriceDimensions {
			usd, err := strconv.ParseFloat(dimension.PricePerUnit["USD"], 64)
			begin, beginErr := strconv.ParseFloat(dimension.BeginRange, 64)
			if err != nil || usd == 0 {
				continue
			}
			if beginErr != nil {
				begin = 0
			}
			if from < 0 || begin < from {
				best, from = usd, begin
			}
		}
	}
	return best, from >= 0
}
