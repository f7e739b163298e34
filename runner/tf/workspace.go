package tf

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// variablesName is a file that Terraform loads by itself: apply and destroy see the same values, also when a person runs
// Terraform by hand in the directory.
const variablesName = "terraform.tfvars.json"

// Options describe one run's Terraform.
type Options struct {
	Dir      string            // the run's directory: configuration, state, log
	Binary   Binary            // from Find
	CacheDir string            // labctl's cache, shared by runs
	Env      map[string]string // for the provider: AWS_*, and whatever else the target needs
	Local    bool              // the target is on this machine: no proxy, no CA bundle, none of the user's AWS profiles
	Mirrors  []string          // folders that may hold providers; see DefaultMirrors
}

// Workspace runs Terraform in one run's directory. It is not safe for concurrent use: the run's lock is its owner's.
type Workspace struct {
	dir, cacheDir   string
	binary          Binary
	env             map[string]string
	local           bool
	mirrors         []string
	environ         []string // labctl's own environment
	terminalReaches bool
}

// New returns the workspace of a directory that holds a configuration. It runs and writes nothing yet.
func New(o Options) (*Workspace, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("terraform workspace: %w", err)
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("terraform workspace: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("terraform workspace: %s is not a directory", dir)
	}
	if o.Binary.Path == "" || o.CacheDir == "" {
		return nil, errors.New("terraform workspace: needs a binary and a cache directory")
	}
	cacheDir, err := filepath.Abs(o.CacheDir)
	if err != nil {
		return nil, fmt.Errorf("terraform workspace: %w", err)
	}
	return &Workspace{dir: dir, cacheDir: cacheDir, binary: o.Binary, env: o.Env, local: o.Local, mirrors: o.Mirrors,
		environ: os.Environ(), terminalReaches: terminalReachesTerraform}, nil
}

// SetVariables writes the values of the configuration's input variables.
func (w *Workspace) SetVariables(values map[string]any) error {
	data, err := json.MarshalIndent(values, "", "  ")
	if err != nil {
		return fmt.Errorf("terraform variables: %w", err)
	}
	if err := writeFile(filepath.Join(w.dir, variablesName), append(data, '\n')); err != nil {
		return fmt.Errorf("terraform variables: %w", err)
	}
	return nil
}

// ApplyOptions tune one Apply or Destroy.
type ApplyOptions struct {
	// Refresh reads every resource of the state from the account first. Without it a destroy is faster and gets past a
	// resource that can't be read, and an apply trusts the state.
	Refresh     bool
	Parallelism int         // operations at once; 0 means Terraform's own 10
	OnEvent     func(Event) // called from one goroutine; Terraform waits for it
}

// Apply makes the account match the configuration, without a separate plan.
func (w *Workspace) Apply(ctx context.Context, o ApplyOptions) error {
	return w.run(ctx, operation{name: opApply, env: w.runEnv(), onEvent: o.OnEvent,
		call: func(ctx context.Context, t *tfexec.Terraform, out io.Writer) error {
			return t.ApplyJSON(ctx, out, tfexec.Refresh(o.Refresh), tfexec.Parallelism(o.parallelism()))
		}})
}

// Destroy deletes every resource of the state. With none in the state it starts no Terraform.
func (w *Workspace) Destroy(ctx context.Context, o ApplyOptions) error {
	resources, err := w.Resources()
	if err != nil {
		return fmt.Errorf("terraform destroy: %w", err)
	}
	if len(resources) == 0 {
		return nil
	}
	return w.run(ctx, operation{name: opDestroy, env: w.runEnv(), onEvent: o.OnEvent,
		call: func(ctx context.Context, t *tfexec.Terraform, out io.Writer) error {
			return t.DestroyJSON(ctx, out, tfexec.Refresh(o.Refresh), tfexec.Parallelism(o.parallelism()))
		}})
}

func (o ApplyOptions) parallelism() int {
	if o.Parallelism > 0 {
		return o.Parallelism
	}
	return 10
}

// writeFile replaces a file in one step.
func writeFile(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
