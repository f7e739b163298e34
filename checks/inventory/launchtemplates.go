package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// LaunchTemplateVersion is what a version of a launch template says, where it says it: "" and nil leave the choice to others.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResponseLaunchTemplateData.html
type LaunchTemplateVersion struct {
	LaunchTemplateId   string
	LaunchTemplateName string
	VersionNumber      int
	Asked              string // the version as it was asked for: a number, $Default or $Latest
	HTTPTokens         string // required or optional
	HTTPEndpoint       string // enabled or disabled
	SecurityGroups     []string
	PublicIPv4         *bool // AssociatePublicIpAddress
	DetailedMonitoring bool
}

// LaunchTemplate reads one version of a launch template; where there is none the error wraps ErrNotFound.
func (i *Inventory) LaunchTemplate(ctx context.Context, ref LaunchTemplateRef) (LaunchTemplateVersion, error) {
	return i.workload.templates.get(ref.LaunchTemplateId+" version "+ref.Version, "launch template", func() (LaunchTemplateVersion, error) { return i.source.readTemplate(ctx, ref) })
}

func (l live) readTemplate(ctx context.Context, ref LaunchTemplateRef) (LaunchTemplateVersion, error) {
	got, err := l.templates.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &ref.LaunchTemplateId, Versions: []string{ref.Version}})
	if err != nil {
		return LaunchTemplateVersion{}, missing(err, "InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.VersionNotFound")
	}
	if len(got.LaunchTemplateVersions) == 0 {
		return LaunchTemplateVersion{}, ErrNotFound
	}
	version := got.LaunchTemplateVersions[0]
	found := LaunchTemplateVersion{
		LaunchTemplateId: ref.LaunchTemplateId, LaunchTemplateName: aws.ToString(version.LaunchTemplateName),
		VersionNumber: int(aws.ToInt64(version.VersionNumber)), Asked: ref.Version,
	}
	data := version.LaunchTemplateData
	if data == nil {
		return found, nil
	}
	found.SecurityGroups = data.SecurityGroupIds
	if data.MetadataOptions != nil {
		found.HTTPTokens, found.HTTPEndpoint = string(data.MetadataOptions.HttpTokens), string(data.MetadataOptions.HttpEndpoint)
	}
	if data.Monitoring != nil {
		found.DetailedMonitoring = aws.ToBool(data.Monitoring.Enabled)
	}
	for _, eni := range data.NetworkInterfaces {
		// A template that describes interfaces names the groups there.
		found.SecurityGroups = append(found.SecurityGroups, eni.Groups...)
		if eni.AssociatePublicIpAddress != nil {
			found.PublicIPv4 = eni.AssociatePublicIpAddress
		}
	}
	return found, nil
}

func (f Facts) readTemplate(_ context.Context, ref LaunchTemplateRef) (LaunchTemplateVersion, error) {
	return pick(f.LaunchTemplateVersions, func(v LaunchTemplateVersion) bool {
		return v.LaunchTemplateId == ref.LaunchTemplateId && v.Asked == ref.Version
	})
}
