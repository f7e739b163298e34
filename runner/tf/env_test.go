package tf

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
)

var hostile = []string{
	"HOME=/home/u", "PATH=/bin", "TF_VAR_region=x", "TF_CLI_ARGS_apply=-target=x", "TF_CLI_CONFIG_FILE=/nowhere", "TF_DATA_DIR=/x",
	"TF_LOG=trace", "TF_WORKSPACE=w", "AWS_PROFILE=prod", "AWS_ACCESS_KEY_ID=real", "AWS_ENDPOINT_URL=https://x", "AWS_CA_BUNDLE=/ca.pem",
	"HTTPS_PROXY=http://proxy", "http_proxy=http://proxy", "LD_PRELOAD=x", "GOGC=1",
}

func TestALocalRunSeesNothingOfTheUsersSettings(t *testing.T) {
	w := &Workspace{dir: "/run", local: true, environ: hostile, env: map[string]string{"AWS_ACCESS_KEY_ID": "test"}}
	env := w.runEnv()
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} { // these depend on the machine
		delete(env, name)
	}
	assert.Equal(t, map[string]string{
		"HOME": "/home/u", "PATH": "/bin", "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": "/run/labctl.tfrc",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ACCESS_KEY_ID": "test",
	}, env)
}

func TestARunElsewhereKeepsTheWayOutButNotTheIdentity(t *testing.T) {
	w := &Workspace{dir: "/run", environ: hostile, env: map[string]string{"AWS_PROFILE": "lab"}}
	env := w.runEnv()
	assert.Equal(t, "/ca.pem", env["AWS_CA_BUNDLE"])
	assert.Equal(t, "http://proxy", env["HTTPS_PROXY"])
	assert.Equal(t, "lab", env["AWS_PROFILE"], "the caller's")
	assert.NotContains(t, env, "AWS_ACCESS_KEY_ID")
	assert.NotContains(t, env, "AWS_CONFIG_FILE")
}

func TestInitReachesTheRegistryThroughTheProxyAlsoForALocalRun(t *testing.T) {
	w := &Workspace{dir: "/run", local: true, environ: hostile}
	assert.Equal(t, "http://proxy", w.initEnv()["HTTPS_PROXY"])
	assert.NotContains(t, w.initEnv(), "AWS_CA_BUNDLE")
}

func TestTheCallerMayNameAProxyForALocalRun(t *testing.T) {
	w := &Workspace{dir: "/run", local: true, environ: hostile, env: map[string]string{"http_proxy": "http://127.0.0.1:5000", "GOGC": "50"}}
	assert.Equal(t, "http://127.0.0.1:5000", w.runEnv()["http_proxy"])
	assert.Equal(t, "50", w.runEnv()["GOGC"])
}

func TestTheCollectorIsRelaxedOnlyWhereMemoryAllows(t *testing.T) {
	assert.Empty(t, collectorEnv(0), "the system does not tell")
	assert.Empty(t, collectorEnv(enoughMemory-1))
	assert.Equal(t, map[string]string{"GOGC": "800", "GOMEMLIMIT": "1GiB"}, collectorEnv(enoughMemory))
}

func TestMemAvailableIsReadInKiB(t *testing.T) {
	assert.EqualValues(t, 2048, parseMemAvailable([]byte("MemTotal:  9 kB\nMemAvailable:       2 kB\n")))
	assert.Zero(t, parseMemAvailable([]byte("MemAvailable: lots kB\n")))
	assert.Zero(t, parseMemAvailable(nil))
}
