package tf

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-exec/tfexec"
)

const (
	// VersionRange is what labctl runs: `init -json` came with Terraform 1.9, and 2.0 may change the output.
	VersionRange = ">= 1.9.0, < 2.0.0"
	// PinnedVersion is what labctl installs where there is none in the range: the one that it is tested with.
	PinnedVersion = "1.11.4"
	// BinaryVariable names the environment variable with the path of a Terraform binary.
	BinaryVariable = "LABCTL_TERRAFORM"
)

// probeTimeout bounds `terraform version`: 20 ms, but a cold disk or a version manager's shim takes longer.
const probeTimeout = 30 * time.Second

// Source says where a binary came from.
type Source string

// Where a binary can come from, in the order of Find.
const (
	SourceFlag     Source = "--terraform"
	SourceVariable Source = BinaryVariable
	SourcePath     Source = "PATH"
	SourceCache    Source = "labctl's cache"
)

// Binary is a Terraform that labctl can run.
type Binary struct {
	Path    string // absolute
	Version string
	Source  Source
}

// FindOptions say where to look.
type FindOptions struct {
	Explicit string                              // the value of --terraform
	Env      string                              // the value of LABCTL_TERRAFORM
	Path     string                              // the value of PATH
	CacheDir string                              // labctl's cache
	Progress func(message string)                // told before a download; may be nil
	install  func(context.Context, string) error // installs a release into a folder; nil means from HashiCorp
}

// ErrNoBinary says that nothing in the version range is installed. Probe returns it where Find would install.
var ErrNoBinary = errors.New("no Terraform in the version range " + VersionRange + " on PATH")

// BinaryError says why a named binary can't be used.
type BinaryError struct {
	Path    string
	Source  Source
	Version string // empty where the binary told none
	Err     error  // why there is no version
}

func (e *BinaryError) Error() string {
	if e.Version != "" {
		return fmt.Sprintf("%s from %s is Terraform %s, labctl needs %s; name another one, or none to let labctl install %s",
			e.Path, e.Source, e.Version, VersionRange, PinnedVersion)
	}
	return fmt.Sprintf("%s from %s is not a Terraform that runs: %v; name another one, or none to let labctl install %s",
		e.Path, e.Source, e.Err, PinnedVersion)
}

func (e *BinaryError) Unwrap() error { return e.Err }

// Find returns the Terraform to run: the one named explicitly, else the one named by the environment, else the first on
// PATH in the version range, else the pinned release, which it installs into labctl's cache when it is not there yet.
func Find(ctx context.Context, o FindOptions) (Binary, error) {
	b, err := Probe(ctx, o)
	if !errors.Is(err, ErrNoBinary) {
		return b, err
	}
	return installPinned(ctx, o)
}

// Probe is Find without the installation: where Find would install, the error is ErrNoBinary.
func Probe(ctx context.Context, o FindOptions) (Binary, error) {
	switch {
	case o.Explicit != "":
		return checkNamed(ctx, o.Explicit, SourceFlag)
	case o.Env != "":
		return checkNamed(ctx, o.Env, SourceVariable)
	}
	rejected := ErrNoBinary
	for _, dir := range filepath.SplitList(o.Path) {
		dir, err := filepath.Abs(dir)
		if err != nil {
			continue
		}
		candidate, err := exec.LookPath(filepath.Join(dir, "terraform"))
		if err != nil {
			continue
		}
		b, err := checkBinary(ctx, candidate, SourcePath)
		if err == nil {
			return b, nil
		}
		if ctx.Err() != nil {
			return Binary{}, fmt.Errorf("look for terraform: %w", context.Cause(ctx))
		}
		rejected = fmt.Errorf("%w (%w)", rejected, err)
	}
	if b, err := checkBinary(ctx, pinnedPath(o.CacheDir), SourceCache); err == nil {
		return b, nil
	}
	return Binary{}, rejected
}

func checkNamed(ctx context.Context, name string, source Source) (Binary, error) {
	path, err := exec.LookPath(name)
	if err != nil && !errors.Is(err, exec.ErrDot) {
		return Binary{}, &BinaryError{Path: name, Source: source, Err: err}
	}
	return checkBinary(ctx, path, source)
}

// checkBinary asks a binary for its version. Its path is made absolute, since Terraform runs in the run's directory.
func checkBinary(ctx context.Context, name string, source Source) (Binary, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return Binary{}, fmt.Errorf("look for terraform: %w", err)
	}
	found, err := askVersion(ctx, path)
	if err != nil {
		return Binary{}, &BinaryError{Path: path, Source: source, Err: err}
	}
	if !inRange(found) {
		return Binary{}, &BinaryError{Path: path, Source: source, Version: found.String()}
	}
	return Binary{Path: path, Version: found.String(), Source: source}, nil
}

func askVersion(ctx context.Context, path string) (*version.Version, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.IsDir() {
		return nil, errors.New("it is a directory")
	}
	terraform, err := tfexec.NewTerraform(os.TempDir(), path)
	if err != nil {
		return nil, err
	}
	if err := terraform.SetEnv(toolEnv(os.Environ())); err != nil {
		return nil, err
	}
	if err := terraform.SetWaitDelay(time.Second); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	found, _, err := terraform.Version(ctx, true)
	switch {
	case ctx.Err() != nil: // before err.Error(), which may panic then
		return nil, fmt.Errorf("`terraform version` did not answer: %w", context.Cause(ctx))
	case err != nil:
		return nil, fmt.Errorf("`terraform version`: %s", firstLine(err.Error()))
	case found == nil:
		return nil, errors.New("`terraform version` named no version")
	}
	return found, nil
}

// inRange takes a pre-release for the version that it leads to.
func inRange(v *version.Version) bool {
	constraints, err := version.NewConstraint(VersionRange)
	return err == nil && constraints.Check(v.Core())
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
