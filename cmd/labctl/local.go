package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"labctl/runner"
	"labctl/runner/target"
	"labctl/runner/target/local"
)

func newLocal(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "local",
		Short: "The free local AWS: start, stop, status, logs",
		Long: `The local AWS is a server that labctl runs in the background: moto, an emulator, with
labctl's corrections. It starts when a lab needs it and ends when its last run is gone.
All that it holds is in memory and ends with it.`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newLocalStart(a), newLocalStop(a), newLocalStatus(a), newLocalLogs(a), newLocalSupervise(a))
	return cmd
}

// tellProgress shows what starting the local AWS is busy with.
func (a *app) tellProgress(line string) { fmt.Fprintln(a.streams.Err, line) }

func newLocalStart(a *app) *cobra.Command {
	speed := 1
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Start the local AWS, and keep it until `labctl local stop`",
		Long: fmt.Sprintf(`Start the local AWS, and keep it until `+"`labctl local stop`"+`.

With --speed time passes faster there, for metrics, logs and alarms: at 60 a minute is a
second, and an alarm on an hour can be watched in a minute. Its clock then starts in the
past (at 60 it is 59 hours) and catches up with the real time within an hour; from then on
it goes on as any clock. `+"`labctl local status`"+` tells what time it is: log events and data
points of your own need times of that clock. The speed is between 1 and %d, and stays what it
was when the server was started.`, local.Fastest),
		Example: "  labctl local start\n  labctl local start --speed 60",
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if speed < 1 || speed > local.Fastest {
				return &usageError{err: fmt.Errorf("--speed %d: a speed is between 1, the real time, and %d; the nearest is %d", speed, local.Fastest, min(max(speed, 1), local.Fastest))}
			}
			if !cmd.Flags().Changed("speed") {
				speed = 0 // that of the server which runs will do
			}
			return a.startLocal(cmd.Context(), speed)
		},
	}
	cmd.Flags().IntVar(&speed, "speed", 1, "simulated seconds in a real one")
	return cmd
}

func (a *app) startLocal(ctx context.Context, speed int) error {
	manager, err := a.local(a.tellProgress)
	if err != nil {
		return err
	}
	info, err := manager.Keep(ctx, speed)
	if errors.Is(err, local.ErrSpeed) {
		return &runner.HintedError{
			Err:  &runner.RefusedError{Reason: fmt.Sprintf("the local AWS is running already, at a speed of %d", info.Speed)},
			Next: fmt.Sprintf("end it with `labctl local stop`, then `labctl local start --speed %d`", speed),
		}
	}
	if err != nil {
		return fmt.Errorf("starting the local AWS: %w", err)
	}
	fmt.Fprintf(a.streams.Out, "The local AWS is running at %s.\n", info.Endpoint)
	if pace := paceOf(info); pace != "" {
		fmt.Fprintf(a.streams.Out, "Its clock: %s.\n", pace)
	}
	return nil
}

// paceOf says what time it is on a local AWS whose clock is fast, or was.
func paceOf(info local.Info) string {
	if info.Speed <= 1 {
		return ""
	}
	left := time.Until(info.CatchesUp)
	if left <= 0 {
		return fmt.Sprintf("the real time, with which it caught up at %s (speed %d until then)", info.CatchesUp.Local().Format("15:04:05"), info.Speed)
	}
	return fmt.Sprintf("%s, speed %d; it catches up with the real time in %s", info.SimulatedTime.UTC().Format("2006-01-02 15:04:05 UTC"), info.Speed, rounded(left))
}

func newLocalStop(a *app) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "stop",
		Short: "Stop the local AWS; what it holds is lost",
		Args:  atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if runs, err := a.localRuns(); !force && (err != nil || len(runs) > 0) {
				return &runner.HintedError{
					Err:  &runner.RefusedError{Reason: fmt.Sprintf("the local AWS holds %d runs, which would be lost", len(runs))},
					Next: "take them down with `labctl down --all`, or stop it all the same with --force",
				}
			}
			manager, err := a.local(a.tellProgress)
			if err != nil {
				return err
			}
			stopped, err := manager.Stop(cmd.Context())
			if err != nil {
				return fmt.Errorf("stopping the local AWS: %w", err)
			}
			if !stopped {
				fmt.Fprintln(a.streams.Out, "The local AWS was not running.")
				return nil
			}
			fmt.Fprintln(a.streams.Out, "The local AWS is stopped.")
			return nil
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "also when it holds runs")
	return cmd
}

