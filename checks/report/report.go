// Package report renders the outcome of a run of checks: as text for a learner, as JSON for programs, as JUnit XML
// for CI systems, as Markdown for pull requests.
//
// It decides nothing and reads nothing: what it prints is in the Document. Titles, ids and texts of checks are
// labctl's own; what was found comes from an account and is treated as hostile.
package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/report/typeset"
)

// Document is one run of checks and what it was about. Empty fields are left out where people read them.
type Document struct {
	Lab          Lab
	Run          string // the run's name; empty where a tag alone says what is judged
	Target       string // local, localstack, endpoint, aws
	Region       string
	Account      string
	Scope        string // the tag that marks what was judged: Key=Value
	Requirements []Requirement
	Objectives   []Objective
	Report       checks.Report
}

// Lab names the lab that the checks belong to.
type Lab struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Requirement is one numbered demand of the lab's scenario.
type Requirement struct {
	Number int    `json:"number"`
	Text   string `json:"text"`
}

// Objective is a number that the scenario promises: "RTO", "1 hour".
type Objective struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Format names a way to render a document.
type Format string

// The formats.
const (
	Text     Format = "text"
	JSON     Format = "json"
	JUnit    Format = "junit"
	Markdown Format = "markdown"
)

// Formats lists the formats, the default first.
func Formats() []Format { return []Format{Text, JSON, JUnit, Markdown} }

// Style says how text is laid out; the other formats look the same everywhere.
type Style struct {
	Colour  bool
	Width   int  // columns; kept between 60 and 100, and 80 where it is 0
	Verbose bool // details for passes too
}

// Write renders the document. It writes once, when all is rendered.
func Write(w io.Writer, format Format, doc Document, style Style) error {
	if format != JSON {
		return WriteAll(w, format, []Document{doc}, style)
	}
	var out bytes.Buffer
	return written(w, &out, encodeJSON(&out, jsonReportOf(doc)))
}

// WriteAll renders the documents of several labs as one: one after the other, in JSON as the list "reports".
func WriteAll(w io.Writer, format Format, docs []Document, style Style) error {
	var out bytes.Buffer
	var err error
	switch format {
	case JSON:
		err = writeJSONs(&out, docs)
	case JUnit:
		err = writeJUnit(&out, docs)
	case Text, Markdown:
		for n, doc := range docs {
			if n > 0 {
				out.WriteByte('\n')
			}
			if format == Text {
				writeText(&out, doc, style)
			} else {
				writeMarkdown(&out, doc)
			}
		}
	default:
		err = fmt.Errorf("unknown format %q", format)
	}
	return written(w, &out, err)
}

func written(w io.Writer, out *bytes.Buffer, err error) error {
	if err == nil {
		_, err = w.Write(out.Bytes())
	}
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// section is the results that prove one requirement.
type section struct {
	heading string
	results []checks.Result
}

// sections groups the results by requirement, in the order of the requirements. What proves none of them comes last.
func (d Document) sections() []section {
	var all []section
	placed := make([]bool, len(d.Report.Results))
	gather := func(heading string, belongs func(checks.Result) bool) {
		s := section{heading: heading}
		for i, result := range d.Report.Results {
			if !placed[i] && belongs(result) {
				placed[i] = true
				s.results = append(s.results, result)
			}
		}
		if len(s.results) > 0 {
			all = append(all, s)
		}
	}
	for _, requirement := range d.Requirements {
		gather(fmt.Sprintf("%d. %s", requirement.Number, typeset.Line(requirement.Text)), func(r checks.Result) bool {
			return r.Check.Requirement == requirement.Number
		})
	}
	gather("Other properties", func(checks.Result) bool { return true })
	return all
}

// place says what was judged, and where: one fact each.
func (d Document) place() []string {
	var facts []string
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, strings.TrimSpace(label+" "+typeset.Line(value)))
		}
	}
	add("run", d.Run)
	add("target", d.Target)
	add("", d.Region)
	add("account", d.Account)
	if d.Run == "" || !strings.HasSuffix(d.Scope, "="+d.Run) {
		add("tag", d.Scope)
	}
	return facts
}

// objectives says what the scenario promises: "RTO 1 hour".
func (d Document) objectives() []string {
	var all []string
	for _, o := range d.Objectives {
		all = append(all, o.Name+" "+o.Value)
	}
	return all
}

// evidence is what the verdict rests on, as people read it.
func evidence(r checks.Result) string {
	if r.Simulated {
		return string(r.Check.Evidence) + ", simulated"
	}
	return string(r.Check.Evidence)
}

// found says what is there, cleaned, an entry for each offender. A defect in a check comes with a stack, which only
// JSON and JUnit show: of an error people see the first line.
func found(r checks.Result) []string {
	var lines []string
	for _, entry := range r.Finding.Found {
		if r.Finding.Status == checks.Error {
			entry, _, _ = strings.Cut(entry, "\n")
		}
		if line := typeset.Line(entry); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// figure is the drawing of the finding, cleaned. Unlike other text it keeps its spaces.
func figure(r checks.Result) []string {
	lines := make([]string, len(r.Finding.Figure))
	for i, line := range r.Finding.Figure {
		lines[i] = strings.ReplaceAll(typeset.Clean(line), "\n", " ")
	}
	return lines
}

// unnamed is the resources of the finding that no sentence in it names.
func unnamed(r checks.Result) []string {
	said := strings.Join(found(r), "\n")
	var ids []string
	for _, id := range r.Finding.Resources {
		if id = typeset.Line(id); id != "" && !strings.Contains(said, id) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// detail is one labelled part of what is said about a result.
type detail struct {
	label string
	lines []string
	own   bool // labctl's own words, in which backticks mark commands
	drawn bool // a figure: it is not wrapped
}

// details is all that is said about a result beside its title. A hint says where to look when something is wrong,
// and "found" is the reason where a check was skipped.
func details(r checks.Result) []detail {
	status := r.Finding.Status
	foundLabel := "Found"
	if status == checks.Skip {
		foundLabel = "Skipped because"
	}
	var all []detail
	add := func(own bool, label string, lines ...string) {
		lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
		if len(lines) > 0 {
			all = append(all, detail{label: label, lines: lines, own: own})
		}
	}
	add(true, "Expected", typeset.Line(r.Check.Expected))
	add(false, foundLabel, found(r)...)
	if drawing := figure(r); len(drawing) > 0 {
		all = append(all, detail{label: "Figure", lines: drawing, drawn: true})
	}
	add(false, "Resources", strings.Join(unnamed(r), ", "))
	add(true, "Why it matters", typeset.Line(r.Check.Why))
	if status == checks.Fail || status == checks.Error {
		add(true, "Hint", typeset.Line(r.Check.Hint))
	}
	add(true, "References", strings.Join(r.Check.Refs, " · "))
	return all
}
