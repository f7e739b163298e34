package tf

import (
	"maps"
	"os"
	"slices"
	"strings"
)

// Terraform and its provider see these of labctl's environment and nothing else.
var (
	passedOn = []string{"HOME", "PATH", "TMPDIR", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR"}
	proxies  = []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy"}
)

func pick(environ []string, names ...string) map[string]string {
	env := map[string]string{}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok && slices.Contains(names, name) {
			env[name] = value
		}
	}
	return env
}

// toolEnv is for calls that touch no target: `version`, and `init`, which may need the proxy to reach the registry.
func toolEnv(environ []string) map[string]string {
	env := pick(environ, append(slices.Clone(passedOn), proxies...)...)
	env["CHECKPOINT_DISABLE"] = "1" // no call home: it costs time, and fails without a network
	return env
}

func (w *Workspace) initEnv() map[string]string {
	env := toolEnv(w.environ)
	env["TF_CLI_CONFIG_FILE"] = w.cliConfigPath()
	return env
}

// runEnv is for calls that reach the target. What the caller gave wins.
func (w *Workspace) runEnv() map[string]string {
	env := w.initEnv()
	if w.local {
		for _, name := range proxies {
			delete(env, name)
		}
		// The user's profiles may name roles, endpoints or regions; on a machine in EC2 the provider would also ask the
		// metadata service for credentials.
		env["AWS_CONFIG_FILE"] = os.DevNull
		env["AWS_SHARED_CREDENTIALS_FILE"] = os.DevNull
		env["AWS_EC2_METADATA_DISABLED"] = "true"
	} else {
		maps.Copy(env, pick(w.environ, "AWS_CA_BUNDLE"))
	}
	maps.Copy(env, collectorEnv(availableMemory()))
	maps.Copy(env, w.env)
	return env
}
