package reach

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"sync"
)

// Engine answers questions about one network. It is read-only once made and safe for concurrent use.
type Engine struct {
	network     *Network
	vpcs        map[string]*vpc
	subnets     map[string]*subnet
	tables      map[string]*table
	groups      map[string]*group
	members     map[string]map[string]*[2]addrs // group id, VPC id: the private addresses of its members
	prefixLists map[string]*ManagedPrefixList
	hosts       map[string]*host   // by interface id
	hostsIn     map[string][]*host // by subnet id
	nats        map[string]*natGateway
	natIfaces   map[string]bool
	igws        map[string]*InternetGateway
	eigws       map[string]*EgressOnlyInternetGateway
	endpoints   map[string]*VpcEndpoint
	peerings    map[string]*VpcPeeringConnection
	tgws        map[string]*transitGateway
	attachments map[string]*attachment
	tgwTables   map[string]*transitTable
	byPublic    map[netip.Addr]*host
	samples     [2]func() netip.Addr
}

// vpc is a VPC with what decides over its packets.
type vpc struct {
	id      string
	ranges  [2]addrs
	cidrs   []netip.Prefix
	subnets []*subnet
	igw     string // the internet gateway attached to it
	edge    *table // the route table associated with that gateway, if any
	block   blockMode
	main    *table
	// peers are the VPCs whose security groups rules here may refer to.
	peers map[string]bool
}

type subnet struct {
	id     string
	zone   string
	vpc    *vpc
	ranges [2]addrs
	acl    *acl
	table  *table
	main   bool // table is the VPC's main one, for want of an association
	public bool // MapPublicIpOnLaunch
	block  blockMode
}

// host is something that sends and receives packets: a network interface, a NAT gateway, or one that isn't there yet.
type host struct {
	kind   hostKind
	id     string
	subnet *subnet
	groups []string
	addrs  [2]addrs
	// public maps a private IPv4 address to the public one that an internet gateway gives it.
	public    map[netip.Addr]netip.Addr
	anyPublic bool // it has some public IPv4 address, it isn't known which
	instance  string
	iface     *NetworkInterface
	// members are the hosts that a combined one stands for.
	members []*host
}

type hostKind int

const (
	realHost hostKind = iota
	futureHost
	natHost
)

// open says that no security group guards the host.
func (h *host) open() bool {
	if h.kind != realHost {
		return true
	}
	// Network and gateway load balancers may have no security group, and then nothing is filtered.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
	return len(h.groups) == 0 && h.iface != nil &&
		(h.iface.InterfaceType == "network_load_balancer" || h.iface.InterfaceType == "gateway_load_balancer")
}

func (h *host) vpc() *vpc { return h.subnet.vpc }

// publicAddrs are the public IPv4 addresses, or the global IPv6 ones, which are public by themselves.
func (h *host) publicAddrs(f Family) addrs {
	if f == IPv6 {
		return h.addrs[f.index()].intersect(internet6)
	}
	if h.anyPublic {
		return internet(IPv4)
	}
	var ranges []span[netip.Addr]
	for _, a := range h.public {
		ranges = append(ranges, span[netip.Addr]{a, a})
	}
	return makeSpans(ranges)
}

// withPublic are the host's own addresses that can be reached from the internet.
func (h *host) withPublic(f Family) addrs {
	switch {
	case f == IPv6:
		return h.publicAddrs(IPv6)
	case h.anyPublic:
		return h.addrs[f.index()]
	}
	var ranges []span[netip.Addr]
	for private := range h.public {
		ranges = append(ranges, span[netip.Addr]{private, private})
	}
	return makeSpans(ranges)
}

func (f Family) index() int {
	if f == IPv6 {
		return 1
	}
	return 0
}

// New indexes the network. It never fails: what dangles or contradicts itself is found, and said, when a packet meets it.
// The network must not be changed afterwards.
func New(n *Network) *Engine {
	e := &Engine{
		network:     n,
		vpcs:        map[string]*vpc{},
		subnets:     map[string]*subnet{},
		tables:      map[string]*table{},
		groups:      map[string]*group{},
		members:     map[string]map[string]*[2]addrs{},
		prefixLists: byID(n.ManagedPrefixLists, func(l *ManagedPrefixList) string { return l.PrefixListId }),
		hosts:       map[string]*host{},
		hostsIn:     map[string][]*host{},
		nats:        map[string]*natGateway{},
		natIfaces:   map[string]bool{},
		igws:        byID(n.InternetGateways, func(g *InternetGateway) string { return g.InternetGatewayId }),
		eigws:       byID(n.EgressOnlyInternetGateways, func(g *EgressOnlyInternetGateway) string { return g.EgressOnlyInternetGatewayId }),
		endpoints:   byID(n.VpcEndpoints, func(v *VpcEndpoint) string { return v.VpcEndpointId }),
		peerings:    byID(n.VpcPeeringConnections, func(p *VpcPeeringConnection) string { return p.VpcPeeringConnectionId }),
		tgws:        map[string]*transitGateway{},
		attachments: map[string]*attachment{},
		tgwTables:   map[string]*transitTable{},
		byPublic:    map[netip.Addr]*host{},
	}
	e.indexVPCs()
	e.indexPeers()
	e.indexTransit()
	e.indexNATs()
	e.indexTables()
	defaults := e.indexACLs()
	e.indexHosts()
	e.indexDefaults(defaults)
	e.indexGroups()
	e.samples = [2]func() netip.Addr{
		sync.OnceValue(func() netip.Addr { return e.sample(IPv4) }),
		sync.OnceValue(func() netip.Addr { return e.sample(IPv6) }),
	}
	return e
}

