package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// machine is a home of its own with a labctl and a local AWS that is kept, so that the account can be read afterwards.
type machine struct {
	t      *testing.T
	labctl string
	home   string
	config aws.Config
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, labctl: built(t), home: t.TempDir()}
	t.Cleanup(func() {
		stop := m.command(context.Background(), "local", "stop", "--force")
		output, err := stop.CombinedOutput()
		assert.NoError(t, err, string(output))
	})
	m.must("local", "start")
	var status struct{ Endpoint string }
	require.NoError(t, json.Unmarshal([]byte(m.must("local", "status", "--output", "json")), &status))
	m.config = aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(status.Endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
	return m
}

// built is a labctl.
func built(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "labctl")
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput() //nolint:gosec // builds this package
	require.NoError(t, err, string(output))
	return binary
}

func (m *machine) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, m.labctl, args...)
	cmd.Env = append(os.Environ(), "HOME="+m.home, "XDG_STATE_HOME="+filepath.Join(m.home, "state"), "XDG_CACHE_HOME="+filepath.Join(m.home, "cache"))
	return cmd
}

func (m *machine) must(args ...string) string {
	m.t.Helper()
	cmd := m.command(m.t.Context(), args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	require.NoError(m.t, err, "labctl %s\n%s%s", strings.Join(args, " "), output, stderr.String())
	return string(output)
}

// census lists what is in the account: whatever a run has made is in the difference of two.
func (m *machine) census() []string {
	m.t.Helper()
	var found []string
	ctx := m.t.Context()
	network := ec2.NewFromConfig(m.config)
	vpcs, err := network.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
	require.NoError(m.t, err)
	for _, vpc := range vpcs.Vpcs {
		found = append(found, *vpc.VpcId)
	}
	groups, err := network.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{})
	require.NoError(m.t, err)
	for _, group := range groups.SecurityGroups {
		found = append(found, *group.GroupId)
	}
	interfaces, err := network.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{})
	require.NoError(m.t, err)
	for _, eni := range interfaces.NetworkInterfaces {
		found = append(found, *eni.NetworkInterfaceId)
	}
	addresses, err := network.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
	require.NoError(m.t, err)
	for _, address := range addresses.Addresses {
		found = append(found, *address.AllocationId)
	}
	gateways, err := network.DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{})
	require.NoError(m.t, err)
	for _, gateway := range gateways.InternetGateways {
		found = append(found, *gateway.InternetGatewayId)
	}
	roles, err := iam.NewFromConfig(m.config).ListRoles(ctx, &iam.ListRolesInput{})
	require.NoError(m.t, err)
	for _, role := range roles.Roles {
		found = append(found, *role.RoleName)
	}
	logs, err := cloudwatchlogs.NewFromConfig(m.config).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	require.NoError(m.t, err)
	for _, group := range logs.LogGroups {
		found = append(found, *group.LogGroupName)
	}
	buckets, err := s3.NewFromConfig(m.config, func(o *s3.Options) { o.UsePathStyle = true }).ListBuckets(ctx, &s3.ListBucketsInput{})
	require.NoError(m.t, err)
	for _, bucket := range buckets.Buckets {
		found = append(found, *bucket.Name)
	}
	return found
}

// recorded counts the resources in Terraform's state of the run.
func (m *machine) recorded(run string) int {
	data, err := os.ReadFile(filepath.Join(m.home, "state", "labctl", "runs", run, "terraform", "terraform.tfstate"))
	if err != nil {
		return 0
	}
	var state struct {
		Resources []struct {
			Mode      string
			Instances []json.RawMessage
		}
	}
	if err := json.Unmarshal(data, &state); err != nil {
		return 0 // Terraform is writing it
	}
	n := 0
	for _, resource := range state.Resources {
		if resource.Mode == "managed" {
			n += len(resource.Instances)
		}
	}
	return n
}

// terraformOf finds the Terraform that a labctl runs.
func terraformOf(t *testing.T, parent int) int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	require.NoError(t, err)
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "stat"))
		if err != nil {
			continue
		}
		name, rest, ok := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		if ok && strings.HasSuffix(name, "(terraform") && len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			return pid
		}
	}
	require.Fail(t, "no terraform runs under labctl")
	return 0
}

