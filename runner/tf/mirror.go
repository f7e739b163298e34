package tf

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// MirrorVariable names the environment variable with more mirror folders, separated as in PATH.
const MirrorVariable = "LABCTL_PLUGIN_MIRROR"

// DefaultMirrors lists the folders that may hold providers, the first to win: the ones of LABCTL_PLUGIN_MIRROR, then the
// implied local mirrors that Terraform stops to search once its CLI configuration names an installation method
// (https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories), then
// /opt/tf-plugins.
func DefaultMirrors(getenv func(string) string) []string {
	dirs := filepath.SplitList(getenv(MirrorVariable))
	if home := getenv("HOME"); home != "" {
		dirs = append(dirs, filepath.Join(home, ".terraform.d", "plugins"))
		if runtime.GOOS == "darwin" {
			dirs = append(dirs, filepath.Join(home, "Library", "Application Support", "io.terraform", "plugins"))
		} else if data := getenv("XDG_DATA_HOME"); data != "" {
			dirs = append(dirs, filepath.Join(data, "terraform", "plugins"))
		} else {
			dirs = append(dirs, filepath.Join(home, ".local", "share", "terraform", "plugins"))
		}
	}
	if runtime.GOOS == "darwin" {
		dirs = append(dirs, "/Library/Application Support/io.terraform/plugins")
	} else {
		dirs = append(dirs, "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins")
	}
	return append(dirs, "/opt/tf-plugins")
}

// Provider is one provider that a configuration's lock file pins.
type Provider struct{ Source, Version string }

// FindProvider returns the first mirror that holds the provider for this platform, unpacked or as an archive.
func FindProvider(mirrors []string, p Provider) (dir string, ok bool) {
	platform := runtime.GOOS + "_" + runtime.GOARCH
	archive := fmt.Sprintf("terraform-provider-%s_%s_%s.zip", path.Base(p.Source), p.Version, platform)
	for _, mirror := range mirrors {
		folder := filepath.Join(mirror, filepath.FromSlash(p.Source))
		unpacked, _ := filepath.Glob(filepath.Join(folder, p.Version, platform, "terraform-provider-*"))
		if len(unpacked) > 0 || exists(filepath.Join(folder, archive)) {
			return mirror, true
		}
	}
	return "", false
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// cliConfig is the CLI configuration for the providers: each from the mirror that has it, the rest from their registry
// through a plugin cache that all runs share. A provider found in a mirror is excluded from `direct`, or Terraform would
// ask the registry for its versions all the same. Without a plugin cache Terraform checks a provider's 700 MB once
// instead of twice, so the cache is left out when it has nothing to do.
func cliConfig(providers []Provider, mirrors []string, pluginCache string) string {
	var b strings.Builder
	var found []string
	b.WriteString("# Written by labctl for every run; changes are lost.\nprovider_installation {\n")
	for _, p := range providers {
		dir, ok := FindProvider(mirrors, p)
		if !ok {
			continue
		}
		fmt.Fprintf(&b, "  filesystem_mirror {\n    path    = %q\n    include = [%q]\n  }\n", dir, p.Source)
		found = append(found, fmt.Sprintf("%q", p.Source))
	}
	fmt.Fprintf(&b, "  direct {\n    exclude = [%s]\n  }\n}\n", strings.Join(found, ", "))
	if len(found) < len(providers) {
		fmt.Fprintf(&b, "plugin_cache_dir = %q\n", pluginCache)
	}
	return b.String()
}
