package target

import (
	"labctl/checks"
	"labctl/runner/target/local"
)

// localSupport claims for the local server what its corrections show, each of which is tested through the SDK. What
// moto does by itself needs no capability: a lab names one only where targets differ.
func localSupport(info local.Info) map[checks.Capability]checks.Support {
	support := map[checks.Capability]checks.Support{}
	for _, correction := range info.Corrections {
		support[checks.Capability(correction.Name)] = checks.Support{Shown: true, Simulated: true}
	}
	return support
}
