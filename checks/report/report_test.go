package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/checks/report"
	"labctl/checks/report/typeset"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sample has a result of each status, in two requirements and outside of them.
func sample() report.Document {
	return report.Document{
		Lab: report.Lab{ID: "networking", Title: "Segmentation across VPCs"},
		Run: "k3f9", Target: "local", Region: "us-east-1", Account: "123456789012", Scope: "labctl:run=k3f9",
		Requirements: []report.Requirement{
			{Number: 1, Text: "Losing one zone must not break the other zone's egress."},
			{Number: 2, Text: "Dev must never reach prod, yet both use the shared tooling."},
			{Number: 3, Text: "Card data must have no path to the internet."},
		},
		Objectives: []report.Objective{{Name: "RTO", Value: "1 hour"}, {Name: "RPO", Value: "5 minutes"}},
		Report: checks.Report{
			Started: time.Date(2025, 3, 1, 12, 30, 5, 0, time.FixedZone("CET", 3600)),
			Elapsed: 940 * time.Millisecond, APICalls: 31,
			Results: []checks.Result{tiers(), nat(), isolated(), endpoint(), flowLogs(), headroom(), ramp()},
		},
	}
}

func tiers() checks.Result {
	return checks.Result{
		Check: checks.Check{
			ID: "net-tiers-az", Title: "Every tier spans at least two zones", Requirement: 1, Evidence: checks.Config,
			Refs: []string{"REL10-BP01"}, Expected: "each tier has subnets in two Availability Zones or more",
			Why: "A zone fails as a whole, so whatever lives in one zone alone fails with it.", Hint: "look at the zones",
		},
		Finding: checks.Passed(
			"public: subnet-0a1 in us-east-1a, subnet-0a2 in us-east-1b",
			"app: subnet-0b1 in us-east-1a, subnet-0b2 in us-east-1b").About("subnet-0a1", "subnet-0a2"),
		Elapsed: 3 * time.Millisecond,
	}
}

func nat() checks.Result {
	return checks.Result{
		Check: checks.Check{
			ID: "net-nat-per-az", Requirement: 1, Evidence: checks.Analysis, Refs: []string{"REL10-BP01", "REL11-BP05"},
			Title:    "Each app subnet's default route leads to a live public NAT in its own zone which itself reaches the internet",
			Expected: "a NAT gateway per zone", Why: "A shared NAT gateway ties both zones to one.", Hint: "look at the route tables",
		},
		Finding:   checks.Passed("subnet-0b1 leaves by nat-01 in us-east-1a"),
		Simulated: true, Elapsed: 12345 * time.Microsecond,
	}
}

func isolated() checks.Result {
	var o checks.Offences
	o.Add("subnet-0c1 (data, us-east-1a) reaches 0.0.0.0/0: route table rtb-0d1 sends it to nat-01, and network ACL acl-0d1 rule 100 lets it out", "subnet-0c1", "rtb-0d1")
	o.Add("subnet-0c2 (data, us-east-1b) reaches ::/0 through igw-09", "subnet-0c2", "igw-09", "eni-77")
	return checks.Result{
		Check: checks.Check{
			ID: "net-data-isolated", Title: "The data tier cannot reach the internet, IPv4 or IPv6", Requirement: 3,
			Evidence: checks.Analysis, Refs: []string{"SEC05-BP02", "no-unrestricted-route-to-igw"},
			Expected: "for every subnet of the data tier, no packet to any public address leaves the VPC",
			Why:      "What cannot leave cannot be stolen: a compromised database without a way out is an incident, with one it is a breach.",
			Hint:     "follow `labctl trace --from <data subnet> --to internet` hop by hop; remember which table a subnet without an association uses",
		},
		Finding: o.Finding(), Elapsed: 20 * time.Millisecond,
	}
}

func endpoint() checks.Result {
	return checks.Result{
		Check: checks.Check{
			ID: "net-endpoint-policy", Title: "Endpoints allow only the lab's bucket and the account's own principals",
			Requirement: 3, Evidence: checks.Analysis, Expected: "a policy on each endpoint",
			Why: "An open endpoint is a way out to anyone's bucket.", Hint: "read the endpoint's policy",
		},
		Finding: checks.Finding{Status: checks.Error, Found: []string{
			"reading VPC endpoints: operation error EC2: DescribeVpcEndpoints, https response error StatusCode: 403, AccessDenied\ngoroutine 1 [running]:\nmain.main()",
		}},
	}
}

