package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"labctl/labs"
	"labctl/labs/catalogue"
)

type options struct {
	labctl string
	labs   []string
	rounds int
	seed   uint64
	logs   string
}

// tally is what came of it all.
type tally struct {
	rounds, commands, kills, storms int
	requests                        map[string]int // what the proxy did to requests

	verdicts  []string // wrong ones
	hung      []string
	leftovers []string
	others    []string // commands in fair weather that did not do what they are for
}

func (t *tally) wrong() bool {
	return len(t.verdicts)+len(t.hung)+len(t.leftovers)+len(t.others) > 0
}

// torment goes through the rounds: in each, one lab is brought up, checked, drilled, broken, mended and taken down, and
// nearly every command is disturbed.
func torment(ctx context.Context, out io.Writer, o options) (total tally, err error) {
	total.requests = map[string]int{}
	if o.labctl, err = filepath.Abs(o.labctl); err != nil {
		return total, err
	}
	fmt.Fprintf(out, "chaos: seed %d, %d rounds on each of %s\n", o.seed, o.rounds, strings.Join(o.labs, ", "))
	for round := range o.rounds {
		for _, id := range o.labs {
			lab, err := labOf(id)
			if err != nil {
				return total, err
			}
			if err := ctx.Err(); err != nil {
				return total, errors.Join(err, report(out, total))
			}
			if err := one(ctx, out, o, lab, round, &total); err != nil {
				return total, fmt.Errorf("round %d on %s: %w", round+1, id, err)
			}
		}
	}
	return total, report(out, total)
}

func labOf(id string) (labs.Lab, error) {
	all := catalogue.All()
	if n := slices.IndexFunc(all, func(l labs.Lab) bool { return l.ID == id }); n >= 0 {
		return all[n], nil
	}
	return labs.Lab{}, fmt.Errorf("there is no lab %q", id)
}

func report(out io.Writer, t tally) error {
	fmt.Fprintf(out, "\n%d rounds, %d commands, %d of them with something killed, %d in bad weather\n", t.rounds, t.commands, t.kills, t.storms)
	fmt.Fprint(out, "requests: ")
	for _, what := range []string{"delayed", "throttled", "broken", "reset before", "reset after"} {
		fmt.Fprintf(out, "%d %s, ", t.requests[what], what)
	}
	fmt.Fprintf(out, "\nwrong verdicts: %d\nhung: %d\nleft behind: %d\ndid not do it in fair weather: %d\n", len(t.verdicts), len(t.hung), len(t.leftovers), len(t.others))
	for _, list := range [][]string{t.verdicts, t.hung, t.leftovers, t.others} {
		for _, entry := range list {
			if _, err := fmt.Fprintf(out, "  %s\n", entry); err != nil {
				return err
			}
		}
	}
	return nil
}

// victim is who is killed.
type victim string

const (
	theCommand victim = "labctl"
	terraform  victim = "terraform"
	server     victim = "the local AWS"
)

// round is one lab's life under torment.
type round struct {
	*machine
	out   io.Writer
	lab   labs.Lab
	total *tally
	name  string
	lost  bool // the local AWS was killed
	log   strings.Builder
}

// The exit codes of labctl.
const (
	passed    = 0
	failed    = 1
	undecided = 3
)

const run = "victim"

