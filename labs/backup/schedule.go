package backup

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
)

// What AWS Backup does where a rule says nothing.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html
// https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html
const (
	defaultSchedule   = "cron(0 5 ? * * *)"
	defaultStart      = 8 * time.Hour
	defaultCompletion = 7 * day
)

// cadence is how old the newest recovery point of a rule can become: just before a backup is completed, the one before it
// is as old as the time between the two, and as this one may take to start and to complete.
type cadence struct {
	gap, start, completion time.Duration
	never                  bool // the rule does not run again and again

	runs []time.Time // that are to come; none of a rate, of which nobody knows when it began
}

func (c cadence) worst() time.Duration { return c.gap + c.start + c.completion }

func (c cadence) String() string {
	if c.never {
		return "never again"
	}
	return fmt.Sprintf("%s between two, %s to start and %s to complete make %s", span(c.gap), span(c.start), span(c.completion), span(c.worst()))
}

// cadenceOf is the cadence of a rule from a moment on.
func cadenceOf(rule inventory.BackupRule, now time.Time) (cadence, error) {
	c := cadence{start: defaultStart, completion: defaultCompletion}
	if rule.StartWindow != nil {
		c.start = time.Duration(*rule.StartWindow) * time.Minute
	}
	if rule.CompletionWindow != nil {
		c.completion = time.Duration(*rule.CompletionWindow) * time.Minute
	}
	schedule, zone := rule.ScheduleExpression, rule.ScheduleTimezone
	if schedule == "" {
		schedule = defaultSchedule
	}
	if zone == "" {
		zone = "UTC"
	}
	var err error
	c.runs, c.gap, c.never, err = longestGap(schedule, zone, now)
	if err != nil {
		return c, fmt.Errorf("the schedule of rule %s: %w", rule.RuleName, err)
	}
	return c, nil
}

// lookAhead is for how long runs are listed. What runs less often than twice in it meets no objective in days.
const lookAhead = 800 * day

// longestGap is the longest time between two runs of a schedule, with the runs; never tells that there are not two.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
func longestGap(schedule, zone string, now time.Time) (runs []time.Time, gap time.Duration, never bool, err error) {
	if rate, ok := inside(schedule, "rate"); ok {
		gap, err = parseRate(rate)
		return nil, gap, false, err
	}
	text, ok := inside(schedule, "cron")
	if !ok {
		return nil, 0, false, fmt.Errorf("%q is neither cron(...) nor rate(...)", schedule)
	}
	place, err := time.LoadLocation(zone)
	if err != nil {
		return nil, 0, false, fmt.Errorf("time zone %s: %w", zone, err)
	}
	c, err := parseCron(text)
	if err != nil {
		return nil, 0, false, fmt.Errorf("%s: %w", schedule, err)
	}
	end := now.Add(lookAhead)
	runs = slices.Collect(c.runs(now.In(place), end))
	if len(runs) < 2 {
		return runs, 0, true, nil
	}
	for n, run := range runs[1:] {
		gap = max(gap, run.Sub(runs[n]))
	}
	return runs, max(gap, end.Sub(runs[len(runs)-1])), false, nil // one that ends this year ends
}

// together is how old the newest recovery point can become where several schedules take turns: just before a backup has to
// be completed, the newest is the youngest of those that had to be completed earlier. Of rates it is not known.
func together(all []cadence, now time.Time) (worst time.Duration, ok bool) {
	type backup struct{ of, done time.Time }
	var list []backup
	for _, c := range all {
		for _, run := range c.runs {
			list = append(list, backup{run, run.Add(c.start + c.completion)})
		}
	}
	slices.SortFunc(list, func(a, b backup) int { return a.done.Compare(b.done) })
	if len(list) < 2 {
		return 0, false
	}
	newest := list[0].of
	for _, b := range list[1:] {
		worst = max(worst, b.done.Sub(newest))
		if b.of.After(newest) {
			newest = b.of
		}
	}
	return max(worst, now.Add(lookAhead).Sub(newest)), true // those that end this year end
}

// inside is what stands in the brackets of name(...).
func inside(text, name string) (string, bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), name+"(")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, ")")
}

func parseRate(text string) (time.Duration, error) {
	number, unit, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(number)
	length := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": day}[strings.TrimSuffix(unit, "s")]
	if err != nil || n < 1 || length == 0 {
		return 0, fmt.Errorf("rate(%s) is no rate", text)
	}
	return time.Duration(n) * length, nil
}

// cron is a schedule of six fields, as AWS reads them.
type cron struct {
	minutes, hours, months, years set
	dayOfMonth, dayOfWeek         dayField
}

// set holds the numbers that a field allows; nil allows all.
type set []int

func (s set) has(n int) bool { return s == nil || slices.Contains(s, n) }

// dayField allows days by number, the last ones, and the nth of a weekday.
type dayField struct {
	set
	none       bool        // nothing is allowed by number
	last       bool        // the last day of the month
	nthWeekday map[int]int // the nth of a weekday in the month; -1 for the last
}

// The years that a field of years may name.
const firstYear, lastYear = 1970, 2199

