package alarm

import "time"

// Withheld says why an alarm that changed its state notifies nobody.
type Withheld string

// The reasons; the last three are the values of ActionsSuppressedBy of a composite alarm (API_CompositeAlarm).
const (
	ByActionsDisabled Withheld = "ActionsDisabled"
	ByAlarm           Withheld = "Alarm"
	ByWaitPeriod      Withheld = "WaitPeriod"
	ByExtensionPeriod Withheld = "ExtensionPeriod"
)

// suppression is the state of a composite alarm's actions (Create_Composite_Alarm_Suppression).
type suppression struct {
	// notified is the last state whose actions were taken.
	notified State
	// active says that the suppressor was in ALARM.
	active                 bool
	waitUntil, extendUntil time.Time
}

// advance lets time pass. A wait period begins when the composite alarm changes while the suppressor isn't in ALARM; an extension period
// when the suppressor leaves ALARM. "Composite alarms don't take actions when WaitPeriod and ExtensionPeriod become active", and when
// these end, they "take actions that are based on their current states".
func (s *suppression) advance(at time.Time, active, changed bool, wait, extension time.Duration) Withheld {
	if s.active && !active {
		s.extendUntil = at.Add(extension)
	}
	s.active = active
	if changed && !active && !at.Before(s.extendUntil) && !at.Before(s.waitUntil) {
		s.waitUntil = at.Add(wait)
	}
	switch {
	case active:
		return ByAlarm
	case at.Before(s.extendUntil):
		return ByExtensionPeriod
	case at.Before(s.waitUntil):
		return ByWaitPeriod
	default:
		return ""
	}
}

// withheld is why the actions of a composite alarm are suppressed now. A suppressor whose state isn't known makes the alarm
// inconclusive: what AWS does with one that was deleted isn't documented.
func (m *Monitor) withheld(c *compositeEntry, at time.Time, changed bool) Withheld {
	if c.definition.ActionsSuppressor == "" {
		return ""
	}
	state, known := m.states(c.definition.ActionsSuppressor)
	if !known {
		c.Err = inconclusive("the state of the actions suppressor %s isn't known", c.definition.ActionsSuppressor)
		return ByAlarm
	}
	return c.advance(at, state == InAlarm, changed,
		time.Duration(c.definition.ActionsSuppressorWaitPeriod)*time.Second,
		time.Duration(c.definition.ActionsSuppressorExtensionPeriod)*time.Second)
}
