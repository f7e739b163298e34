package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"labctl/checks"
	"labctl/checks/report/typeset"
	"labctl/labs"
	"labctl/runner"
)

type drillOptions struct {
	app    *app
	lab    string
	drill  string
	run    string
	output string
	seed   uint64
	rows   int
	seeded bool // a seed was given
	sized  bool // a number of rows was given
}

func newDrill(a *app) *cobra.Command {
	o := &drillOptions{app: a}
	cmd := &cobra.Command{
		Use:   "drill LAB DRILL",
		Short: "Exercise the lab's behaviour, measure it and compare it with the objective",
		Long: `Carry out a timed exercise on the live lab: attempts that must be refused, a failure to
recover from. The time line is told as it happens; what was measured stands at its end beside
what the scenario promises. The lab is left as it was found, also after Ctrl-C; where labctl
was killed, the next drill or ` + "`labctl up`" + ` takes back what it left.

A drill that destroys data makes its own: --seed and --rows say which and how much.
A drill that the target cannot show is skipped, with the reason, and passes nothing; one of
which it can show a part is carried out as far as that goes, and passes nothing either.
Exit code 0 is all as promised, 1 something was not, 3 skipped or not decided.`,
		Example:           "  labctl drill iam vendor\n  labctl drill iam vendor --output json\n  labctl drill backup table-restore --seed 7 --rows 2000",
		Args:              labAndMore(a, 2),
		ValidArgsFunction: a.completeLabThenDrill,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.lab = args[0]
			if len(args) > 1 {
				o.drill = args[1]
			}
			o.seeded, o.sized = cmd.Flags().Changed("seed"), cmd.Flags().Changed("rows")
			return o.do(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.run, "run", "", "name of the run (default: the lab's only run)")
	cmd.Flags().Uint64Var(&o.seed, "seed", 1, "make the same data as everybody with this number")
	cmd.Flags().IntVar(&o.rows, "rows", 0, "how many rows, or objects, to make (default: the drill's own choice)")
	addTextOrJSON(cmd, &o.output)
	complete(cmd, "run", a.completeRun)
	return cmd
}

func (a *app) completeLabThenDrill(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.completeLab(cmd, args, typed)
	}
	lab, ok := a.firstLab(args)
	if !ok || len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []string
	for _, d := range lab.Drills {
		found = append(found, cobra.CompletionWithDesc(d.ID, d.Title))
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

func (o *drillOptions) do(ctx context.Context) error {
	lab, err := o.app.lab(o.lab)
	if err != nil {
		return err
	}
	if err := validTextOrJSON(o.output); err != nil {
		return err
	}
	switch ids := runner.DrillIDs(lab); {
	case len(ids) == 0:
		return &usageError{err: fmt.Errorf("lab %s has no drills", lab.ID)}
	case o.drill == "":
		return &usageError{err: fmt.Errorf("which drill? choose from %s", strings.Join(ids, ", ")), next: fmt.Sprintf("`labctl drill %s %s`", lab.ID, ids[0])}
	}
	drilled, err := o.carryOut(ctx, lab)
	if err != nil {
		return err
	}
	if o.output == "json" {
		err = o.app.printJSON(drillJSON(lab, drilled))
	} else {
		err = o.text(drilled)
	}
	if err == nil && drilled.Status != checks.Pass {
		return &verdictError{verdict: drilled.Status}
	}
	return err
}

// carryOut tells the time line on standard output as it comes; how far something is shows beside it for as long as it lasts.
func (o *drillOptions) carryOut(ctx context.Context, lab labs.Lab) (runner.Drilled, error) {
	progress := o.app.streams.Progress()
	defer progress.Close()
	r, err := o.app.runner("", progress.Emit)
	if err != nil {
		return runner.Drilled{}, err
	}
	options := runner.DrillOptions{
		Lab: lab, Run: o.run, Drill: o.drill, Tell: o.tell,
		Show: func(p labs.Progress) { progress.Emit(runner.Counted{Progress: p}) },
	}
	if o.output == "json" {
		options.Tell = func(labs.Moment) {}
	}
	if o.seeded {
		options.Seed = &o.seed
	}
	if o.sized {
		options.Rows = &o.rows
	}
	return r.Drill(ctx, options)
}

// tell prints one line of the time line.
func (o *drillOptions) tell(m labs.Moment) {
	fmt.Fprintf(o.app.streams.Out, "%7.1fs  %s\n", m.After.Seconds(), typeset.Line(m.Text))
}

func (o *drillOptions) text(d runner.Drilled) error {
	s := o.app.streams
	if len(d.Measures) > 0 {
		fmt.Fprintln(s.Out)
		table := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "MEASURED\tFOUND\tOBJECTIVE\t")
		for _, m := range d.Measures {
			verdict := "met"
			if !m.Met {
				verdict = "NOT MET"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", m.Name, m.Found, m.Wanted, verdict)
		}
		if err := table.Flush(); err != nil {
			return fmt.Errorf("writing the measures: %w", err)
		}
	}
	word := s.Bad(string(d.Status))
	switch d.Status {
	case checks.Pass:
		word = s.Good(string(d.Status))
	case checks.Skip:
		word = s.Warn(string(d.Status))
	}
	fmt.Fprintf(s.Out, "\nDrill %s on run %s: %s", d.Drill.ID, d.Run.ID, word)
	if d.Partial {
		fmt.Fprint(s.Out, " (partial)")
	}
	if d.Simulated {
		fmt.Fprint(s.Out, " (simulated)")
	}
	fmt.Fprintln(s.Out)
	if d.Reason != "" {
		fmt.Fprintln(s.Out, indented("  ", d.Reason, s.OutWidth()))
	}
	return nil
}

// drillJSON is the JSON form of a drill's result. Times are in milliseconds.
func drillJSON(lab labs.Lab, d runner.Drilled) any {
	type moment struct {
		AfterMs int64  `json:"afterMs"`
		Text    string `json:"text"`
	}
	type measure struct {
		Name      string `json:"name"`
		Found     string `json:"found"`
		Objective string `json:"objective"`
		Met       bool   `json:"met"`
	}
	out := struct {
		Lab       string        `json:"lab"`
		Run       string        `json:"run"`
		Target    string        `json:"target"`
		Drill     string        `json:"drill"`
		Title     string        `json:"title"`
		Objective string        `json:"objective"`
		Status    checks.Status `json:"status"`
		Reason    string        `json:"reason,omitempty"`
		Partial   bool          `json:"partial"`
		Simulated bool          `json:"simulated"`
		Started   string        `json:"started"`
		ElapsedMs int64         `json:"elapsedMs"`
		Measures  []measure     `json:"measures"`
		TimeLine  []moment      `json:"timeLine"`
	}{
		lab.ID, d.Run.ID, d.Run.Target, d.Drill.ID, d.Drill.Title, d.Drill.Objective, d.Status, d.Reason, d.Partial, d.Simulated,
		d.Started.UTC().Format(time.RFC3339), d.Elapsed.Milliseconds(), []measure{}, []moment{},
	}
	for _, m := range d.Measures {
		out.Measures = append(out.Measures, measure{m.Name, m.Found, m.Wanted, m.Met})
	}
	for _, m := range d.Moments {
		out.TimeLine = append(out.TimeLine, moment{m.After.Milliseconds(), m.Text})
	}
	return out
}
