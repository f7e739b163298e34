package terminal

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"labctl/checks"
	"labctl/checks/report/typeset"
	"labctl/runner"
)

// glass is a terminal made of glass: it understands what is sent, and shows what a person would see.
type glass struct {
	t        *testing.T
	mu       sync.Mutex
	lines    [][]rune
	row, col int
	writes   int
}

var sent = regexp.MustCompile("\x1b\\[(\\d*)([A-Za-z])|\r|\n|[^\x1b\r\n]+")

func (g *glass) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.writes++
	text := string(p)
	assert.Equal(g.t, text, strings.Join(sent.FindAllString(text, -1), ""), "something that the glass does not know")
	for _, m := range sent.FindAllStringSubmatch(text, -1) {
		for len(g.lines) <= g.row {
			g.lines = append(g.lines, nil)
		}
		switch {
		case m[2] == "m":
		case m[2] == "A":
			up, err := strconv.Atoi(m[1])
			assert.NoError(g.t, err)
			assert.LessOrEqual(g.t, up, g.row, "the cursor would leave the terminal")
			g.row = max(g.row-up, 0)
		case m[2] == "J":
			g.lines = g.lines[:g.row+1]
			g.eraseLine()
		case m[2] == "K":
			g.eraseLine()
		case m[0] == "\r":
			g.col = 0
		case m[0] == "\n":
			g.row, g.col = g.row+1, 0
		case m[2] != "":
			assert.Fail(g.t, "something that the glass does not know", "%q", m[0])
		default:
			g.put([]rune(m[0]))
		}
	}
	return len(p), nil
}

func (g *glass) eraseLine() { g.lines[g.row] = g.lines[g.row][:min(g.col, len(g.lines[g.row]))] }

func (g *glass) put(text []rune) {
	line := g.lines[g.row]
	for len(line) < g.col+len(text) {
		line = append(line, ' ')
	}
	copy(line[g.col:], text)
	g.lines[g.row] = line
	g.col += len(text)
}

// shown is what is to be seen once all that happened has been drawn.
func (g *glass) shown() []string {
	time.Sleep(refresh)
	synctest.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	var shown []string
	for _, line := range g.lines {
		shown = append(shown, string(line))
	}
	for len(shown) > 0 && shown[len(shown)-1] == "" {
		shown = shown[:len(shown)-1]
	}
	return shown
}

// refresh is how often mpb draws.
const refresh = 150 * time.Millisecond

func liveStreams(t *testing.T, width, height int) (*Streams, *glass) {
	g := &glass{t: t}
	screen := &screen{terminal: g, size: func() (int, int) { return width, height }}
	return &Streams{Out: above{screen, g}, Err: above{screen, g}, screen: screen}, g
}

func started(address string) runner.Event {
	return runner.Resource{Address: address, Action: "create", Phase: runner.Started, Total: 4}
}

func finished(address string, took time.Duration, done int) runner.Event {
	return runner.Resource{Address: address, Action: "create", Phase: runner.Done, Elapsed: took, Done: done, Total: 4}
}

func checked(status checks.Status, done, total int) runner.Event {
	return runner.Checked{Result: checks.Result{Finding: checks.Finding{Status: status}}, Done: done, Total: total}
}

