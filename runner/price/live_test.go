package price

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/pricing/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// priceList is AWS's price list with a few products, two to a page. It filters as AWS does: by equality.
type priceList struct {
	products []product
	mu       sync.Mutex
	asked    []string // services
}

type product struct {
	service    string
	attributes map[string]string
	tiers      []string // beginRange=price
}

func (p product) json() string {
	var attributes, tiers []string
	for name, value := range p.attributes {
		attributes = append(attributes, fmt.Sprintf("%q:%q", name, value))
	}
	for n, tier := range p.tiers {
		from, usd, _ := strings.Cut(tier, "=")
		tiers = append(tiers, fmt.Sprintf(`"S.T.%d":{"unit":"Hrs","beginRange":%q,"endRange":"Inf","pricePerUnit":{"USD":%q}}`, n, from, usd))
	}
	return fmt.Sprintf(`{"product":{"productFamily":"x","attributes":{%s},"sku":"S"},"serviceCode":%q,"terms":{"OnDemand":{"S.T":{"priceDimensions":{%s},"sku":"S"}},"Reserved":{"S.R":{"priceDimensions":{"S.R.1":{"beginRange":"0","pricePerUnit":{"USD":"9"}}}}}}}`,
		strings.Join(attributes, ","), p.service, strings.Join(tiers, ","))
}

func (l *priceList) GetProducts(_ context.Context, in *pricing.GetProductsInput, _ ...func(*pricing.Options)) (*pricing.GetProductsOutput, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, aws.ToString(in.ServiceCode))
	var found []string
	for _, p := range l.products {
		matches := p.service == aws.ToString(in.ServiceCode)
		for _, f := range in.Filters {
			matches = matches && f.Type == types.FilterTypeTermMatch && p.attributes[aws.ToString(f.Field)] == aws.ToString(f.Value)
		}
		if matches {
			found = append(found, p.json())
		}
	}
	const page = 2
	from := len(aws.ToString(in.NextToken)) // a token of n characters begins at the nth product
	out := &pricing.GetProductsOutput{PriceList: found[min(from, len(found)):min(from+page, len(found))]}
	if from+page < len(found) {
		out.NextToken = aws.String(strings.Repeat("x", from+page))
	}
	return out, nil
}

func in(region, usage string, more ...string) map[string]string {
	attributes := map[string]string{"regionCode": region, "usagetype": usage}
	for n := 0; n < len(more); n += 2 {
		attributes[more[n]] = more[n+1]
	}
	return attributes
}

func gateways() Table {
	return Table{
		"gateway": {Type: "gateway", Unit: "gateway-hour", Parts: []Part{{USD: 0.045, Each: 1, Unit: "gateway-hour", Product: Product{Service: "AmazonEC2", Usage: "NatGateway-Hours"}}}},
		"free":    {Type: "free", Unit: "free"},
	}
}

func TestThePriceListIsAskedForARegionsOwnUsageTypes(t *testing.T) {
	list := &priceList{products: []product{
		{"AmazonEC2", in("eu-west-1", "EU-RegionalNatGateway-Hours"), []string{"0=0.9"}}, // another product, with the same end
		{"AmazonEC2", in("eu-west-1", "EU-TS-NatGateway-Hours"), []string{"0=0.8"}},
		{"AmazonEC2", in("eu-west-1", "EU-NatGateway-Hours"), []string{"0=0.0480000000"}}, // on the second page
		{"AmazonEC2", in("us-east-1", "NatGateway-Hours"), []string{"0=0.045"}},
		{"AmazonVPC", in("eu-west-1", "EU-NatGateway-Hours"), []string{"0=7"}},
	}}
	table := gateways()
	live, err := Live(t.Context(), list, table, "eu-west-1")
	require.NoError(t, err)
	assert.InDelta(t, 0.048, live["gateway"].PerHour(), 1e-9)
	assert.Zero(t, live["free"].PerHour())
	assert.Len(t, live, 2)
	assert.InDelta(t, 0.045, table["gateway"].PerHour(), 1e-9, "the table itself is as it was")

	live, err = Live(t.Context(), list, table, "us-east-1")
	require.NoError(t, err)
	assert.InDelta(t, 0.045, live["gateway"].PerHour(), 1e-9, "us-east-1 has no prefix")
}

func TestTheFirstUnitsThatCostSomethingCount(t *testing.T) {
	list := &priceList{products: []product{{"AmazonEC2", in("us-east-1", "us-east-1-NatGateway-Hours"), []string{"1000=0.01", "10=0.05", "0=0.0000000000"}}}}
	live, err := Live(t.Context(), list, gateways(), "us-east-1")
	require.NoError(t, err)
	assert.InDelta(t, 0.05, live["gateway"].PerHour(), 1e-9)
}

func TestAnAnswerThatIsNoneOrTwoIsAnError(t *testing.T) {
	_, err := Live(t.Context(), &priceList{}, gateways(), "us-east-1")
	require.ErrorIs(t, err, errNoPrice)
	assert.ErrorContains(t, err, "gateway (gateway-hour)")

	two := &priceList{products: []product{
		{"AmazonEC2", in("us-east-1", "NatGateway-Hours"), []string{"0=0.045"}},
		{"AmazonEC2", in("us-east-1", "USE1-NatGateway-Hours"), []string{"0=0.05"}},
	}}
	_, err = Live(t.Context(), two, gateways(), "us-east-1")
	require.ErrorIs(t, err, errPrices)
}

func TestEveryBilledPartOfTheTableIsAskedFor(t *testing.T) {
	// AWS's answer for each, with the attributes that the table filters by.
	list, want := &priceList{}, 0
	for _, entry := range AWS() {
		for _, part := range entry.Parts {
			attributes := in("us-east-1", part.Product.Usage)
			for name, value := range part.Product.Attributes {
				attributes[name] = value
			}
			list.products = append(list.products, product{part.Product.Service, attributes, []string{fmt.Sprintf("0=%.10f", part.USD*2)}})
			want++
		}
	}
	live, err := Live(t.Context(), list, AWS(), "us-east-1")
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(list.asked), want)
	for name, entry := range AWS() {
		assert.InDelta(t, 2*entry.PerHour(), live[name].PerHour(), 1e-9, name)
	}
}
