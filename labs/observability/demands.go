package observability

import (
	"fmt"
	"time"

	"labctl/checks"
)

// demand is a traffic and what it must come to.
type demand struct {
	traffic
	quiet  bool          // nobody may be woken
	from   time.Duration // when what somebody has to be woken for begins
	within time.Duration // in what time from then
}

// verdict is what a traffic came to.
type verdict struct {
	demand
	played
	met  bool
	said string
}

// try plays a demand's traffic. An error means that it cannot be told what it comes to.
func (s *stage) try(d demand) (verdict, error) {
	v := verdict{demand: d, played: s.play(d.traffic)}
	early, woken := v.first(-settling)
	one, paged := v.first(d.from)
	switch {
	case d.quiet && woken:
		v.said = fmt.Sprintf("%s: pages after %s, by %s, and must not.", d.name, minutes(early.after), early.alarm)
	case v.undecided != nil && (d.quiet || !paged):
		return v, fmt.Errorf("what the alarms make of this cannot be told (%s): %w", d.name, v.undecided)
	case d.quiet:
		v.met, v.said = true, d.name+": wakes nobody."
	case early.after < 0:
		v.said = fmt.Sprintf("%s: %s has paged before, on an ordinary day.", d.name, early.alarm)
	case !paged:
		v.said = fmt.Sprintf("%s: nobody is woken in %s; it has to page within %s.", d.name, minutes(d.lasts-d.from), minutes(d.within))
	default:
		took := one.after - d.from
		v.met = took <= d.within
		v.said = fmt.Sprintf("%s: pages after %s, by %s.", d.name, minutes(took), one.alarm)
		if !v.met {
			v.said = fmt.Sprintf("%s: pages after %s, by %s; it has to within %s.", d.name, minutes(took), one.alarm, minutes(d.within))
		}
	}
	return v, nil
}

// judgeDemands plays all of the demands and draws the first that is not met, or else the one to show.
func (s *stage) judgeDemands(o *checks.Offences, demands []demand, shown int) (told []string, drawn verdict, err error) {
	drawn.met = true
	for n, d := range demands {
		v, err := s.try(d)
		if err != nil {
			return nil, drawn, err
		}
		if v.met {
			told = append(told, v.said)
		} else {
			o.Add(v.said)
		}
		if drawn.met && (!v.met || n == shown) {
			drawn = v
		}
	}
	return told, drawn, nil
}