func parseCron(text string) (cron, error) {
	fields := strings.Fields(text)
	if len(fields) != 6 {
		return cron{}, fmt.Errorf("it has %s and not 6", typeset.Count(len(fields), "field"))
	}
	var c cron
	var err error
	for _, f := range []struct {
		into      *set
		text      string
		low, high int
		names     []string
	}{
		{&c.minutes, fields[0], 0, 59, nil}, {&c.hours, fields[1], 0, 23, nil}, {&c.months, fields[3], 1, 12, monthNames()}, {&c.years, fields[5], firstYear, lastYear, nil},
	} {
		if *f.into, err = parseField(f.text, f.low, f.high, f.names); err != nil {
			return c, err
		}
	}
	if c.dayOfMonth, err = parseDays(fields[2], 1, 31, nil); err != nil {
		return c, err
	}
	c.dayOfWeek, err = parseDays(fields[4], 1, 7, weekdayNames())
	return c, err
}

func monthNames() []string {
	return []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
}

func weekdayNames() []string { return []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"} }

// parseDays reads a field of days, in which L stands for the last one and 3#2 for the second Tuesday.
func parseDays(text string, low, high int, names []string) (dayField, error) {
	var f dayField
	var numbers []string
	for part := range strings.SplitSeq(text, ",") {
		weekday, nth, isNth := strings.Cut(part, "#")
		before, isLast := strings.CutSuffix(part, "L")
		switch {
		case part == "L" && names == nil:
			f.last = true
		case part == "L":
			numbers = append(numbers, strconv.Itoa(high)) // the last day of the week
		case names != nil && (isNth || isLast):
			if isLast {
				weekday, nth = before, "-1"
			}
			of, err := number(weekday, low, high, names)
			n, err2 := strconv.Atoi(nth)
			if err != nil || err2 != nil || n == 0 || n > 5 {
				return f, fmt.Errorf("%q is no weekday of a month", part)
			}
			if f.nthWeekday == nil {
				f.nthWeekday = map[int]int{}
			}
			f.nthWeekday[of] = n
		default:
			numbers = append(numbers, part)
		}
	}
	if len(numbers) == 0 {
		f.none = true
		return f, nil
	}
	var err error
	f.set, err = parseField(strings.Join(numbers, ","), low, high, names)
	return f, err
}

// parseField reads numbers, names, ranges, steps and lists of these.
func parseField(text string, low, high int, names []string) (set, error) {
	found := set{}
	for part := range strings.SplitSeq(text, ",") {
		whole, stepText, stepped := strings.Cut(part, "/")
		step, from, to := 1, low, high
		var err error
		if stepped {
			if step, err = strconv.Atoi(stepText); err != nil || step < 1 {
				return nil, fmt.Errorf("%q is no step", part)
			}
		}
		switch first, last, isRange := strings.Cut(whole, "-"); {
		case whole == "*" || whole == "?":
			if !stepped {
				return nil, nil //nolint:nilnil // all are allowed
			}
		case isRange:
			if from, err = number(first, low, high, names); err == nil {
				to, err = number(last, low, high, names)
			}
		default:
			from, err = number(whole, low, high, names)
			if to = from; stepped {
				to = high
			}
		}
		if err != nil {
			return nil, err
		}
		if to < from { // FRI-MON
			found = append(found, numbers(from, high, step)...)
			from = low
		}
		found = append(found, numbers(from, to, step)...)
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

func numbers(from, to, step int) []int {
	var found []int
	for n := from; n <= to; n += step {
		found = append(found, n)
	}
	return found
}

// number is a number of a field, or the name that stands for one.
func number(text string, low, high int, names []string) (int, error) {
	if n := slices.Index(names, strings.ToUpper(text)); n >= 0 {
		return low + n, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("labctl cannot read %q in it", text)
	}
	return n, nil
}

// allows says whether the day is one of the field's: of the month, and of the week from 1 for Sunday.
func (c cron) allows(date time.Time) bool {
	of, weekday := date.Day(), int(date.Weekday())+1
	inMonth := date.AddDate(0, 0, 1-of).AddDate(0, 1, -1).Day() // the month's days
	monthDay := !c.dayOfMonth.none && c.dayOfMonth.has(of) || c.dayOfMonth.last && of == inMonth
	nth := c.dayOfWeek.nthWeekday[weekday]
	weekDay := !c.dayOfWeek.none && c.dayOfWeek.has(weekday) || nth > 0 && (of-1)/7+1 == nth || nth < 0 && of+7 > inMonth
	return monthDay && weekDay && c.months.has(int(date.Month())) && c.years.has(date.Year())
}

// times are the minutes of a day at which it runs.
func (c cron) times() []int {
	var found []int
	for hour := range 24 {
		for minute := range 60 {
			if c.hours.has(hour) && c.minutes.has(minute) {
				found = append(found, 60*hour+minute)
			}
		}
	}
	return found
}

// runs are the moments after one and before another, in the place of the first.
func (c cron) runs(after, before time.Time) iter.Seq[time.Time] {
	times := c.times()
	return func(yield func(time.Time) bool) {
		for date := time.Date(after.Year(), after.Month(), after.Day(), 12, 0, 0, 0, after.Location()); date.Before(before.Add(day)); date = date.AddDate(0, 0, 1) {
			if !c.allows(date) {
				continue
			}
			for _, at := range times {
				run := time.Date(date.Year(), date.Month(), date.Day(), 0, at, 0, 0, after.Location())
				if run.After(after) && run.Before(before) && !yield(run) {
					return
				}
			}
		}
	}
}
