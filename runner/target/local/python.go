package local

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// pinnedMoto is the version that labctl installs where it finds none, and the one
// that the corrections are written against.
const pinnedMoto = "5.2.1"

// supportedMoto lists the versions that the corrections are made for. They replace
// moto's internals, which change in patch releases too: each version is listed only
// after the tests of this package passed on it.
func supportedMoto() []string { return []string{pinnedMoto} }

// interpreter is one Python and what it can do for the local AWS.
type interpreter struct {
	Path     string `json:"path"` // the interpreter itself, not a shim that leads to it
	Version  string `json:"version"`
	Moto     string `json:"moto"`     // empty when moto or its server cannot be imported
	Why      string `json:"why"`      // the reason when Moto is empty
	VenvOK   bool   `json:"venv"`     // it can make virtual environments
	Suitable bool   `json:"suitable"` // moto's pinned version runs on it
}

func (p interpreter) corrected() bool { return slices.Contains(supportedMoto(), p.Moto) }

// examine is run by each candidate. moto.server needs Flask, which plain moto does not bring.
// moto 5.2 requires Python 3.10, as its package says (Requires-Python).
const examine = `
import importlib.util, json, platform, sys
r = {"path": sys.executable, "version": platform.python_version(), "moto": "", "why": "",
     "venv": all(importlib.util.find_spec(m) for m in ("venv", "ensurepip")), "suitable": sys.version_info >= (3, 10)}
try:
    import moto, moto.server
    r["moto"] = moto.__version__
except Exception as e:
    r["why"] = f"{type(e).__name__}: {e}"
print(json.dumps(r))
`

// inspect asks a candidate what it can do, in the environment that the server will have.
func inspect(ctx context.Context, candidate string, env []string) (interpreter, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, candidate, "-B", "-W", "ignore", "-c", examine)
	cmd.Env, cmd.Dir, cmd.WaitDelay = serverEnv(env), "/", time.Second
	out, err := cmd.Output()
	if err != nil {
		return interpreter{}, fmt.Errorf("%s: %w", candidate, err)
	}
	var p interpreter
	if err := json.Unmarshal(out, &p); err != nil || p.Path == "" {
		return interpreter{}, fmt.Errorf("%s answers like no Python", candidate)
	}
	return p, nil
}

// findPython returns the Python to run: one on PATH that has a moto which the
// corrections are made for, else labctl's own virtual environment, made when it is
// missing. Where that cannot be made, a moto of another version is better than none.
func findPython(ctx context.Context, opts Options) (interpreter, error) {
	found := inspectAll(ctx, opts.Env)
	for _, p := range found {
		if p.corrected() {
			return p, nil
		}
	}
	p, err := ensureVenv(ctx, opts, found)
	if err == nil || ctx.Err() != nil {
		return p, err
	}
	for _, p := range found {
		if p.Moto != "" {
			opts.Progress(fmt.Sprintf("using moto %s of %s, since the version that labctl knows could not be made: %v", p.Moto, p.Path, err))
			return p, nil
		}
	}
	return interpreter{}, err
}

// inspectAll asks the candidates in turn, up to the first that needs no other.
func inspectAll(ctx context.Context, env []string) []interpreter {
	var found []interpreter
	for _, c := range candidates(lookup(env, "PATH")) {
		p, err := inspect(ctx, c, env)
		if err != nil || slices.ContainsFunc(found, func(q interpreter) bool { return q.Path == p.Path }) {
			continue // a shim without a version behind it, or two names of one Python
		}
		if found = append(found, p); p.corrected() {
			break
		}
	}
	return found
}

// candidates lists what on PATH may be a Python with moto: first the interpreter
// that an installed moto_server names in its first line (pipx, venvs), then Pythons.
func candidates(path string) []string {
	var list []string
	add := func(c string) {
		if c != "" && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	for _, dir := range filepath.SplitList(path) {
		add(interpreterOf(filepath.Join(dir, "moto_server")))
	}
	for _, name := range []string{"python3", "python"} {
		for _, dir := range filepath.SplitList(path) {
			if file := filepath.Join(dir, name); filepath.IsAbs(file) && executable(file) {
				add(file)
			}
		}
	}
	return list
}

// interpreterOf returns the Python in the first line of a script, empty when there is
// none: the script may be a shim in another language, or begin with "#!/usr/bin/env".
func interpreterOf(script string) string {
	f, err := os.Open(script)
	if err != nil {
		return ""
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	if !s.Scan() {
		return ""
	}
	file, ok := strings.CutPrefix(s.Text(), "#!")
	file = strings.TrimSpace(file)
	if !ok || !filepath.IsAbs(file) || !strings.HasPrefix(filepath.Base(file), "python") || !executable(file) {
		return ""
	}
	return file
}

func executable(file string) bool {
	st, err := os.Stat(file)
	return err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0
}

// lookup returns the value of a variable in an environment; the last one counts.
func lookup(env []string, name string) string {
	for _, e := range slices.Backward(env) {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}

// serverEnv is the environment of the server: what Python needs to run, and nothing
// of the user's AWS, proxy, moto or Python settings. boto3 inside moto wants
// credentials; these open nothing.
func serverEnv(user []string) []string {
	env := []string{
		"AWS_ACCESS_KEY_ID=labctl", "AWS_SECRET_ACCESS_KEY=labctl", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1", "PYTHONUTF8=1",
		// AWS has its managed policies; they cost 0.1 s, behind the open port, and 13 MiB.
		"MOTO_IAM_LOAD_MANAGED_POLICIES=true",
	}
	for _, name := range []string{"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH"} {
		if v := lookup(user, name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// noPython explains what to install where no Python can run the local AWS.
func noPython(found []interpreter) error {
	advice := "install Python 3.10 or newer from https://www.python.org/downloads/"
	switch runtime.GOOS {
	case "linux":
		advice = "install Python 3.10 or newer with its venv module, for example: sudo apt install python3 python3-venv"
	case "darwin":
		advice = "install Python 3.10 or newer, for example: brew install python"
	}
	why := errors.New("no python3 on PATH")
	if len(found) > 0 {
		var seen []string
		for _, p := range found {
			fault := "has no venv module"
			if !p.Suitable {
				fault = "is too old"
			}
			seen = append(seen, fmt.Sprintf("%s (%s) %s", p.Path, p.Version, fault))
		}
		why = errors.New(strings.Join(seen, "; "))
	}
	return fmt.Errorf("%w for the local AWS: %w; %s", ErrNoPython, why, advice)
}
