// Command chaos does to labctl what nobody should: it kills labctl, Terraform and the local AWS at random moments of
// every command, on every lab, and it throttles, delays, resets and fails what goes between labctl and the server. After
// each such thing it asks three questions: was a verdict wrong, did something hang, and is something left when
// `labctl down` or `labctl sweep` has ended? It prints counts, and the answer to all three has to be no.
//
// All chance comes from a seed, so that what went wrong can be tried again; how fast the machine is at that moment is
// the one thing that the seed does not fix.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"labctl/labs/catalogue"
)

func main() {
	var o options
	var names string
	flag.StringVar(&o.labctl, "labctl", "bin/labctl", "the labctl to torment")
	flag.StringVar(&names, "labs", "", "labs to do it on, with commas (default: all)")
	flag.IntVar(&o.rounds, "rounds", 2, "how often on each lab")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano())%1_000_000, "what all chance comes from") //nolint:gosec // a time is not negative
	flag.StringVar(&o.logs, "logs", "", "directory to keep the output of what went wrong in")
	flag.Parse()
	if names == "" {
		for _, lab := range catalogue.All() {
			o.labs = append(o.labs, lab.ID)
		}
	} else {
		o.labs = strings.Split(names, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	count, err := torment(ctx, os.Stdout, o)
	stop()
	if err == nil && count.wrong() {
		err = errors.New("see above")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}
