package policy

import (
	"fmt"
	"strings"
)

// ParseInput reads an Input from JSON:
//
//	{"principal": "arn:aws:sts::111122223333:assumed-role/app/s1", "action": "s3:GetObject",
//	 "resource": "arn:aws:s3:::b/k", "resourceAccount": "111122223333",
//	 "context": {"aws:SecureTransport": "true", "aws:TagKeys": ["team"]},
//	 "identityPolicies": [{}], "permissionsBoundary": {}, "sessionPolicies": [{}],
//	 "resourcePolicy": {}, "endpointPolicy": {}, "endpointType": "Gateway",
//	 "serviceControlPolicies": [[{}], [{}]], "resourceControlPolicies": [[{}]],
//	 "managementAccount": "999999999999"}
//
// Policies are documents, or strings that hold one. principal is an account id, an
// ARN, {"service": "lambda.amazonaws.com"} or "anonymous". principal, action and
// resource are required; null is the same as leaving a member out. Unlike in policy
// documents, an unknown member is an error, which is one line and names the place.
func ParseInput(doc []byte) (Input, error) {
	return parseInput(doc, "principal", "action", "resource")
}

// ParsePolicies reads the same JSON, of which the request itself may be missing:
// the policies around a principal, for callers who bring the requests.
func ParsePolicies(doc []byte) (Input, error) {
	return parseInput(doc)
}

func parseInput(doc []byte, required ...string) (Input, error) {
	root, err := parseJSON(doc)
	if err != nil {
		return Input{}, err
	}
	if root.kind != objectNode {
		return Input{}, fmt.Errorf("the input must be a JSON object, not %s", root.describe())
	}
	d := inputDecoder{}
	seen := map[string]bool{}
	for i, key := range root.keys {
		if root.items[i].kind == nullNode {
			continue
		}
		seen[key] = true
		if err := d.member(key, root.items[i]); err != nil {
			return Input{}, err
		}
	}
	for _, key := range required {
		if !seen[key] {
			return Input{}, fmt.Errorf("%s is missing", key)
		}
	}
	return d.in, d.in.Validate()
}

type inputDecoder struct {
	in Input
}

func (d *inputDecoder) member(key string, value node) (err error) {
	switch key {
	case "principal":
		d.in.Principal, err = decodePrincipal(value)
	case "action":
		d.in.Action, err = decodeAction(value)
	case "resource":
		d.in.Resource, err = decodeResource(value)
	case "resourceAccount":
		d.in.ResourceAccount, err = decodeAccount(key, value)
	case "managementAccount":
		d.in.ManagementAccount, err = decodeAccount(key, value)
	case "context":
		d.in.Context, err = decodeContext(value)
	case "identityPolicies":
		d.in.IdentityPolicies, err = decodePolicies(key, value)
	case "permissionsBoundary":
		d.in.PermissionsBoundary, err = decodePolicy(key, value)
	case "sessionPolicies":
		d.in.SessionPolicies, err = decodePolicies(key, value)
	case "resourcePolicy":
		d.in.ResourcePolicy, err = decodePolicy(key, value)
	case "endpointPolicy":
		d.in.EndpointPolicy, err = decodePolicy(key, value)
	case "endpointType":
		d.in.EndpointType, err = decodeEndpointType(value)
	case "serviceControlPolicies":
		d.in.ServiceControlPolicies, err = decodeLevels(key, value)
	case "resourceControlPolicies":
		d.in.ResourceControlPolicies, err = decodeLevels(key, value)
	default:
		return fmt.Errorf("%q is no member of the input", key)
	}
	return err
}

func decodePrincipal(value node) (Principal, error) {
	const forms = `an account id, the ARN of a user, role, role session or root, {"service": "..."} or "anonymous"`
	switch {
	case value.kind == stringNode && value.text == "anonymous":
		return Anonymous(), nil
	case value.kind == stringNode:
		principal, err := ParsePrincipal(value.text)
		if err != nil {
			return Principal{}, fmt.Errorf("principal: %w; it must be %s", err, forms)
		}
		return principal, nil
	case value.kind == objectNode && len(value.keys) == 1 && value.keys[0] == "service" &&
		value.items[0].kind == stringNode && strings.Contains(value.items[0].text, "."):
		return Service(value.items[0].text), nil
	default:
		return Principal{}, fmt.Errorf("principal: must be %s", forms)
	}
}

func decodeAction(value node) (string, error) {
	service, name, _ := strings.Cut(value.text, ":")
	if value.kind != stringNode || service == "" || name == "" || strings.ContainsAny(value.text, "*? ") {
		return "", fmt.Errorf("action: must be one action such as s3:GetObject, not %s", value.describe())
	}
	return value.text, nil
}

func decodeResource(value node) (string, error) {
	if value.kind == stringNode && value.text == "*" {
		return value.text, nil
	}
	if parts, ok := arnParts(value.text); value.kind != stringNode || !ok || parts[0] != "arn" {
		return "", fmt.Errorf(`resource: must be an ARN or "*", not %s`, value.describe())
	}
	return value.text, nil
}

func decodeAccount(place string, value node) (string, error) {
	if value.kind != stringNode || !isAccountID(value.text) {
		return "", fmt.Errorf("%s: must be a string of 12 digits, not %s", place, value.describe())
	}
	return value.text, nil
}

func decodeEndpointType(value node) (EndpointType, error) {
	t := EndpointType(value.text)
	if value.kind != stringNode || (t != GatewayEndpoint && t != InterfaceEndpoint) {
		return "", fmt.Errorf(`endpointType: must be "Gateway" or "Interface", not %s`, value.describe())
	}
	return t, nil
}

func decodeContext(value node) (map[string][]string, error) {
	if value.kind != objectNode {
		return nil, fmt.Errorf("context: must be an object of condition keys, not %s", value.describe())
	}
	context := make(map[string][]string, len(value.keys))
	lower := map[string]bool{}
	for i, key := range value.keys {
		place := member("context", key)
		// Key names do not distinguish case, so two spellings are one key.
		if lower[strings.ToLower(key)] {
			return nil, at(place, "written twice")
		}
		lower[strings.ToLower(key)] = true
		values, err := value.items[i].strings(place)
		if err != nil {
			return nil, err
		}
		context[key] = values
	}
	return context, nil
}

func decodePolicy(place string, value node) (*Policy, error) {
	switch {
	case value.kind == objectNode && len(value.keys) == 0:
		// No policy would limit nothing, one without statements would allow nothing:
		// the author has to say which.
		return nil, at(place, "has no Statement; leave it out where there is no such policy")
	case value.kind != stringNode:
		return parsePolicy(value, place)
	}
	parsed, err := Parse([]byte(value.text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", place, err)
	}
	return parsed, nil
}

func decodePolicies(place string, value node) ([]*Policy, error) {
	if value.kind != arrayNode {
		return nil, at(place, "must be a list of policies, not %s", value.describe())
	}
	var policies []*Policy
	for i, item := range value.items {
		parsed, err := decodePolicy(element(place, i), item)
		if err != nil {
			return nil, err
		}
		policies = append(policies, parsed)
	}
	return policies, nil
}

func decodeLevels(place string, value node) ([][]*Policy, error) {
	if value.kind != arrayNode {
		return nil, at(place, "must be a list of levels, each a list of policies, not %s", value.describe())
	}
	var levels [][]*Policy
	for i, item := range value.items {
		level, err := decodePolicies(element(place, i), item)
		if err != nil {
			return nil, err
		}
		levels = append(levels, level)
	}
	return levels, nil
}
