package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzParsingNeverPanicsAndErrorsAreOneLine(f *testing.F) {
	f.Add(document(`{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username, 'x'}/${*}"}`))
	f.Add(`{"statement": {"Effect": "Deny", "NotPrincipal": {"AWS": "*"}, "NotAction": ["?"], "NotResource": "*", "Condition": {"ForAllValues:ArnLikeIfExists": {"k": [1, true, "a"]}}}}`)
	f.Add(`%7B%22Statement%22%3A%5B%5D%7D`)
	f.Add(typicalInput)
	f.Fuzz(func(t *testing.T, doc string) {
		if _, err := ParseInput([]byte(doc)); err != nil {
			require.NotContains(t, err.Error(), "\n")
		}
		parsed, err := Parse([]byte(doc))
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		in := mustInput(t, typicalInput)
		in.IdentityPolicies = append(in.IdentityPolicies, parsed)
		in.ResourcePolicy, in.EndpointPolicy = parsed, parsed
		_, err = json.Marshal(Evaluate(in))
		require.NoError(t, err)
	})
}

// FuzzDeniesAndAllowsAreMonotonous builds requests and policies out of a small
// vocabulary, so that most of them touch each other, and checks what must hold for
// all of them.
func FuzzDeniesAndAllowsAreMonotonous(f *testing.F) {
	for seed := range 64 {
		bytes := make([]byte, 96)
		for i := range bytes {
			bytes[i] = byte((seed*131 + i*i*31 + i*seed*7) % 251)
		}
		f.Add(bytes)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &chooser{data: data}
		in := c.input(t)
		before := Evaluate(in)
		_, err := json.Marshal(before)
		require.NoError(t, err)
		require.Equal(t, before.Outcome, Evaluate(in).Outcome, "the same question has the same answer")
		consistent(t, before)

		place := c.next(7)
		withDeny := Evaluate(add(in, place, c.policy(t, place, "Deny")))
		require.False(t, before.Outcome != Allow && withDeny.Outcome == Allow,
			"adding a deny turned %s into %s: %s", before.Outcome, withDeny.Outcome, data)

		place = c.next(7)
		withAllow := Evaluate(add(in, place, c.policy(t, place, "Allow")))
		require.False(t, before.Outcome == ExplicitDeny && withAllow.Outcome != ExplicitDeny,
			"adding an allow turned %s into %s: %s", before.Outcome, withAllow.Outcome, data)
	})
}

// consistent checks that what a decision says agrees with its outcome.
func consistent(t *testing.T, d Decision) {
	details := d.Details()
	switch d.Outcome {
	case ExplicitDeny:
		require.NotEmpty(t, details.Deciding)
		for _, finding := range details.Deciding {
			require.Equal(t, DenyEffect, finding.Effect)
		}
	case ImplicitDeny:
		require.NotEmpty(t, details.Blocked, "an implicit deny names what does not allow")
		require.Empty(t, details.Deciding)
	case Allow:
		for _, finding := range details.Deciding {
			require.Equal(t, AllowEffect, finding.Effect)
		}
	case Inconclusive:
		for _, finding := range details.Deciding {
			require.NotEmpty(t, finding.Obstacles, "what is in doubt has a reason: %s", finding)
		}
	default:
		t.Fatalf("no outcome: %q", d.Outcome)
	}
}

// chooser turns fuzz data into choices; where the data ends it takes the first.
type chooser struct {
	data []byte
}

func (c *chooser) next(n int) int {
	if len(c.data) == 0 {
		return 0
	}
	choice := int(c.data[0]) % n
	c.data = c.data[1:]
	return choice
}

func (c *chooser) of(values ...string) string { return values[c.next(len(values))] }