func one(ctx context.Context, out io.Writer, o options, lab labs.Lab, number int, total *tally) (err error) {
	home, err := os.MkdirTemp("", "labctl-chaos-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	// A lab's chance does not depend on which other labs are asked for.
	var word uint64
	for _, letter := range []byte(lab.ID) {
		word = word*31 + uint64(letter)
	}
	rng := rand.New(rand.NewPCG(o.seed+uint64(number), word)) //nolint:gosec // chance that can be repeated
	m := &machine{labctl: o.labctl, home: home, rng: rng, patience: patience}
	defer func() { err = errors.Join(err, m.stop(context.WithoutCancel(ctx))) }()
	if err := m.start(ctx); err != nil {
		return err
	}
	before, err := census(ctx, m.config)
	if err != nil {
		return err
	}
	r := &round{machine: m, out: out, lab: lab, total: total, name: fmt.Sprintf("%s, round %d", lab.ID, number+1)}
	began, bad := time.Now(), r.badSoFar()
	r.live(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	if !r.lost {
		after, err := census(ctx, m.config)
		if err != nil {
			return err
		}
		for _, entry := range left(before, after) {
			total.leftovers = append(total.leftovers, r.name+": "+entry)
		}
	}
	total.rounds++
	for what, n := range m.proxy.done {
		total.requests[what] += n
	}
	verdict := "well"
	if r.badSoFar() > bad {
		verdict = "BADLY"
		if err := r.keepLog(o.logs, o.seed); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "%-28s ended %s after %.0f s\n", r.name, verdict, time.Since(began).Seconds())
	return err
}

func (r *round) badSoFar() int {
	t := r.total
	return len(t.verdicts) + len(t.hung) + len(t.leftovers) + len(t.others)
}

func (r *round) keepLog(dir string, seed uint64) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-seed-%d.log", strings.NewReplacer(", ", "-", " ", "-").Replace(r.name), seed)), []byte(r.log.String()), 0o600)
}

// live is the life of a run, disturbed; what follows each disturbance in fair weather has to work.
func (r *round) live(ctx context.Context) {
	r.disturbed(ctx, "up", r.lab.ID, "--run", run, "--no-check")
	if !r.lost {
		r.fairly(ctx, []int{passed}, "up", r.lab.ID, "--run", run)
	}
	if !r.lost {
		r.judged(ctx, passed)
		r.drilled(ctx)
	}
	if !r.lost {
		r.broken(ctx)
	}
	r.removed(ctx)
}

// judged checks in bad weather: what holds must not be said to fail, nor what fails to hold.
func (r *round) judged(ctx context.Context, truth int) {
	e := r.stormy(ctx, "check", r.lab.ID, "--run", run)
	if lie := map[int]int{passed: failed, failed: passed}[truth]; e.code == lie {
		r.total.verdicts = append(r.total.verdicts, fmt.Sprintf("%s: %s, and the truth is %d", r.name, e, truth))
	}
}

// drilled carries out a drill and kills it; then the lab must be as it was.
func (r *round) drilled(ctx context.Context) {
	if len(r.lab.Drills) == 0 {
		return
	}
	drill := r.lab.Drills[r.rng.IntN(len(r.lab.Drills))]
	r.disturbed(ctx, "drill", r.lab.ID, drill.ID, "--run", run)
	if !r.lost {
		r.fairly(ctx, []int{passed}, "up", r.lab.ID, "--run", run)
	}
}

// broken injects a fault, and has it judged and taken back.
func (r *round) broken(ctx context.Context) {
	if len(r.lab.Faults) == 0 {
		return
	}
	fault := r.lab.Faults[r.rng.IntN(len(r.lab.Faults))]
	r.disturbed(ctx, "break", r.lab.ID, fault.ID, "--run", run)
	if r.lost {
		return
	}
	r.fairly(ctx, []int{passed, undecided}, "fix", r.lab.ID, "--run", run)
	e := r.fairly(ctx, []int{passed, undecided}, "break", r.lab.ID, fault.ID, "--run", run) // a target may lack what it takes
	if e.code == passed {
		r.judged(ctx, failed)
		r.disturbed(ctx, "fix", r.lab.ID, "--run", run)
	}
	if r.lost {
		return
	}
	r.fairly(ctx, []int{passed, undecided}, "fix", r.lab.ID, "--run", run)
	r.fairly(ctx, []int{passed}, "check", r.lab.ID, "--run", run)
}

// removed takes the run down, disturbed, and then again until it is gone: with its record, or by the account alone.
func (r *round) removed(ctx context.Context) {
	if !r.lost {
		r.disturbed(ctx, "down", r.lab.ID, "--run", run)
	}
	if r.lost || r.rng.IntN(3) > 0 {
		r.fairly(ctx, []int{passed}, "down", "--all")
		return
	}
	if err := os.RemoveAll(r.state("runs", run)); err != nil {
		r.total.others = append(r.total.others, r.name+": "+err.Error())
		return
	}
	r.fairly(ctx, []int{passed}, "sweep", "--run", run, "--yes")
}

// typical is how long a command takes when nothing disturbs it: a killing falls somewhere in that time.
func (r *round) typical(command string) time.Duration {
	up := map[string]time.Duration{"networking": 38, "iam": 22, "ha": 70, "backup": 40, "observability": 32}
	switch command {
	case "up":
		return up[r.lab.ID] * time.Second
	case "down":
		return 20 * time.Second
	case "drill":
		return 4 * time.Second
	default:
		return 200 * time.Millisecond
	}
}

// disturbed runs a command and kills something meanwhile, or lets it run in bad weather. How it ends is its own affair,
// as long as it ends.
func (r *round) disturbed(ctx context.Context, args ...string) {
	if r.rng.IntN(3) == 0 {
		r.stormy(ctx, args...)
		return
	}
	who := []victim{theCommand, theCommand, theCommand, terraform, terraform, server}[r.rng.IntN(6)]
	if who == server && r.rng.IntN(2) > 0 { // it ends the round: not too often
		who = theCommand
	}
	if who == terraform && args[0] != "up" && args[0] != "down" {
		who = theCommand // it runs no Terraform
	}
	signal := []syscall.Signal{syscall.SIGKILL, syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP}[r.rng.IntN(5)]
	if who != theCommand {
		signal = syscall.SIGKILL
	}
	delay := time.Duration(r.rng.Float64() * float64(r.typical(args[0])))
	hit := false
	struck := make(chan struct{})
	e := r.run(ctx, func(pid int, over <-chan struct{}) {
		defer close(struck)
		select {
		case <-over:
			return
		case <-time.After(delay):
		}
		switch who {
		case theCommand:
			hit = kill(pid, signal)
		case terraform:
			hit = kill(terraformOf(pid), signal)
		case server:
			hit = kill(r.server, signal)
		}
	}, args...)
	<-struck
	if hit {
		r.total.kills++
		r.lost = r.lost || who == server
	}
	r.note(e, struckText(signal, who, delay, hit))
}

func struckText(signal syscall.Signal, who victim, delay time.Duration, hit bool) string {
	if !hit {
		return fmt.Sprintf("it had ended when %s was to get %s", who, unix.SignalName(signal))
	}
	return fmt.Sprintf("%s to %s after %.1f s", unix.SignalName(signal), who, delay.Seconds())
}

// stormy runs a command in bad weather.
func (r *round) stormy(ctx context.Context, args ...string) ended {
	storm := storms[r.rng.IntN(len(storms))]
	r.proxy.set(storm)
	e := r.run(ctx, nil, args...)
	r.proxy.set(fair)
	r.total.storms++
	r.note(e, "weather: "+storm.name)
	return e
}

// fairly runs a command undisturbed: it has to end with one of the codes.
func (r *round) fairly(ctx context.Context, codes []int, args ...string) ended {
	e := r.run(ctx, nil, args...)
	r.note(e, "undisturbed")
	if !slices.Contains(codes, e.code) && !e.hung && ctx.Err() == nil {
		r.total.others = append(r.total.others, fmt.Sprintf("%s: %s", r.name, e))
	}
	return e
}

func (r *round) note(e ended, how string) {
	r.total.commands++
	if e.hung {
		r.total.hung = append(r.total.hung, fmt.Sprintf("%s: %s", r.name, e))
	}
	fmt.Fprintf(&r.log, "== %s\n== %s\n%s\n", e, how, e.output)
	fmt.Fprintf(r.out, "  %-60s %s\n", e, how)
}