func flowLogs() checks.Result {
	return checks.Result{
		Check: checks.Check{
			ID: "net-flow-logs", Title: "Every VPC logs ALL traffic and delivery works", Requirement: 3,
			Evidence: checks.Config, Refs: []string{"EC2.6"}, Expected: "a flow log with traffic type ALL",
			Why: "Without logs nobody can say what left.", Hint: "look at the delivery role",
		},
		Finding: checks.Finding{Status: checks.Skip, Found: []string{"this target does not deliver flow logs"}},
	}
}

// ramp shows a figure that fits 80 columns, and not 60.
func ramp() checks.Result {
	return checks.Result{
		Check: checks.Check{ID: "ha-sim", Title: "A ramp drains without flapping", Requirement: 9,
			Evidence: checks.Analysis, Expected: "nothing waits after ten minutes", Why: "A queue that grows is an outage."},
		Finding: checks.Failed("work waits at the end").Drawn(map[string]any{"step": 10, "backlog": []int{0, 80, 160}},
			"requests/s: # carried, ! beyond what the group can carry at the time",
			"   128 |   !!!!",
			"       |####### <b>*not markup*</b> \x1b[31m",
			"     0 +-------"),
	}
}

func headroom() checks.Result {
	return checks.Result{
		Check: checks.Check{ID: "net-headroom", Title: "Every subnet has half its addresses free", Requirement: 9,
			Evidence: checks.Config, Expected: "/26 or larger", Why: "A full subnet stops scaling."},
		Finding: checks.Passed("6 subnets, the fullest has 12 of 251 addresses in use"),
	}
}

func passing() report.Document {
	doc := sample()
	doc.Objectives = nil
	doc.Report.Results = []checks.Result{tiers(), nat(), headroom()}
	return doc
}

func render(t *testing.T, format report.Format, doc report.Document, style report.Style) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Write(&out, format, doc, style))
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update to make it")
	assert.Equal(t, string(want), got)
}

func TestReportsLookAsTheGoldenFilesSay(t *testing.T) {
	for name, c := range map[string]struct {
		format report.Format
		doc    report.Document
		style  report.Style
	}{
		"mixed-80.txt":        {report.Text, sample(), report.Style{}},
		"mixed-100.txt":       {report.Text, sample(), report.Style{Width: 240}},
		"mixed-60.txt":        {report.Text, sample(), report.Style{Width: 10}},
		"mixed-colour.txt":    {report.Text, sample(), report.Style{Width: 80, Colour: true}},
		"passing.txt":         {report.Text, passing(), report.Style{Width: 80}},
		"passing-verbose.txt": {report.Text, passing(), report.Style{Width: 80, Verbose: true}},
		"mixed.json":          {report.JSON, sample(), report.Style{}},
		"mixed.xml":           {report.JUnit, sample(), report.Style{}},
		"mixed.md":            {report.Markdown, sample(), report.Style{}},
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, render(t, c.format, c.doc, c.style)) })
	}
}

func TestColourChangesNoWord(t *testing.T) {
	plain := render(t, report.Text, sample(), report.Style{Width: 80})
	coloured := render(t, report.Text, sample(), report.Style{Width: 80, Colour: true})
	assert.NotEqual(t, plain, coloured)
	assert.Equal(t, plain, typeset.Clean(coloured))
}

func TestNoLineIsWiderThanThePage(t *testing.T) {
	for _, width := range []int{60, 72, 80, 100} {
		for line := range strings.Lines(render(t, report.Text, sample(), report.Style{Width: width, Verbose: true})) {
			assert.LessOrEqual(t, typeset.Width(strings.TrimSuffix(line, "\n")), width, "%q", line)
		}
	}
}

func TestTheVerdictIsOneSentence(t *testing.T) {
	some := func(statuses ...checks.Status) checks.Report {
		var r checks.Report
		for i, status := range statuses {
			r.Results = append(r.Results, checks.Result{
				Check: checks.Check{ID: string(rune('a' + i))}, Finding: checks.Finding{Status: status}})
		}
		return r
	}
	const pass, fail, undecided, skip = checks.Pass, checks.Fail, checks.Error, checks.Skip
	for name, c := range map[string]struct {
		report checks.Report
		want   string
	}{
		"nothing checked":               {some(), "ERROR: nothing was checked."},
		"all hold":                      {some(pass, pass), "PASS: all 2 properties hold."},
		"the only one holds":            {some(pass), "PASS: the property holds."},
		"some are skipped":              {some(pass, skip, pass), "PASS: 2 of 3 properties hold; this target cannot show the rest."},
		"one holds, one is skipped":     {some(pass, skip), "PASS: 1 of 2 properties holds; this target cannot show the rest."},
		"all are skipped":               {some(skip, skip), "ERROR: nothing was decided, because this target cannot show any of it."},
		"one does not hold":             {some(pass, fail), "FAIL: 1 of 2 properties does not hold: b."},
		"the only one does not hold":    {some(fail), "FAIL: 1 of 1 property does not hold: a."},
		"several do not hold":           {some(fail, pass, fail), "FAIL: 2 of 3 properties do not hold: a, c."},
		"a fail outweighs an error":     {some(undecided, fail), "FAIL: 1 of 2 properties does not hold, and 1 could not be decided: b, a."},
		"an error outweighs the passes": {some(pass, undecided, skip), "ERROR: 1 of 3 properties could not be decided: b."},
	} {
		t.Run(name, func(t *testing.T) {
			text := render(t, report.Text, report.Document{Report: c.report}, report.Style{Width: 100})
			assert.Contains(t, text, c.want+"\n")
		})
	}
}

