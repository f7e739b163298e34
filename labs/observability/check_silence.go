package observability

import (
	"context"
	"fmt"
	"slices"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/labs/say"
)

// decideMissing lets the API fall silent, and compares with what goes off when it fails and can be heard.
func decideMissing(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	s, err := a.stage(ctx)
	if err != nil {
		return nil, err
	}
	const lasts = time.Hour
	silent, err := s.try(demand{traffic: traffic{name: "Nothing is heard of the API", rate: byDay, lasts: lasts, silent: always}, within: outageObjective})
	if err != nil {
		return nil, err
	}
	if !silent.met {
		o.Add(silent.said + " " + a.tellMissing())
	}
	failing := s.play(traffic{name: "Every request fails", rate: byDay, lasts: lasts, fails: share(1, lasts)})
	if failing.undecided != nil {
		return nil, failing.undecided
	}
	onFailures := failing.inAlarm(0, lasts)
	for _, name := range silent.inAlarm(0, lasts) {
		n := slices.IndexFunc(s.alarms, func(one inventory.MetricAlarm) bool { return one.AlarmName == name })
		if n >= 0 && slices.Contains(onFailures, name) {
			o.Add(fmt.Sprintf("Alarm %s goes off when requests fail, and when nothing is heard too: it treats missing data as %s. An error that nobody has counted is none.", name, treatment(s.alarms[n])), name)
		}
	}
	return []string{silent.said, "No alarm on failures goes off in silence."}, nil
}

// treatment is how an alarm treats missing data.
func treatment(one inventory.MetricAlarm) string {
	if one.TreatMissingData == "" {
		return "missing"
	}
	return one.TreatMissingData
}

// tellMissing says how alarms treat missing data, where none takes it for bad news as where one does.
func (a *architecture) tellMissing() string {
	var breaching []string
	for _, one := range a.alarms {
		if one.TreatMissingData == "breaching" {
			breaching = append(breaching, one.AlarmName)
		}
	}
	if len(breaching) == 0 {
		return "No alarm treats missing data as breaching."
	}
	return "Missing data is breaching for " + say.List(breaching) + "."
}

// decideComposite asks whether every rule speaks of alarms that exist, and lets somebody work on the API while it is broken.
func decideComposite(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, one := range a.composites {
		if gone := a.dangling(one); len(gone) > 0 {
			o.Add(fmt.Sprintf("The rule of alarm %s speaks of what does not exist: %s. CloudWatch does not say what becomes of the rule.", one.AlarmName, say.List(gone)), one.AlarmName)
			continue
		}
		told = append(told, fmt.Sprintf("All alarms in the rule of %s exist.", one.AlarmName))
	}
	s, err := a.stage(ctx)
	if err != nil {
		return nil, err
	}
	said, err := s.judgeWork(o)
	return append(told, said...), err
}

// symptom is something that is wrong with the API, from a minute on.
type symptom struct {
	what  string
	pages time.Duration // in what time it pages when nobody works on the API
	cause func(t *traffic, wrong func(minute int) bool)
}

func symptoms() []symptom {
	return []symptom{
		{"failure after failure", outageObjective, func(t *traffic, wrong func(int) bool) {
			t.fails = func(minute int) float64 {
				if wrong(minute) {
					return 1
				}
				return ordinary
			}
		}},
		{"silence", outageObjective, func(t *traffic, wrong func(int) bool) { t.silent = wrong }},
		{"nothing but slow answers", 20 * time.Minute, func(t *traffic, wrong func(int) bool) { t.slow = wrong }},
	}
}

// How long somebody works on the API, how long before anything is wrong, and how long a page may take when the work is over: the
// last line of whoever works has to be believed for a while, or one that is lost would end the maintenance.
const (
	workLasts = time.Hour
	workFirst = 5 * time.Minute
	believed  = 10 * time.Minute
)

// judgeWork lets somebody work on the API while something is wrong, once for each symptom that pages otherwise.
func (s *stage) judgeWork(o *checks.Offences) ([]string, error) {
	var told []string
	controlled := false
	for _, wrong := range symptoms() {
		play := func(name string, lasts time.Duration, worked func(int) bool) traffic {
			t := traffic{name: name, rate: byDay, lasts: lasts, worked: worked}
			wrong.cause(&t, func(minute int) bool { return time.Duration(minute)*time.Minute >= workFirst })
			return t
		}
		control := s.play(play("", workLasts, nil))
		if _, pages := control.first(workFirst); !pages {
			if control.undecided != nil {
				return nil, control.undecided
			}
			told = append(told, fmt.Sprintf("Nobody is woken by %s, whoever works on the API.", wrong.what))
			continue
		}
		controlled = true
		said, _, err := s.judgeDemands(o, []demand{
			{traffic: play(fmt.Sprintf("Somebody works on the API, and there is %s", wrong.what), workLasts, always), quiet: true},
			{traffic: play(fmt.Sprintf("The work is over, and there still is %s", wrong.what), 2*workLasts, until(workLasts)), from: workLasts, within: believed + wrong.pages},
		}, -1)
		if err != nil {
			return nil, err
		}
		told = append(told, said...)
	}
	if !controlled {
		o.Add("Nothing that could be wrong with the API pages, with or without somebody who works on it.")
	}
	return told, nil
}
