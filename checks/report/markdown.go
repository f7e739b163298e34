package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"labctl/checks"
	"labctl/checks/report/typeset"
)

// writeMarkdown renders Markdown as GitHub reads it (https://github.github.com/gfm/): the verdict, a table of all
// results, and the details of those that did not pass.
func writeMarkdown(out *bytes.Buffer, doc Document) {
	r := doc.Report
	fmt.Fprintf(out, "# %s\n\n", markdown(doc.Lab.Title))
	fmt.Fprintf(out, "**%s:** %s\n\n", strings.ToUpper(string(r.Verdict())), markdown(verdict(r)))
	fmt.Fprintf(out, "%s · %s\n\n", markdown(counts(r)), markdown(cost(r)))
	if place := doc.place(); len(place) > 0 {
		fmt.Fprintf(out, "%s\n\n", markdown(strings.Join(place, " · ")))
	}
	if objectives := doc.objectives(); len(objectives) > 0 {
		fmt.Fprintf(out, "Objectives: %s\n\n", markdown(strings.Join(objectives, " · ")))
	}
	for _, s := range doc.sections() {
		fmt.Fprintf(out, "## %s\n\n", inlineMarkdown(s.heading))
		out.WriteString("| Result | Property | Check | Evidence |\n| --- | --- | --- | --- |\n")
		for _, result := range s.results {
			fmt.Fprintf(out, "| %s | %s | `%s` | %s |\n", markdownStatus(result.Finding.Status),
				markdown(typeset.Line(result.Check.Title)), result.Check.ID, markdown(evidence(result)))
		}
		out.WriteByte('\n')
		for _, result := range s.results {
			if result.Finding.Status != checks.Pass {
				markdownDetails(out, result)
			}
		}
	}
}

func markdownDetails(out *bytes.Buffer, r checks.Result) {
	fmt.Fprintf(out, "### %s: %s\n\n", strings.ReplaceAll(markdownStatus(r.Finding.Status), "*", ""), inlineMarkdown(typeset.Line(r.Check.Title)))
	for _, d := range details(r) {
		if d.drawn {
			// Four spaces more than the list item make a code block of it, in which nothing has a meaning.
			fmt.Fprintf(out, "\n      %s\n\n", strings.Join(d.lines, "\n      "))
			continue
		}
		escape := markdown
		if d.own {
			escape = prose
		}
		if len(d.lines) == 1 {
			fmt.Fprintf(out, "- **%s:** %s\n", d.label, escape(d.lines[0]))
			continue
		}
		fmt.Fprintf(out, "- **%s:**\n", d.label)
		for _, line := range d.lines {
			fmt.Fprintf(out, "  - %s\n", escape(line))
		}
	}
	out.WriteByte('\n')
}

func markdownStatus(status checks.Status) string {
	if status == checks.Pass {
		return "✓ pass"
	}
	return map[checks.Status]string{checks.Fail: "✗", checks.Error: "!", checks.Skip: "-"}[status] + " **" + string(status) + "**"
}

var (
	// inline is what starts markup inside a line: emphasis, code, links, HTML, entities, table cells.
	inline = regexp.MustCompile("[\\\\`*_\\[\\]<>|~&]")
	// block is what starts a heading, a list, a quote or a rule at the beginning of a line.
	block = regexp.MustCompile(`^(?:[#+=-]|(\d{1,9})([.)]))`)
)

// markdown escapes a line of text so that it stands in a line or a table cell as it is.
func markdown(line string) string {
	return block.ReplaceAllStringFunc(inlineMarkdown(line), func(start string) string {
		return start[:len(start)-1] + `\` + start[len(start)-1:]
	})
}

// inlineMarkdown is markdown for text that does not begin a block.
func inlineMarkdown(line string) string { return inline.ReplaceAllString(line, `\$0`) }

// prose is markdown for labctl's own words: commands between backticks become code.
func prose(line string) string {
	parts := strings.Split(line, "`")
	if len(parts)%2 == 0 {
		return markdown(line)
	}
	parts[0] = markdown(parts[0])
	for i := 1; i < len(parts); i += 2 {
		parts[i], parts[i+1] = "`"+parts[i]+"`", inlineMarkdown(parts[i+1])
	}
	return strings.Join(parts, "")
}
