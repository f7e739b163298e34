package price

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
)

var resource = regexp.MustCompile(`(?m)^resource "(\w+)"`)

func TestEveryTypeInTheLabsTerraformHasAPriceOrIsSaidToBeFree(t *testing.T) {
	known := map[string]bool{}
	for name, entry := range AWS() {
		typeName, _, _ := strings.Cut(name, " ")
		known[typeName] = true
		assert.NotEmpty(t, entry.Source, name)
		assert.NotEmpty(t, entry.Unit, name)
		assert.Equal(t, entry.PerHour() == 0, entry.Unit == "free", name)
		for _, part := range entry.Parts {
			assert.Positive(t, part.USD*part.Each, name)
			assert.NotEmpty(t, part.Unit, name)
			assert.NotEmpty(t, part.Product.Service+part.Product.Usage, "%s: where does AWS's price list have it?", name)
		}
	}
	files, err := filepath.Glob("../../terraform/*/*.tf")
	require.NoError(t, err)
	seen := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, match := range resource.FindAllStringSubmatch(string(data), -1) {
			seen++
			assert.True(t, known[match[1]], "%s: no price for %s", name, match[1])
		}
	}
	assert.Positive(t, seen)
}

func TestOnlyWhatABillNeedsIsAskedFor(t *testing.T) {
	table := Table{"a": {Type: "a"}, "a (X)": {Type: "a (X)"}, "b": {Type: "b"}}
	lines := []labs.BillLine{{Type: "a", Variant: "X", Count: 1}, {Type: "c", Count: 1}}
	assert.Equal(t, Table{"a (X)": {Type: "a (X)"}}, table.Of(lines))
	_, err := table.Of(lines).Bill(lines)
	require.ErrorContains(t, err, "[c]", "what no price is known for stays unknown")
}

func TestTargetTrackingIsBilledForTheAlarmsThatItKeeps(t *testing.T) {
	bill, err := AWS().Bill([]labs.BillLine{{Type: "aws_autoscaling_policy", Variant: "target tracking", Count: 1}})
	require.NoError(t, err)
	assert.InDelta(t, 2*0.10, bill.PerHour()*hoursInMonth, 1e-9)
}

func TestABillAddsUpUnitsAndNamesWhatItCannotPrice(t *testing.T) {
	table := Table{
		"a":     {Type: "a", Parts: []Part{hourly(0.01, "hour", Product{})}},
		"b (X)": {Type: "b (X)", Parts: []Part{hourly(0.2, "hour", Product{}), {USD: 0.1, Each: 3}}},
	}
	bill, err := table.Bill([]labs.BillLine{{Type: "a", Count: 3, Units: 2}, {Type: "b", Variant: "X", Count: 1}})
	require.NoError(t, err)
	assert.InDelta(t, 0.56, bill.PerHour(), 1e-9)
	assert.Equal(t, "b (X)", bill[0].Type, "the dearest comes first")

	_, err = table.Bill([]labs.BillLine{{Type: "a", Count: 1}, {Type: "c", Count: 1}})
	var unpriced *UnpricedError
	require.ErrorAs(t, err, &unpriced)
	assert.Equal(t, []string{"c"}, unpriced.Types)
}
