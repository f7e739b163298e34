package networking

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/policy"
	"labctl/checks/reach"
)

// fullAccess is the policy that an endpoint has where none was given.
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html#default-endpoint-policy
const fullAccess = `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}`

func decideEndpointPolicy(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	buckets, err := a.inv.Buckets(ctx)
	if err != nil {
		return nil, err
	}
	var own []string
	for _, bucket := range buckets {
		own = append(own, bucket.Name)
	}
	if len(own) == 0 {
		o.AddPending(fmt.Sprintf("No S3 bucket carries %s: there is no bucket that the S3 endpoint could be for.", a.inv.Scope))
		return nil, nil
	}
	var told []string
	asked := 0
	for _, endpoint := range a.VpcEndpoints {
		// A Gateway Load Balancer endpoint has no policy: it forwards packets, not requests. Nor has one for a partner's
		// service: a policy is for AWS's own.
		// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
		if !a.judges(endpoint.VpcId) || endpoint.VpcEndpointType != "Gateway" && endpoint.VpcEndpointType != "Interface" || strings.Contains(endpoint.ServiceName, ".vpce-svc-") {
			continue
		}
		p, err := newEndpointProbe(a, endpoint, own)
		if err != nil {
			return nil, err
		}
		p.judge(o)
		asked += p.asked
		told = append(told, p.name)
	}
	if len(told) == 0 {
		o.Add(fmt.Sprintf("No endpoint is in the VPCs that carry %s.", a.inv.Scope))
	}
	return []string{fmt.Sprintf("Of %d sample requests, %s let through none of another account's principals, and through S3's only those for %s.", asked, strings.Join(told, " and "), strings.Join(own, ", "))}, nil
}

// endpointProbe asks the policy engine what one endpoint's policy lets through. A policy is a limit: the requests are
// made with every permission otherwise, so that what is refused is refused by the endpoint.
type endpointProbe struct {
	name      string
	id        string
	account   string
	region    string
	partition string
	own       []string // the buckets that the lab's S3 endpoint is for
	s3        bool
	service   string

	input   policy.Input   // what all requests have in common
	widest  *policy.Policy // what it lets through whatever a request says of itself
	samples samples
	asked   int
}

func newEndpointProbe(a *architecture, endpoint reach.VpcEndpoint, own []string) (*endpointProbe, error) {
	document := endpoint.PolicyDocument
	if strings.TrimSpace(document) == "" {
		document = fullAccess
	}
	name := label(endpoint.VpcEndpointId, endpoint.Tags)
	limit, err := policy.Parse([]byte(document))
	if err != nil {
		return nil, fmt.Errorf("the policy of endpoint %s: %w", name, err)
	}
	everything, err := policy.Parse([]byte(fullAccess))
	if err != nil {
		return nil, err
	}
	identity, err := policy.Parse([]byte(`{"Statement":[{"Action":"*","Effect":"Allow","Resource":"*"}]}`))
	if err != nil {
		return nil, err
	}
	p := &endpointProbe{
		name: name, id: endpoint.VpcEndpointId, account: a.inv.Account, region: a.inv.Region, partition: partition(a.inv.Region), own: own,
		service: endpoint.ServiceName[strings.LastIndex(endpoint.ServiceName, ".")+1:],
		input: policy.Input{
			Request: policy.Request{Context: map[string][]string{
				"aws:SourceVpce": {endpoint.VpcEndpointId}, "aws:SourceVpc": {endpoint.VpcId},
				"aws:SecureTransport": {"true"}, "aws:PrincipalIsAWSService": {"false"}, "aws:ViaAWSService": {"false"}, "aws:RequestedRegion": {a.inv.Region},
			}},
			IdentityPolicies: []*policy.Policy{identity},
			ResourcePolicy:   everything,
			EndpointPolicy:   limit.Named("endpoint policy"),
			EndpointType:     policy.EndpointType(endpoint.VpcEndpointType),
		},
	}
	p.s3 = p.service == "s3"
	text, err := widest(document)
	if err != nil {
		return nil, err
	}
	if p.widest, err = policy.Parse([]byte(text)); err != nil {
		return nil, fmt.Errorf("the policy of endpoint %s: %w", name, err)
	}
	p.widest = p.widest.Named("endpoint policy")
	p.samples, err = samplesFrom(document, p.partition, p.account)
	return p, err
}

func (p *endpointProbe) judge(o *checks.Offences) {
	if !slices.ContainsFunc(p.requests(p.samples.ownPrincipals, p.ownResources()), func(in policy.Input) bool { return p.ask(in) == policy.Allow }) {
		what := "anything of " + p.service
		if p.s3 {
			what = "the lab's bucket " + strings.Join(p.own, ", ")
		}
		o.Add(fmt.Sprintf("%s lets none of the account's own principals use %s.", p.name, what), p.id)
	}
	if in, found := p.first(p.samples.foreignPrincipals, append(p.ownResources(), p.foreignResources()...)); found {
		o.Add(fmt.Sprintf("%s %s %s, which is not of this account: %s on %s. %s", p.name, lets(in), in.Principal, in.Action, in.Resource, because(in)), p.id)
	}
	if !p.s3 {
		return
	}
	if in, found := p.first(p.samples.ownPrincipals, p.foreignResources()); found {
		o.Add(fmt.Sprintf("%s %s a request for a bucket that is not the lab's: %s on %s. %s", p.name, lets(in), in.Action, in.Resource, because(in)), p.id)
	}
}

// first finds a request that must not pass and does, or may.
func (p *endpointProbe) first(principals []policy.Principal, resources []resource) (policy.Input, bool) {
	var doubtful *policy.Input
	for _, in := range p.requests(principals, resources) {
		switch p.ask(in) {
		case policy.Allow:
			return in, true
		case policy.Inconclusive:
			if doubtful == nil {
				doubtful = &in
			}
		default: // refused, as it must be
		}
	}
	if doubtful != nil {
		return *doubtful, true
	}
	return policy.Input{}, false
}

func (p *endpointProbe) ask(in policy.Input) policy.Outcome {
	p.asked++
	return policy.Evaluate(in).Outcome
}

func lets(in policy.Input) string {
	if policy.Evaluate(in).Outcome == policy.Allow {
		return "lets through"
	}
	return "cannot be shown to keep out"
}

// because names the statements of the endpoint's policy that let the request through, or why that is not known.
func because(in policy.Input) string {
	var told []string
	for _, finding := range policy.Evaluate(in).Details().Deciding {
		if finding.Layer != policy.VPCEndpoint {
			continue
		}
		name := finding.Sid
		if name == "" {
			name = fmt.Sprintf("number %d", finding.Index+1)
		}
		if len(finding.Obstacles) > 0 {
			name += " (" + strings.Join(finding.Obstacles, "; ") + ")"
		}
		told = append(told, name)
	}
	return "It is the policy's statement " + strings.Join(told, ", ") + "."
}
