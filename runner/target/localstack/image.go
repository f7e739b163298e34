package localstack

import (
	"strconv"
	"strings"
)

// DefaultImage is the last community archive: images after 4.14 do not start without an account's token.
// https://blog.localstack.cloud/the-road-ahead-for-localstack/
const DefaultImage = "localstack/localstack:4.14.0"

// TokenVariable names the token that later images need.
const TokenVariable = "LOCALSTACK_AUTH_TOKEN" //nolint:gosec // the name of a variable

// NeedsToken tells, by its name, whether an image refuses to start without a token: the paid one always, and the other
// when it is later than 4.14. Versions were 4.14, then 2026.3; a tag that is no version (latest, stable) is the newest.
// An image of another name is the user's own, and says itself what it needs.
func NeedsToken(image string) bool {
	name, _, _ := strings.Cut(image, "@")
	tag := ""
	if at := strings.LastIndex(name, ":"); at > strings.LastIndex(name, "/") {
		name, tag = name[:at], name[at+1:]
	}
	switch {
	case strings.HasSuffix(name, "localstack/localstack-pro"):
		return true
	case !strings.HasSuffix(name, "localstack/localstack"):
		return false
	}
	parts := strings.SplitN(tag, ".", 3)
	major, err := strconv.Atoi(parts[0])
	if err != nil {
		return true
	}
	if len(parts) == 1 {
		return major >= 4 // the tag 4 is the newest of its line
	}
	minor, err := strconv.Atoi(parts[1])
	return err != nil || major > 4 || major == 4 && minor > 14
}