// killing is a signal at a moment of a command on the run "victim".
type killing struct {
	command   string
	signal    syscall.Signal
	terraform bool // signal Terraform and not labctl
	at        int  // resources in the state at that moment
	code      int  // labctl's exit code; -1 is death by the signal
}

func TestARunThatWasInterruptedIsRemovedWithoutATrace(t *testing.T) {
	m, before := slaughterhouse(t)
	m.survive(t, before, []killing{
		{"up", syscall.SIGINT, false, 1, exitInterrupted},
		{"up", syscall.SIGTERM, false, 20, exitInterrupted},
		{"up", syscall.SIGHUP, false, 60, exitInterrupted},
		{"down", syscall.SIGINT, false, 60, exitInterrupted},
	})
}

func TestARunThatWasKilledIsRemovedWithoutATrace(t *testing.T) {
	m, before := slaughterhouse(t)
	m.survive(t, before, []killing{
		{"up", syscall.SIGKILL, false, 3, -1},
		{"up", syscall.SIGKILL, false, 40, -1},
		{"up", syscall.SIGKILL, true, 30, exitUndecided},
		{"down", syscall.SIGKILL, false, 30, -1},
	})
	t.Run("and up goes on where a killed one stopped", func(t *testing.T) {
		m.signalled(t, "up", syscall.SIGKILL, false, func(n int) bool { return n >= 10 })
		m.must("up", "networking", "--run", "victim", "--no-check")
		m.must("down", "networking")
		assert.ElementsMatch(t, before, m.census())
	})
}

// slaughterhouse is a machine for killing, and what is in its account before.
func slaughterhouse(t *testing.T) (m *machine, before []string) {
	t.Helper()
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("provisions with Terraform on the local AWS, and looks for processes as Linux shows them")
	}
	t.Parallel()
	m = newMachine(t)
	return m, m.census()
}

// survive kills, removes the run, and looks at what is left.
func (m *machine) survive(t *testing.T, before []string, killings []killing) {
	t.Helper()
	for _, test := range killings {
		victim := "labctl"
		if test.terraform {
			victim = "terraform"
		}
		t.Run(fmt.Sprintf("%s to %s at %d resources of %s", test.signal, victim, test.at, test.command), func(t *testing.T) {
			if test.command == "down" {
				m.must("up", "networking", "--run", "victim", "--no-check")
			}
			code := m.signalled(t, test.command, test.signal, test.terraform, func(n int) bool {
				return test.command == "up" && n >= test.at || test.command == "down" && n <= test.at
			})
			assert.Equal(t, test.code, code)
			assert.NotEmpty(t, m.census(), "the account is still there")
			assert.Contains(t, m.must("status"), "victim", "the run is still known")

			m.must("down", "networking")
			assert.ElementsMatch(t, before, m.census())
			assert.Contains(t, m.must("status"), "There are no runs")
		})
	}
}

func TestWhatALearnerMadeByHandGoesWithTheRunAndNothingElse(t *testing.T) {
	if testing.Short() {
		t.Skip("provisions with Terraform on the local AWS")
	}
	t.Parallel()
	m := newMachine(t)
	network := ec2.NewFromConfig(m.config)
	own, err := network.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.99.0.0/16")})
	require.NoError(t, err)
	before := m.census()
	require.Contains(t, before, *own.Vpc.VpcId)
	m.must("up", "networking", "--run", "victim", "--no-check")

	// Things without a tag, on which things that Terraform knows of hang: it could delete neither.
	interfaces, err := network.DescribeNetworkInterfaces(t.Context(), &ec2.DescribeNetworkInterfacesInput{
		Filters: []types.Filter{{Name: aws.String("tag:labctl:role"), Values: []string{"data"}}},
	})
	require.NoError(t, err)
	require.NotEmpty(t, interfaces.NetworkInterfaces)
	host := interfaces.NetworkInterfaces[0]
	group, err := network.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: aws.String("by-hand"), Description: aws.String("by hand"), VpcId: host.VpcId,
	})
	require.NoError(t, err)
	_, err = network.ModifyNetworkInterfaceAttribute(t.Context(), &ec2.ModifyNetworkInterfaceAttributeInput{
		NetworkInterfaceId: host.NetworkInterfaceId, Groups: []string{*group.GroupId},
	})
	require.NoError(t, err)
	_, err = network.CreateNetworkAcl(t.Context(), &ec2.CreateNetworkAclInput{VpcId: host.VpcId})
	require.NoError(t, err)
	_, err = network.CreateNetworkInterface(t.Context(), &ec2.CreateNetworkInterfaceInput{SubnetId: host.SubnetId})
	require.NoError(t, err)

	began := time.Now()
	m.must("down", "networking")
	assert.Less(t, time.Since(began), 90*time.Second, "the provider does not wait for what it cannot delete")
	assert.ElementsMatch(t, before, m.census())
}

