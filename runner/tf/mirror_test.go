package tf

import (
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMirrorsOfTheVariableComeFirst(t *testing.T) {
	env := map[string]string{MirrorVariable: "/a" + string(filepath.ListSeparator) + "/b", "HOME": "/home/u"}
	dirs := DefaultMirrors(func(name string) string { return env[name] })
	assert.Equal(t, []string{"/a", "/b", "/home/u/.terraform.d/plugins"}, dirs[:3])
	assert.Equal(t, "/opt/tf-plugins", dirs[len(dirs)-1])
	assert.False(t, slices.Contains(DefaultMirrors(func(string) string { return "" }), ""))
}

func TestEachProviderComesFromTheFirstMirrorThatHoldsItForThisPlatform(t *testing.T) {
	platform := runtime.GOOS + "_" + runtime.GOARCH
	empty, unpacked, packed := t.TempDir(), t.TempDir(), t.TempDir()
	aws := Provider{Source: "registry.terraform.io/hashicorp/aws", Version: "5.100.0"}
	tls := Provider{Source: "registry.terraform.io/hashicorp/tls", Version: "4.0.0"}
	for _, decoy := range []string{"5.99.0/" + platform, "5.100.0/plan9_mips"} { // another version, another platform
		writeTest(t, filepath.Join(empty, aws.Source, decoy, "terraform-provider-aws_v5"), "")
	}
	writeTest(t, filepath.Join(unpacked, aws.Source, "5.100.0", platform, "terraform-provider-aws_v5.100.0_x5"), "")
	writeTest(t, filepath.Join(packed, aws.Source, "terraform-provider-aws_5.100.0_"+platform+".zip"), "")
	mirrors := []string{"/does/not/exist", empty, unpacked, packed}

	dir, ok := FindProvider(mirrors, aws)
	assert.True(t, ok)
	assert.Equal(t, unpacked, dir)
	dir, ok = FindProvider([]string{packed, unpacked}, aws)
	assert.True(t, ok)
	assert.Equal(t, packed, dir)
	_, ok = FindProvider(mirrors, tls)
	assert.False(t, ok)

	assert.Equal(t, `# Written by labctl for every run; changes are lost.
provider_installation {
  filesystem_mirror {
    path    = "`+unpacked+`"
    include = ["registry.terraform.io/hashicorp/aws"]
  }
  direct {
    exclude = ["registry.terraform.io/hashicorp/aws"]
  }
}
`, cliConfig([]Provider{aws}, mirrors, "/cache"), "no plugin cache, since it would have nothing to do")
	assert.Equal(t, `# Written by labctl for every run; changes are lost.
provider_installation {
  direct {
    exclude = []
  }
}
plugin_cache_dir = "/cache"
`, cliConfig([]Provider{tls}, mirrors, "/cache"))
}
