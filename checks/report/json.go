package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"labctl/checks"
)

// jsonVersion is raised when a field changes its meaning or goes away; new fields leave it as it is.
const jsonVersion = 1

// jsonReport is the JSON report. Every field but series is always there, lists are never null, and times are milliseconds:
//
//	version       1
//	lab           {"id", "title"}
//	run           the run's name, "" where a tag alone says what was judged
//	target        "local", "localstack", "endpoint" or "aws"
//	region        AWS region
//	account       AWS account id
//	scope         the tag that marks what was judged, "Key=Value"
//	started       RFC 3339, UTC
//	elapsedMs     how long the checks took together
//	apiCalls      AWS API requests made, retries included
//	verdict       "pass", "fail" or "error"
//	counts        {"total", "pass", "fail", "error", "skip", "simulated"}; simulated results are counted by status too
//	requirements  [{"number", "text"}]
//	objectives    [{"name", "value"}]
//	results       one for each check, in the lab's order; see jsonResult
type jsonReport struct {
	Version      int           `json:"version"`
	Lab          Lab           `json:"lab"`
	Run          string        `json:"run"`
	Target       string        `json:"target"`
	Region       string        `json:"region"`
	Account      string        `json:"account"`
	Scope        string        `json:"scope"`
	Started      string        `json:"started"`
	ElapsedMs    int64         `json:"elapsedMs"`
	APICalls     int64         `json:"apiCalls"`
	Verdict      checks.Status `json:"verdict"`
	Counts       jsonCounts    `json:"counts"`
	Requirements []Requirement `json:"requirements"`
	Objectives   []Objective   `json:"objectives"`
	Results      []jsonResult  `json:"results"`
}

type jsonCounts struct {
	Total     int `json:"total"`
	Pass      int `json:"pass"`
	Fail      int `json:"fail"`
	Error     int `json:"error"`
	Skip      int `json:"skip"`
	Simulated int `json:"simulated"`
}

// jsonResult is one check and what it found:
//
//	id, title    of the check
//	requirement  the number of the requirement that it proves
//	evidence     "config", "analysis" or "config+analysis"
//	refs         Well-Architected best practices, Security Hub controls, AWS Config rules
//	status       "pass", "fail", "error" or "skip"
//	simulated    whether the verdict rests on behaviour that labctl simulates
//	expected     what a correct architecture looks like
//	found        what is there, an entry for each offender; why it was not decided, for "error" and "skip"
//	resources    ids of the resources that the finding is about
//	series       what a figure in the text report is drawn from; not there for most checks
//	why, hint    why the property matters; where to look when it fails
//	elapsedMs    how long the check took
type jsonResult struct {
	ID          string          `json:"id"`
	Title       string          `json:"title"`
	Requirement int             `json:"requirement"`
	Evidence    checks.Evidence `json:"evidence"`
	Refs        []string        `json:"refs"`
	Status      checks.Status   `json:"status"`
	Simulated   bool            `json:"simulated"`
	Expected    string          `json:"expected"`
	Found       []string        `json:"found"`
	Resources   []string        `json:"resources"`
	Series      any             `json:"series,omitempty"`
	Why         string          `json:"why"`
	Hint        string          `json:"hint"`
	ElapsedMs   int64           `json:"elapsedMs"`
}

// jsonReports is what several labs' reports together are in JSON.
type jsonReports struct {
	Version int          `json:"version"`
	Reports []jsonReport `json:"reports"`
}

func writeJSONs(out *bytes.Buffer, docs []Document) error {
	all := jsonReports{Version: jsonVersion, Reports: []jsonReport{}}
	for _, doc := range docs {
		all.Reports = append(all.Reports, jsonReportOf(doc))
	}
	return encodeJSON(out, all)
}

func jsonReportOf(doc Document) jsonReport {
	r := doc.Report
	all := jsonReport{
		Version: jsonVersion, Lab: doc.Lab, Run: doc.Run, Target: doc.Target, Region: doc.Region,
		Account: doc.Account, Scope: doc.Scope, Started: r.Started.UTC().Format(time.RFC3339),
		ElapsedMs: r.Elapsed.Milliseconds(), APICalls: r.APICalls, Verdict: r.Verdict(),
		Counts: jsonCounts{
			Total: len(r.Results), Pass: r.Count(checks.Pass), Fail: r.Count(checks.Fail),
			Error: r.Count(checks.Error), Skip: r.Count(checks.Skip), Simulated: simulated(r),
		},
		Requirements: list(doc.Requirements), Objectives: list(doc.Objectives),
		Results: make([]jsonResult, 0, len(r.Results)),
	}
	for _, result := range r.Results {
		c, f := result.Check, result.Finding
		all.Results = append(all.Results, jsonResult{
			ID: c.ID, Title: c.Title, Requirement: c.Requirement, Evidence: c.Evidence, Refs: list(c.Refs),
			Status: f.Status, Simulated: result.Simulated, Expected: c.Expected, Found: list(f.Found),
			Resources: list(f.Resources), Series: f.Series, Why: c.Why, Hint: c.Hint, ElapsedMs: result.Elapsed.Milliseconds(),
		})
	}
	return all
}

func encodeJSON(out *bytes.Buffer, value any) error {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	writeEscaped(out, buffer.Bytes())
	return nil
}

// writeEscaped escapes the characters that encoding/json lets through and a terminal or a reader falls for: DEL, the
// eight-bit controls, and those that reorder text. They stand in strings only, so that the values stay the same.
func writeEscaped(out *bytes.Buffer, data []byte) {
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Bidi_Control) {
			fmt.Fprintf(out, `\u%04x`, r)
		} else {
			out.Write(data[:size])
		}
		data = data[size:]
	}
}

// list is the slice, and an empty one instead of nil.
func list[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
