package target

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"labctl/checks"
	"labctl/runner/target/local"
)

// Recording is what a server showed when the probes and the labs were run against it: `make test-localstack` writes it.
type Recording struct {
	Server  string                               // "LocalStack 4.14.0"
	Date    string                               // of the run, YYYY-MM-DD
	Support map[checks.Capability]checks.Support // what each probe found
	Labs    []RecordedLab                        // in the catalogue's order
}

// RecordedLab is what came of one lab.
type RecordedLab struct {
	ID                       string
	Outcome                  string // in one sentence
	Pass, Fail, Error, Skips int    // of its checks, when it could be provisioned
}

//go:embed localstack.json
var recording []byte

// LocalStackRecording is the last recorded run against the community archive.
func LocalStackRecording() (Recording, error) {
	var r Recording
	if err := json.Unmarshal(recording, &r); err != nil {
		return r, fmt.Errorf("the recording of LocalStack: %w", err)
	}
	return r, nil
}

// Claims is what a target of the name shows when it is as labctl makes it. What one that runs shows is in its Support. Of
// target endpoint nothing is known before it is probed.
func Claims(name string) map[checks.Capability]checks.Support {
	switch name {
	case Local:
		var info local.Info
		for _, correction := range local.CorrectionNames() {
			info.Corrections = append(info.Corrections, local.Correction{Name: correction})
		}
		return localSupport(info)
	case LocalStack:
		recorded, err := LocalStackRecording()
		if err != nil {
			return nil // a test reads the file
		}
		return recorded.Support
	case AWS:
		return awsSupport()
	default:
		return nil
	}
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

// Lacking is the first of the needs that nothing shows in advance on a target of the name; "" where there is none.
func Lacking(name string, needs []checks.Capability) checks.Capability {
	claims := Claims(name)
	if i := slices.IndexFunc(needs, func(need checks.Capability) bool { return !claims[need].Shown }); i >= 0 {
		return needs[i]
	}
	return ""
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

// onlyAWS is what AWS does and the local server does not imitate.
var onlyAWS = []checks.Capability{
	"access-analyzer",    // https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html
	"policy-enforcement", // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
	"scaling-from-load",  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
}

// awsSupport claims for AWS what the corrections imitate, since each cites the page that says so, and what only AWS does.
func awsSupport() map[checks.Capability]checks.Support {
	support := map[checks.Capability]checks.Support{}
	for _, name := range local.CorrectionNames() {
		support[checks.Capability(name)] = checks.Support{Shown: true}
	}
	for _, name := range onlyAWS {
		support[name] = checks.Support{Shown: true}
	}
	return support
}
