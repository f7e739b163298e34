package labtest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/labs"
)

// Accounts are the prepared accounts of a lab's tests, in the lab's own type: designs that are right, what does to them what
// the faults do, and a stranger, who has the same architecture in the same account, broken in every way.
type Accounts[A any] struct {
	Lab       labs.Lab
	Designs   []string
	Load      func(*testing.T, string) A // a design, which a test may change
	Inventory func(A) *inventory.Inventory
	Mutations map[string]func(A)  // by fault
	Stranger  func(*testing.T) A  // the stranger alone, as the owner sees it
	Add       func(*testing.T, A) // puts the stranger beside what is there
}

func (a Accounts[A]) failing(t *testing.T, account A) []string {
	t.Helper()
	return Failing(t, a.Lab, func() *inventory.Inventory { return a.Inventory(account) })
}

// EveryDesignPasses asserts that a correct design passes every check, alone and beside a stranger.
func (a Accounts[A]) EveryDesignPasses(t *testing.T) {
	t.Helper()
	for _, design := range a.Designs {
		t.Run(design, func(t *testing.T) {
			account := a.Load(t, design)
			assert.Empty(t, a.failing(t, account))
			a.Add(t, account)
			assert.Empty(t, a.failing(t, account), "with a stranger in the same account")
		})
	}
}

// TheStrangerIsBroken asserts that every check fails for the stranger: a decoy that is sound shows nothing.
func (a Accounts[A]) TheStrangerIsBroken(t *testing.T) {
	t.Helper()
	failing := a.failing(t, a.Stranger(t))
	for _, check := range a.Lab.Checks {
		assert.Contains(t, failing, check.ID, "a decoy that is sound shows nothing")
	}
}

// EachFaultBreaksWhatItNames asserts that what does to a design what a fault does breaks exactly the checks that the fault
// names.
func (a Accounts[A]) EachFaultBreaksWhatItNames(t *testing.T, design string) {
	t.Helper()
	a.eachFault(t, func(t *testing.T, fault labs.Fault, mutate func(A)) {
		account := a.Load(t, design)
		mutate(account)
		assert.ElementsMatch(t, fault.Breaks, a.failing(t, account))
	})
}

// EachFaultBreaksWhatItNamesBesideAStranger asserts the same where somebody else's architecture is broken in every way.
func (a Accounts[A]) EachFaultBreaksWhatItNamesBesideAStranger(t *testing.T, design string) {
	t.Helper()
	a.eachFault(t, func(t *testing.T, fault labs.Fault, mutate func(A)) {
		account := a.Load(t, design)
		mutate(account)
		a.Add(t, account)
		assert.ElementsMatch(t, fault.Breaks, a.failing(t, account))
	})
}

func (a Accounts[A]) eachFault(t *testing.T, test func(*testing.T, labs.Fault, func(A))) {
	t.Helper()
	for _, fault := range a.Lab.Faults {
		t.Run(fault.ID, func(t *testing.T) {
			mutate := a.Mutations[fault.ID]
			require.NotNil(t, mutate, "no mutation does to a fixture what the fault does")
			test(t, fault, mutate)
		})
	}
}

// NothingPasses asserts that every check fails, and says which of labctl's tags it looked for, on a design from which the
// changes take what the checks find it by.
func (a Accounts[A]) NothingPasses(t *testing.T, design string, changes map[string]func(A)) {
	t.Helper()
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			account := a.Load(t, design)
			change(account)
			for id, finding := range Judge(t, a.Lab, func() *inventory.Inventory { return a.Inventory(account) }) {
				assert.Equal(t, checks.Fail, finding.Status, "%s: %v", id, finding.Found)
				assert.Contains(t, fmt.Sprint(finding.Found), "labctl:", "%s says which tag is missing", id)
			}
		})
	}
}