// hostile is what a tag value can hold at worst.
const hostile = "evil\x1b[2J\x1b]0;owned\x07\x00\u009b31m\u202e\r\n| ]]> <b>&amp; `x` ![](http://x) \xff\uFFFE"

func hostileDocument() report.Document {
	doc := sample()
	doc.Run, doc.Scope, doc.Account, doc.Region = hostile, hostile, hostile, hostile
	var o checks.Offences
	o.Add(hostile, hostile)
	o.Add(hostile+" again", "id-"+hostile)
	for i := range doc.Report.Results {
		status := doc.Report.Results[i].Finding.Status
		doc.Report.Results[i].Finding = o.Finding()
		doc.Report.Results[i].Finding.Status = status
	}
	return doc
}

func TestWhatAnAccountHoldsCannotReachTheTerminal(t *testing.T) {
	for _, format := range report.Formats() {
		t.Run(string(format), func(t *testing.T) {
			out := render(t, format, hostileDocument(), report.Style{Verbose: true})
			for _, r := range out {
				if r != '\n' && unicode.In(r, unicode.Cc, unicode.Bidi_Control) {
					t.Errorf("the output holds %U", r)
				}
			}
		})
	}
}

func TestHostileTextComesBackFromJSONAsItWas(t *testing.T) {
	var back struct{ Run string }
	require.NoError(t, json.Unmarshal([]byte(render(t, report.JSON, hostileDocument(), report.Style{})), &back))
	assert.Equal(t, strings.ToValidUTF8(hostile, "\uFFFD"), back.Run)
}

func TestHostileTextLeavesTheXMLWellFormed(t *testing.T) {
	decoder := xml.NewDecoder(strings.NewReader(render(t, report.JUnit, hostileDocument(), report.Style{})))
	cases := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "testcase" {
			cases++
		}
	}
	assert.Equal(t, len(sample().Report.Results), cases)
}

func TestHostileTextStartsNoMarkup(t *testing.T) {
	doc := sample()
	doc.Report.Results = []checks.Result{isolated()}
	doc.Report.Results[0].Check.Title = "a | b <i>c</i> `d` e`"
	doc.Report.Results[0].Check.Hint = "run `labctl trace --from <a>` and `b|c`, *then* look"
	doc.Report.Results[0].Finding.Found = []string{"# heading", "- item", "12. item", "a\n\n# b", "[x](y) _z_ &lt;"}
	out := render(t, report.Markdown, doc, report.Style{})
	for _, want := range []string{
		"| ✗ **fail** | a \\| b \\<i\\>c\\</i\\> \\`d\\` e\\` | `net-data-isolated` | analysis |\n",
		"run `labctl trace --from <a>` and `b|c`, \\*then\\* look\n",
		"  - \\# heading\n", "  - \\- item\n", "  - 12\\. item\n", "  - a # b\n", "  - \\[x\\](y) \\_z\\_ \\&lt;\n",
	} {
		assert.Contains(t, out, want)
	}
}

func TestListsInJSONAreNeverNull(t *testing.T) {
	out := render(t, report.JSON, report.Document{Report: checks.Report{Results: []checks.Result{{}}}}, report.Style{})
	assert.NotContains(t, out, "null")
}

func TestAFormatNobodyKnowsIsAnError(t *testing.T) {
	var out bytes.Buffer
	require.ErrorContains(t, report.Write(&out, "yaml", sample(), report.Style{}), `unknown format "yaml"`)
	assert.Empty(t, out.String())
}

type fullDisk struct{}

var errFull = errors.New("no space left on device")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestAnOutputThatCannotBeWrittenIsAnError(t *testing.T) {
	require.ErrorIs(t, report.Write(fullDisk{}, report.Text, sample(), report.Style{}), errFull)
}
