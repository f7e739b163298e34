// Command bench times `labctl up` against what it must not be slower than: plain `terraform init` and `terraform
// apply` on the same configuration and the same kind of server, in turn, so that a machine's moods hit both.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"labctl/runner/tf"
	"labctl/terraform"
)

func main() {
	labctl := flag.String("labctl", "bin/labctl", "the labctl to time")
	lab := flag.String("lab", "networking", "the lab to provision")
	rounds := flag.Int("rounds", 3, "how often each is timed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Stdout, *labctl, *lab, *rounds)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, labctl, lab string, rounds int) (err error) {
	labctl, err = filepath.Abs(labctl)
	if err != nil {
		return err
	}
	home, err := os.MkdirTemp("", "labctl-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	b := &bench{labctl: labctl, lab: lab, home: home}
	defer func() {
		err = errors.Join(err, b.command(context.WithoutCancel(ctx), labctl, "local", "stop", "--force").Run())
	}()

	var plain, ours, ratios []float64
	fmt.Fprintf(out, "%-6s %14s %14s %8s\n", "round", "terraform s", "labctl up s", "ratio")
	for n := range rounds + 1 { // the first round fills caches on both sides and is not counted
		p, err := b.plain(ctx)
		if err != nil {
			return fmt.Errorf("plain terraform: %w", err)
		}
		o, err := b.ours(ctx)
		if err != nil {
			return fmt.Errorf("labctl up: %w", err)
		}
		name := "warm"
		if n > 0 {
			name = fmt.Sprint(n)
			plain, ours, ratios = append(plain, p.Seconds()), append(ours, o.Seconds()), append(ratios, o.Seconds()/p.Seconds())
		}
		fmt.Fprintf(out, "%-6s %14.1f %14.1f %8.3f\n", name, p.Seconds(), o.Seconds(), o.Seconds()/p.Seconds())
	}
	fmt.Fprintf(out, "%-6s %14.1f %14.1f %8.3f   (up to 1.05 is the bar)\n", "median", median(plain), median(ours), median(ratios))
	return nil
}

type bench struct{ labctl, lab, home string }

// command runs a program with nothing of the user's AWS and Terraform settings, and a home of its own.
func (b *bench) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "AWS_") && !strings.HasPrefix(entry, "TF_") && !strings.HasPrefix(entry, "XDG_") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "XDG_STATE_HOME="+b.home+"/state", "XDG_CACHE_HOME="+b.home+"/cache", "XDG_DATA_HOME="+b.home+"/data")
	cmd.Stderr = os.Stderr
	return cmd
}

// ours times the whole of `labctl up`: the start of the local AWS, Terraform and the checks.
func (b *bench) ours(ctx context.Context) (time.Duration, error) {
	up := b.command(ctx, b.labctl, "up", b.lab)
	up.Stderr = nil
	began := time.Now()
	if output, err := up.Output(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, output)
	}
	took := time.Since(began)
	down := b.command(ctx, b.labctl, "down", b.lab)
	down.Stderr = nil
	return took, down.Run()
}

// plain times `terraform init` and `terraform apply -auto-approve` in a new directory, as somebody without labctl
// would run them.
func (b *bench) plain(ctx context.Context) (took time.Duration, err error) {
	if err := b.command(ctx, b.labctl, "local", "start").Run(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, b.command(ctx, b.labctl, "local", "stop", "--force").Run()) }()
	endpoint, err := b.endpoint(ctx)
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp(b.home, "plain-")
	if err != nil {
		return 0, err
	}
	if _, err := terraform.Extract(b.lab, dir); err != nil {
		return 0, err
	}
	variables, err := json.Marshal(map[string]string{
		"run": "bench", "region": "us-east-1", "endpoint": endpoint, "expires": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	})
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(dir, "terraform.tfvars.json"), variables, 0o600); err != nil {
		return 0, err
	}
	rc := filepath.Join(b.home, "terraform.rc")
	if err := os.WriteFile(rc, []byte(mirrors()), 0o600); err != nil {
		return 0, err
	}
	began := time.Now()
	for _, args := range [][]string{{"init", "-input=false"}, {"apply", "-auto-approve", "-input=false"}} {
		cmd := b.command(ctx, "terraform", args...)
		cmd.Dir = dir
		cmd.Env = append(cmd.Env, "TF_CLI_CONFIG_FILE="+rc, "AWS_ENDPOINT_URL="+endpoint, "AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench", "AWS_EC2_METADATA_DISABLED=true")
		if output, err := cmd.Output(); err != nil {
			return 0, fmt.Errorf("terraform %s: %w\n%s", args[0], err, output)
		}
	}
	return time.Since(began), nil
}

func (b *bench) endpoint(ctx context.Context) (string, error) {
	output, err := b.command(ctx, b.labctl, "local", "status", "--output", "json").Output()
	if err != nil {
		return "", err
	}
	var status struct{ Endpoint string }
	return status.Endpoint, json.Unmarshal(output, &status)
}

// mirrors is the CLI configuration of somebody who has set up the mirror that labctl finds by itself, or none.
func mirrors() string {
	const provider = "registry.terraform.io/hashicorp/aws"
	for _, dir := range tf.DefaultMirrors(os.Getenv) {
		if _, err := os.Stat(filepath.Join(dir, provider)); err == nil {
			return fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n  direct {\n    exclude = [%q]\n  }\n}\n", dir, provider)
		}
	}
	return ""
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}
