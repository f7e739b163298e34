package escalate

import "strings"

// kind is a type of resource, as the pattern of its ARN. PARTITION, REGION and ACCOUNT stand for the subject's.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
type kind string

const (
	userKind   kind = "arn:PARTITION:iam::ACCOUNT:user/*"
	groupKind  kind = "arn:PARTITION:iam::ACCOUNT:group/*"
	roleKind   kind = "arn:PARTITION:iam::ACCOUNT:role/*"
	policyKind kind = "arn:PARTITION:iam::ACCOUNT:policy/*"

	// noKind is for actions that are not about one resource.
	noKind kind = "*"

	functionKind         kind = "arn:PARTITION:lambda:REGION:ACCOUNT:function:*"
	instanceKind         kind = "arn:PARTITION:ec2:REGION:ACCOUNT:instance/*"
	imageKind            kind = "arn:PARTITION:ec2:REGION::image/*"
	subnetKind           kind = "arn:PARTITION:ec2:REGION:ACCOUNT:subnet/*"
	securityGroupKind    kind = "arn:PARTITION:ec2:REGION:ACCOUNT:security-group/*"
	networkInterfaceKind kind = "arn:PARTITION:ec2:REGION:ACCOUNT:network-interface/*"
	volumeKind           kind = "arn:PARTITION:ec2:REGION:ACCOUNT:volume/*"
	spotRequestKind      kind = "arn:PARTITION:ec2:REGION:ACCOUNT:spot-instances-request/*"
	launchTemplateKind   kind = "arn:PARTITION:ec2:REGION:ACCOUNT:launch-template/*"
	documentKind         kind = "arn:PARTITION:ssm:REGION::document/AWS-RunShellScript"
	stackKind            kind = "arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/*"
	stackSetKind         kind = "arn:PARTITION:cloudformation:REGION:ACCOUNT:stackset/*"
	devEndpointKind      kind = "arn:PARTITION:glue:REGION:ACCOUNT:devEndpoint/*"
	glueJobKind          kind = "arn:PARTITION:glue:REGION:ACCOUNT:job/*"
	glueTriggerKind      kind = "arn:PARTITION:glue:REGION:ACCOUNT:trigger/*"
	taskDefinitionKind   kind = "arn:PARTITION:ecs:REGION:ACCOUNT:task-definition/*"
	ecsServiceKind       kind = "arn:PARTITION:ecs:REGION:ACCOUNT:service/*"
	ecsTaskKind          kind = "arn:PARTITION:ecs:REGION:ACCOUNT:task/*"
	containerKind        kind = "arn:PARTITION:ecs:REGION:ACCOUNT:container-instance/*"
	buildProjectKind     kind = "arn:PARTITION:codebuild:REGION:ACCOUNT:project/*"
	notebookKind         kind = "arn:PARTITION:sagemaker:REGION:ACCOUNT:notebook-instance/*"
	lifecycleConfigKind  kind = "arn:PARTITION:sagemaker:REGION:ACCOUNT:notebook-instance-lifecycle-config/*"
	trainingJobKind      kind = "arn:PARTITION:sagemaker:REGION:ACCOUNT:training-job/*"
	processingJobKind    kind = "arn:PARTITION:sagemaker:REGION:ACCOUNT:processing-job/*"
	pipelineKind         kind = "arn:PARTITION:datapipeline:REGION:ACCOUNT:pipeline/*"
	appRunnerKind        kind = "arn:PARTITION:apprunner:REGION:ACCOUNT:service/*"
	stateMachineKind     kind = "arn:PARTITION:states:REGION:ACCOUNT:stateMachine:*"
)

// pattern is the kind's ARN pattern in one region; "*" is any.
func (k kind) pattern(subject, region string) string {
	parts := arnParts(subject)
	return strings.NewReplacer("PARTITION", parts[1], "REGION", region, "ACCOUNT", parts[4]).Replace(string(k))
}

// anyName fills what a pattern leaves open: a name that AWS would take and that no policy means by accident.
const anyName = "@any@"

// anyAction is the same for actions, which have letters only.
const anyAction = "AnyOfThem"

// words fill patterns. There is a second, in case a deny speaks about everything that begins with the first one.
func words() []string { return []string{anyName, "any"} }

// readable turns what was filled in back into *.
func readable(text string) string {
	return strings.NewReplacer(anyName, "*", anyAction, "*").Replace(text)
}

// target is a resource that a call is tried on.
type target struct {
	arn string
	// general: no policy names it, so that it stands for any resource of its kind.
	general bool
	// exists: the account is known to have it.
	exists bool
}

// maxTargets bounds the targets of one kind, against policies whose patterns meet each other all over.
const maxTargets = 400

// targets lists the resources of a kind that could matter; whole is false if there are more.
func (s *search) targets(k kind) (found []target, whole bool) {
	if k == noKind {
		return []target{{arn: "*", general: true}}, true
	}
	seen := map[string]bool{}
	add := func(t target) {
		if !seen[t.arn] {
			seen[t.arn] = true
			found = append(found, t)
		}
	}
	for _, arn := range s.existing(k) {
		add(target{arn: arn, exists: true})
	}
	for _, region := range s.regions {
		add(target{arn: fill(k.pattern(s.self, region), anyName), general: true})
	}
	patterns := s.patternsOf(k)
	for i, one := range patterns {
		for _, other := range patterns[:i+1] {
			both, ok := meetARN(one, other)
			if !ok {
				continue
			}
			if len(found) >= maxTargets {
				return found, false
			}
			for _, word := range words() {
				arn := fillARN(both, word)
				// Anything in one region is still anything.
				add(target{arn: arn, general: arn == fill(k.pattern(s.self, arnParts(arn)[3]), anyName)})
			}
		}
	}
	return found, true
}

// existing lists what is there of a kind: the subject itself, and what the account has.
func (s *search) existing(k kind) []string {
	pattern := k.pattern(s.self, "*")
	var arns []string
	add := func(arn string) {
		if covers(pattern, arn) {
			arns = append(arns, arn)
		}
	}
	add(s.self)
	if s.account == nil {
		return arns
	}
	for i := range s.account.Identities {
		add(s.account.Identities[i].ARN)
	}
	for i := range s.account.Groups {
		add(s.account.Groups[i].ARN)
	}
	for i := range s.account.Policies {
		add(s.account.Policies[i].ARN)
	}
	return arns
}

// patternsOf are the policies' Resource patterns, cut down to a kind, in the regions that could matter and in any.
func (s *search) patternsOf(k kind) []string {
	var limits []string
	for _, region := range append([]string{"*"}, s.regions...) {
		if limit := k.pattern(s.self, region); !has(limits, limit) {
			limits = append(limits, limit)
		}
	}
	var patterns []string
	for _, mention := range s.mentions {
		for _, resource := range mention.Resources {
			text, ok := s.expand(resource)
			if !ok {
				continue
			}
			for _, limit := range limits {
				if cut, ok := meetARN(text, limit); ok && !has(limits, cut) && !has(patterns, cut) {
					patterns = append(patterns, cut)
				}
			}
		}
	}
	return patterns
}

// fillARN fills a pattern of an ARN. An open region is one that there could be.
func fillARN(pattern, word string) string {
	parts := arnParts(pattern)
	parts[3] = fill(parts[3], "1")
	parts[5] = fill(parts[5], word)
	return strings.Join(parts[:], ":")
}
