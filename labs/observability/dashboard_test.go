package observability

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"labctl/checks/inventory"
)

func TestADashboardsRowsMayRepeatTheOneAbove(t *testing.T) {
	body := `{"widgets": [{"type": "metric", "properties": {"region": "us-east-1", "metrics": [
		["Shop", "Latency", "Route", "/a", "Method", "GET"],
		["...", "POST", {"stat": "p99"}],
		[".", "Errors", ".", "/b"],
		[{"expression": "SUM(METRICS()) + m1", "id": "e1"}],
		["Shop", "Requests", {"id": "m1", "visible": false}],
		["Shop", "Requests", {"region": "eu-west-1"}],
		["Shop", "Requests", {"accountId": "999999999999"}]
	]}}]}`
	b := parseBoard(body, "us-east-1", "123456789012")
	assert.Empty(t, b.problems)
	assert.Equal(t, []inventory.Metric{
		{Namespace: "Shop", MetricName: "Latency", Dimensions: map[string]string{"Route": "/a", "Method": "GET"}},
		{Namespace: "Shop", MetricName: "Latency", Dimensions: map[string]string{"Route": "/a", "Method": "POST"}},
		{Namespace: "Shop", MetricName: "Errors", Dimensions: map[string]string{"Route": "/b"}},
		{Namespace: "Shop", MetricName: "Requests"},
	}, b.metrics)
}

func TestWhatIsNotValidInADashboardIsSaid(t *testing.T) {
	widget := func(text string) string { return `{"widgets": [` + text + `]}` }
	metrics := func(rows string) string {
		return widget(`{"type": "metric", "properties": {"title": "T", "region": "us-east-1", "metrics": [` + rows + `]}}`)
	}
	for body, want := range map[string]string{
		"{":               "not valid",
		`{"widgets": []}`: "no widgets",
		widget(`{"type": "pie", "properties": {}}`):                              "no widget of type",
		widget(`{"type": "alarm", "properties": {"alarms": []}}`):                "shows no alarm",
		widget(`{"type": "log", "properties": {"query": "fields @timestamp"}}`):  "names no log group",
		widget(`{"type": "metric", "properties": {"metrics": [["Shop", "X"]]}}`): "names no region",
		metrics(""):                          "shows no metric",
		metrics(`["Shop"]`):                  "row 1",
		metrics(`["Shop", "X", "Route"]`):    "row 1",
		metrics(`[".", "X"]`):                "row 1",
		metrics(`["...", "X"]`):              "row 1",
		metrics(`["Shop", 3, "X"]`):          "row 1",
		metrics(`[{"expression": "a / 2"}]`): "speaks of a",
	} {
		b := parseBoard(body, "us-east-1", "123456789012")
		assert.Contains(t, strings.Join(b.problems, "; "), want, body)
	}
}

func TestTheLogGroupsOfAQueryAreFound(t *testing.T) {
	for query, want := range map[string][]string{
		"SOURCE 'a' | fields @message":                  {"a"},
		"SOURCE 'a' | SOURCE 'b' | fields @message":     {"a", "b"},
		`source "a", "b" | filter message = 'SOURCE'`:   {"a", "b"},
		"SOURCE logGroups(namePrefix: ['a']) | limit 1": nil,
	} {
		b := parseBoard(`{"widgets":[{"type":"log","properties":{"region":"us-east-1","query":"`+strings.ReplaceAll(query, `"`, `\"`)+`"}}]}`, "us-east-1", "1")
		assert.Empty(t, b.problems, query)
		assert.Equal(t, want, b.logGroups, query)
	}
}
