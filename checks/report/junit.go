package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"

	"labctl/checks"
	"labctl/checks/report/typeset"
)

// The elements and attributes are those of the schema that Jenkins validates against, which GitLab and GitHub's
// actions read too: times in seconds, counts as attributes, one suite for the lab, one case for each check.
// https://github.com/jenkinsci/xunit-plugin, types/model/xsd/junit-10.xsd
type junitSuites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Time     string   `xml:"time,attr"`
	Suites   []junitSuite
}

type junitSuite struct {
	XMLName    xml.Name        `xml:"testsuite"`
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	Classname string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Skipped   *junitMessage `xml:"skipped"`
	Error     *junitMessage `xml:"error"`
	Failure   *junitMessage `xml:"failure"`
	SystemOut *junitOutput  `xml:"system-out"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Body    string `xml:",cdata"` // encoding/xml checks no characters in it: clean text only
}

type junitOutput struct {
	Body string `xml:",cdata"`
}

func writeJUnit(out *bytes.Buffer, docs []Document) error {
	all := junitSuites{Name: "labctl"}
	var took time.Duration
	for _, doc := range docs {
		suite := junitSuiteOf(doc)
		all.Tests, all.Failures, all.Errors = all.Tests+suite.Tests, all.Failures+suite.Failures, all.Errors+suite.Errors
		all.Suites, took = append(all.Suites, suite), took+doc.Report.Elapsed
	}
	all.Time = seconds(took)
	out.WriteString(xml.Header)
	encoder := xml.NewEncoder(out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	out.WriteByte('\n')
	return nil
}

func junitSuiteOf(doc Document) junitSuite {
	r := doc.Report
	suite := junitSuite{
		Name: doc.Lab.ID, Tests: len(r.Results), Failures: r.Count(checks.Fail), Errors: r.Count(checks.Error),
		Skipped: r.Count(checks.Skip), Time: seconds(r.Elapsed),
		Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05"), // the schema knows no zone
		Properties: []junitProperty{
			{"run", typeset.Line(doc.Run)}, {"target", doc.Target}, {"region", typeset.Line(doc.Region)},
			{"account", typeset.Line(doc.Account)}, {"scope", typeset.Line(doc.Scope)},
			{"verdict", string(r.Verdict())}, {"apiCalls", strconv.FormatInt(r.APICalls, 10)},
		},
	}
	for _, result := range r.Results {
		suite.Cases = append(suite.Cases, junitCaseOf(doc.Lab.ID, result))
	}
	return suite
}

func junitCaseOf(lab string, r checks.Result) junitCase {
	c := junitCase{
		Name:      r.Check.ID + ": " + typeset.Line(r.Check.Title),
		Classname: "labctl." + lab,
		Time:      seconds(r.Elapsed),
	}
	var body strings.Builder
	fmt.Fprintf(&body, "Evidence: %s\n", evidence(r))
	for _, d := range details(r) {
		if d.drawn {
			fmt.Fprintf(&body, "%s:\n%s\n", d.label, strings.Join(d.lines, "\n"))
			continue
		}
		if d.label != "Found" {
			fmt.Fprintf(&body, "%s: %s\n", d.label, strings.Join(d.lines, "; "))
			continue
		}
		body.WriteString("Found:\n")
		for _, entry := range r.Finding.Found { // whole, with the stack of a defect
			fmt.Fprintf(&body, "  - %s\n", typeset.Clean(entry))
		}
	}
	message := &junitMessage{Message: strings.Join(found(r), "; "), Type: string(r.Check.Evidence), Body: body.String()}
	switch r.Finding.Status {
	case checks.Fail:
		c.Failure = message
	case checks.Error:
		c.Error = message
	case checks.Skip:
		c.Skipped = message
	default:
		c.SystemOut = &junitOutput{body.String()}
	}
	return c
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