// localRuns lists the runs that live on the local AWS. A record that cannot be read is an error: it may be one.
func (a *app) localRuns() ([]string, error) {
	records, err := a.journal()
	if err != nil {
		return nil, err
	}
	runs, err := records.List()
	var ids []string
	for _, run := range runs {
		if run.Target == target.Local {
			ids = append(ids, run.ID)
		}
	}
	return ids, err
}

func newLocalStatus(a *app) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell whether the local AWS runs, and how it was corrected",
		Args:  atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := validTextOrJSON(output); err != nil {
				return err
			}
			manager, err := a.local(a.tellProgress)
			if err != nil {
				return err
			}
			info, err := manager.Status(cmd.Context())
			if err != nil {
				return fmt.Errorf("asking for the local AWS: %w", err)
			}
			if output == "json" {
				return a.printJSON(info)
			}
			a.localText(info)
			return nil
		},
	}
	addTextOrJSON(cmd, &output)
	return cmd
}

func (a *app) localText(info local.Info) {
	out := a.streams.Out
	fmt.Fprintf(out, "%s\n", a.streams.Strong(localState(info.State)))
	if info.Detail != "" {
		fmt.Fprintf(out, "  %s\n", info.Detail)
	}
	for _, line := range info.LastLog {
		fmt.Fprintf(out, "  | %s\n", line)
	}
	if info.State != local.StateRunning {
		fmt.Fprintln(out, "It starts by itself when a lab needs it, or with `labctl local start`.")
		return
	}
	fmt.Fprintf(out, "  endpoint    %s\n  up for      %s\n  moto        %s (pid %d, supervised by pid %d)\n  Python      %s (%s)\n",
		info.Endpoint, rounded(info.Uptime.Round(time.Second)), info.MotoVersion, info.MotoPID, info.SupervisorPID, info.PythonVersion, info.Python)
	if pace := paceOf(info); pace != "" {
		fmt.Fprintf(out, "  clock       %s\n", pace)
	}
	if len(info.Corrections) == 0 {
		fmt.Fprintln(out, "  corrections none: they are made for another version of moto, so that labs which need them are refused")
		return
	}
	fmt.Fprintf(out, "  corrections %d, each making moto do as AWS does:\n", len(info.Corrections))
	for _, correction := range info.Corrections {
		fmt.Fprintf(out, "    %-24s %s\n", correction.Name, correction.AWS)
	}
}

func newLocalLogs(a *app) *cobra.Command {
	var lines int
	var follow bool
	cmd := &cobra.Command{
		Use:   "logs",
		Short: "Print the log of the local AWS",
		Args:  atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if lines < 1 {
				return &usageError{err: fmt.Errorf("--lines %d: ask for at least one", lines)}
			}
			manager, err := a.local(a.tellProgress)
			if err != nil {
				return err
			}
			if err := manager.Logs(cmd.Context(), a.streams.Out, lines, follow); err != nil && cmd.Context().Err() == nil {
				return fmt.Errorf("reading the log: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().IntVarP(&lines, "lines", "n", 100, "how many of the last lines")
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on printing until Ctrl-C")
	return cmd
}

// newLocalSupervise is the body of the background process; the manager starts it.
func newLocalSupervise(a *app) *cobra.Command {
	options := local.SupervisorOptions{Env: a.environ}
	cmd := &cobra.Command{
		Use:    "supervise",
		Hidden: true,
		Args:   atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			options.InUse = func() (bool, error) {
				ids, err := a.localRuns()
				return len(ids) > 0, err
			}
			return local.Supervise(cmd.Context(), options)
		},
	}
	cmd.Flags().StringVar(&options.StateDir, "state-dir", "", "directory of the server's record")
	cmd.Flags().StringVar(&options.Python, "python", "", "Python that has moto")
	cmd.Flags().IntVar(&options.Speed, "speed", 1, "simulated seconds in a real one")
	for _, flag := range []string{"state-dir", "python"} {
		complete(cmd, flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		})
	}
	return cmd
}

func localState(state local.State) string {
	switch state {
	case local.StateDied:
		return "The local AWS has died, and what it held is lost."
	case local.StateUnresponsive:
		return "The local AWS does not answer."
	default:
		return "The local AWS is " + string(state) + "."
	}
}
