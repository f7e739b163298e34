package access

import (
	"fmt"
	"strings"

	"labctl/checks/inventory"
	"labctl/checks/policy"
)

// policiesOf compiles the policies on an identity's side.
func policiesOf(id *inventory.Identity) (policies []*policy.Policy, boundary *policy.Policy, err error) {
	if policies, err = parsedAll(id.Arn, id.Policies); err != nil {
		return nil, nil, err
	}
	if id.Boundary != nil {
		boundary, err = parsed(id.Arn, "boundary "+id.Boundary.Name, id.Boundary.Document)
	}
	return policies, boundary, err
}

func parsedAll(whose string, documents []inventory.PolicyDocument) ([]*policy.Policy, error) {
	var policies []*policy.Policy
	for _, document := range documents {
		one, err := parsed(whose, document.Name, document.Document)
		if err != nil {
			return nil, err
		}
		policies = append(policies, one)
	}
	return policies, nil
}

func parsed(whose, name, document string) (*policy.Policy, error) {
	p, err := policy.Parse([]byte(document))
	if err != nil {
		return nil, fmt.Errorf("policy %s of %s: %w", name, whose, err)
	}
	return p.Named(name), nil
}

// unreadable are policies about which nothing is known but that there may be one: they have an element that no engine
// knows. On the identity's side there is no Principal.
const (
	unreadableIdentity = `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "*", "Resource": "*", "what labctl cannot read": true},
		{"Effect": "Deny", "Action": "*", "Resource": "*", "what labctl cannot read": true}]}`
	unreadableResource = `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "what labctl cannot read": true},
		{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "what labctl cannot read": true}]}`
)

// hasResourcePolicies tells whether a resource of a service can have a policy, of those that labctl does not read. A
// recovery point has that of its vault, which its ARN does not name; a table's backup has none.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
func hasResourcePolicies(service, resource string) bool {
	if service == "dynamodb" && strings.Contains(resource, "/backup/") {
		return false
	}
	switch service {
	case "apigateway", "execute-api", "aoss", "backup", "bedrock", "cassandra", "codeartifact", "codebuild", "dynamodb", "ecr",
		"elasticfilesystem", "es", "events", "glacier", "glue", "kafka", "kinesis", "lambda", "lex", "logs", "mediastore",
		"s3", "s3-outposts", "s3express", "s3tables", "schemas", "secretsmanager", "ses", "sns", "ssm", "ssm-incidents", "vpc-lattice", "xray":
		return true
	default:
		return false
	}
}
