package alarm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func rule(t testing.TB, text string) *Rule {
	t.Helper()
	r, err := ParseRule(text)
	require.NoError(t, err, text)
	return r
}

// known are the states of alarms by name.
type known map[string]State

func (k known) state(alarm string) (State, bool) {
	s, ok := k[alarm]
	return s, ok
}

// The examples of PutCompositeAlarm (AlarmRule) and Create_Composite_Alarm, over all states of their children.
func TestTheExamplesOfRulesHaveTheirTruthTables(t *testing.T) {
	states := []State{OK, InAlarm, InsufficientData}
	for text, want := range map[string]func(cpu, disk, net, deploy State) bool{
		"ALARM(CPUUtilizationTooHigh) AND ALARM(DiskReadOpsTooHigh)": func(cpu, disk, _, _ State) bool { return cpu == InAlarm && disk == InAlarm },
		"ALARM(CPUUtilizationTooHigh) AND NOT ALARM(DeploymentInProgress)": func(cpu, _, _, deploy State) bool {
			return cpu == InAlarm && deploy != InAlarm
		},
		"(ALARM(CPUUtilizationTooHigh) OR ALARM(DiskReadOpsTooHigh)) AND OK(NetworkOutTooHigh)": func(cpu, disk, net, _ State) bool {
			return (cpu == InAlarm || disk == InAlarm) && net == OK
		},
		"(ALARM(\"CPUUtilizationTooHigh\") OR \nALARM(\"DiskReadOpsTooHigh\")) AND \nOK(\"NetworkOutTooHigh\")": func(cpu, disk, net, _ State) bool {
			return (cpu == InAlarm || disk == InAlarm) && net == OK
		},
		"INSUFFICIENT_DATA(CPUUtilizationTooHigh) OR NOT (OK(DiskReadOpsTooHigh) OR NOT (NOT OK(NetworkOutTooHigh)))": func(cpu, disk, net, _ State) bool {
			return cpu == InsufficientData || disk != OK && net != OK
		},
		"TRUE":                     func(State, State, State, State) bool { return true },
		"False OR FALSE AND FALSE": func(State, State, State, State) bool { return false },
	} {
		r := rule(t, text)
		for _, cpu := range states {
			for _, disk := range states {
				for _, net := range states {
					for _, deploy := range states {
						got, err := r.Evaluate(known{"CPUUtilizationTooHigh": cpu, "DiskReadOpsTooHigh": disk, "NetworkOutTooHigh": net, "DeploymentInProgress": deploy}.state)
						require.NoError(t, err)
						require.Equal(t, want(cpu, disk, net, deploy), got, "%s: %s %s %s %s", text, cpu, disk, net, deploy)
					}
				}
			}
		}
	}
}

func TestReferencesAreListedInTheirOrder(t *testing.T) {
	r := rule(t, `ALARM("a b (c)") AND (OK(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:x) OR INSUFFICIENT_DATA( y ))`)
	assert.Equal(t, []Reference{{InAlarm, "a b (c)"}, {OK, "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:x"}, {InsufficientData, "y"}}, r.References())
}

func TestADanglingNameIsInconclusiveOnlyIfItMatters(t *testing.T) {
	states := known{"on": InAlarm, "off": OK}
	for text, want := range map[string]truth{
		"ALARM(gone)":                                maybe,
		"NOT ALARM(gone)":                            maybe,
		"ALARM(on) AND ALARM(gone)":                  maybe,
		"ALARM(off) AND ALARM(gone)":                 no,
		"ALARM(on) OR ALARM(gone)":                   yes,
		"ALARM(off) OR NOT ALARM(gone)":              maybe,
		"(ALARM(gone) OR TRUE) AND NOT ALARM(off)":   yes,
		"ALARM(gone) AND FALSE OR ALARM(on)":         yes,
		"ALARM(on) OR ALARM(off) AND ALARM(off)":     maybe,
		"ALARM(off) OR ALARM(off) AND ALARM(on)":     no,
		"(ALARM(on) OR ALARM(off)) AND ALARM(off)":   no,
		"ALARM(on) OR (ALARM(off) AND ALARM(off))":   yes,
		"ALARM(on) AND ALARM(off) OR NOT ALARM(off)": yes,
	} {
		got, err := rule(t, text).Evaluate(states.state)
		if want == maybe {
			require.ErrorAs(t, err, new(*InconclusiveError), text)
			continue
		}
		require.NoError(t, err, text)
		assert.Equal(t, want == yes, got, text)
	}
	_, err := rule(t, "ALARM(gone) AND OK(lost) AND OK(gone)").Evaluate(states.state)
	require.EqualError(t, err, "cannot be decided: the state of gone, lost isn't known")
}

func TestWhatIsNoRuleIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "  ", "ALARM", "ALARM(", "ALARM()", `ALARM("")`, "ALARM(a) ALARM(b)", "ALARM(a) AND", "AND ALARM(a)", "(ALARM(a)", "ALARM(a))", "NOT", "ALARM(a) & ALARM(b)",
		`ALARM("a)`, "a", "ALARM(a) and ALARM(b)", "ü", "()",
		"ALARM(a" + strings.Repeat("a", maxRule) + ")",
		"TRUE" + strings.Repeat(" OR TRUE", maxElements),
	} {
		_, err := ParseRule(text)
		require.ErrorAs(t, err, new(*InvalidError), text)
	}
	for _, text := range []string{"AT_LEAST(2, ALARM: (a, b, c))", `ALARM("a\"b")`, `ALARM(a(b))`} {
		_, err := ParseRule(text)
		require.ErrorAs(t, err, new(*InconclusiveError), text)
	}
}

func TestARuleHasAtMostAHundredChildren(t *testing.T) {
	var children []string
	for n := range maxChildren {
		children = append(children, fmt.Sprintf("ALARM(a%d)", n))
	}
	rule(t, strings.Join(append(children, "OK(a1)"), " OR "))
	_, err := ParseRule(strings.Join(append(children, "ALARM(b)"), " OR "))
	require.ErrorAs(t, err, new(*InvalidError))
}
