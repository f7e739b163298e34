package labs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"labctl/checks"
)

// Drill is a timed exercise of behaviour: it changes or uses the live lab, measures what happens, and compares that with
// what the scenario promises. It leaves the lab as it found it.
type Drill struct {
	ID        string // slug, unique in the lab
	Title     string // the question that it answers
	Measures  string // what is measured, and how
	Objective string // what the scenario promises
	Needs     []checks.Capability

	// Wants is what the drill makes use of where the target has it. Without it the drill carries out what it can and calls
	// that partial.
	Wants []checks.Capability

	// Seeds says how much data of its own the drill makes; nil for a drill that makes none.
	Seeds *Amount

	// Run carries the drill out. An error means that nothing could be measured; a *ControlError that what was measured
	// would have proved nothing. What it makes or takes away it puts in the live lab's record first.
	Run func(ctx context.Context, live Live, line *TimeLine) error

	// Restore makes the lab as Run found it, from the record alone. It follows every Run, whatever became of that, in a
	// context that an interrupt does not end; and where labctl was killed in between, it comes before anything else is
	// done to the run. So it succeeds on a lab where everything, something or nothing was changed, and where it has done
	// its work already. Nil for a drill that changes nothing.
	Restore func(ctx context.Context, live Live, line *TimeLine) error
}

// Amount is how many rows, or objects, a drill makes where nobody says, and between which numbers somebody may.
type Amount struct{ Default, Least, Most int }

// Seeding is the data that a drill makes for itself: the same seed gives the same rows.
type Seeding struct {
	Seed uint64
	Rows int
}

// Drill returns the lab's drill with the id.
func (l Lab) Drill(id string) (Drill, bool) {
	for _, d := range l.Drills {
		if d.ID == id {
			return d, true
		}
	}
	return Drill{}, false
}

// ControlError says that a positive control failed: what had to work did not, so that a refusal or a failure after it
// would have proved nothing.
type ControlError struct {
	Control string // what had to work
	Err     error
}

func (e *ControlError) Error() string {
	return fmt.Sprintf("the control failed: %s did not work, so that nothing can be concluded from what fails: %v", e.Control, e.Err)
}

func (e *ControlError) Unwrap() error { return e.Err }

// afterwards is how long a drill may take to leave the lab as it found it.
const afterwards = 2 * time.Minute

// Afterwards is a context for what must be done although ctx has ended: a drill's Restore runs in one.
func Afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), afterwards)
}

// Moment is something that happened in a drill.
type Moment struct {
	After time.Duration // since the drill began
	Text  string
}

// Measure is something that a drill measured, and what it should have been.
type Measure struct {
	Name   string // "recovery time", "reading as the vendor"
	Found  string // "41s", "refused"
	Wanted string // "at most 60s", "refused"
	Met    bool
}

// Progress is how far a drill has come with something that takes a while.
type Progress struct {
	What        string // "Seeding the table"
	Done, Total int
	Unit        string // "row"
}

// TimeLine is what a drill tells while it runs. It may be used by several goroutines at once.
type TimeLine struct {
	began time.Time
	tell  func(Moment)
	show  func(Progress) // nil where nobody watches

	mu       sync.Mutex
	moments  []Moment
	measures []Measure
	partial  string
}

// NewTimeLine begins a time line; tell is given each moment as it comes, one at a time.
func NewTimeLine(tell func(Moment)) *TimeLine { return &TimeLine{began: time.Now(), tell: tell} }

// Watch has progress shown, beside the moments: it is gone when it is over.
func (l *TimeLine) Watch(show func(Progress)) { l.show = show }

// Progress shows how far something is. What lasts for less than a second needs none.
func (l *TimeLine) Progress(p Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.show != nil {
		l.show(p)
	}
}

// Say notes what happens now.
func (l *TimeLine) Say(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := Moment{After: time.Since(l.began), Text: fmt.Sprintf(format, args...)}
	l.moments = append(l.moments, m)
	l.tell(m)
}

// Outcome measures what became of an attempt: it should be what was wanted, to the letter.
func (l *TimeLine) Outcome(name, found, wanted string) {
	l.measure(Measure{Name: name, Found: found, Wanted: wanted, Met: found == wanted})
}

// Duration measures how long something took, or how much time was lost: it should be at most the objective.
func (l *TimeLine) Duration(name string, took, objective time.Duration) {
	precision := 10 * time.Millisecond
	if took < 10*precision {
		precision = time.Millisecond
	}
	l.measure(Measure{Name: name, Found: took.Round(precision).String(), Wanted: "at most " + objective.String(), Met: took <= objective})
}

// Judge measures something that is neither a word nor a time: whoever calls it says whether it is as it should be.
func (l *TimeLine) Judge(name, found, wanted string, met bool) {
	l.measure(Measure{Name: name, Found: found, Wanted: wanted, Met: met})
}

func (l *TimeLine) measure(m Measure) {
	l.mu.Lock()
	l.measures = append(l.measures, m)
	l.mu.Unlock()
	l.Say("%s: %s (%s)", m.Name, m.Found, m.Wanted)
}

// Partial notes that only a part of the drill can be carried out here, and why: which parts are left out, and which are not.
// What is measured nevertheless may fail the drill, but nothing passes it.
func (l *TimeLine) Partial(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.partial = fmt.Sprintf(format, args...)
}

// LeftOut is why only a part was carried out; "" where all of it was.
func (l *TimeLine) LeftOut() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.partial
}

// Moments are those so far.
func (l *TimeLine) Moments() []Moment {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Moment(nil), l.moments...)
}

// Measures are those so far.
func (l *TimeLine) Measures() []Measure {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Measure(nil), l.measures...)
}
