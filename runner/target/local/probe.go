package local

import "context"

// Probe is what `labctl doctor` says about the ground that the local AWS stands on.
type Probe struct {
	Python        string // the Python that would be used, empty when none was found
	PythonVersion string
	MotoVersion   string // empty when labctl would install it
	Corrected     bool   // the corrections are made for this moto
	Own           bool   // it is labctl's virtual environment in the cache, there or to be made
	Problem       error  // why the local AWS cannot start, with what to do; wraps ErrNoPython
}

// Probe finds out what Ensure would use, and installs and starts nothing.
func (m *Manager) Probe(ctx context.Context) Probe {
	found := inspectAll(ctx, m.opts.Env)
	for _, p := range found {
		if p.corrected() {
			return Probe{Python: p.Path, PythonVersion: p.Version, MotoVersion: p.Moto, Corrected: true}
		}
	}
	if p, err := inspect(ctx, venvPython(venvDir(m.opts.CacheDir)), m.opts.Env); err == nil && p.corrected() {
		return Probe{Python: p.Path, PythonVersion: p.Version, MotoVersion: p.Moto, Corrected: true, Own: true}
	}
	for _, p := range found {
		if p.Suitable && p.VenvOK {
			return Probe{Python: p.Path, PythonVersion: p.Version, Corrected: true, Own: true}
		}
	}
	for _, p := range found {
		if p.Moto != "" {
			return Probe{Python: p.Path, PythonVersion: p.Version, MotoVersion: p.Moto}
		}
	}
	return Probe{Problem: noPython(found)}
}