func TestTheLiveViewShowsTheStepInHandAndLeavesWhatEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		streams, glass := liveStreams(t, 80, 24)
		p := streams.Progress()
		p.Emit(runner.Step{Text: "Starting the local AWS"})
		time.Sleep(900 * time.Millisecond)
		p.Emit(runner.Step{Text: "Provisioning networking"})
		p.Emit(started(`aws_vpc.this["prod"]`))
		time.Sleep(2 * time.Second)
		p.Emit(started("aws_nat_gateway.a"))
		p.Emit(finished("aws_s3_bucket.b", time.Second, 1))
		time.Sleep(3050 * time.Millisecond)
		assert.Equal(t, []string{
			"✓ Starting the local AWS  0.9s",
			"⠸ Provisioning networking  ━━━━━━────────────────── 1/4  5.1s",
			`    creating aws_vpc.this["prod"]  5s`,
			"    creating aws_nat_gateway.a  3s",
		}, glass.shown())

		p.Emit(runner.Note{Text: "the provider validates its schema"})
		p.Emit(finished(`aws_vpc.this["prod"]`, 5*time.Second, 2))
		p.Emit(finished("aws_nat_gateway.a", 5*time.Second, 3))
		p.Emit(finished("aws_eip.a", 5*time.Second, 4))
		p.Emit(runner.Step{Text: "Checking 3 properties"})
		p.Emit(checked(checks.Pass, 1, 3))
		p.Emit(checked(checks.Skip, 2, 3))
		p.Emit(checked(checks.Pass, 3, 3))
		fmt.Fprintln(streams.Out, "PASS")
		p.Close()
		assert.Equal(t, []string{
			"✓ Starting the local AWS  0.9s",
			"  the provider validates its schema",
			"✓ Provisioning networking  4 resources  5.2s",
			"✓ Checking 3 properties  2 pass, 1 skip  0.0s",
			"PASS",
		}, glass.shown())
	})
}

func TestTheEndOfAStepSaysNoMoreThanIsKnown(t *testing.T) {
	failed := runner.Resource{Address: "aws_eip.a", Action: "create", Phase: runner.Failed, Elapsed: 3 * time.Second, Total: 4}
	for name, c := range map[string]struct {
		events []runner.Event
		want   []string
	}{
		"closed, nothing counted": {nil, []string{"· Working  1.0s"}},
		"closed, not all done":    {[]runner.Event{finished("a.a", 0, 3)}, []string{"· Working  3 of 4 resources  1.0s"}},
		"closed, all done":        {[]runner.Event{finished("a.a", 0, 4)}, []string{"✓ Working  4 resources  1.0s"}},
		"the next step began":     {[]runner.Event{runner.Step{Text: "On"}}, []string{"✓ Working  0.0s", "· On  1.0s"}},
		"a resource failed": {[]runner.Event{finished("a.a", 0, 3), failed, runner.Step{Text: "On"}}, []string{
			"  ✗ aws_eip.a: could not create, after 3.0s", "✗ Working  3 of 4 resources, 1 failed  0.0s", "· On  1.0s"}},
		"a warning": {[]runner.Event{runner.Warning{Text: "mind the gap"}, runner.Step{Text: "On"}}, []string{
			"! Warning: mind the gap", "! Working  0.0s", "· On  1.0s"}},
		"a check failed":            {[]runner.Event{checked(checks.Fail, 1, 1)}, []string{"✗ Working  1 fail  0.0s"}},
		"a check could not decide":  {[]runner.Event{checked(checks.Error, 1, 1)}, []string{"! Working  1 error  0.0s"}},
		"a hostile name is cleaned": {[]runner.Event{runner.Step{Text: "a\x1b[2Jb\n\n"}}, []string{"✓ Working  0.0s", "· ab  1.0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				streams, glass := liveStreams(t, 80, 24)
				p := streams.Progress()
				p.Emit(runner.Step{Text: "Working"})
				for _, event := range c.events {
					p.Emit(event)
				}
				time.Sleep(time.Second)
				p.Close()
				assert.Equal(t, c.want, glass.shown())
			})
		})
	}
}

func TestTheLiveViewFitsTheTerminal(t *testing.T) {
	for _, c := range []struct{ width, height, lines int }{{80, 24, 7}, {40, 24, 7}, {20, 9, 5}, {12, 7, 3}, {80, 2, 1}} {
		t.Run(fmt.Sprintf("%dx%d", c.width, c.height), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				streams, glass := liveStreams(t, c.width, c.height)
				p := streams.Progress()
				p.Emit(runner.Step{Text: "Provisioning a lab with quite a long name"})
				for i := range 9 {
					p.Emit(started(fmt.Sprintf(`aws_route_table_association.app_and_data["zone-%d"]`, i)))
				}
				time.Sleep(time.Second)
				assert.Len(t, glass.shown(), c.lines)
				for _, line := range glass.shown() {
					assert.LessOrEqual(t, typeset.Width(line), c.width, "%q", line)
				}
				p.Close()
				assert.Len(t, glass.shown(), 1)
			})
		})
	}
}

