package checks_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/checks/inventory"
)

func fresh() *inventory.Inventory {
	return inventory.New(aws.Config{Region: "us-east-1"}, "123456789012", inventory.Scope{Key: "k", Value: "v"})
}

func finds(finding checks.Finding, err error) checks.Check {
	return checks.Check{ID: "c", Decide: func(context.Context, *inventory.Inventory) (checks.Finding, error) { return finding, err }}
}

func TestEachOutcomeIsWhatTheCheckConcludedOrAnError(t *testing.T) {
	needy := finds(checks.Passed(), nil)
	needy.Needs = []checks.Capability{"x"}
	panics := checks.Check{ID: "p", Decide: func(context.Context, *inventory.Inventory) (checks.Finding, error) {
		panic("index out of range")
	}}
	for name, test := range map[string]struct {
		check checks.Check
		opts  checks.Options
		want  checks.Status
		says  string
	}{
		"a pass":                              {finds(checks.Passed("fine"), nil), checks.Options{}, checks.Pass, "fine"},
		"a fail":                              {finds(checks.Failed("bad"), nil), checks.Options{}, checks.Fail, "bad"},
		"an error beats what was found":       {finds(checks.Passed("fine"), errors.New("access denied")), checks.Options{}, checks.Error, "access denied"},
		"an empty finding is no pass":         {finds(checks.Finding{}, nil), checks.Options{}, checks.Error, "concluded nothing"},
		"a panic is no pass":                  {panics, checks.Options{}, checks.Error, "index out of range"},
		"an unknown capability is skipped":    {needy, checks.Options{}, checks.Skip, "support x"},
		"a capability not shown is skipped":   {needy, checks.Options{Support: map[checks.Capability]checks.Support{"x": {Reason: "no x here"}}}, checks.Skip, "no x here"},
		"a capability shown lets it be asked": {needy, checks.Options{Support: map[checks.Capability]checks.Support{"x": {Shown: true}}}, checks.Pass, ""},
	} {
		t.Run(name, func(t *testing.T) {
			report := checks.Run(t.Context(), fresh, []checks.Check{test.check}, test.opts)
			require.Len(t, report.Results, 1)
			assert.Equal(t, test.want, report.Results[0].Finding.Status)
			if test.says != "" {
				require.NotEmpty(t, report.Results[0].Finding.Found)
				assert.Contains(t, report.Results[0].Finding.Found[0], test.says)
			}
		})
	}
}

func TestTheVerdictIsTheWorstOutcomeAndNothingDecidedIsNoPass(t *testing.T) {
	pass, fail := finds(checks.Passed(), nil), finds(checks.Failed(), nil)
	broken := finds(checks.Finding{}, errors.New("denied"))
	skip := pass
	skip.Needs = []checks.Capability{"x"}
	for name, test := range map[string]struct {
		all  []checks.Check
		want checks.Status
	}{
		"all pass":          {[]checks.Check{pass, pass}, checks.Pass},
		"a skip beside":     {[]checks.Check{pass, skip}, checks.Pass},
		"an error":          {[]checks.Check{pass, broken}, checks.Error},
		"a fail beside":     {[]checks.Check{fail, broken}, checks.Fail},
		"only skips":        {[]checks.Check{skip}, checks.Error},
		"no checks at all":  {nil, checks.Error},
		"a fail and a skip": {[]checks.Check{fail, skip}, checks.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, checks.Run(t.Context(), fresh, test.all, checks.Options{}).Verdict())
		})
	}
}

func TestAPendingFailIsLookedAtAgainWithAFreshInventory(t *testing.T) {
	looks := map[*inventory.Inventory]int{}
	settling := checks.Check{ID: "s", Decide: func(_ context.Context, inv *inventory.Inventory) (checks.Finding, error) {
		looks[inv]++
		if len(looks) < 2 {
			var o checks.Offences
			o.AddPending("not there yet")
			return o.Finding(), nil
		}
		return checks.Passed("there"), nil
	}}
	final := finds(checks.Failed("bad"), nil)
	var told []checks.Status
	report := checks.Run(t.Context(), fresh, []checks.Check{settling, final}, checks.Options{
		Settle:   time.Minute,
		OnResult: func(r checks.Result) { told = append(told, r.Finding.Status) },
	})
	assert.Equal(t, checks.Pass, report.Results[0].Finding.Status)
	assert.Len(t, looks, 2)
	assert.Equal(t, []checks.Status{checks.Fail, checks.Pass}, told, "each result is told once, when it is final")
}

func TestAPendingFailCountsOnceTheDeadlineIsOver(t *testing.T) {
	var o checks.Offences
	o.AddPending("never there")
	report := checks.Run(t.Context(), fresh, []checks.Check{finds(o.Finding(), nil)}, checks.Options{})
	assert.Equal(t, checks.Fail, report.Verdict())
}

func TestAnInterruptedCheckIsAnErrorAndNoVerdict(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	check := checks.Check{ID: "c", Decide: func(context.Context, *inventory.Inventory) (checks.Finding, error) {
		cancel()
		return checks.Passed(), nil
	}}
	assert.Equal(t, checks.Error, checks.Run(ctx, fresh, []checks.Check{check}, checks.Options{}).Verdict())
}
