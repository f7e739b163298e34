package target

import (
	"labctl/checks"
	"labctl/runner/target/local"
)

// Claims is what a target of the name shows when it is as labctl makes it. What one that runs shows is in its Support.
func Claims(name string) map[checks.Capability]checks.Support {
	if name != Local {
		return nil
	}
	var info local.Info
	for _, correction := range local.CorrectionNames() {
		info.Corrections = append(info.Corrections, local.Correction{Name: correction})
	}
	return localSupport(info)
}

// Showing is how much of a lab a target can show.
type Showing struct {
	Shown     int // checks that it decides
	Simulated int // of these, checks that rest on what labctl simulates
	Skipped   []Gap
}

// Gap is a check that a target cannot decide, and what it lacks.
type Gap struct {
	Check checks.Check
	Lacks checks.Capability
}

// Shows says how much of the checks a target of the name can show.
func Shows(name string, all []checks.Check) Showing {
	claims := Claims(name)
	var showing Showing
check:
	for _, check := range all {
		simulated := false
		for _, need := range check.Needs {
			support := claims[need]
			if !support.Shown {
				showing.Skipped = append(showing.Skipped, Gap{Check: check, Lacks: need})
				continue check
			}
			simulated = simulated || support.Simulated
		}
		showing.Shown++
		if simulated {
			showing.Simulated++
		}
	}
	return showing
}

// localSupport claims for the local server what its corrections show, each of which is tested through the SDK. What
// moto does by itself needs no capability: a lab names one only where targets differ.
func localSupport(info local.Info) map[checks.Capability]checks.Support {
	support := map[checks.Capability]checks.Support{}
	for _, correction := range info.Corrections {
		support[checks.Capability(correction.Name)] = checks.Support{Shown: true, Simulated: true}
	}
	return support
}