func TestWhatOthersPrintStaysWholeAboveTheLiveView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		streams, glass := liveStreams(t, 80, 24)
		p := streams.Progress()
		p.Emit(runner.Step{Text: "Working"})
		time.Sleep(200 * time.Millisecond)
		_, _ = glass.Write([]byte("^C")) // echoed by the terminal
		fmt.Fprintln(streams.Err, "interrupt: stopping")
		assert.Equal(t, []string{"interrupt: stopping", "⠙ Working  0.3s"}, glass.shown())
		_, _ = glass.Write([]byte("^C^C^C"))
		assert.Equal(t, []string{"interrupt: stopping", "⠹ Working  0.5s"}, glass.shown())

		fmt.Fprint(streams.Err, "Go on? [y/N] ")
		time.Sleep(time.Second)
		assert.Equal(t, []string{"interrupt: stopping", "Go on? [y/N] "}, glass.shown(), "a question stands alone until its line ends")
		fmt.Fprintln(streams.Err, "y")
		assert.Regexp(t, "interrupt: stopping\nGo on\\? \\[y/N\\] y\n. Working  1.8s", strings.Join(glass.shown(), "\n"))

		_, _ = glass.Write([]byte("^C"))
		fmt.Fprint(streams.Out, "half a line")
		p.Close()
		assert.Equal(t, []string{"interrupt: stopping", "Go on? [y/N] y", "half a line", "· Working  1.8s"}, glass.shown())
	})
}

func TestAStepThatBeginsLeavesAQuestionAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		streams, glass := liveStreams(t, 80, 24)
		p := streams.Progress()
		fmt.Fprint(streams.Out, "Go on? [y/N] ")
		p.Emit(runner.Step{Text: "Working"})
		assert.Equal(t, []string{"Go on? [y/N] "}, glass.shown())
		fmt.Fprintln(streams.Out, "y")
		assert.Equal(t, []string{"Go on? [y/N] y", "⠋ Working  0.3s"}, glass.shown())
		p.Close()
	})
}

// gone is a terminal that somebody closed.
type gone struct{}

func (gone) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestATerminalThatIsGoneDoesNotStopTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := &screen{terminal: gone{}, size: func() (int, int) { return 80, 24 }}
		streams := &Streams{Out: above{screen, gone{}}, Err: above{screen, gone{}}, screen: screen}
		p := streams.Progress()
		for range 3 {
			p.Emit(runner.Step{Text: "Working"})
			time.Sleep(time.Second)
			_, err := fmt.Fprintln(streams.Err, "a line")
			assert.ErrorIs(t, err, io.ErrClosedPipe)
			p.Emit(runner.Note{Text: "a note"})
			time.Sleep(time.Second)
		}
		p.Close()
	})
}

func TestNothingIsDrawnBetweenStepsOrAfterTheClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		streams, glass := liveStreams(t, 80, 24)
		p := streams.Progress()
		p.Emit(runner.Note{Text: "before any step"})
		p.Emit(started("aws_vpc.a"))
		p.Emit(checked(checks.Pass, 1, 1))
		writes := glass.writes
		time.Sleep(time.Minute)
		assert.Equal(t, writes, glass.writes)
		p.Close()
		p.Close()
		p.Emit(runner.Step{Text: "too late"})
		assert.Equal(t, []string{"  before any step"}, glass.shown())
	})
}

func TestALogStaysReadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var written strings.Builder
		p := (&Streams{Err: &written}).Progress()
		event := func(phase runner.Phase, address string, took time.Duration, done int) {
			p.Emit(runner.Resource{Address: address, Action: "create", Phase: phase, Elapsed: took, Done: done, Total: 101})
		}
		p.Emit(runner.Step{Text: "Provisioning networking"})
		p.Emit(runner.Note{Text: "a note\x1b[2J"})
		event(runner.Started, "aws_vpc.a", 0, 0)
		for i := range 40 { // a second's worth: the first is told
			event(runner.Done, fmt.Sprintf("aws_subnet.a[%d]", i), time.Second, i+1)
		}
		time.Sleep(3 * time.Second)
		event(runner.Working, "aws_nat_gateway.a", 3*time.Second, 40) // too soon after the last line
		event(runner.Done, `aws_vpc.this["prod"]`, 12*time.Second, 41)
		event(runner.Failed, "aws_eip.a", 12*time.Second, 41) // told at once
		time.Sleep(10 * time.Second)
		event(runner.Working, "aws_nat_gateway.a", 13*time.Second, 41)
		event(runner.Working, "aws_nat_gateway.b", 13*time.Second, 41)
		event(runner.Done, "aws_nat_gateway.a", 13*time.Second, 101) // the last is told
		p.Emit(runner.Step{Text: "Checking 2 properties"})
		p.Emit(checked(checks.Pass, 1, 2))
		p.Emit(checked(checks.Fail, 2, 2))
		p.Emit(runner.Warning{Text: "mind the gap"})
		p.Emit(runner.Step{Text: "Releasing"})
		time.Sleep(time.Second)
		p.Close()
		assert.Equal(t, strings.Join([]string{
			"Provisioning networking",
			"  a note",
			"  aws_subnet.a[0]: created in 1.0s (1/101)",
			`  aws_vpc.this["prod"]: created in 12s (41/101)`,
			"  aws_eip.a: FAILED to create after 12s (41/101)",
			"  aws_nat_gateway.a: still creating after 13s (41/101)",
			"  aws_nat_gateway.a: created in 13s (101/101)",
			"Provisioning networking: 101 resources, 1 failed in 13s",
			"Checking 2 properties",
			"Checking 2 properties: 1 pass, 1 fail in 0.0s",
			"Warning: mind the gap",
			"Releasing",
			"Releasing: 1.0s",
			"",
		}, "\n"), written.String())
	})
}

func TestManyGoroutinesMayReportAtOnce(t *testing.T) {
	for name, streams := range map[string]*Streams{
		"live":  {screen: &screen{terminal: io.Discard, size: func() (int, int) { return 80, 24 }}},
		"plain": {Err: io.Discard},
	} {
		t.Run(name, func(t *testing.T) {
			p := streams.Progress()
			p.Emit(runner.Step{Text: "Working"})
			var group sync.WaitGroup
			for i := range 8 {
				group.Go(func() {
					for j := range 200 {
						p.Emit(started(fmt.Sprint(i, j)))
						p.Emit(finished(fmt.Sprint(i, j), 0, j))
						p.Emit(runner.Note{Text: "x"})
					}
				})
			}
			group.Wait()
			assert.Empty(t, p.step.running)
			p.Close()
		})
	}
}

func TestTerraformsActionsBecomeWords(t *testing.T) {
	for action, want := range map[string][2]string{
		"create": {"creating", "created"}, "read": {"reading", "read"}, "update": {"updating", "updated"},
		"delete": {"deleting", "deleted"}, "replace": {"replacing", "replaced"}, "import": {"importing", "imported"},
		"": {"working on", "done"},
	} {
		assert.Equal(t, want, [2]string{doing(action), did(action)}, action)
	}
}

func BenchmarkAnEventCosts(b *testing.B) {
	streams := &Streams{screen: &screen{terminal: io.Discard, size: func() (int, int) { return 80, 24 }}}
	p := streams.Progress()
	defer p.Close()
	p.Emit(runner.Step{Text: "Working"})
	for b.Loop() {
		p.Emit(started("aws_vpc.a"))
		p.Emit(finished("aws_vpc.a", 0, 1))
	}
}
