//nolint:revive // the names are the EC2 API's
package reach

// InternetGateway is an answer of DescribeInternetGateways.
type InternetGateway struct {
	InternetGatewayId string
	Attachments       []GatewayAttachment `json:",omitempty"`
	OwnerId           string              `json:",omitempty"`
	Tags              Tags                `json:",omitempty"`
}

// EgressOnlyInternetGateway is an answer of DescribeEgressOnlyInternetGateways.
type EgressOnlyInternetGateway struct {
	EgressOnlyInternetGatewayId string
	Attachments                 []GatewayAttachment `json:",omitempty"`
	Tags                        Tags                `json:",omitempty"`
}

// GatewayAttachment ties a gateway to a VPC. EC2 says "available" for an internet gateway and "attached" for others.
type GatewayAttachment struct {
	State string `json:",omitempty"`
	VpcId string `json:",omitempty"`
}

// NatGateway is an answer of DescribeNatGateways.
type NatGateway struct {
	NatGatewayId        string
	VpcId               string
	SubnetId            string              `json:",omitempty"`
	State               string              `json:",omitempty"`
	ConnectivityType    string              `json:",omitempty"`
	NatGatewayAddresses []NatGatewayAddress `json:",omitempty"`
	Tags                Tags                `json:",omitempty"`
}

// NatGatewayAddress is one address pair of a NAT gateway.
type NatGatewayAddress struct {
	AllocationId       string `json:",omitempty"`
	NetworkInterfaceId string `json:",omitempty"`
	PrivateIp          string `json:",omitempty"`
	PublicIp           string `json:",omitempty"`
	IsPrimary          bool   `json:",omitempty"`
	Status             string `json:",omitempty"`
}

// VpcEndpoint is an answer of DescribeVpcEndpoints.
type VpcEndpoint struct {
	VpcEndpointId       string
	VpcEndpointType     string `json:",omitempty"`
	VpcId               string
	ServiceName         string            `json:",omitempty"`
	State               string            `json:",omitempty"`
	PolicyDocument      string            `json:",omitempty"`
	PrivateDnsEnabled   bool              `json:",omitempty"`
	RouteTableIds       []string          `json:",omitempty"`
	SubnetIds           []string          `json:",omitempty"`
	NetworkInterfaceIds []string          `json:",omitempty"`
	Groups              []GroupIdentifier `json:",omitempty"`
	OwnerId             string            `json:",omitempty"`
	Tags                Tags              `json:",omitempty"`
}

// VpcPeeringConnection is an answer of DescribeVpcPeeringConnections.
type VpcPeeringConnection struct {
	VpcPeeringConnectionId string
	RequesterVpcInfo       PeeringVpcInfo
	AccepterVpcInfo        PeeringVpcInfo
	Status                 PeeringStatus
	Tags                   Tags `json:",omitempty"`
}

// PeeringVpcInfo is one side of a peering.
type PeeringVpcInfo struct {
	VpcId            string          `json:",omitempty"`
	CidrBlock        string          `json:",omitempty"`
	CidrBlockSet     []CidrBlock     `json:",omitempty"`
	Ipv6CidrBlockSet []Ipv6CidrBlock `json:",omitempty"`
	OwnerId          string          `json:",omitempty"`
	Region           string          `json:",omitempty"`
	PeeringOptions   *PeeringOptions `json:",omitempty"`
}

// CidrBlock is an IPv4 range.
type CidrBlock struct {
	CidrBlock string
}

// Ipv6CidrBlock is an IPv6 range.
type Ipv6CidrBlock struct {
	Ipv6CidrBlock string
}

// PeeringOptions are one side's options of a peering.
type PeeringOptions struct {
	AllowDnsResolutionFromRemoteVpc bool `json:",omitempty"`
}

// PeeringStatus is the state of a peering; only "active" carries packets.
type PeeringStatus struct {
	Code    string `json:",omitempty"`
	Message string `json:",omitempty"`
}

