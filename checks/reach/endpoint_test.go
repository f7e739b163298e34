package reach

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEndpointFindsInterfaces(t *testing.T) {
	b := lab()
	b.NetworkInterfaces[len(b.NetworkInterfaces)-1].Attachment = &InterfaceAttachment{InstanceId: "i-dev"}
	b.VpcEndpoints = append(b.VpcEndpoints, VpcEndpoint{VpcEndpointId: "vpce-kms", VpcEndpointType: "Interface", NetworkInterfaceIds: []string{"eni-app-a", "eni-app-b", "eni-lost"}})
	e := New(&b.Network)
	for ref, want := range map[string][]string{
		"eni-app-a":         {"eni-app-a"},
		"i-dev":             {"eni-dev"},
		"subnet-data-a":     {"eni-db-a"},
		"vpce-kms":          {"eni-app-a", "eni-app-b"},
		"10.16.10.5":        {"eni-app-a"},
		"198.18.0.5":        {"eni-web-a"},
		"2001:db8:16:10::5": {"eni-app-a"},
		"10.16.10.200":      nil, // a host that isn't there
		"203.0.113.1":       nil,
		"internet":          nil,
		"nat-a":             nil,
		"eni-nat-a":         nil,
		"198.18.0.10":       nil, // nat-a's
	} {
		p, err := e.Endpoint(ref)
		require.NoError(t, err, ref)
		assert.Equal(t, want, p.Interfaces(), ref)
		assert.Equal(t, ref, p.String())
	}
}

func TestEndpointRefusesWhatItCannotFind(t *testing.T) {
	b := lab()
	b.vpc("vpc-twin", "10.16.0.0/16")
	b.subnet("subnet-twin", "vpc-twin", "a", "10.16.10.0/24")
	b.VpcEndpoints = append(b.VpcEndpoints, VpcEndpoint{VpcEndpointId: "vpce-kms", VpcEndpointType: "Interface"})
	e := New(&b.Network)
	for _, c := range []struct {
		ref, want string
		is        error
	}{
		{"eni-app-c", `no network interface, instance, subnet or address "eni-app-c": not in the network; the nearest is eni-app-a`, ErrUnknown},
		{"subnet-dada-a", "the nearest is subnet-data-a", ErrUnknown},
		{"intenet", "the nearest is internet", ErrUnknown},
		{"", "not in the network", ErrUnknown},
		{"something quite different", `"something quite different": not in the network`, ErrUnknown},
		{"vpce-kms", "vpce-kms has no network interface", ErrUnknown},
		{"10.16.10.200", "address 10.16.10.200 is in several places (subnet-app-a, subnet-twin)", ErrAmbiguous},
	} {
		_, err := e.Endpoint(c.ref)
		require.ErrorIs(t, err, c.is, c.ref)
		assert.ErrorContains(t, err, c.want)
	}
}

func TestAQueryWithoutEndpointsIsAnswered(t *testing.T) {
	a := New(&Network{}).Trace(Query{})
	assert.Equal(t, Unreachable, a.Verdict)
	assert.NotNil(t, a.BlockedBy)
}

func TestDistanceCountsEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"kitten", "sitting", 3}, {"eni-1", "eni-1", 0}} {
		assert.Equal(t, c.want, distance(c.a, c.b), "%q %q", c.a, c.b)
	}
}

func TestParseServiceReadsProtocolsAndPorts(t *testing.T) {
	for _, c := range []struct {
		text  string
		proto Protocol
		ports PortRange
	}{
		{"tcp/5432", TCP, PortRange{5432, 5432}}, {"udp/1000-2000", UDP, PortRange{1000, 2000}}, {"TCP/0-1", TCP, PortRange{0, 1}},
		{"tcp", TCP, PortRange{0, 65535}}, {"icmp", ICMP, PortRange{0, 65535}}, {"any", AnyProtocol, PortRange{0, 65535}},
	} {
		proto, ports, err := ParseService(c.text)
		require.NoError(t, err, c.text)
		assert.Equal(t, c.proto, proto)
		assert.Equal(t, c.ports, ports)
	}
	for _, text := range []string{"", "tpc/443", "tcp/", "tcp/http", "tcp/65536", "tcp/0", "tcp/0-0", "tcp/-1", "tcp/20-10", "icmp/8", "any/1", "443"} {
		_, _, err := ParseService(text)
		require.ErrorIs(t, err, ErrSyntax, text)
	}
}
