package reach

// Verdict is the answer to a must-reach question.
type Verdict string

// The verdicts. Partial means that the connection works for some of the packets asked about only, as a rule for some client ports.
const (
	Reachable   Verdict = "reachable"
	Partial     Verdict = "partial"
	Unreachable Verdict = "unreachable"
)

// Direction says which way of a connection a hop belongs to.
type Direction string

// The directions: the packet that opens the connection, and the reply.
const (
	Forward Direction = "forward"
	Return  Direction = "return"
)

// Decision is what a component does with the packet.
type Decision string

// The decisions. Partial filters let some of the packets asked about pass; undecided ones are beyond the engine.
const (
	Sends      Decision = "send"
	Allows     Decision = "allow"
	Denies     Decision = "deny"
	PartAllows Decision = "partial"
	Routes     Decision = "route"
	Drops      Decision = "drop"
	Translates Decision = "translate"
	Passes     Decision = "pass"
	Arrives    Decision = "arrive"
	Undecided  Decision = "undecided"
)

// Component is the kind of thing that a packet meets.
type Component string

// The components, in AWS's terms.
const (
	ComponentInterface       Component = "network-interface"
	ComponentSubnet          Component = "subnet"
	ComponentSecurityGroup   Component = "security-group"
	ComponentNetworkACL      Component = "network-acl"
	ComponentRouteTable      Component = "route-table"
	ComponentInternetGateway Component = "internet-gateway"
	ComponentEgressOnly      Component = "egress-only-internet-gateway"
	ComponentNAT             Component = "nat-gateway"
	ComponentEndpoint        Component = "vpc-endpoint"
	ComponentPeering         Component = "vpc-peering-connection"
	ComponentTransit         Component = "transit-gateway"
	ComponentAttachment      Component = "transit-gateway-attachment"
	ComponentTransitTable    Component = "transit-gateway-route-table"
	ComponentVPC             Component = "vpc"
	ComponentGateway         Component = "gateway" // a virtual private, local or carrier gateway, a core network
	ComponentInternet        Component = "internet"
	ComponentAddress         Component = "address"
)

// Hop is one component on the way, what it decided and why.
type Hop struct {
	Component   Component `json:"component"`
	ID          string    `json:"id"`
	Direction   Direction `json:"direction"`
	Decision    Decision  `json:"decision"`
	Explanation string    `json:"explanation"`
}

// Block is the first component that keeps packets from their way, and what would have to change.
type Block struct {
	Hop
	Change string `json:"change"`
}

// Answer is the answer to a [Query]. Its JSON form is part of labctl's interface.
type Answer struct {
	Verdict Verdict `json:"verdict"`
	// Path is the way there and back, up to where the last packet is lost.
	Path []Hop `json:"path"`
	// BlockedBy is nil where the verdict is Reachable.
	BlockedBy *Block `json:"blockedBy,omitempty"`
	// Family is the address family that the answer is for.
	Family Family `json:"-"`
	// Works lists, for a partial answer, the packets for which the connection works, as in "tcp/5432 from client ports 32768-40000".
	Works []string `json:"-"`
}

// Family is an address family.
type Family int

// The families.
const (
	IPv4 Family = 4
	IPv6 Family = 6
)

// String names the family as in "IPv4".
func (f Family) String() string {
	if f == IPv6 {
		return "IPv6"
	}
	return "IPv4"
}
