package policy

import "fmt"

// Request is what a principal asks for.
type Request struct {
	Principal Principal
	// Action is service:name, such as s3:GetObject.
	Action string
	// Resource is the ARN of the resource, or "*" for an action that has none.
	Resource string
	// ResourceAccount owns the resource. Where it is empty, the account in the ARN
	// counts, then aws:ResourceAccount, then the principal's own account.
	ResourceAccount string
	// Context holds the condition keys of the request; one that is not listed is
	// absent. aws:PrincipalArn, aws:PrincipalAccount and aws:PrincipalType are
	// derived from the principal where they are not listed, and for a service
	// aws:PrincipalServiceName and aws:PrincipalIsAWSService. It must not change
	// while a Decision about it is in use.
	Context map[string][]string
}

// Validate refuses a resource account that contradicts the resource's ARN.
func (r Request) Validate() error {
	parts, ok := arnParts(r.Resource)
	if ok && isAccountID(parts[4]) && r.ResourceAccount != "" && r.ResourceAccount != parts[4] {
		return fmt.Errorf("resourceAccount is %s, but the resource is in account %s", r.ResourceAccount, parts[4])
	}
	return nil
}

// Input is a request and all policies that apply to it. A nil policy does not
// exist, which for a permissions boundary or a control policy means no limit.
type Input struct {
	Request

	IdentityPolicies    []*Policy
	PermissionsBoundary *Policy
	SessionPolicies     []*Policy
	// ResourcePolicy is the policy of the bucket, queue, key or other resource, and
	// the trust policy when the action is sts:AssumeRole or one of its relatives.
	ResourcePolicy *Policy
	// EndpointPolicy is the policy of the VPC endpoint through which the request
	// goes; nil when it goes through none. The full-access default has to be given.
	EndpointPolicy *Policy
	// EndpointType tells gateway endpoints, which read principals in their own way,
	// from interface endpoints.
	EndpointType EndpointType

	// ServiceControlPolicies are those of the principal's account and
	// ResourceControlPolicies those of the resource's, by level from the root of the
	// organization down to the account. A level without policies does not limit.
	ServiceControlPolicies  [][]*Policy
	ResourceControlPolicies [][]*Policy
	// ManagementAccount is the id of the organization's management account, which
	// control policies do not restrict; empty where it is neither side's account.
	ManagementAccount string
}

// EndpointType is the type of a VPC endpoint as EC2 names it.
type EndpointType string

// The types of VPC endpoints that have policies. Without a type, an endpoint is
// an interface one unless the service also has gateway endpoints: then it is not
// known which.
const (
	GatewayEndpoint   EndpointType = "Gateway"
	InterfaceEndpoint EndpointType = "Interface"
)
