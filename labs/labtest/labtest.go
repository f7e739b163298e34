// Package labtest proves that a lab's checks can fail. On a live lab it injects every fault, asserts that exactly the
// checks which the fault names fail, takes the fault back, and asserts that all pass again and that nothing else is
// different from before.
//
// It also judges prepared facts, for the tests that need no server: see [Accounts]. It is for tests only: each lab calls
// [Provision] once and [Suite.Mutate] on what that made.
package labtest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/labs"
	"labctl/labs/clock"
)

// Suite is a live lab under test.
type Suite struct {
	Lab     labs.Lab
	Config  aws.Config
	Account string
	Run     string
	Tags    map[string]string // of the run
	Support map[checks.Capability]checks.Support
	Clock   clock.Clock

	// Labctl runs the command that brought the lab up; it has to succeed.
	Labctl func(args ...string)

	// Resources counts what Terraform made, by type.
	Resources map[string]int

	// State describes what the lab's faults change, so that what an undo leaves behind or forgets shows. What a
	// target gives anew, like the id of something made again, is for State to leave out.
	State func(context.Context, *inventory.Inventory) (string, error)
}

// Matrix is what each fault did to each check.
type Matrix struct {
	Checks []string
	Rows   []Row
}

// Row is one fault.
type Row struct {
	Fault   string
	Breaks  []string // the checks that it claims to break
	Broken  []string // those that failed
	Undone  bool     // all checks pass after the undo
	Exactly bool     // and the state is the one before

	Lacks checks.Capability // what the target does not show, so that the fault was not made; "" where it was
}

// AssertBill compares the lab's bill with what Terraform made.
func (s Suite) AssertBill(t *testing.T) {
	t.Helper()
	billed := map[string]int{}
	for _, line := range s.Lab.Bill {
		billed[line.Type] += line.Count
	}
	assert.Equal(t, s.Resources, billed, "the bill is what Terraform makes")
}

// Mutate drives every fault of the lab: inject, check, undo, check. It also takes each fault back where it was never
// made, where it was cut short before each of its changes, and twice.
func (s Suite) Mutate(t *testing.T) Matrix {
	t.Helper()
	matrix := Matrix{}
	for _, check := range s.Lab.Checks {
		matrix.Checks = append(matrix.Checks, check.ID)
	}
	require.Empty(t, s.failing(t), "the lab has to be sound before it is broken")
	before := s.state(t)
	for _, fault := range s.Lab.Faults {
		row := Row{Fault: fault.ID, Breaks: fault.Breaks}
		t.Run(fault.ID, func(t *testing.T) {
			if need, missing := s.lacks(s.Lab.NeedsOf(fault)); missing {
				row.Lacks = need
				t.Skipf("the target does not show %s", need)
			}
			s.drive(t, fault, before, &row)
		})
		matrix.Rows = append(matrix.Rows, row)
	}
	return matrix
}

func (s Suite) drive(t *testing.T, fault labs.Fault, before string, row *Row) {
	ctx := t.Context()
	require.NoError(t, fault.Undo(ctx, s.live(s.Config), memory{}), "taking back what was never made")
	assert.Empty(t, difference(before, s.state(t)), "taking back what was never made changes nothing")

	s.cutShort(t, fault, before)

	record := memory{}
	require.NoError(t, fault.Inject(ctx, s.live(s.Config), record))
	row.Broken = s.failing(t)
	assert.ElementsMatch(t, fault.Breaks, row.Broken, "the checks that fail")

	for _, when := range []string{"undo", "a second undo"} {
		require.NoError(t, fault.Undo(ctx, s.live(s.Config), record), when)
		failing, after := s.failing(t), s.state(t)
		assert.Empty(t, failing, "failing after %s", when)
		assert.Empty(t, difference(before, after), "the state after %s", when)
		row.Undone, row.Exactly = len(failing) == 0, before == after
	}
}

// mostChanges bounds the calls by which a fault changes something: it makes one real change.
const mostChanges = 8

// cutShort injects the fault again and again, each time with one more of its changes let through, and takes it back.
func (s Suite) cutShort(t *testing.T, fault labs.Fault, before string) {
	for allowed := range mostChanges {
		record, config := memory{}, s.Config.Copy()
		config.APIOptions = append(config.APIOptions[:len(config.APIOptions):len(config.APIOptions)], failAfter(allowed))
		err := fault.Inject(t.Context(), s.live(config), record)
		if err != nil {
			require.ErrorIs(t, err, errCut, "injecting with %d changes let through", allowed)
		}
		require.NoError(t, fault.Undo(t.Context(), s.live(s.Config), record), "taking back %d changes", allowed)
		assert.Empty(t, difference(before, s.state(t)), "the state after taking back %d changes", allowed)
		if err == nil {
			return
		}
	}
	t.Errorf("the fault makes more than %d changes", mostChanges)
}