func (c *chooser) input(t *testing.T) Input {
	principals := []string{userARN, roleARN, sessionARN, rootARN, "arn:aws:iam::999988887777:user/eve",
		"arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/s", "anonymous", "service"}
	in := Input{Request: Request{Principal: Service("logs.amazonaws.com"), ResourceAccount: c.of("", account, foreign)}}
	if who := principals[c.next(len(principals))]; who != "service" {
		in.Principal = mustPrincipal(t, who)
	}
	in.Action = c.of("s3:GetObject", "kms:Decrypt", "sts:AssumeRole", "ec2:RunInstances")
	in.Resource = c.of(objectARN, "arn:aws:kms:eu-west-1:111122223333:key/1", roleARN, "*")
	in.Context = map[string][]string{}
	for range c.next(4) {
		key := c.of("aws:SourceIp", "aws:TagKeys", "aws:PrincipalTag/team", "aws:SecureTransport", "AWS:sourceip")
		in.Context[key] = append(in.Context[key], c.of("10.0.0.1", "team", "", "true", "1.5", "arn:aws:s3:::b"))
	}
	in.ManagementAccount = c.of("", "", account)
	in.EndpointType = EndpointType(c.of("", "Gateway", "Interface"))
	for range c.next(8) {
		place := c.next(7)
		in = add(in, place, c.policy(t, place, c.of("Allow", "Allow", "Deny")))
	}
	return in
}

// add puts one more statement into one of the seven kinds of policies. A new
// control policy joins the first level.
func add(in Input, place int, more *Policy) Input {
	joined := func(old *Policy) *Policy {
		if old == nil {
			return more
		}
		return &Policy{statements: append(append([]statement(nil), old.statements...), more.statements...)}
	}
	level := func(levels [][]*Policy) [][]*Policy {
		if levels == nil {
			return [][]*Policy{{more}}
		}
		return [][]*Policy{append(append([]*Policy(nil), levels[0]...), more)}
	}
	switch Layer(place) {
	case ResourceControl:
		in.ResourceControlPolicies = level(in.ResourceControlPolicies)
	case ServiceControl:
		in.ServiceControlPolicies = level(in.ServiceControlPolicies)
	case VPCEndpoint:
		in.EndpointPolicy = joined(in.EndpointPolicy)
	case ResourceBased:
		in.ResourcePolicy = joined(in.ResourcePolicy)
	case IdentityBased:
		in.IdentityPolicies = append(append([]*Policy(nil), in.IdentityPolicies...), more)
	case Boundary:
		in.PermissionsBoundary = joined(in.PermissionsBoundary)
	case Session:
		in.SessionPolicies = append(append([]*Policy(nil), in.SessionPolicies...), more)
	}
	return in
}

func (c *chooser) policy(t *testing.T, place int, effect string) *Policy {
	members := []string{fmt.Sprintf(`"Effect": %q`, effect)}
	switch layer := Layer(place); layer {
	case ResourceControl, VPCEndpoint, ResourceBased:
		members = append(members, fmt.Sprintf(`%q: %s`, c.of("Principal", "Principal", "Principal", "NotPrincipal"), c.of(
			`"*"`, `{"AWS": "*"}`, aws(account), aws(userARN), aws(roleARN), aws(sessionARN), aws(foreign),
			`{"Service": "logs.amazonaws.com"}`, `{"CanonicalUser": "1"}`, aws("arn:aws:iam::111122223333:role/*"),
			`{"AWS": ["111122223333", "arn:aws:iam::111122223333:user/alice"]}`)))
	}
	members = append(members, fmt.Sprintf(`%q: %q`, c.of("Action", "Action", "Action", "NotAction"), c.of("*", "s3:*", "kms:decrypt", "sts:Assume*", "GetObject")))
	if c.next(8) > 0 {
		members = append(members, fmt.Sprintf(`%q: %q`, c.of("Resource", "Resource", "Resource", "NotResource"),
			c.of("*", "arn:aws:s3:::b/*", "arn:aws:s3:::${aws:PrincipalTag/team}/k", "arn:aws:*:::b/?", "k")))
	}
	if c.next(3) == 0 {
		members = append(members, fmt.Sprintf(`"Condition": {%q: {%q: %q}}`,
			c.of("", "ForAllValues:", "ForAnyValue:")+operatorRows[c.next(len(operatorRows))].operator+c.of("", "IfExists"),
			c.of("aws:SourceIp", "aws:TagKeys", "aws:PrincipalTag/team", "aws:PrincipalArn"),
			c.of("10.0.0.0/8", "team", "${aws:PrincipalTag/team}", "true", "1.5", "arn:aws:iam::*:role/*")))
	}
	if c.next(16) == 1 {
		members = append(members, `"Weather": "fine"`)
	}
	return mustParse(t, document("{"+strings.Join(members, ", ")+"}"))
}