func byID[T any](list []T, id func(*T) string) map[string]*T {
	m := make(map[string]*T, len(list))
	for i := range list {
		m[id(&list[i])] = &list[i]
	}
	return m
}

func (e *Engine) indexVPCs() {
	for i := range e.network.Vpcs {
		v := &e.network.Vpcs[i]
		made := e.vpc(v.VpcId)
		made.block = v.BlockPublicAccessStates.mode("")
		made.cidrs = vpcPrefixes(v)
		made.ranges = [2]addrs{prefixAddrs(IPv4, made.cidrs...), prefixAddrs(IPv6, made.cidrs...)}
	}
	for i := range e.network.Subnets {
		e.indexSubnet(&e.network.Subnets[i])
	}
	for i := range e.network.InternetGateways {
		g := &e.network.InternetGateways[i]
		for _, a := range g.Attachments {
			if attached(a) {
				e.vpc(a.VpcId).igw = g.InternetGatewayId
			}
		}
	}
}

func (e *Engine) indexSubnet(rec *Subnet) {
	s := e.subnet(rec.SubnetId, rec.VpcId)
	s.zone, s.public = cmp.Or(rec.AvailabilityZone, rec.AvailabilityZoneId), rec.MapPublicIpOnLaunch
	s.block = rec.BlockPublicAccessStates.mode(s.vpc.block)
	var cidrs []netip.Prefix
	if p, ok := parsePrefix(rec.CidrBlock); ok {
		cidrs = append(cidrs, p)
	}
	for _, a := range rec.Ipv6CidrBlockAssociationSet {
		if p, ok := parsePrefix(a.Ipv6CidrBlock); ok && inForce(a.Ipv6CidrBlockState.State) {
			cidrs = append(cidrs, p)
		}
	}
	s.ranges = [2]addrs{prefixAddrs(IPv4, cidrs...), prefixAddrs(IPv6, cidrs...)}
}

// vpc finds a VPC, or makes one that the snapshot names but doesn't describe.
func (e *Engine) vpc(id string) *vpc {
	v, ok := e.vpcs[id]
	if !ok {
		v = &vpc{id: id, peers: map[string]bool{}}
		e.vpcs[id] = v
	}
	return v
}

// subnet finds a subnet, or makes one that the snapshot names but doesn't describe.
func (e *Engine) subnet(id, vpcID string) *subnet {
	key := id
	if id == "" {
		key = "no subnet in " + vpcID
	}
	s, ok := e.subnets[key]
	if !ok {
		s = &subnet{id: key, vpc: e.vpc(vpcID)}
		e.subnets[key] = s
		s.vpc.subnets = append(s.vpc.subnets, s)
	}
	return s
}

// vpcPrefixes are the ranges of a VPC that are in use.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
func vpcPrefixes(v *Vpc) []netip.Prefix {
	var out []netip.Prefix
	for _, a := range v.CidrBlockAssociationSet {
		if p, ok := parsePrefix(a.CidrBlock); ok && inForce(a.CidrBlockState.State) {
			out = append(out, p)
		}
	}
	if p, ok := parsePrefix(v.CidrBlock); ok && len(v.CidrBlockAssociationSet) == 0 {
		out = append(out, p)
	}
	for _, a := range v.Ipv6CidrBlockAssociationSet {
		if p, ok := parsePrefix(a.Ipv6CidrBlock); ok && inForce(a.Ipv6CidrBlockState.State) {
			out = append(out, p)
		}
	}
	return out
}

// inForce says that the state of an association lets it count; the shortest snapshots leave the state out.
func inForce(state string) bool { return state == "" || state == "associated" }

// attached reads the state of a gateway's attachment: EC2 answers "available" for internet gateways, "attached" for others.
func attached(a GatewayAttachment) bool {
	return a.State == "" || a.State == "available" || a.State == "attached"
}

// parsePrefix reads a CIDR block, with the bits beyond its length cleared. Decode has refused others; a network built by hand may hold them.
func parsePrefix(s string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, false
	}
	return p.Masked(), true
}

func parseAddr(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	return a.WithZone("").Unmap(), err == nil
}

// sortedKeys are the keys of a map in order, so that answers don't depend on the order of maps.
func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
