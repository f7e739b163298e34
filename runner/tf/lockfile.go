package tf

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

const lockFileName = ".terraform.lock.hcl"

var (
	lockedProvider = regexp.MustCompile(`^provider "([^"]+)" \{`)
	lockedVersion  = regexp.MustCompile(`^\s+version\s+= "([^"]+)"`)
	lockedHash     = regexp.MustCompile(`^\s+"((?:h1|zh):[^"]+)",`)
)

// locks are the contents of a dependency lock file: what it says of each provider, by source.
type locks map[string]*lock

type lock struct {
	version string
	hashes  []string
}

// parseLocks reads a dependency lock file in the one layout that Terraform writes
// (https://developer.hashicorp.com/terraform/language/files/dependency-lock).
func parseLocks(data []byte) locks {
	found := locks{}
	current := &lock{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		line := lines.Text()
		if m := lockedProvider.FindStringSubmatch(line); m != nil {
			current = &lock{}
			found[m[1]] = current
		} else if m := lockedVersion.FindStringSubmatch(line); m != nil {
			current.version = m[1]
		} else if m := lockedHash.FindStringSubmatch(line); m != nil {
			current.hashes = append(current.hashes, m[1])
		}
	}
	return found
}

func (l locks) providers() []Provider {
	var found []Provider
	for _, source := range slices.Sorted(maps.Keys(l)) {
		found = append(found, Provider{Source: source, Version: l[source].version})
	}
	return found
}

var errLockChanged = errors.New("the providers that the configuration pins have changed")

// onlyHashesAdded says what an init has changed beyond adding checksums. It takes the place of -lockfile=readonly, which
// terraform-exec does not offer and which is too strict: the shipped file has the archive checksums (zh) of every
// platform, but the checksums of unpacked packages (h1) of some only, and on the others init must record what it has
// verified, or apply would refuse the package.
func onlyHashesAdded(before, after locks) error {
	for source, now := range after {
		was, ok := before[source]
		switch {
		case !ok:
			return fmt.Errorf("%w: %s is new", errLockChanged, source)
		case was.version != now.version:
			return fmt.Errorf("%w: %s was %s, is %s", errLockChanged, source, was.version, now.version)
		}
		for _, hash := range was.hashes {
			if !slices.Contains(now.hashes, hash) {
				return fmt.Errorf("%w: %s lost a checksum", errLockChanged, source)
			}
		}
	}
	return nil
}
