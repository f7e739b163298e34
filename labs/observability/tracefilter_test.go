package observability

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFilterExpressionSelectsTraces(t *testing.T) {
	failed := traced{
		seconds: 0.3, status: 502, method: "POST", url: "https://api.example.com/payments",
		services: []tracedService{{name: "api", fault: true}, {name: "payments"}},
	}
	for expression, want := range map[string]bool{
		"": true, "fault": true, "fault = true": true, "fault = false": false, "fault != true": false, "!fault": false, "ok": false, "error": false,
		`service("api")`: true, `service("web")`: false, `service("api") { fault = true }`: true, `service("payments") { fault }`: false,
		`service("api") AND (fault = true OR responsetime > 1)`: true, `service("web") AND fault = true`: false,
		`service("web") OR fault`: true, `edge("api", "payments")`: true, `edge("payments", "api")`: false,
		"responsetime > 1": false, "responsetime <= 0.3": true, "http.status >= 500": true, "http.status != 502": false,
		`http.url CONTAINS "/payments"`: true, `http.url BEGINSWITH "http://"`: false, `http.method = "POST" and ! ok`: true,
	} {
		got, err := selects(expression, failed)
		require.NoError(t, err, expression)
		assert.Equal(t, want, got, expression)
	}
	for _, expression := range []string{`annotation.tier = "gold"`, "(fault", `service("api"`, `service("api") { fault`, "fault = 3", "responsetime ~ 3", "fault throttle", "http.status = x"} {
		_, err := selects(expression, failed)
		assert.Error(t, err, expression)
	}
}

func TestASamplingRuleMatchesByWildcardsWithoutRegardToCase(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "api", true}, {"*", "api", true}, {"api", "API", true}, {"a?i", "api", true}, {"a*", "api", true}, {"*-api", "labctl-x-api", true},
		{"a?", "api", false}, {"b*", "api", false}, {"/payments/*", "/payments", false}, {"*p*i*", "api", true}, {"?", "", false},
	} {
		assert.Equal(t, c.want, wild(c.pattern, c.text), "%s %s", c.pattern, c.text)
	}
}