// signalled runs a command on the run "victim" and signals it, or its Terraform, when the moment has come. It returns
// the exit code.
func (m *machine) signalled(t *testing.T, command string, signal syscall.Signal, terraform bool, moment func(recorded int) bool) int {
	t.Helper()
	args := []string{command, "networking", "--run", "victim"}
	if command == "up" {
		args = append(args, "--no-check")
	}
	cmd := m.command(t.Context(), args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in its state
		close(ended)
	}()

	await(t, ended, &output, func() bool { return moment(m.recorded("victim")) })
	pid := cmd.Process.Pid
	if terraform {
		pid = terraformOf(t, pid)
	}
	require.NoError(t, syscall.Kill(pid, signal))
	select {
	case <-ended:
	case <-time.After(2 * time.Minute):
		require.Fail(t, "labctl did not end", output.String())
	}
	t.Log(output.String())
	if cmd.ProcessState.ExitCode() == exitInterrupted {
		assert.Contains(t, output.String(), "the state is safe", "the learner is told")
	}
	return cmd.ProcessState.ExitCode()
}

func await(t *testing.T, ended <-chan struct{}, output *bytes.Buffer, moment func() bool) {
	t.Helper()
	deadline := time.After(3 * time.Minute)
	for !moment() {
		select {
		case <-ended:
			require.Fail(t, "labctl ended too early", output)
		case <-deadline:
			require.Fail(t, "the moment did not come")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestALocalAWSThatDiedIsNoticedAtOnceAndTheRunCleared(t *testing.T) {
	if testing.Short() {
		t.Skip("provisions with Terraform on the local AWS")
	}
	t.Parallel()
	m := newMachine(t)
	var status struct{ MotoPID int }
	require.NoError(t, json.Unmarshal([]byte(m.must("local", "status", "--output", "json")), &status))
	cmd := m.command(t.Context(), "up", "networking", "--run", "victim")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in its state
		close(ended)
	}()
	await(t, ended, &output, func() bool { return m.recorded("victim") >= 10 })

	second := m.command(t.Context(), "down", "networking")
	refusal, err := second.CombinedOutput()
	require.Error(t, err)
	assert.Equal(t, exitLocked, second.ProcessState.ExitCode())
	assert.Contains(t, string(refusal), `run victim is in use by "labctl up networking --run victim" (pid `+strconv.Itoa(cmd.Process.Pid))

	require.NoError(t, syscall.Kill(status.MotoPID, syscall.SIGKILL))
	select {
	case <-ended:
	case <-time.After(time.Minute):
		require.Fail(t, "labctl hangs on a dead server", output.String())
	}
	assert.Equal(t, exitUndecided, cmd.ProcessState.ExitCode())
	assert.Contains(t, output.String(), "local AWS", "it says what died")

	began := time.Now()
	check := m.command(t.Context(), "check", "networking")
	told, err := check.CombinedOutput()
	require.Error(t, err)
	assert.Equal(t, exitUndecided, check.ProcessState.ExitCode())
	assert.Contains(t, string(told), "gone")
	assert.Contains(t, m.must("status"), "lost")
	assert.Less(t, time.Since(began), 5*time.Second, "nothing hangs")
	assert.Contains(t, m.must("down", "networking"), "gone with the local AWS")
}
