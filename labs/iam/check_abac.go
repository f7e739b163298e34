package iam

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/policy"
	"labctl/labs/say"
)

// The tag that must be equal on who works and on what is worked on, and the keys of a request that hold it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_attribute-based-access-control.html
const (
	projectTag       = "project"
	principalProject = "aws:PrincipalTag/" + projectTag
	resourceProject  = "aws:ResourceTag/" + projectTag
	requestProject   = "aws:RequestTag/" + projectTag
)

// workingOn are actions on a function, tried beside those that policies name.
func workingOn() []string {
	return []string{"lambda:GetFunction", "lambda:InvokeFunction", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:DeleteFunction"}
}

func decideABAC(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var bound []string
	for _, r := range a.roles {
		project, tagged := r.Tags[projectTag]
		in, functions := a.by(r), a.functions(r)
		refuse(o, eachOf(unequal(in, project), workingOn(), functions), r.Name+" can work on a function whose project is not its own, or that has none", r.Arn)
		a.retags(o, r, functions)
		if tagged && granted(each(with(in, keys{resourceProject: {project}}), workingOn(), functions)) {
			bound = append(bound, r.Name)
		}
	}
	if len(bound) == 0 {
		o.Add(fmt.Sprintf("No role with the tag %q can work on functions with an equal one: there is no access by attributes to judge.", projectTag))
	}
	return []string{fmt.Sprintf("%s works on functions of its own project only, and nobody changes the tags that decide.", say.And(bound))}, nil
}

// functions are those that a role's policies name, and one that nobody names.
func (a *architecture) functions(r *role) []string {
	prefix := fmt.Sprintf("arn:%s:lambda:%s:%s:function:", a.partition(), a.inv.Region, a.inv.Account)
	found := append(named(prefix, r.permissions...), prefix+strangerName)
	slices.Sort(found)
	return slices.Compact(found)
}

// unequal are a request with tags that are not equal: another project's function, one of none, and a caller of none.
func unequal(in policy.Input, project string) []policy.Input {
	theirs := project
	if theirs == "" {
		theirs = "payments"
	}
	return []policy.Input{
		with(in, keys{resourceProject: {strangerName}}),
		with(in, keys{resourceProject: nil}),
		with(in, keys{resourceProject: nil, principalProject: nil}),
		with(in, keys{resourceProject: {theirs}, principalProject: nil}),
		with(in, keys{resourceProject: {strangerName}, principalProject: nil}),
	}
}

// retags asks for the ways to change a tag that decides: on the role itself, on a function, and on a session of the role.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
func (a *architecture) retags(o *checks.Offences, r *role, functions []string) {
	in := a.by(r)
	if _, tagged := r.Tags[projectTag]; !tagged {
		refuse(o, eachOf(retagging(in), []string{"iam:TagRole", "iam:UntagRole"}, []string{r.Arn}), r.Name+" can change its own tags", r.Arn)
		return
	}
	own := with(in, keys{"iam:ResourceTag/" + projectTag: {r.Tags[projectTag]}, resourceProject: {r.Tags[projectTag]}})
	refuse(o, eachOf(retagging(own), []string{"iam:TagRole", "iam:UntagRole"}, []string{r.Arn}), r.Name+" can change its own project", r.Arn)
	for _, of := range [][]string{nil, {strangerName}} {
		refuse(o, eachOf(retagging(with(in, keys{resourceProject: of})), []string{"lambda:TagResource", "lambda:UntagResource"}, functions), r.Name+" can change the project of a function that is not its own", r.Arn)
	}
	caller, err := a.administrator(a.inv.Account)
	if err != nil {
		o.Add("Whether a session of "+r.Name+" can choose its project is not known: "+err.Error(), r.Arn)
		return
	}
	refuse(o, eachOf(retagging(under(with(caller, keys{principalProject: nil}), r.trust)), []string{"sts:TagSession"}, []string{r.Arn}), "Whoever assumes "+r.Name+" can choose the project of the session", r.Arn)
}

// retagging are a request that gives the project another value, alone and among other tags, in either spelling of the key.
func retagging(in policy.Input) []policy.Input {
	var found []policy.Input
	for _, tags := range [][]string{{projectTag}, {projectTag, "Name"}, {strings.ToUpper(projectTag[:1]) + projectTag[1:]}} {
		found = append(found, with(in, keys{requestProject: {strangerName}, "aws:TagKeys": tags}))
	}
	return found
}
