package ha

import (
	"context"
	"errors"
	"fmt"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/labs/say"
)

func decideTemplate(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, group := range a.groups {
		name := group.AutoScalingGroupName
		if len(group.LaunchTemplates) == 0 {
			o.Add(fmt.Sprintf("Group %s does not launch from a launch template (launch configuration %q).", name, group.LaunchConfiguration), name)
		}
		for _, ref := range group.LaunchTemplates {
			version, err := a.inv.LaunchTemplate(ctx, ref)
			if errors.Is(err, inventory.ErrNotFound) {
				o.Add(fmt.Sprintf("Group %s launches version %s of launch template %s, which does not exist: it can launch nothing.", name, ref.Version, ref.LaunchTemplateId), name, ref.LaunchTemplateId)
				continue
			}
			if err != nil {
				return nil, err
			}
			which := fmt.Sprintf("version %d (%s) of launch template %s", version.VersionNumber, ref.Version, version.LaunchTemplateName)
			// Without the metadata service there is nothing to steal from it.
			if version.HTTPTokens != "required" && version.HTTPEndpoint != "disabled" {
				o.Add(fmt.Sprintf("Group %s launches %s, which does not require IMDSv2 (tokens: %s).", name, which, orUnset(version.HTTPTokens)), name, ref.LaunchTemplateId)
			}
			told = append(told, fmt.Sprintf("Group %s launches %s, which requires IMDSv2.", name, which))
		}
	}
	return told, nil
}

func orUnset(text string) string {
	if text == "" {
		return "not set"
	}
	return text
}

func decideMixed(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, group := range a.groups {
		name := group.AutoScalingGroupName
		switch {
		case group.AttributeBased:
			told = append(told, fmt.Sprintf("Group %s takes any instance type with the attributes that it names.", name))
		case len(group.InstanceTypes) < 2:
			o.Add(fmt.Sprintf("Group %s names %s (%s): where a zone has run out of it, nothing is launched.", name, typeset.Count(len(group.InstanceTypes), "instance type"), say.List(group.InstanceTypes)), name)
		default:
			told = append(told, fmt.Sprintf("Group %s launches any of %s.", name, say.List(group.InstanceTypes)))
		}
	}
	return told, nil
}