// lacks finds the first need that the target does not show.
func (s Suite) lacks(needs []checks.Capability) (checks.Capability, bool) {
	for _, need := range needs {
		if !s.Support[need].Shown {
			return need, true
		}
	}
	return "", false
}

func (s Suite) live(config aws.Config) labs.Live {
	live := labs.Live{Config: config, Inventory: s.inventory(), Run: s.Run, Tags: s.Tags, Support: s.Support}
	if s.Lab.SecondRegion != nil {
		live.SecondRegion = s.Lab.SecondRegion(config.Region)
	}
	return live
}

func (s Suite) inventory() *inventory.Inventory {
	return inventory.New(s.Config, s.Account, inventory.Scope{Key: "labctl:run", Value: s.Run})
}

// failing runs the checks and returns those that do not pass. One that could not be decided stops the test: it says
// nothing about the fault.
func (s Suite) failing(t *testing.T) []string {
	t.Helper()
	report := checks.Run(t.Context(), s.inventory, s.Lab.Checks, checks.Options{Support: s.Support})
	var ids []string
	for _, result := range report.Results {
		switch result.Finding.Status {
		case checks.Pass:
		case checks.Skip:
			_, missing := s.lacks(result.Check.Needs)
			require.Truef(t, missing, "%s is skipped, and the target shows all that it needs: %v", result.Check.ID, result.Finding.Found)
		case checks.Fail:
			ids = append(ids, result.Check.ID)
			t.Logf("%s: %s", result.Check.ID, strings.Join(result.Finding.Found, "\n"))
		default:
			require.Failf(t, "not decided", "%s: %s %v", result.Check.ID, result.Finding.Status, result.Finding.Found)
		}
	}
	return ids
}

func (s Suite) state(t *testing.T) string {
	t.Helper()
	if s.State == nil {
		return ""
	}
	state, err := s.State(t.Context(), s.inventory())
	require.NoError(t, err)
	return state
}

// difference lists the lines that only one of two states has.
func difference(before, after string) []string {
	if before == after {
		return nil
	}
	var lines []string
	count := map[string]int{}
	for _, line := range strings.Split(before, "\n") {
		count[line]++
	}
	for _, line := range strings.Split(after, "\n") {
		if count[line]--; count[line] < 0 {
			lines = append(lines, "+"+line)
		}
	}
	for line, n := range count {
		if n > 0 {
			lines = append(lines, "-"+line)
		}
	}
	return append(lines, "(states differ)")
}

// memory is a record that lives as long as the test.
type memory map[string]string

func (m memory) Set(key, value string) error { m[key] = value; return nil }
func (m memory) Get(key string) string       { return m[key] }

// String prints the matrix: a row for each fault, a column for each check; X where the fault broke the check as it
// claims, ! where it did and does not claim so, ? where it claims to and did not, - where it could not be made.
func (m Matrix) String() string {
	var out strings.Builder
	width := len("fault")
	for _, row := range m.Rows {
		width = max(width, len(row.Fault))
	}
	for n, check := range m.Checks {
		fmt.Fprintf(&out, "%*s  %s%s\n", width, "", strings.Repeat("|  ", n), check)
	}
	for _, row := range m.Rows {
		fmt.Fprintf(&out, "%-*s  ", width, row.Fault)
		for _, check := range m.Checks {
			out.WriteString(mark(row, check) + "  ")
		}
		out.WriteString(row.end() + "\n")
	}
	return out.String()
}

func mark(row Row, check string) string {
	claimed, broken := contains(row.Breaks, check), contains(row.Broken, check)
	switch {
	case row.Lacks != "":
		return "-"
	case claimed && broken:
		return "X"
	case broken:
		return "!"
	case claimed:
		return "?"
	default:
		return "."
	}
}

func (r Row) end() string {
	switch {
	case r.Lacks != "":
		return "not made: the target does not show " + string(r.Lacks)
	case r.Undone && r.Exactly:
		return "undone"
	case r.Undone:
		return "undone, but not as before"
	default:
		return "NOT UNDONE"
	}
}

func contains(list []string, id string) bool {
	for _, item := range list {
		if item == id {
			return true
		}
	}
	return false
}
