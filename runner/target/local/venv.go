package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// requirement is what pip installs. The extra brings Flask and what single services
// import; without it IAM, EC2 and S3 would work, and others fail at their first call.
const requirement = "moto[server]==" + pinnedMoto

// installLimit is generous: some 60 packages over a slow line.
const installLimit = 15 * time.Minute

// venvDir is the virtual environment in the cache; another pinned version gets another one.
func venvDir(cache string) string { return filepath.Join(cache, "moto-"+pinnedMoto) }

func venvPython(dir string) string { return filepath.Join(dir, "bin", "python3") }

// ensureVenv returns the Python of labctl's virtual environment, making it with the
// first of the given Pythons that can. A second labctl waits for the first one.
func ensureVenv(ctx context.Context, opts Options, found []interpreter) (interpreter, error) {
	dir := venvDir(opts.CacheDir)
	if p, err := inspect(ctx, venvPython(dir), opts.Env); err == nil && p.corrected() {
		return p, nil
	}
	if err := os.MkdirAll(opts.CacheDir, 0o700); err != nil {
		return interpreter{}, fmt.Errorf("%w: %w", ErrInstall, err)
	}
	lock := flock.New(dir + ".lock")
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return interpreter{}, fmt.Errorf("waiting for another labctl that installs moto: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	if p, err := inspect(ctx, venvPython(dir), opts.Env); err == nil && p.corrected() {
		return p, nil
	}
	for _, p := range found {
		if p.Suitable && p.VenvOK {
			return makeVenv(ctx, opts, p, dir)
		}
	}
	return interpreter{}, noPython(found)
}

// makeVenv makes the virtual environment beside its place and moves it there when it
// works. Its scripts keep the old path, so that only its Python may be used.
func makeVenv(ctx context.Context, opts Options, base interpreter, dir string) (_ interpreter, err error) {
	started := time.Now()
	opts.Progress(fmt.Sprintf("installing moto %s for the local AWS, once, into %s (Python %s)", pinnedMoto, dir, base.Version))
	temp, err := os.MkdirTemp(opts.CacheDir, "moto-*.tmp")
	if err != nil {
		return interpreter{}, fmt.Errorf("%w: %w", ErrInstall, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	ctx, cancel := context.WithTimeout(ctx, installLimit)
	defer cancel()
	for _, args := range [][]string{
		{base.Path, "-m", "venv", temp},
		{venvPython(temp), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--prefer-binary", requirement},
	} {
		if err := runStep(ctx, opts, args); err != nil {
			return interpreter{}, err
		}
	}
	if p, err := inspect(ctx, venvPython(temp), opts.Env); err != nil || !p.corrected() {
		return interpreter{}, fmt.Errorf("%w: what pip installed does not run: %w", ErrInstall, errors.Join(err, errors.New(p.Why)))
	}
	if err := os.RemoveAll(dir); err != nil { // one that no longer works, its Python gone
		return interpreter{}, fmt.Errorf("%w: %w", ErrInstall, err)
	}
	if err := os.Rename(temp, dir); err != nil {
		return interpreter{}, fmt.Errorf("%w: %w", ErrInstall, err)
	}
	opts.Progress(fmt.Sprintf("installed moto %s in %s", pinnedMoto, time.Since(started).Round(time.Second)))
	return inspect(ctx, venvPython(dir), opts.Env)
}

// runStep runs one step of the installation with the user's own settings for pip and
// proxies, and passes on what pip says it collects. Nothing of it outlives labctl's interrupt.
func runStep(ctx context.Context, opts Options, args []string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env, cmd.Dir, cmd.WaitDelay = opts.Env, opts.CacheDir, time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out := &stepOutput{progress: opts.Progress}
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("installing moto: %w", ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w%s", ErrInstall, strings.Join(args[1:], " "), err, indent(out.last))
	}
	return nil
}

// stepOutput turns the output of pip into a few lines of progress, and keeps the end of it.
type stepOutput struct {
	progress func(string)
	partial  []byte
	last     []string
}

func (o *stepOutput) Write(p []byte) (int, error) {
	o.partial = append(o.partial, p...)
	for {
		line, rest, ok := bytes.Cut(o.partial, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		o.partial = rest
		text := strings.TrimSpace(string(line))
		if text == "" {
			continue
		}
		if o.last = append(o.last, text); len(o.last) > failureLines {
			o.last = o.last[1:]
		}
		if word, _, _ := strings.Cut(text, " "); word == "Collecting" || word == "Installing" {
			o.progress(shorten(text))
		}
	}
}

// shorten keeps a list of 60 packages to one line.
func shorten(line string) string {
	if r := []rune(line); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return line
}
