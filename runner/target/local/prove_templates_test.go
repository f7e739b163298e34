package local_test

import (
	"encoding/base64"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newVersion makes a version of the site's template from an earlier one.
func (s site) newVersion(source string, data *types.RequestLaunchTemplateData) int64 {
	return *must[ec2.CreateLaunchTemplateVersionOutput](s.t)(s.ec2.CreateLaunchTemplateVersion(s.ctx, &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: &s.template, SourceVersion: &source, LaunchTemplateData: data,
	})).LaunchTemplateVersion.VersionNumber
}

func (s site) setDefault(version string) {
	must[ec2.ModifyLaunchTemplateOutput](s.t)(s.ec2.ModifyLaunchTemplate(s.ctx, &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &s.template, DefaultVersion: &version}))
}

func (s site) versionData(version string) *types.ResponseLaunchTemplateData {
	out := must[ec2.DescribeLaunchTemplateVersionsOutput](s.t)(s.ec2.DescribeLaunchTemplateVersions(s.ctx, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: &s.template, Versions: []string{version},
	}))
	return out.LaunchTemplateVersions[0].LaunchTemplateData
}

func proveTemplateVersions(t T, a account) {
	s := a.site(t, "template-versions")
	userData := base64.StdEncoding.EncodeToString([]byte("#!/bin/bash"))
	assert.Equal(t, int64(2), s.newVersion("1", &types.RequestLaunchTemplateData{
		UserData: &userData, MetadataOptions: &types.LaunchTemplateInstanceMetadataOptionsRequest{HttpTokens: types.LaunchTemplateHttpTokensStateOptional},
	}))
	merged := s.versionData("2")
	assert.Equal(t, types.InstanceTypeT3Micro, merged.InstanceType, "what was not named is the source's")
	assert.Equal(t, userData, *merged.UserData)
	assert.Equal(t, types.LaunchTemplateHttpTokensStateOptional, merged.MetadataOptions.HttpTokens)

	s.setDefault("2")
	remove := func(versions ...string) *ec2.DeleteLaunchTemplateVersionsOutput {
		return must[ec2.DeleteLaunchTemplateVersionsOutput](t)(s.ec2.DeleteLaunchTemplateVersions(s.ctx, &ec2.DeleteLaunchTemplateVersionsInput{
			LaunchTemplateId: &s.template, Versions: versions,
		}))
	}
	assert.Len(t, remove("2").UnsuccessfullyDeletedLaunchTemplateVersions, 1, "it is the default")
	s.setDefault("1")
	gone := remove("2", "7")
	require.Len(t, gone.SuccessfullyDeletedLaunchTemplateVersions, 1)
	assert.Equal(t, int64(2), *gone.SuccessfullyDeletedLaunchTemplateVersions[0].VersionNumber)
	require.Len(t, gone.UnsuccessfullyDeletedLaunchTemplateVersions, 1)
	assert.Equal(t, types.LaunchTemplateErrorCodeLaunchTemplateVersionDoesNotExist, gone.UnsuccessfullyDeletedLaunchTemplateVersions[0].ResponseError.Code)
	assert.Equal(t, int64(3), s.newVersion("1", &types.RequestLaunchTemplateData{}))
	_, err := s.ec2.DescribeLaunchTemplateVersions(s.ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &s.template, Versions: []string{"2"}})
	require.ErrorContains(t, err, "InvalidLaunchTemplateId.VersionNotFound")
}

func proveTemplateTags(t T, a account) {
	s := a.site(t, "template-tags")
	assert.Empty(t, s.versionData("1").TagSpecifications)
	described := must[ec2.DescribeLaunchTemplatesOutput](t)(s.ec2.DescribeLaunchTemplates(s.ctx, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{s.template}}))
	require.Len(t, described.LaunchTemplates[0].Tags, 1)
	assert.Equal(t, "app", *described.LaunchTemplates[0].Tags[0].Value)
}

func proveTemplateLaunches(t T, a account) {
	s := a.site(t, "template-launches")
	profile := must[iam.CreateInstanceProfileOutput](t)(s.iam.CreateInstanceProfile(s.ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: &s.name})).InstanceProfile
	var specs []types.LaunchTemplateTagSpecificationRequest
	for _, resource := range []types.ResourceType{types.ResourceTypeInstance, types.ResourceTypeVolume, types.ResourceTypeNetworkInterface} {
		specs = append(specs, types.LaunchTemplateTagSpecificationRequest{ResourceType: resource, Tags: []types.Tag{{Key: aws.String("tagged"), Value: aws.String(string(resource))}}})
	}
	s.newVersion("1", &types.RequestLaunchTemplateData{
		MetadataOptions:    &types.LaunchTemplateInstanceMetadataOptionsRequest{HttpTokens: types.LaunchTemplateHttpTokensStateRequired, HttpPutResponseHopLimit: aws.Int32(2)},
		IamInstanceProfile: &types.LaunchTemplateIamInstanceProfileSpecificationRequest{Arn: profile.Arn}, TagSpecifications: specs,
	})
	s.group(1, 1, func(in *autoscaling.CreateAutoScalingGroupInput) {
		in.LaunchTemplate.Version = aws.String("2")
		in.MixedInstancesPolicy = &astypes.MixedInstancesPolicy{LaunchTemplate: &astypes.LaunchTemplate{
			LaunchTemplateSpecification: in.LaunchTemplate, Overrides: []astypes.LaunchTemplateOverrides{{InstanceType: aws.String("t3.nano")}, {InstanceType: aws.String("t3.small")}},
		}}
		in.LaunchTemplate = nil
	})
	member := s.describe().Instances[0]
	assert.Equal(t, "2", *member.LaunchTemplate.Version)
	instance := s.instance(*member.InstanceId)
	assert.Equal(t, types.InstanceTypeT3Nano, instance.InstanceType)
	assert.Equal(t, types.HttpTokensStateRequired, instance.MetadataOptions.HttpTokens)
	assert.Equal(t, int32(2), *instance.MetadataOptions.HttpPutResponseHopLimit)
	require.NotNil(t, instance.IamInstanceProfile)
	assert.Equal(t, *profile.Arn, *instance.IamInstanceProfile.Arn)
	assert.Contains(t, instance.Tags, types.Tag{Key: aws.String("tagged"), Value: aws.String("instance")})
	assert.Contains(t, a.interfaces(t, *instance.NetworkInterfaces[0].NetworkInterfaceId)[0].TagSet, types.Tag{Key: aws.String("tagged"), Value: aws.String("network-interface")})
	volumes := must[ec2.DescribeVolumesOutput](t)(s.ec2.DescribeVolumes(s.ctx, &ec2.DescribeVolumesInput{Filters: filter("attachment.instance-id", *instance.InstanceId)})).Volumes
	require.Len(t, volumes, 1)
	assert.Contains(t, volumes[0].Tags, types.Tag{Key: aws.String("tagged"), Value: aws.String("volume")})
}
