package reach

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDecodeRefusesWhatIsNoSnapshot(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "it is empty"},
		{"no JSON", "hello", "it is not JSON"},
		{"half of one", `{"Vpcs": [`, "it is not JSON"},
		{"a list", "[]", "it is a JSON array, want an object"},
		{"a null", "null", "it is a JSON null, want an object"},
		{"an empty object", "{}", "the object has none of the lists Vpcs, Subnets"},
		{"something else's object", `{"Reservations": []}`, "the object has none of the lists"},
		{"trailing data", `{"Vpcs": []} {}`, "something follows the JSON object, at byte"},
		{"a list that is none", `{"Vpcs": {}}`, "Vpcs: want a list"},
		{"an element that is none", `{"Vpcs": [3]}`, "Vpcs[0]: found a JSON number, want an object"},
		{"a null element", `{"Vpcs": [null]}`, "Vpcs[0]: want an object, found null"},
		{"a number as an id", `{"Vpcs": [{"VpcId": 3}]}`, "Vpcs[0].VpcId: found a JSON number, want a string"},
		{"a word as a flag", `{"Subnets": [{"SubnetId": "subnet-1", "MapPublicIpOnLaunch": "yes"}]}`, "Subnets[0].MapPublicIpOnLaunch: found a JSON string, want true or false"},
		{"a word as a number", `{"NetworkAcls": [{"NetworkAclId": "acl-1", "Entries": [{"RuleNumber": "x"}]}]}`, "NetworkAcls[0].Entries.RuleNumber: found a JSON string, want a whole number"},
		{"an object as a list", `{"RouteTables": [{"RouteTableId": "rtb-1", "Routes": {}}]}`, "RouteTables[0].Routes: found a JSON object, want a list"},
		{"a missing id", `{"Vpcs": [{"VpcId": "vpc-1"}, {"CidrBlock": "10.0.0.0/16"}]}`, "Vpcs[1].VpcId: missing"},
		{"the same id twice", `{"Vpcs": [{"VpcId": "vpc-1"}, {"VpcId": "vpc-1"}]}`, "Vpcs[1].VpcId: vpc-1 is already Vpcs[0]"},
		{"a bad CIDR block", `{"Subnets": [{"SubnetId": "subnet-1", "CidrBlock": "10.0.0/24"}]}`, `Subnets[0].CidrBlock: "10.0.0/24" is no CIDR block`},
		{"a bad one deep down", `{"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [{"IpRanges": [{"CidrIp": "0.0.0.0/33"}]}]}]}`,
			`SecurityGroups[0].IpPermissions[0].IpRanges[0].CidrIp: "0.0.0.0/33" is no CIDR block`},
		{"a bad address", `{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "Association": {"PublicIp": "1.2.3"}}]}`,
			`NetworkInterfaces[0].Association.PublicIp: "1.2.3" is no IP address`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(strings.NewReader(c.text))
			require.ErrorIs(t, err, ErrNotSnapshot)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestDecodeIsTolerantOfWhatItDoesNotNeed(t *testing.T) {
	n, err := Decode(strings.NewReader(`{"Vpcs": [{"VpcId": "vpc-1", "InstanceTenancy": "default", "Tags": null, "CidrBlockAssociationSet": null}],
		"Subnets": null, "Volumes": [1], "NatGateways": [{"NatGatewayId": "nat-1", "CreateTime": "2024-01-01T00:00:00Z", "VpcId": null, "State": "available"}]}`))
	require.NoError(t, err)
	assert.Equal(t, &Network{Vpcs: []Vpc{{VpcId: "vpc-1"}}, NatGateways: []NatGateway{{NatGatewayId: "nat-1", State: "available"}}}, n)
}

func TestDecodeTellsAFailedReadFromABadSnapshot(t *testing.T) {
	broken := errors.New("broken pipe")
	_, err := Decode(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	assert.NotErrorIs(t, err, ErrNotSnapshot)
}

func TestWhatIsEncodedDecodesToTheSame(t *testing.T) {
	for _, b := range []*builder{lab(), hub()} {
		var text bytes.Buffer
		require.NoError(t, Encode(&text, &b.Network))
		n, err := Decode(&text)
		require.NoError(t, err)
		assert.Equal(t, &b.Network, n)
	}
	err := Encode(failingWriter{}, &Network{})
	require.ErrorIs(t, err, os.ErrClosed)
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestTheFirstFieldOfEveryListedTypeIsItsID(t *testing.T) {
	network := reflect.TypeFor[Network]()
	for i := range network.NumField() {
		first := network.Field(i).Type.Elem().Field(0)
		assert.True(t, strings.HasSuffix(first.Name, "Id"), "%s.%s", network.Field(i).Name, first.Name)
		assert.Equal(t, reflect.String, first.Type.Kind())
	}
}

func TestASnapshotAsTheCommandLinePrintsIt(t *testing.T) {
	file, err := os.Open("testdata/cli.json")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	n, err := Decode(file)
	require.NoError(t, err)
	assert.Equal(t, "labctl-demo-web", n.NetworkInterfaces[0].TagSet.Get("Name"))
	assert.Empty(t, n.NetworkInterfaces[0].TagSet.Get("Other"))
	a := ask(t, New(n), "internet i-0aa11bb22cc33dd44 tcp/443")
	assert.Equal(t, Reachable, a.Verdict, "%+v", a.BlockedBy)
}