// ManagedPrefixList is an answer of DescribeManagedPrefixLists with the Entries of GetManagedPrefixListEntries.
type ManagedPrefixList struct {
	PrefixListId   string
	PrefixListName string            `json:",omitempty"`
	AddressFamily  string            `json:",omitempty"`
	State          string            `json:",omitempty"`
	OwnerId        string            `json:",omitempty"`
	Entries        []PrefixListEntry `json:",omitempty"`
	Tags           Tags              `json:",omitempty"`
}

// PrefixListEntry is one prefix of a list.
type PrefixListEntry struct {
	Cidr        string
	Description string `json:",omitempty"`
}

// TransitGateway is an answer of DescribeTransitGateways.
type TransitGateway struct {
	TransitGatewayId string
	State            string `json:",omitempty"`
	OwnerId          string `json:",omitempty"`
	Options          TransitGatewayOptions
	Tags             Tags `json:",omitempty"`
}

// TransitGatewayOptions are the options of a transit gateway that decide what its attachments may do.
type TransitGatewayOptions struct {
	AssociationDefaultRouteTableId  string `json:",omitempty"`
	PropagationDefaultRouteTableId  string `json:",omitempty"`
	DefaultRouteTableAssociation    string `json:",omitempty"`
	DefaultRouteTablePropagation    string `json:",omitempty"`
	SecurityGroupReferencingSupport string `json:",omitempty"`
}

// TransitGatewayVpcAttachment is an answer of DescribeTransitGatewayVpcAttachments.
type TransitGatewayVpcAttachment struct {
	TransitGatewayAttachmentId string
	TransitGatewayId           string
	VpcId                      string
	VpcOwnerId                 string   `json:",omitempty"`
	SubnetIds                  []string `json:",omitempty"`
	State                      string   `json:",omitempty"`
	Options                    TransitGatewayVpcAttachmentOptions
	Tags                       Tags `json:",omitempty"`
}

// TransitGatewayVpcAttachmentOptions are the options of an attachment.
type TransitGatewayVpcAttachmentOptions struct {
	ApplianceModeSupport            string `json:",omitempty"`
	Ipv6Support                     string `json:",omitempty"`
	SecurityGroupReferencingSupport string `json:",omitempty"`
}

// TransitGatewayRouteTable is an answer of DescribeTransitGatewayRouteTables with the table's associations,
// propagations and routes (GetTransitGatewayRouteTableAssociations, GetTransitGatewayRouteTablePropagations,
// SearchTransitGatewayRoutes).
type TransitGatewayRouteTable struct {
	TransitGatewayRouteTableId   string
	TransitGatewayId             string
	State                        string                          `json:",omitempty"`
	DefaultAssociationRouteTable bool                            `json:",omitempty"`
	DefaultPropagationRouteTable bool                            `json:",omitempty"`
	Associations                 []TransitGatewayTableAttachment `json:",omitempty"`
	Propagations                 []TransitGatewayTableAttachment `json:",omitempty"`
	Routes                       []TransitGatewayRoute           `json:",omitempty"`
	Tags                         Tags                            `json:",omitempty"`
}

// TransitGatewayTableAttachment is an attachment associated with a table, or propagating into it.
type TransitGatewayTableAttachment struct {
	TransitGatewayAttachmentId string
	ResourceId                 string `json:",omitempty"`
	ResourceType               string `json:",omitempty"`
	State                      string `json:",omitempty"`
}

// TransitGatewayRoute is a route of a transit gateway route table. Without an attachment it is a blackhole.
type TransitGatewayRoute struct {
	DestinationCidrBlock      string                          `json:",omitempty"`
	PrefixListId              string                          `json:",omitempty"`
	Type                      string                          `json:",omitempty"`
	State                     string                          `json:",omitempty"`
	TransitGatewayAttachments []TransitGatewayTableAttachment `json:",omitempty"`
}
